"""The handlers of all commands and environments that this reader knows, by name."""

from typing import Final

from corpora.latex import (
    acronyms,
    algorithms,
    blocks,
    citing,
    class_commands,
    floats,
    inline,
    layout_commands,
    lists,
    loops,
    tables,
    theorems,
)
from corpora.latex.cursor import Cursor, Range
from corpora.latex.dialects import plain_tex
from corpora.latex.formulas import displays
from corpora.latex.front import front_matter
from corpora.latex.references import counters
from corpora.latex.writer import EnvironmentHandler, Handler, Sink, Writer


def _two_column(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""`\twocolumn[...]`: what stands in the brackets is the head of the paper."""
    if cursor.peek() != "[":
        return
    depth = 0
    for at in writer.ranges_at_level(Range(cursor.at, cursor.end)):
        depth += (writer.tokens[at] == "[") - (writer.tokens[at] == "]")
        if depth == 0:
            start, cursor.at = cursor.at + 1, at + 1
            writer.render(start, at, sink)
            return


COMMANDS: Final[dict[str, Handler]] = {
    **layout_commands.COMMANDS,
    **plain_tex.COMMANDS,
    **class_commands.COMMANDS,
    **inline.COMMANDS,
    **acronyms.COMMANDS,
    **blocks.COMMANDS,
    **floats.COMMANDS,
    **tables.COMMANDS,
    **citing.COMMANDS,
    **displays.COMMANDS,
    **algorithms.COMMANDS,
    **counters.COMMANDS,
    **loops.COMMANDS,
    **front_matter.COMMANDS,
    "\\twocolumn": _two_column,
    "$": citing.superscripts(displays.COMMANDS["$"]),
}
ENVIRONMENTS: Final[dict[str, EnvironmentHandler]] = {
    **blocks.ENVIRONMENTS,
    **theorems.ENVIRONMENTS,
    **lists.ENVIRONMENTS,
    **acronyms.ENVIRONMENTS,
    **floats.ENVIRONMENTS,
    **tables.ENVIRONMENTS,
    **displays.ENVIRONMENTS,
    **front_matter.ENVIRONMENTS,
    "*float": floats.ENVIRONMENTS["algorithm"],
    **algorithms.ENVIRONMENTS,
}
