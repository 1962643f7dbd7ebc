"""Evidence tags of UniProt: `{ECO:0000269|PubMed:4301}` after what they are evidence of."""

import re
from typing import Final

from corpora.wrapped_lines import single_spaced

_TAG: Final = re.compile(r"\{ECO:[^{}]*\}")


def without_evidence(text: str) -> str:
    """Text without its evidence tags, one period where a tag stood between two, single spaces.

    >>> without_evidence("Belongs to a family. {ECO:0000305}. Nucleus {ECO:0000269|PubMed:1}.")
    'Belongs to a family. Nucleus.'
    """
    return without_tags(single_spaced(text))


def without_tags(text: str) -> str:
    """The same of a text that has single spaces."""
    if "{ECO:" not in text:
        return text
    first, *others = _TAG.split(text)
    pieces = [first]
    for piece in others:
        before = pieces[-1].removesuffix(" ")
        if before.endswith(".") and piece.startswith("."):
            piece = piece[1:]
        pieces[-1] = before
        pieces.append(piece)
    return "".join(pieces)
