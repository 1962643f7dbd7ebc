r"""Expansion: a project's main file as one flat list of tokens, its own macros carried out.

Included files are read in place, user macros and environments replaced by their bodies, false
conditionals removed. A paper's definitions of the commands this reader itself understands
(`signatures.PROTECTED`) are passed over, as are definitions that need TeX's internals. All work is
counted: a macro that never ends costs a RecordUnreadable, in bounded time.
"""

import re
from collections.abc import Callable
from typing import Final

from corpora.latex.expansion.branches import BRANCHING, Branches
from corpora.latex.expansion.conditionals import is_conditional
from corpora.latex.expansion.definitions import DEFINERS, Definitions, Macro
from corpora.latex.expansion.document_commands import DOCUMENT_DEFINERS, read_arguments
from corpora.latex.expansion.included_files import Files
from corpora.latex.expansion.stream import NO_VALUE, TokenStream
from corpora.latex.expansion.switches import Switches
from corpora.latex.project import Project
from corpora.latex.tokens import (
    BLANK,
    END_OF_EXPANSION,
    END_OF_FILE,
    WORD_BLANK,
    tokenize,
    untokenize,
    words,
)

_INPUT_DEPTH: Final = 40
_STYLE_LIMIT_BYTES: Final = 200_000

_SILENT: Final = frozenset(
    words(r"""
    \relax \protect \noexpand \expandafter \long \global \outer \unskip \ignorespaces
    \ignorespacesafterend \makeatletter \makeatother \strut \leavevmode
""")
)
_ALL_DEFINERS: Final = {**DEFINERS, **DOCUMENT_DEFINERS}
_NOT_PLAIN: Final = frozenset(["{", "}", "^", "_", END_OF_FILE, END_OF_EXPANSION])
_BARE_ENVIRONMENTS: Final = frozenset(
    words("""
    equation align eqnarray gather multline displaymath aligned gathered split itemize
    enumerate tabular array quotation subequations
""")
)
_MOST_NESTED_EXPANSIONS: Final = 20
#: Commands that write to the list of contents or the log, with the number of their arguments.
_WRITTEN: Final = {
    "\\addtocontents": 2, "\\addcontentsline": 3, "\\typeout": 1, "\\message": 1,
    "\\errmessage": 1, "\\PackageWarning": 2, "\\PackageInfo": 2, "\\ClassWarning": 2,
    "\\GenericWarning": 2, "\\wlog": 1,
}  # fmt: skip
#: Of babel's `\\extrasenglish`, `\\captionsbritish`.
_ENGLISH: Final = re.compile("(?i)english|british|american|australian|canadian")


