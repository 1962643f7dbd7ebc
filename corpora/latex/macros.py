r"""Expansion: a project's main file as one flat list of tokens, its own macros carried out.

Included files are read in place, user macros and environments replaced by their bodies, false
conditionals removed. A paper's definitions of the commands this reader itself understands
(`signatures.PROTECTED`) are passed over, as are definitions that need TeX's internals. All work is
counted: a macro that never ends costs a RecordUnreadable, in bounded time.
"""

import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Final

from corpora.latex.definitions import DEFINERS, Definitions, Macro
from corpora.latex.project import Project
from corpora.latex.stream import TokenStream
from corpora.latex.tokens import BLANK, END_OF_FILE, WORD_BLANK, tokenize, untokenize, words

_INPUT_DEPTH: Final = 40
_STYLE_LIMIT_BYTES: Final = 200_000

_SILENT: Final = frozenset(
    words(r"""
    \relax \protect \noexpand \expandafter \long \global \outer \unskip \ignorespaces
    \ignorespacesafterend \makeatletter \makeatother \strut \leavevmode
""")
)
_CONDITIONAL: Final = re.compile(r"\\if[a-zA-Z@]*$")
_NOT_CONDITIONAL: Final = frozenset(
    words(r"""
    \iff \ifthenelse \ifdefempty \ifstrequal \ifblank \ifstrempty \ifthispageodd
    \iftoggle \ifboolexpr \ifbool \ifnumcomp \ifdefstring \ifnotempty \ifstring \ifempty
    \iflanguage
""")
)
_TRUE: Final = frozenset(["\\iftrue", "\\ifpdf", "\\ifPDFTeX", "\\ifpdftex"])


