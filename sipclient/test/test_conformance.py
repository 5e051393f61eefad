"""The table of the RFCs: each test that it names is there, and runs."""

from __future__ import annotations

import re

from twisted.trial.unittest import SynchronousTestCase

from sipclient.test import test_tables
from sipclient.test.test_tables import NOT_THERE, is_test, missing_tests, page


class ConformanceTests(SynchronousTestCase):
    """What is said to be shown by a test is shown by one."""

    skip = NOT_THERE or None

    def test_every_test_is_there(self) -> None:
        self.assertEqual(missing_tests("conformance"), [])

    def test_every_rfc_has_its_place_on_the_page(self) -> None:
        rows = test_tables.generated.rows_of("conformance")
        rfcs = list(dict.fromkeys(row["rfc"] for row in rows))
        shown = re.findall(r"generated:: conformance (\S+)", page("conformance"))
        self.assertEqual(shown, rfcs)

    def test_no_section_stands_there_twice(self) -> None:
        rows = test_tables.generated.rows_of("conformance")
        named = [(row["rfc"], row["section"], row["what"]) for row in rows]
        self.assertEqual(len(set(named)), len(named))

    def test_the_check_sees_what_is_missing(self) -> None:
        here = "test_conformance.ConformanceTests"
        self.assertTrue(is_test(f"{here}.test_the_check_sees_what_is_missing"))
        for name in (
            f"{here}.test_nothing_of_that_name",
            f"{here}.skip",
            "test_conformance.NoTests.test_every_test_is_there",
            "test_nothing.ConformanceTests.test_every_test_is_there",
            "test_every_test_is_there",
        ):
            self.assertFalse(is_test(name), name)