class Expander:
    """One expansion; `tokens` runs it. The stream is a reversed stack, its end the next token."""

    def __init__(self, project: Project, definitions: Definitions | None = None) -> None:
        self.project = project
        self.definitions = definitions or Definitions()
        self._stream = TokenStream()
        self._stream.forget = self.definitions.forget
        self._nested = 0
        self._files = Files(project, self._stream, self.definitions, self._text)
        self._conditions = Branches(
            self._stream, self.definitions, self._expanded, self._files.exists
        )
        #: Commands that take in files, and this paper's own: its switches, harvmac's.
        self._own: dict[str, Callable[[str], None]] = self._files.commands
        self._own |= Switches(self._stream, self.definitions, self._own).commands

    @property
    def missing_inputs(self) -> list[str]:
        """The files that the paper takes in and that are not there."""
        return self._files.missing

    def _text(self, tokens: list[str]) -> str:
        return self._conditions.text(tokens)

    def tokens(self, source: str, path: str = "") -> list[str]:
        """The expanded tokens of a source. Raises RecordUnreadable where expansion does not end."""
        self._files.open = [path] if path else []
        self._stream.start(tokenize(source, self.definitions.code_environments))
        self._run()
        return self._stream.out

    def _run(self) -> None:
        """Carries out what is pending, up to its end or that of a nested expansion."""
        pending, own = self._stream.pending, self._own
        out, owed = self._stream.out, self._stream.owed
        macros = self.definitions.macros
        while pending:
            token = pending.pop()
            if token[0] != "\\":
                if token not in _NOT_PLAIN and not owed[-1]:
                    # What `emit` would do with it; most tokens are of this kind.
                    out.append(token)
                elif token == END_OF_FILE:
                    self._files.close()
                elif token == END_OF_EXPANSION:
                    return
                else:
                    self._stream.emit(token)
                continue
            macro = macros.get(token)
            if macro is not None and not (macro.internal and self._is_beyond(macro)):
                self._expand(token, macro)
                continue
            command = _COMMANDS.get(token)
            if token in own:
                own[token](token)
            elif command is not None:
                command(self, token)
            elif token.startswith("\\if") and is_conditional(token):
                self._conditional(token)
            else:
                self._stream.emit(token)

    def _is_beyond(self, macro: Macro) -> bool:
        """Whether a macro is made of internals of LaTeX that are none of the paper's own."""
        return any(
            token[0] == "\\"
            and "@" in token[2:]
            and token not in self.definitions.macros
            and token not in _COMMANDS
            for token in macro.body
        )

    def _expanded(self, tokens: list[str]) -> list[str]:
        """Tokens carried out by themselves, for a test or an `\\edef`."""
        if self._nested >= _MOST_NESTED_EXPANSIONS:
            return tokens
        stream = self._stream
        out, owed = stream.out, stream.owed
        self._nested += 1
        stream.out, stream.owed = [], [0]
        stream.push([*tokens, END_OF_EXPANSION])
        self._run()
        found = stream.out
        stream.out, stream.owed = out, owed
        self._nested -= 1
        return found

    # Macros and environments.

    def _define(self, command: str) -> None:
        stream = self._stream
        stream.blanks()
        if stream.pending and stream.pending[-1] == "\\csname":
            # `\\expandafter\\def\\csname name\\endcsname`
            stream.pending.pop()
            stream.pending.append("\\" + stream.until("\\endcsname"))
        if command in ("\\edef", "\\xdef"):
            self._define_expanded(command)
        else:
            _ALL_DEFINERS[command](stream, self.definitions, command)

    def _define_expanded(self, command: str) -> None:
        """`\\edef`: what stands in the body now, whatever it is redefined to later."""
        stream = self._stream
        at = len(stream.pending) - 1
        while at >= 0 and stream.pending[at] != "{" and len(stream.pending) - at < 20:
            at -= 1
        head = stream.pending[at + 1 :]
        del stream.pending[at + 1 :]
        body = stream.group() or []
        stream.push(["{", *self._expanded(body), "}"])
        stream.pending.extend(head)
        DEFINERS["\\def"](stream, self.definitions, command)

    def _named(self, command: str) -> None:
        name = untokenize(self._stream.argument()).strip()
        if command in ("\\@nameuse", "\\csuse"):
            if re.fullmatch(r"[a-zA-Z@]+", name) or f"\\{name}" in self.definitions.macros:
                self._stream.push([f"\\{name}"])
            return
        self._stream.pending.append(f"\\{name}")
        DEFINERS["\\def"](self._stream, self.definitions, "\\def")

    def _expand(self, name: str, macro: Macro) -> None:
        self._stream.count(8)
        arguments: dict[str, list[str]] = {}
        parameters = macro.parameters
        if macro.signature:
            arguments = read_arguments(self._stream, macro.signature)
        at = 0
        if macro.default is not None:
            given = self._stream.optional()
            arguments["#1"] = list(macro.default) if given is None else given
            at = 1
        while at < len(parameters):
            parameter = parameters[at]
            delimiter = parameters[at + 1] if at + 1 < len(parameters) else "#"
            if parameter[0] != "#":
                self._stream.blanks()
                pending = self._stream.pending
                if pending and pending[-1].startswith(parameter):
                    rest = pending.pop()[len(parameter) :]
                    if rest:
                        pending.append(rest)
            elif delimiter[0] == "#":
                arguments[parameter] = self._stream.argument()
            else:
                arguments[parameter] = self._stream.delimited(delimiter)
                at += 1
            at += 1
        body: list[str] = []
        for token in macro.body:
            if token[0] == "#" and len(token) > 1:
                if token[1] == "#":
                    body.append(token[1:])
                else:
                    argument = arguments.get(token, [])
                    self._stream.count(len(argument))
                    body += argument
            else:
                body.append(token)
        if macro.final:
            for token in body:
                self._stream.emit(token)
            return
        if self._stream.owed[-1] and len(body) != 1:
            body = ["{", *body, "}"]
        self._stream.push(body)

    def _csname(self, _: str) -> None:
        name = self._stream.until("\\endcsname")
        if name.removeprefix("end").rstrip("*") in _BARE_ENVIRONMENTS:
            self._bare_environment(f"\\{name}")
        elif re.fullmatch(r"[a-zA-Z]+", name) or f"\\{name}" in self.definitions.macros:
            self._stream.push([f"\\{name}"])

    def _one_dot(self, _: str) -> None:
        """The full stop of `e.g.` in the styles of vision conferences, unless one follows."""
        if not self._stream.pending or not self._stream.pending[-1].startswith("."):
            self._stream.emit(".")
        self._xspace("")

    def _xspace(self, _: str) -> None:
        while self._stream.pending and self._stream.pending[-1] == WORD_BLANK:
            self._stream.pending.pop()
        if self._stream.pending and (
            self._stream.pending[-1][0].isalnum() or self._stream.pending[-1][0] in "(\\$`"
        ):
            following = self._stream.pending[-1]
            if following not in ("\\ ", "\\/", "\\,", "\\footnote", "\\xspace", "\\\\", "\\par"):
                self._stream.emit(BLANK)

    # Environments and theorems.

    def _bare_environment(self, command: str) -> None:
        r"""`\\equation ... \\endequation`: an environment without `\\begin` and `\\end`."""
        name = command[1:].removeprefix("end")
        side = "\\end" if command.startswith("\\end") else "\\begin"
        self._stream.push([side, "{", name, "}"])

    def _environment(self, command: str) -> None:
        group = self._stream.group()
        if group is None:
            return
        name = "".join(group).strip()
        if re.search(r"[\\{}\x00-\x1f]", name) or not name:
            return
        defined = self.definitions.environments.get(name)
        if defined is None:
            self._stream.owed[-1] = 0
            self._stream.out.append(f"{command}{{{name}}}")
            if name != "document":
                self._group(command)
        elif command == "\\begin":
            self._expand(name, defined[0])
        else:
            self._stream.push(defined[1])

    def _group(self, command: str) -> None:
        if command in ("\\begin", "\\begingroup"):
            self._stream.groups += 1
        else:
            self._stream.close_group()

    def _unwrap(self, command: str) -> None:
        r"""`\AtBeginDocument{...}`, `\addto\extrasenglish{...}`: done at once, and in no group."""
        if command != "\\addto" or _ENGLISH.search("".join(self._stream.argument())):
            self._stream.push(self._stream.argument())
        else:
            self._stream.argument()

    # Conditionals.

    def _conditional(self, token: str) -> None:
        for _ in range(self._conditions.case(token)):
            if self._skip_to("\\or" if token == "\\ifcase" else "\\else") != "\\or":
                return

    def _skip_to(self, wanted: str) -> str:
        """Skips to `\\fi`, `\\else` or `\\or` of this level; one that never closes is ignored."""
        pending, depth = self._stream.pending, 0
        for at in range(len(pending) - 1, -1, -1):
            token = pending[at]
            if token[0] != "\\" and token != END_OF_FILE and token != END_OF_EXPANSION:
                continue
            if token == "\\fi":
                if depth == 0:
                    break
                depth -= 1
            elif (depth == 0 and token == "\\else" and wanted != "\\fi") or (
                depth == 0 and token == "\\or" and wanted == token
            ):
                break
            elif token == END_OF_FILE and depth == 0 and len(self._files.open) > 1:
                self._stream.count(len(pending) - at)
                return ""
            elif token.startswith("\\if") and is_conditional(token):
                depth += 1
        else:
            self._stream.count(len(pending))
            return ""
        self._stream.count(len(pending) - at)
        closed = pending[at:].count(END_OF_FILE)
        found = pending[at]
        del pending[at:]
        for _ in range(min(closed, len(self._files.open) - 1)):
            self._files.close()
        return found

    def _end_branch(self, _: str) -> None:
        self._skip_to("\\fi")

    def _branch(self, command: str) -> None:
        chosen = self._conditions.branch(command)
        if chosen is not None:
            self._stream.push(chosen)

    def _write(self, command: str) -> None:
        """What is written to another file is not carried out here: it may hold half a test."""
        for _ in range(_WRITTEN[command]):
            self._stream.argument()

    def _loop(self, _: str) -> None:
        self._conditions.plain_loop()

    def _if_next(self, _: str) -> None:
        stream = self._stream
        wanted = "".join(stream.argument()).replace("\\bgroup", "{")
        yes, no = stream.argument(), stream.argument()
        stream.blanks()
        follows = stream.pending and wanted and stream.pending[-1].startswith(wanted)
        stream.push(yes if follows else no)

    def _if_star(self, _: str) -> None:
        yes, no = self._stream.argument(), self._stream.argument()
        self._stream.push(yes if self._stream.star() else no)


