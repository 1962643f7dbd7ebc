"""Marked text as it is published, in bracket spelling, and back: no text is changed by the way.

A literal spelling that stands in the raw text (`[START_REF]` in a paper about Galactica, `</s>` in
one about tokenizers) would be read as a marker by whoever types or conceals it, so a ZERO WIDTH
SPACE (U+200B) is put after its first character. A spelling that has such characters there already
gets one more: taking one away from each is then exact for every text.
"""

import re
from typing import Final

from tokenization.markers import (
    BUILT_IN,
    CONTROL_TOKENS,
    RESERVED_FIRST,
    RESERVED_LAST,
    MarkerTable,
    conceal,
)

ZERO_WIDTH_SPACE: Final = "\u200b"


def literal_spellings(table: MarkerTable) -> tuple[str, ...]:
    """What is never left as it stands in raw text: control tokens and every marker there may be.

    The built-in markers are among them even where the run's tokenizer lacks them, so that nobody's
    tokenizer takes one for a marker.
    """
    every = (*CONTROL_TOKENS, *BUILT_IN.by_spelling, *table.by_spelling)
    return tuple(dict.fromkeys(every))


class PublishedSpelling:
    """The spelling in which texts of one marker table are published."""

    def __init__(self, table: MarkerTable) -> None:
        spellings = literal_spellings(table)
        firsts = "".join(re.escape(first) for first in sorted({s[0] for s in spellings}))
        rests = "|".join(re.escape(spelling[1:]) for spelling in spellings)
        reserved = f"{chr(RESERVED_FIRST)}-{chr(RESERVED_LAST)}"
        space = ZERO_WIDTH_SPACE
        self._table = table
        self._spelling_of = {marker.code_point: marker.spelling for marker in table.rows}
        # The set of first characters in front lets the search pass over all others at once.
        self._to_publish = re.compile(
            f"[{firsts}{reserved}](?:(?<=[{reserved}])|(?<=[{firsts}]){space}*+(?:{rests}))"
        )
        self._to_restore = re.compile(f"([{firsts}]){space}({space}*+(?:{rests}))")

    def publish(self, marked_text: str) -> str:
        """Marked text in bracket spelling, literal spellings told apart by U+200B."""
        return self._to_publish.sub(self._spelled, marked_text)

    def _spelled(self, match: re.Match[str]) -> str:
        found = match.group()
        if len(found) > 1:
            return f"{found[0]}{ZERO_WIDTH_SPACE}{found[1:]}"
        return self._spelling_of.get(found, found)

    def restore(self, published: str) -> str:
        """The marked text that `publish` was given.

        First the spellings become markers, then one U+200B goes from each literal one: the other
        way round, a paper that writes `[START_REF]` would have forged a marker.
        """
        return self._to_restore.sub(r"\1\2", conceal(published, self._table))


def publish_text(marked_text: str, table: MarkerTable = BUILT_IN) -> str:
    """One text as `PublishedSpelling` has it.

    >>> publish_text("\ue000 A title, Name\ue001 or [START_REF]</s>").replace("\u200b", "|")
    '[START_REF] A title, Name[END_REF] or [|START_REF]<|/s>'
    """
    return PublishedSpelling(table).publish(marked_text)


def restore_text(published: str, table: MarkerTable = BUILT_IN) -> str:
    """The marked text of a published one.

    >>> text = "\ue000 A title, Name\ue001 or [START_REF] or [\u200bSTART_REF]"
    >>> restore_text(publish_text(text)) == text
    True
    """
    return PublishedSpelling(table).restore(published)