class Expander:
    """One expansion; `tokens` runs it. The stream is a reversed stack, its end the next token."""

    def __init__(self, project: Project, definitions: Definitions | None = None) -> None:
        self.project = project
        self.definitions = definitions or Definitions()
        self.missing_inputs: list[str] = []
        self._open_files: list[str] = []
        self._files_read: set[str] = set()
        self._stream = TokenStream()
        self._commands: dict[str, Callable[[str], None]] = {
            **dict.fromkeys(DEFINERS, self._define),
            **dict.fromkeys(_SILENT, lambda _: None),
            **dict.fromkeys(("\\input", "\\include", "\\subfile", "\\subfileinclude"), self._input),
            **dict.fromkeys(("\\import", "\\subimport", "\\inputfrom"), self._import),
            **dict.fromkeys(("\\usepackage", "\\RequirePackage"), self._package),
            **dict.fromkeys(("\\begin", "\\end"), self._environment),
            "\\newif": self._newif,
            "\\else": lambda _: self._skip_conditional(),
            "\\or": lambda _: None,
            "\\fi": lambda _: None,
            "\\csname": self._csname,
            "\\xspace": self._xspace,
            "\\endinput": self._endinput,
            "\\ifthenelse": self._ifthenelse,
        }

    def tokens(self, source: str, path: str = "") -> list[str]:
        """The expanded tokens of a source. Raises RecordUnreadable where expansion does not end."""
        self._open_files = [path] if path else []
        self._stream.start(tokenize(source))
        pending, commands = self._stream.pending, self._commands
        macros = self.definitions.macros
        while pending:
            token = pending.pop()
            if token[0] != "\\":
                if token == END_OF_FILE:
                    self._open_files.pop()
                else:
                    self._stream.emit(token)
                continue
            macro = macros.get(token)
            if macro is not None:
                self._expand(token, macro)
                continue
            command = commands.get(token)
            if command is not None:
                command(token)
            elif token.startswith("\\if") and self._is_conditional(token):
                self._conditional(token)
            else:
                self._stream.emit(token)
        return self._stream.out

    # Macros and environments.

    def _define(self, command: str) -> None:
        DEFINERS[command](self._stream, self.definitions, command)

    def _expand(self, name: str, macro: Macro) -> None:
        self._stream.count(8)
        arguments: dict[str, list[str]] = {}
        parameters = macro.parameters
        at = 0
        if macro.default is not None:
            given = self._stream.optional()
            arguments["#1"] = list(macro.default) if given is None else given
            at = 1
        while at < len(parameters):
            parameter = parameters[at]
            delimiter = parameters[at + 1] if at + 1 < len(parameters) else "#"
            if parameter == "*":
                arguments["#*"] = ["*"] if self._stream.star() else []
            elif parameter[0] == "?":
                given = self._stream.optional()
                arguments[parameter[1:]] = given if given is not None else []
            elif parameter[0] != "#":
                self._stream.blanks()
                pending = self._stream.pending
                if pending and pending[-1].startswith(parameter):
                    rest = pending.pop()[len(parameter) :]
                    if rest:
                        pending.append(rest)
            elif delimiter[0] in "#*?":
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
        parts: list[str] = []
        while self._stream.pending and len(parts) < 30:
            token = self._stream.pending.pop()
            if token == "\\endcsname":
                break
            parts.append(token)
        name = "".join(parts)
        if re.fullmatch(r"[a-zA-Z]+", name):
            self._stream.push(["\\" + name])

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
        elif command == "\\begin":
            self._expand(name, defined[0])
        else:
            self._stream.push(defined[1])

    # Conditionals.

    def _is_conditional(self, token: str) -> bool:
        return bool(_CONDITIONAL.match(token)) and token not in _NOT_CONDITIONAL

    def _newif(self, _: str) -> None:
        name = self._stream.pending.pop() if self._stream.pending else ""
        if not name.startswith("\\if"):
            return
        self.definitions.conditionals[name] = False
        stem = name[3:]
        for value in (True, False):
            switch = f"\\{stem}{'true' if value else 'false'}"
            self._commands[switch] = self._switch(name, value)

    def _switch(self, name: str, value: bool) -> Callable[[str], None]:
        def switch(_: str) -> None:
            self.definitions.conditionals[name] = value

        return switch

    def _conditional(self, token: str) -> None:
        if token in _TRUE or self.definitions.conditionals.get(token):
            return
        self._skip_conditional(to_else=True)

    def _skip_conditional(self, *, to_else: bool = False) -> None:
        """Skips to the matching `\\fi` (or `\\else`); one that never closes is ignored."""
        pending, depth = self._stream.pending, 0
        for at in range(len(pending) - 1, -1, -1):
            token = pending[at]
            if token[0] != "\\" and token != END_OF_FILE:
                continue
            if token == "\\fi":
                if depth == 0:
                    break
                depth -= 1
            elif token == "\\else" and depth == 0 and to_else:
                break
            elif token == END_OF_FILE and depth == 0 and len(self._open_files) > 1:
                self._stream.count(len(pending) - at)
                return
            elif token.startswith("\\if") and self._is_conditional(token):
                depth += 1
        else:
            self._stream.count(len(pending))
            return
        self._stream.count(len(pending) - at)
        closed = pending[at:].count(END_OF_FILE)
        del pending[at:]
        for _ in range(min(closed, len(self._open_files) - 1)):
            self._open_files.pop()

    def _ifthenelse(self, _: str) -> None:
        self._stream.argument()
        self._stream.argument()
        self._stream.push(self._stream.argument())

    # Files.

    def _input(self, command: str) -> None:
        group = self._stream.group()
        if group is None:
            parts: list[str] = []
            while (
                self._stream.pending
                and self._stream.pending[-1][0] not in " \n\\{}\x04"
                and len(parts) < 20
            ):
                parts.append(self._stream.pending.pop())
            group = parts
        self._include(untokenize(group), "")

    def _import(self, _: str) -> None:
        self._stream.star()
        folder = untokenize(self._stream.argument())
        self._include(untokenize(self._stream.argument()), folder)

    def _package(self, _: str) -> None:
        self._stream.optional()
        names = untokenize(self._stream.argument())
        self._stream.optional()
        for name in names.split(","):
            path = self.project.resolve(name, "", (".sty",))
            if path is None or len(self.project.files[path]) > _STYLE_LIMIT_BYTES:
                continue
            if path in self._open_files:
                continue
            # A style's printed tokens stand in the preamble, whose text is never shown.
            self._push_file(path, tokenize(self.project.text(path), internal=True))

    def _include(self, name: str, folder: str) -> None:
        current = self._open_files[-1] if self._open_files else ""
        base = str(PurePosixPath(current).parent)
        path = self.project.resolve(
            f"{folder}/{name}" if folder else name, base, (".tex", "", ".ltx")
        )
        if path is None or path in self._open_files or len(self._open_files) > _INPUT_DEPTH:
            if not name.lower().endswith((".bbl", ".pdf", ".pgf", ".tikz", ".eps")):
                self.missing_inputs.append(name.strip())
            return
        if path.lower().endswith((".bbl", ".sty", ".cls", ".bib")):
            return
        self._push_file(path, _document_body(tokenize(self.project.text(path))))

    def _push_file(self, path: str, tokens: list[str]) -> None:
        self._open_files.append(path)
        if path not in self._files_read:
            self._files_read.add(path)
            self._stream.allow(tokens)
        self._stream.pending.append(END_OF_FILE)
        self._stream.push(tokens)

    def _endinput(self, _: str) -> None:
        while self._stream.pending and self._stream.pending[-1] != END_OF_FILE:
            self._stream.pending.pop()


def _document_body(tokens: list[str]) -> list[str]:
    """What stands between `\\begin{document}` and `\\end{document}` of a subfile, else all."""
    start, end = 0, len(tokens)
    for at in range(len(tokens) - 3):
        if tokens[at + 2] == "document" and tokens[at + 1] == "{":
            if tokens[at] == "\\begin":
                start = at + 4
            elif tokens[at] == "\\end":
                end = at
                break
    return tokens[start:end]
