r"""Edits of a TeX source by its commands and groups, in one pass, for dialects other than LaTeX."""

import re
from typing import Final

COMMAND: Final = re.compile(r"\\(?:([a-zA-Z]+)|.)", re.DOTALL)
_COMMENT: Final = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*(?:\n[ \t]*)?")


def without_comments(source: str) -> str:
    """A source without its comments: a comment takes its line end with it, as in TeX."""
    return _COMMENT.sub(r"\1", source)


class SourceEdits:
    """Replacements of a source's spans, put together once; `groups` maps `{` to its `}`.

    >>> edits = SourceEdits(r"a \\old{b} c")
    >>> edits.replace(2, 6, r"\\new")
    >>> edits.result()
    'a \\\\new{b} c'
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.groups: dict[int, int] = {}
        self._edits: list[tuple[int, int, str]] = []
        opened: list[int] = []
        for match in re.finditer(r"\\.|[{}]", source, re.DOTALL):
            if match.group() == "{":
                opened.append(match.start())
            elif match.group() == "}" and opened:
                self.groups[opened.pop()] = match.start()

    def group(self, at: int) -> tuple[int, int] | None:
        """The inside of the group that opens at a place or after its blanks."""
        match = re.compile(r"\s*\{").match(self.source, at)
        if match is None or match.end() - 1 not in self.groups:
            return None
        return match.end(), self.groups[match.end() - 1]

    def replace(self, start: int, end: int, text: str) -> None:
        """Puts a text in place of a span."""
        self._edits.append((start, end, text))

    def result(self) -> str:
        """The source with its edits; one inside another's span is void."""
        pieces: list[str] = []
        position = 0
        # At one place the longest edit wins.
        for start, end, text in sorted(self._edits, key=lambda edit: (edit[0], -edit[1])):
            if start < position:
                continue
            pieces += [self.source[position:start], text]
            position = end
        pieces.append(self.source[position:])
        return "".join(pieces)