def _nothing(expander: Expander, _: str) -> None:
    """A command that leaves nothing."""


_COMMANDS: Final[dict[str, Callable[[Expander, str], None]]] = {
    **dict.fromkeys(_ALL_DEFINERS, Expander._define),
    **dict.fromkeys(_SILENT, _nothing),
    **dict.fromkeys(("\\begin", "\\end"), Expander._environment),
    **dict.fromkeys(("\\else", "\\or"), Expander._end_branch),
    "\\fi": _nothing,
    **dict.fromkeys(BRANCHING, Expander._branch),
    **{f"\\{name}": Expander._bare_environment for name in _BARE_ENVIRONMENTS},
    **{f"\\end{name}": Expander._bare_environment for name in _BARE_ENVIRONMENTS},
    **dict.fromkeys(words(r"\@ifnextchar \kernel@ifnextchar \ifnextchar"), Expander._if_next),
    **dict.fromkeys(words(r"\@ifstar \ifstar"), Expander._if_star),
    **dict.fromkeys((NO_VALUE, "\\BooleanTrue", "\\BooleanFalse"), _nothing),
    **dict.fromkeys(words(r"\@namedef \@nameuse \csuse \csdef"), Expander._named),
    **dict.fromkeys(("\\begingroup", "\\endgroup"), Expander._group),
    **dict.fromkeys(("\\AtBeginDocument", "\\AtEndPreamble", "\\addto"), Expander._unwrap),
    "\\loop": Expander._loop,
    **dict.fromkeys(_WRITTEN, Expander._write),
    "\\csname": Expander._csname,
    "\\xspace": Expander._xspace,
    "\\onedot": Expander._one_dot,
}
