"""Templates of the French Wikipedia that print dates, centuries and ordinals.

https://fr.wikipedia.org/wiki/Modèle:S-, Modèle:Date, Modèle:XXe_siècle, Modèle:2e.
"""

import re
from typing import Final

from corpora.mediawiki.arguments import Arguments
from tokenization.wrappers import superscript


def century(given: Arguments) -> str:
    """French {{s-|XX|e}}: `XXe siècle`."""
    numeral, ending = given.at(1), given.at(2) or "e"
    return f"{numeral}{superscript(ending, marked=True)} siècle"


def date(given: Arguments) -> str:
    """French {{date|11|novembre|1866}}."""
    return " ".join(part for part in given.positional()[:3] if part and not part.startswith("en "))


_CENTURY_NAME: Final = re.compile(r"(?P<numeral>[ivxlc]{1,6})(?P<ending>er?) siècle")
_ORDINAL_NAME: Final = re.compile(r"(?P<number>\d{1,4})(?P<ending>er?|re|ère|ème|è)")


def numbered(name: str, given: Arguments) -> str | None:
    """Templates whose names are numbers: {{XXe siècle}}, {{2e|éd.}}, {{lang-de}}, {{IPA-fr}}."""
    if found := _CENTURY_NAME.fullmatch(name):
        numeral = found["numeral"].upper()
        return f"{numeral}{superscript(found['ending'], marked=True)} siècle"
    if found := _ORDINAL_NAME.fullmatch(name):
        rest = f" {given.at(1)}" if given.at(1) else ""
        return found["number"] + superscript(found["ending"], marked=True) + rest
    return None
