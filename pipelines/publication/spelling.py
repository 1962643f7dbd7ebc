"""Marked text as it is published, in bracket spelling, and back: no text is changed by the way.

A literal spelling that stands in the raw text (`[START_REF]` in a paper about Galactica, `</s>` in
one about tokenizers) would be read as a marker by whoever types or conceals it, so a ZERO WIDTH
SPACE (U+200B) is put after its first character. A spelling that has such characters there already
gets one more: taking one away from each is then exact for every text.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from tokenization.markers import (
    BUILT_IN,
    CONTROL_TOKENS,
    RESERVED_FIRST,
    RESERVED_LAST,
    MarkerTable,
    conceal,
)

ZERO_WIDTH_SPACE: Final = "\u200b"


class _Patterns(NamedTuple):
    """Markers and literal spellings to publish; published literals to restore."""

    to_publish: re.Pattern[str]
    to_restore: re.Pattern[str]


def literal_spellings(table: MarkerTable) -> tuple[str, ...]:
    """What is never left as it stands in raw text: control tokens and every marker there may be.

    The built-in markers are among them even where the run's tokenizer lacks them, so that nobody's
    tokenizer takes one for a marker.
    """
    every = (*CONTROL_TOKENS, *BUILT_IN.by_spelling, *table.by_spelling)
    return tuple(dict.fromkeys(every))


@lru_cache(maxsize=4)
def _patterns(table: MarkerTable) -> _Patterns:
    spellings = literal_spellings(table)
    firsts = "".join(re.escape(first) for first in sorted({s[0] for s in spellings}))
    rests = "|".join(re.escape(spelling[1:]) for spelling in spellings)
    reserved = f"{chr(RESERVED_FIRST)}-{chr(RESERVED_LAST)}"
    space = ZERO_WIDTH_SPACE
    # The set of first characters in front lets the search pass over all others at once.
    return _Patterns(
        re.compile(
            f"[{firsts}{reserved}](?:(?<=[{reserved}])|(?<=[{firsts}]){space}*+(?:{rests}))"
        ),
        re.compile(f"([{firsts}]){space}({space}*+(?:{rests}))"),
    )


def publish_text(marked_text: str, table: MarkerTable = BUILT_IN) -> str:
    """Marked text in bracket spelling, literal spellings told apart by U+200B.

    >>> publish_text("\ue000 A title, Name\ue001 or [START_REF]</s>").replace("\u200b", "|")
    '[START_REF] A title, Name[END_REF] or [|START_REF]<|/s>'
    """
    by_code_point = table.by_code_point

    def spelled(match: re.Match[str]) -> str:
        found = match.group()
        if len(found) > 1:
            return f"{found[0]}{ZERO_WIDTH_SPACE}{found[1:]}"
        marker = by_code_point.get(found)
        return found if marker is None else marker.spelling

    return _patterns(table).to_publish.sub(spelled, marked_text)


def restore_text(published: str, table: MarkerTable = BUILT_IN) -> str:
    """The marked text that `publish_text` was given.

    First the spellings become markers, then one U+200B goes from each literal one: the other way
    round, a paper that writes `[START_REF]` would have forged a marker.

    >>> text = "\ue000 A title, Name\ue001 or [START_REF] or [\u200bSTART_REF]"
    >>> restore_text(publish_text(text)) == text
    True
    """
    return _patterns(table).to_restore.sub(r"\1\2", conceal(published, table))
