"""Characters of text that a program took out of a PDF, as they were printed.

Ligatures are single characters there, soft hyphens stand where lines ended, and fonts of signs name
their glyphs by letters of scripts that the text is not written in.
"""

import re
from typing import Final

_ASCII: Final = bytes(range(0x80))
_SOFT_HYPHEN: Final = "\u00ad"
_SOFT: Final = re.compile("\u00ad\\s*")
#: Mathematical Pi and its kin, as their PDF files name the glyphs: Coptic and Armenian letters,
#: pictures of controls.
_FONT_SIGNS: Final = {
    "\u03e9": "+", "\u03ea": "−", "\u03eb": "×", "\u03ec": "÷", "\u03ed": "=", "\u03ee": "±",
    "\u03ef": "∓", "\u03f0": "∝", "\u03f1": "∞", "\u03f3": "~", "\u03f7": "≈", "\u03fd": "<",
    "\u03fe": ">", "\u0408": "′", "\u0545": "≤", "\u0546": "≥",
    **{chr(0x2423 + n): letter for n, letter in enumerate("αβγδεζηθικλμνξοπρσστυφχψω")},
}  # fmt: skip
#: Beside letters of its own script a letter is one. The first picture is also that of a blank.
_FONT_SIGN: Final = re.compile(
    "[\u03e9-\u03f1\u03f3\u03f7\u03fd\u03fe\u0545\u0546](?<![\u0370-\u058f].)(?![\u0370-\u058f])"
    "|[\u2424-\u243b]|\u2423(?:(?=-)|(?<=-.)|(?<=\\w.)(?![\\w\u2423]))|\u0408(?<=\\d.)(?!\\w)"
)
_LIGATURES: Final = {
    chr(0xFB00 + n): text for n, text in enumerate("ff fi fl ffi ffl st st".split())
}
_LIGATURE: Final = re.compile("[\ufb00-\ufb06]")
#: Letters and a fraction that other fonts have for signs, where only a sign can stand: `P ¼ .05`,
#: `10 À 6`, `2 Â 3`, `CD4 þ`.
_SIGN_BETWEEN: Final = re.compile(
    r"\u00bc(?<=[^\W\d_] .)(?= ?[\d.<~\u2212-])|\u00fe(?<=[\w)] .)(?=[ ,.;)])"
    r"|\u00c0(?:(?<=[\w)=<>(] .)(?=\d| [\d,.;)])|(?<=[(\d].)(?=\d))|\u00c2(?<=[\d)] .)(?= \d)"
)
_SIGNS_BETWEEN: Final = {"\u00bc": "=", "\u00fe": "+", "\u00c0": "−", "\u00c2": "×"}
_OTHERS: Final = frozenset((_SOFT_HYPHEN, *_LIGATURES, *_SIGNS_BETWEEN, *_FONT_SIGNS))


def without_ligatures(text: str) -> str:
    """The letters that ligatures join, which authors copy out of a PDF into other formats too.

    >>> without_ligatures("a \ufb01eld of \ufb02ow")
    'a field of flow'
    """
    if text.isascii():
        return text
    return _LIGATURE.sub(lambda match: _LIGATURES[match.group()], text)


def printed_characters(text: str) -> str:
    """Characters as they were printed: ligatures as the letters they join, soft hyphens gone with
    the line end after them, the signs of fonts that a PDF names by other letters.

    >>> printed_characters("\ufb01eld con\u00ad tent, n \u03ed 5, TNF-\u2423, 37 \u2424m")
    'field content, n = 5, TNF-α, 37 βm'
    """
    if text.isascii():
        return text
    # Most characters are ASCII, and to leave them out takes a tenth of looking at each.
    others = set(
        text.encode("utf-8", "surrogatepass")
        .translate(None, _ASCII)
        .decode("utf-8", "surrogatepass")
    )
    if _OTHERS.isdisjoint(others):
        return text
    if _SOFT_HYPHEN in others:
        text = _SOFT.sub("", text)
    if not _LIGATURES.keys().isdisjoint(others):
        text = without_ligatures(text)
    if not _SIGNS_BETWEEN.keys().isdisjoint(others):
        text = _SIGN_BETWEEN.sub(lambda match: _SIGNS_BETWEEN[match.group()], text)
    if not _FONT_SIGNS.keys().isdisjoint(others):
        text = _FONT_SIGN.sub(lambda match: _FONT_SIGNS[match.group()], text)
    return text
