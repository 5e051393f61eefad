"""Timer values and their presets."""

from __future__ import annotations

import math
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from sipclient.bearer.timing import TimerValues, timer_values
from sipclient.errors import SIPArgumentError


class TimerValuesTests(SynchronousTestCase):
    def test_the_default_is_that_of_the_rfc(self) -> None:
        self.assertEqual(timer_values("default"), TimerValues(0.5, 4, 5))

    def test_the_cellular_ones_are_the_originals(self) -> None:
        self.assertEqual(timer_values("cellular"), TimerValues(3, 16, 17))

    def test_values_stay_what_they_are(self) -> None:
        values = TimerValues(0.1, 0.4, 0.5)
        self.assertIs(timer_values(values), values)

    def test_bad_values(self) -> None:
        bad: tuple[tuple[Any, Any, Any], ...] = (
            (0, 4, 5),
            (-1, 4, 5),
            (0.5, 0, 5),
            (0.5, 4, 0),
            (5, 4, 5),
            (math.nan, 4, 5),
            (0.5, math.inf, 5),
            ("1", 4, 5),
            (None, 4, 5),
        )
        for values in bad:
            self.assertRaises(SIPArgumentError, TimerValues, *values)

    def test_a_preset_that_nobody_knows(self) -> None:
        unknown: tuple[Any, ...] = ("fast", None, [])
        for preset in unknown:
            error = self.assertRaises(SIPArgumentError, timer_values, preset)
            self.assertIn("'default' and 'cellular'", str(error))
