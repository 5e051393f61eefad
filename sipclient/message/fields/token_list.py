"""Header fields that are words, one or several.

Allow, Content-Encoding, Content-Language, MIME-Version, Priority, Proxy-Require,
Require, Supported, Unsupported: RFC 3261 §20; Allow-Events: RFC 6665 §8.2.2;
Request-Disposition: RFC 3841 §9.1; SIP-ETag, SIP-If-Match: RFC 3903 §11.3.

The values are plain ``str``, as written. The contract: methods are compared in their
exact case, everything else in any case; that is left to whoever compares.
"""

from __future__ import annotations

import re

from ..grammar import TOKEN
from .shape import Shape, fail


class TokenList(Shape[str]):
    """Words of one grammar, separated by commas.

    :param word: the grammar of one, possessive and without white space.
    :param expected: what one is called, for errors.
    :param empty: whether a line may hold none ("Allow:" allows nothing).
    """

    __slots__ = ("_empty", "_expected", "_line", "_word")

    def __init__(self, word: str, expected: str, *, empty: bool = False) -> None:
        self._word = re.compile(rf"[ \t]*+{word}[ \t]*+")
        self._line = re.compile(
            rf"[ \t]*+{word}[ \t]*+(?>(?:,[ \t]*+{word}[ \t]*+)*)"
        ).fullmatch
        self._expected = expected
        self._empty = empty

    def parse(self, text: str, name: str) -> tuple[str, ...]:
        """Read the line's words, in their order."""
        if self._line(text) is None:
            if self._empty and not text.strip(" \t"):
                return ()
            self._fail(text, name)
        if "," not in text:
            return (text.strip(" \t"),)
        return tuple([word.strip(" \t") for word in text.split(",")])

    def _fail(self, text: str, name: str) -> None:
        """Find the word that isn't one; only an error pays for that."""
        offset = 0
        while True:
            match = self._word.match(text, offset)
            if match is None:
                fail(name, text, offset, self._expected)
            offset = match.end()
            if text[offset : offset + 1] != ",":
                fail(name, text, offset, "a comma or the end")
            offset += 1


class Word(Shape[str]):
    """One word of one grammar."""

    __slots__ = ("_expected", "_word")

    def __init__(self, word: str, expected: str) -> None:
        self._word = re.compile(rf"[ \t]*+({word})[ \t]*+")
        self._expected = expected

    def parse(self, text: str, name: str) -> tuple[str, ...]:
        """Read the line's one word."""
        match = self._word.match(text)
        if match is None:
            fail(name, text, 0, self._expected)
        if match.end() != len(text):
            fail(name, text, match.end(), "nothing else")
        return (match[1],)


# RFC 5646 has digits in subtags ("es-419"), which RFC 3261 §25 forgot.
LANGUAGE_TAG = r"[A-Za-z]{1,8}+(?>(?:-[A-Za-z0-9]{1,8})*)"

# RFC 6665 §8.4: an event-package and its templates are tokens without dots.
_NO_DOT = r"[A-Za-z0-9\-!%*_+`'~]++"
EVENT_TYPE = rf"{_NO_DOT}(?>(?:\.{_NO_DOT})*)"

METHODS = TokenList(TOKEN, "a method", empty=True)
OPTION_TAGS = TokenList(TOKEN, "an option tag")
OPTION_TAGS_OR_NONE = TokenList(TOKEN, "an option tag", empty=True)
CODINGS = TokenList(TOKEN, "a content coding")
EVENT_TYPES = TokenList(EVENT_TYPE, "an event type")
LANGUAGES = TokenList(LANGUAGE_TAG, "a language tag")
DIRECTIVES = TokenList(TOKEN, "a directive, such as no-fork")

TOKEN_WORD = Word(TOKEN, "a token")
ENTITY_TAG = Word(TOKEN, "an entity-tag")
VERSION = Word(r"[0-9]++\.[0-9]++", "a version, such as 1.0")
