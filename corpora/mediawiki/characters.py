"""Characters: entities decoded once, markup shielded, white space in order."""

import html
import re
from typing import Final

from tokenization.marked_text import clean

# HTML's names are at most 31 letters; a number beyond Unicode is dropped by `html.unescape`.
_ENTITY: Final = re.compile(r"&(?:#\d{1,8}|#[xX][0-9a-fA-F]{1,8}|[a-zA-Z][a-zA-Z0-9]{1,30});")
#: The characters that wikitext gives a meaning, as numbers until all else is read.
_SHIELDS: Final = {ord(c): f"&#{ord(c)};" for c in "'[]{}|<>=*#:;_~-!&"}
#: Controls, which serve as placeholders here, and characters that are layout.
_CONTROLS: Final = dict.fromkeys([*range(9), 11, *range(14, 32), *range(0x7F, 0x85)])
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84]")
_UNSEEN: Final = re.compile("[\u00ad\u200b\ufeff\u200e\u200f]")
_SPACES: Final = re.compile("[ \t\r\n\u00a0\u2002-\u200a\u202f]+")


def without_controls(text: str) -> str:
    """Text whose control characters, but for line ends and tabs, are gone."""
    return _CONTROL.sub("", text)


def decoded(text: str) -> str:
    """Character references decoded, once, and cleaned.

    >>> decoded("a&nbsp;&lt;&amp;lt;&#xE004; &bogus; &#91;")
    'a\\xa0<&lt; &bogus; ['
    """
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    return clean(html.unescape(match.group())).translate(_CONTROLS)


def shielded(text: str) -> str:
    """Text that no step of the reader takes for markup; `decoded` gives it back."""
    return text.translate(_SHIELDS)


def tidy(text: str) -> str:
    """Text on one line: white space collapsed, layout characters out.

    >>> tidy(" a\\n  b\\u00a0c ")
    'a b c'
    """
    # ASCII has no such characters; most texts of a page are ASCII.
    return _SPACES.sub(" ", text if text.isascii() else _UNSEEN.sub("", text)).strip()
