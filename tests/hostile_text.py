"""Texts that try to be a marker or to end a document, before any file format escapes them."""

from tokenization.markers import BUILT_IN, CONTROL_TOKENS, RESERVED_FIRST, RESERVED_LAST

SPELLINGS = (
    *(marker.spelling for marker in BUILT_IN.rows),
    *CONTROL_TOKENS,
    "[START_POLYMER]",
    "[END_POLYMER]",
)
RESERVED = "".join(map(chr, range(RESERVED_FIRST, RESERVED_LAST + 1)))

_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
#: Letters of mathematics, which NFKC turns to plain ones.
_BOLD = {ord("A") + n: 0x1D400 + n for n in range(26)} | {
    ord("a") + n: 0x1D41A + n for n in range(26)
}


def _each(between: str) -> str:
    """Some spellings with one of these characters between its own, a different one each time."""
    return " ".join(
        between[number % len(between)].join(spelling)
        for number, spelling in enumerate(SPELLINGS[::3])
    )


_SPELT = " ".join(SPELLINGS)

#: What a record's text may say, by what is hostile about it.
HOSTILE = {
    "spelt": _SPELT,
    "spelt without blanks": "".join(SPELLINGS),
    "full width": _SPELT.translate(_FULL_WIDTH),
    "full-width brackets": _SPELT.translate({ord(c): _FULL_WIDTH[ord(c)] for c in "[]<>"}),
    "letters of mathematics": _SPELT.translate(_BOLD),
    "zero-width joined": _each("\u200b\u200c\u200d\u2060\ufeff\u00ad"),
    "right to left": f"\u202e{_SPELT[::-1]}\u202c \u2067{_SPELT}\u2069 \u200f{_SPELT}",
    "combining": " ".join(f"{spelling}\u0338\u0301" for spelling in SPELLINGS),
    "tag characters": "".join(chr(0xE0000 + ord(c)) for c in " ".join(SPELLINGS[::3])),
    "reserved characters": RESERVED,
    "reserved characters in words": "a" + "b".join(RESERVED) + "c",
    "spelt once reserved characters are gone": _each(RESERVED),
    "reserved characters around": "\ue000[START_REF]\ue001 \ue013x\ue014 \ue00bMKV\ue00c",
    "reserved in their last 16 bits": "".join(
        chr(plane + ord(c)) for plane in (0xF0000, 0x100000) for c in RESERVED[::5]
    ),
}
