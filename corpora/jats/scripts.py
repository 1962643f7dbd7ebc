"""Blanks before subscripts and superscripts, which an indented file has and no paper prints."""

import re
from collections.abc import Iterable
from typing import Final

from lxml import etree

#: What a script stands on: `<italic>T</italic> <sub>max</sub>`.
_BASES: Final = frozenset(("italic", "bold", "roman", "sc", "sub", "sup", "styled-content"))
#: A power, a charge, the sign of a note. One before a letter is the number of an isotope.
_AFTER: Final = re.compile(r"\s*(?:[+−–-]?\d{0,3}[+−–-]?|[*†‡§#¶′]|[a-z])\s*")
_POWER: Final = re.compile(r"\s*[−–-]?\d{1,2}\s*")
#: Words before a power: `25 cm`, `kN/m`, `6 × 10`.
_OF_A_POWER: Final = re.compile(r"(?:^|[\d\s(/·×])(?:[kcdmhnµμ]?m|m?s|[mµμ]?g|kg|ha|h|mol|10)\s+$")
_LONGEST_UNIT: Final = 12


def close_scripts(scripts: Iterable[etree._Element]) -> None:
    """Takes out the blank between each `sub` or `sup` and what it stands on."""
    for script in scripts:
        before, holder = script.getprevious(), script.getparent()
        if holder is None:
            continue
        words = (holder.text if before is None else before.tail) or ""
        if not words[-1:].isspace():
            continue
        on_element = before is not None and before.tag in _BASES and not words.strip()
        if (script.tail or "")[:1].isalpha() and (script.tag == "sup" or not on_element):
            continue
        if on_element:
            fits = script.tag == "sub" or _fits(script, _AFTER)
        elif script.tag == "sub":
            # Of `<sub>L</sub>-lysine` it is the beginning.
            fits = words.rstrip()[-1:].isalnum() and (script.tail or "")[:1] != "-"
        else:
            power = _fits(script, _POWER)
            fits = power and _OF_A_POWER.search(words.rstrip()[-_LONGEST_UNIT:] + " ") is not None
        if fits and before is None:
            holder.text = words.rstrip()
        elif fits and before is not None:
            before.tail = words.rstrip()


def _fits(script: etree._Element, pattern: re.Pattern[str]) -> bool:
    return not len(script) and pattern.fullmatch(script.text or "") is not None
