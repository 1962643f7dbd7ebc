"""The stream of tokens that expansion reads: a stack whose end comes next, and counted work."""

from collections.abc import Callable
from typing import Final

from corpora.documents import RecordUnreadable
from corpora.latex.signatures import MANDATORY_ARGUMENTS
from corpora.latex.tokens import BLANK, END_OF_EXPANSION, END_OF_FILE, PARAGRAPH, WORD_BLANK

#: An optional argument that was not given, as xparse has it; no file can spell this token.
NO_VALUE: Final = "\\-NoValue-"
ENDLESS: Final = "macro expansion does not end"
_NO_ARGUMENT: Final = frozenset(["}", PARAGRAPH, END_OF_FILE, END_OF_EXPANSION])
_WORK_FACTOR: Final = 30
_WORK_FLOOR: Final = 600_000


class TokenStream:
    """Tokens to come (`pending`, reversed) and tokens put out (`out`).

    Every token moved is counted: past the limit, some 30 times the source with its files, the
    stream raises RecordUnreadable, so that a macro without end costs bounded time and memory.
    """

    def __init__(self) -> None:
        self.pending: list[str] = []
        self.out: list[str] = []
        self.work = 0
        self.limit = _WORK_FLOOR
        # Arguments still owed to the commands before, one count a brace level: a macro that stands
        # as an unbraced argument (`\\frac\\half x`) is put out in braces.
        self.owed: list[int] = [0]
        # TeX forgets a definition where its group ends: how many groups are open, the innermost in
        # which something was defined, and what takes those definitions back.
        self.groups = 0
        self.defined_in = 0
        self.forget: Callable[[int], int] = lambda _: 0

    def start(self, tokens: list[str]) -> None:
        """Begins with the tokens of the main file, whose number sets the limit of work."""
        self.limit = _WORK_FLOOR + _WORK_FACTOR * len(tokens)
        self.push(tokens)

    def allow(self, tokens: list[str]) -> None:
        """Raises the limit by the work for a file that is read for the first time."""
        self.limit += _WORK_FACTOR * len(tokens)

    def push(self, tokens: list[str] | tuple[str, ...]) -> None:
        """Puts tokens before those to come."""
        self.count(len(tokens) + 1)
        self.pending.extend(reversed(tokens))

    def count(self, work: int) -> None:
        """Counts work. Raises RecordUnreadable past the limit."""
        self.work += work
        if self.work > self.limit:
            raise RecordUnreadable(ENDLESS, f"over {self.limit} steps")

    def emit(self, token: str) -> None:
        """Puts a token out; an unbraced argument of several characters is split."""
        owed = self.owed
        if token == "{":
            owed.append(0)
            self.groups += 1
        elif token == "}":
            if len(owed) > 1:
                owed.pop()
                self.close_group()
            if owed[-1]:
                owed[-1] -= 1
        elif token[0] == "\\":
            if owed[-1]:
                owed[-1] -= 1
            count = MANDATORY_ARGUMENTS.get(token)
            if count:
                owed[-1] = count
        elif token == "^" or token == "_":
            owed[-1] = 1
        elif owed[-1] and token not in " [*\x0b":
            if len(token) > 1 and token[0] > " ":
                self.pending.append(token[1:])
                token = token[0]
            owed[-1] = owed[-1] - 1 if token != PARAGRAPH else 0
        self.out.append(token)

    def close_group(self) -> None:
        """Ends a group and forgets what was defined in it."""
        if self.groups:
            self.groups -= 1
            if self.groups < self.defined_in:
                self.defined_in = self.forget(self.groups)

    def following(self) -> str:
        """The next token after blanks, which are left; empty at the end."""
        at = len(self.pending) - 1
        while at >= 0 and self.pending[at] in (BLANK, WORD_BLANK):
            at -= 1
        return self.pending[at] if at >= 0 else ""

    def blanks(self) -> None:
        """Passes over blanks."""
        while self.pending and self.pending[-1] in (BLANK, WORD_BLANK):
            self.pending.pop()

    def group(self) -> list[str] | None:
        """The tokens of the braced group that comes next, without braces; None if none closes."""
        self.blanks()
        pending = self.pending
        if not pending or pending[-1] != "{":
            return None
        depth, at = 0, len(pending)
        while at:
            at -= 1
            token = pending[at]
            if token == "{":
                depth += 1
            elif token == "}":
                depth -= 1
                if depth == 0:
                    self.count(len(pending) - at)
                    group = pending[at + 1 : len(pending) - 1]
                    del pending[at:]
                    group.reverse()
                    return [token for token in group if token != END_OF_FILE]
        self.count(len(pending))
        return None

    def argument(self) -> list[str]:
        """A mandatory argument: a group, or the next token or character."""
        group = self.group()
        if group is not None:
            return group
        if not self.pending or self.pending[-1] in _NO_ARGUMENT:
            return []
        token = self.pending.pop()
        if len(token) > 1 and token[0] > " " and token[0] != "\\" and token[0] != "#":
            self.pending.append(token[1:])
            token = token[0]
        return [token]

    def optional(self) -> list[str] | None:
        """An optional argument, without its brackets."""
        pending = self.pending
        at = len(pending) - 1
        while at >= 0 and pending[at] in (BLANK, WORD_BLANK):
            at -= 1
        if at < 0 or pending[at] != "[":
            return None
        depth, brackets = 0, 0
        for position in range(at, -1, -1):
            token = pending[position]
            if token == "{":
                depth += 1
            elif token == "}":
                depth -= 1
                if depth < 0:
                    break
            elif depth == 0 and token == "[":
                brackets += 1
            elif depth == 0 and token == "]":
                brackets -= 1
                if brackets == 0:
                    content = pending[position + 1 : at]
                    content.reverse()
                    self.count(len(pending) - position)
                    del pending[position:]
                    return content
            elif (token == PARAGRAPH and depth == 0) or token == END_OF_EXPANSION:
                break
        self.count(len(pending) - position)
        return None

    def star(self) -> bool:
        """Takes a star."""
        self.blanks()
        if self.pending and self.pending[-1] == "*":
            self.pending.pop()
            return True
        return False

    def sign(self, sign: str) -> bool:
        """Takes a sign, which may begin a run of characters."""
        if not sign or not self.following().startswith(sign):
            return False
        self.blanks()
        rest = self.pending.pop()[len(sign) :]
        if rest:
            self.pending.append(rest)
        return True

    def pair(self, opening: str, closing: str) -> list[str] | None:
        """An argument between two signs, such as parentheses; None where it does not open.

        Pairs within it are passed over. One that does not close in its paragraph is none.
        """
        if opening == "[" and closing == "]":
            return self.optional()
        if not opening or not closing or not self.following().startswith(opening):
            return None
        pending, depth, level = self.pending, 0, 0
        content: list[str] = []
        for at in range(len(pending) - 1, -1, -1):
            token = pending[at]
            level += (token == "{") - (token == "}")
            if level < 0 or token in (PARAGRAPH, END_OF_FILE, END_OF_EXPANSION):
                break
            if level or (token[0] <= " " and len(token) > 1) or token[0] == "\\":
                content.append(token)
                continue
            for place, sign in enumerate(token):
                if sign == closing and depth and (depth == 1 or sign != opening):
                    depth -= 1
                elif sign == opening:
                    depth += 1
                if depth == 0 and sign == closing:
                    self.count(len(content))
                    del pending[at:]
                    if place + 1 < len(token):
                        pending.append(token[place + 1 :])
                    content.append(token[:place])
                    while content and content[0] in (BLANK, WORD_BLANK):
                        del content[0]
                    content[0] = content[0][1:]
                    return [each for each in content if each]
            content.append(token)
        self.count(len(content))
        return None

    def until(self, command: str) -> str:
        """The characters up to a command, which is taken: the name before `\\endcsname`."""
        parts: list[str] = []
        while self.pending and len(parts) < 30:
            token = self.pending.pop()
            if token == command:
                break
            if token in _NO_ARGUMENT:
                self.pending.append(token)
                break
            parts.append(token)
        return "".join(parts).strip()

    def command_name(self) -> str:
        """The command that a definition names, in braces or not; empty where there is none."""
        tokens = [token for token in self.argument() if token not in (BLANK, WORD_BLANK)]
        return tokens[0] if len(tokens) == 1 and tokens[0][0] == "\\" else ""

    def delimited(self, delimiter: str) -> list[str]:
        """An argument that ends at a token (or in a run of characters), or with its paragraph."""
        pending, depth = self.pending, 0
        for at in range(len(pending) - 1, -1, -1):
            token = pending[at]
            if token == "{":
                depth += 1
            elif token == "}":
                depth -= 1
            elif depth == 0 and (token == PARAGRAPH or delimiter in token):
                if token != delimiter and token[0] in "\\\x01\x02\x03":
                    continue
                before, _, after = (
                    token.partition(delimiter) if token != PARAGRAPH else ("", "", "")
                )
                content = pending[at + 1 :]
                content.reverse()
                self.count(len(content))
                del pending[at + 1 if token == PARAGRAPH else at :]
                if after:
                    pending.append(after)
                return [*content, before] if before else content
            if depth < 0 or token == END_OF_EXPANSION:
                break
        self.count(len(pending))
        return []
