"""A place in the list of tokens, and the readers of the arguments that come next."""

from typing import NamedTuple

from corpora.latex.structure import Structure
from corpora.latex.tokens import BLANK, PARAGRAPH, WORD_BLANK


class Range(NamedTuple):
    """A stretch of the token list."""

    start: int
    end: int


class Cursor:
    """A place in a range of the token list, with the readers of arguments."""

    def __init__(self, structure: Structure, start: int, end: int) -> None:
        self.structure = structure
        self.tokens = structure.tokens
        self.at = start
        self.end = end

    def blanks(self) -> None:
        """Passes over blanks, not over paragraph breaks."""
        while self.at < self.end and self.tokens[self.at] in (BLANK, WORD_BLANK):
            self.at += 1

    def peek(self) -> str:
        """The next token, or a paragraph break at the end."""
        while self.at < self.end and self.tokens[self.at] == WORD_BLANK:
            self.at += 1
        return self.tokens[self.at] if self.at < self.end else PARAGRAPH

    def ahead(self, count: int) -> list[str]:
        """The next tokens, so many at most, which are left."""
        return self.tokens[self.at : min(self.at + count, self.end)]

    def star(self) -> bool:
        """Takes a star."""
        if self.peek() == "*":
            self.at += 1
            return True
        return False

    def optional(self) -> Range | None:
        """Takes an optional argument; None where there is none or it does not close."""
        saved = self.at
        self.blanks()
        if self.peek() == "[":
            closing = self.structure.brackets.get(self.at, -1)
            if 0 <= closing < self.end:
                inside = Range(self.at + 1, closing)
                self.at = closing + 1
                return inside
        self.at = saved
        return None

    def group(self) -> Range | None:
        """Takes a braced argument; one that never closes ends with its paragraph."""
        saved = self.at
        self.blanks()
        if self.peek() != "{":
            self.at = saved
            return None
        start = self.at + 1
        closing = self.structure.braces[self.at]
        if closing < 0 or closing >= self.end:
            closing = min(self.end, self.structure.paragraph_end(start))
            self.at = closing
        else:
            self.at = closing + 1
        return Range(start, closing)

    def argument(self) -> Range:
        """Takes a mandatory argument: a group or one token."""
        group = self.group()
        if group is not None:
            return group
        self.blanks()
        if self.peek() in (PARAGRAPH, "}", "$", "&") or self.peek().startswith(
            ("\\begin", "\\end")
        ):
            return Range(self.at, self.at)
        self.at += 1
        return Range(self.at - 1, self.at)

    def box_size(self) -> None:
        r"""Takes the `to 3cm` of `\hbox to 3cm{...}`."""
        self.blanks()
        if not self.peek().startswith(("to", "spread")):
            return
        for at in range(self.at, min(self.at + 8, self.end)):
            if self.tokens[at] == "{":
                self.at = at
                return

    def signature(self, signature: str) -> list[Range | None]:
        """Takes the arguments of a signature of `*`, `[` and `{`, in order."""
        taken: list[Range | None] = []
        for sign in signature:
            if sign == "*":
                self.star()
                taken.append(None)
            elif sign == "[":
                taken.append(self.optional())
            else:
                taken.append(self.argument())
        return taken
