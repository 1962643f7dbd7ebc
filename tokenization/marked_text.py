"""Cleaning of outside text: what a decoded string must go through before markers are added.

`clean` is called on every string a reader takes from a file, AFTER all decoding (character
references, JSON, YAML and LaTeX escapes): a raw-byte filter would miss `&#xE004;`.
"""

import re
from collections import Counter
from typing import Final

from tokenization.markers import RESERVED_FIRST, RESERVED_LAST

RESERVED_REMOVED: Final = "reserved characters removed"
SYMBOLS_MAPPED: Final = "symbol-font characters mapped"
SURROGATES_REPLACED: Final = "lone surrogates replaced"

# The Adobe Symbol encoding, codes 0x20-0x7E and 0xA0-0xFE (Unicode's mapping file symbol.txt).
# Fonts without a Unicode table show it at U+F020-U+F0FF. A space marks an unassigned code.
_SYMBOL_20: Final = (
    " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧ∆ΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾"
    "αβχδεφγηιϕκλµνοπθρστυϖωξψζ{|}∼"
)
_SYMBOL_A0: Final = (
    "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓"
    "◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪ 〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"
)
# Adobe's corporate-use range U+F8E5-U+F8FE: extenders and pieces of tall brackets.
_PIECES_F8E5: Final = "‾⏐⎯®©™⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪⎮⎞⎟⎠⎤⎥⎦⎫⎬⎭"

_SYMBOLS: Final[dict[str, str]] = (
    {chr(0xF020 + i): c for i, c in enumerate(_SYMBOL_20)}
    | {chr(0xF0A0 + i): c for i, c in enumerate(_SYMBOL_A0) if c != " "}
    | {chr(0xF8E5 + i): c for i, c in enumerate(_PIECES_F8E5)}
)
_UNWANTED: Final = re.compile(
    f"[{chr(RESERVED_FIRST)}-{chr(RESERVED_LAST)}\uf020-\uf0ff\uf8e5-\uf8fe\ud800-\udfff]"
)


def clean(text: str, counts: Counter[str] | None = None) -> str:
    """Outside text made safe to put markers into.

    Removes the reserved characters U+E000-U+E0FF, maps Symbol-font private-use characters
    (U+F020-U+F0FF, U+F8E5-U+F8FE: the `+ = −` of many PDF texts) to Unicode, and replaces lone
    surrogates, which UTF-8 cannot hold, by U+FFFD. Each kind is added to `counts`.

    >>> clean("a\\ue004b \\uf02b c")
    'ab + c'
    """
    if text.isascii() or not _UNWANTED.search(text):
        return text

    def replace(match: re.Match[str]) -> str:
        character = match.group()
        symbol = _SYMBOLS.get(character)
        if symbol is not None:
            kind, replacement = SYMBOLS_MAPPED, symbol
        elif RESERVED_FIRST <= ord(character) <= RESERVED_LAST:
            kind, replacement = RESERVED_REMOVED, ""
        elif "\ud800" <= character <= "\udfff":
            kind, replacement = SURROGATES_REPLACED, "\ufffd"
        else:
            return character
        if counts is not None:
            counts[kind] += 1
        return replacement

    return _UNWANTED.sub(replace, text)
