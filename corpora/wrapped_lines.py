"""Texts that flat files wrap at a column: GenBank, EMBL, UniProt and PDB break words at hyphens."""

import re
from typing import Final

# `alpha- and beta-tubulin`: the only words before which a hyphen at a line's end keeps its space.
_BROKEN_WORD: Final = re.compile(r"-(?<=\S-)[ \t]*\n\s*(?!\s|(?:and|or|to)\b)")


def joined(text: str) -> str:
    """Wrapped lines as one: a line broken after a hyphen goes on without a space.

    >>> joined("the product 4,2',4',6'-\\ntetrahydroxychalcone, alpha-\\nand beta-tubulin")
    "the product 4,2',4',6'-tetrahydroxychalcone, alpha- and beta-tubulin"
    """
    if "\n" not in text and "  " not in text:
        return text.strip()
    if "-\n" not in text:
        # Most texts have one blank between words, which is seen faster than words are cut.
        line = text.replace("\n", " ")
        if "  " not in line and line.isascii() and line.isprintable():
            return line.strip()
    if "-" in text:
        text = _BROKEN_WORD.sub("-", text)
    return " ".join(text.split())


def single_spaced(text: str) -> str:
    """A text without line ends, tabs and blanks side by side.

    >>> single_spaced(" Homo  sapiens\t(Human) ")
    'Homo sapiens (Human)'
    """
    if "  " not in text and text.isascii() and text.isprintable():
        return text.strip()
    return " ".join(text.split())
