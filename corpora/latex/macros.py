r"""Expansion: a project's main file as one flat list of tokens, its own macros carried out.

Included files are read in place, user macros and environments replaced by their bodies, false
conditionals removed. A paper's definitions of the commands this reader itself understands
(`signatures.PROTECTED`) are passed over, as are definitions that need TeX's internals. All work is
counted: a macro that never ends costs a RecordUnreadable, in bounded time.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from corpora.documents import RecordUnreadable
from corpora.latex.project import Project
from corpora.latex.signatures import MANDATORY_ARGUMENTS, PROTECTED
from corpora.latex.tokens import BLANK, END_OF_FILE, PARAGRAPH, tokenize, untokenize, words

ENDLESS: Final = "macro expansion does not end"
_WORK_FACTOR: Final = 30
_WORK_FLOOR: Final = 600_000
_INPUT_DEPTH: Final = 40
_STYLE_LIMIT_BYTES: Final = 200_000

_DEFINERS: Final = frozenset(
    [
        "\\newcommand",
        "\\renewcommand",
        "\\providecommand",
        "\\DeclareRobustCommand",
        "\\newrobustcmd",
        "\\renewrobustcmd",
        "\\providerobustcmd",
    ]
)
_DOCUMENT_COMMANDS: Final = frozenset(
    [
        "\\NewDocumentCommand",
        "\\RenewDocumentCommand",
        "\\ProvideDocumentCommand",
        "\\DeclareDocumentCommand",
    ]
)
_PRIMITIVE_DEFINERS: Final = frozenset(["\\def", "\\gdef", "\\edef", "\\xdef"])
_SILENT: Final = frozenset(
    words(r"""
    \relax \protect \noexpand \expandafter \long \global \outer \unskip \ignorespaces
    \ignorespacesafterend \makeatletter \makeatother \strut \leavevmode
""")
)
_INTERNALS: Final = frozenset(
    words(r"""
    \csname \expandafter \futurelet \ifx \vbox \vtop \setbox \catcode \halign
    \afterassignment \everypar \futurenonspacelet \ifcase \loop \advance \unhbox
    \discretionary \sbox \usebox \accent
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
_PLACED_ENVIRONMENTS: Final = frozenset(
    words("""
    document abstract equation align gather multline eqnarray figure table tabular
    itemize enumerate description thebibliography quote quotation center
""")
)


@dataclass(frozen=True, slots=True)
class Macro:
    """A user macro: its parameter text (`#n` where an argument stands), defaults, and body."""

    parameters: tuple[str, ...]
    body: tuple[str, ...]
    default: tuple[str, ...] | None = None
    #: A `\\let` of a built-in: the body is put out and not looked at again.
    final: bool = False


@dataclass(frozen=True, slots=True)
class Theorem:
    """A theorem-like environment: its title, its counter, and the section level it restarts at."""

    title: str
    counter: str
    within: str | None
    numbered: bool


@dataclass
class Definitions:
    """What a project has defined so far."""

    macros: dict[str, Macro] = field(default_factory=dict)
    environments: dict[str, tuple[Macro, tuple[str, ...]]] = field(default_factory=dict)
    theorems: dict[str, Theorem] = field(default_factory=dict)
    conditionals: dict[str, bool] = field(default_factory=dict)


class Expander:
    """One expansion; `tokens` runs it. The stream is a reversed stack, its end the next token."""

    def __init__(self, project: Project, definitions: Definitions | None = None) -> None:
        self.project = project
        self.definitions = definitions or Definitions()
        self.missing_inputs: list[str] = []
        self._pending: list[str] = []
        self._open_files: list[str] = []
        self._out: list[str] = []
        self._work = 0
        self._limit = _WORK_FLOOR
        # Arguments still owed to the commands before, one count a brace level: a macro that stands
        # as an unbraced argument (`\frac\half x`) is put out in braces.
        self._owed: list[int] = [0]
        self._commands: dict[str, Callable[[str], None]] = {
            **dict.fromkeys(_DEFINERS, self._newcommand),
            **dict.fromkeys(_DOCUMENT_COMMANDS, self._document_command),
            **dict.fromkeys(_PRIMITIVE_DEFINERS, self._def),
            **dict.fromkeys(_SILENT, lambda _: None),
            **dict.fromkeys(("\\input", "\\include", "\\subfile", "\\subfileinclude"), self._input),
            **dict.fromkeys(("\\import", "\\subimport", "\\inputfrom"), self._import),
            **dict.fromkeys(("\\usepackage", "\\RequirePackage"), self._package),
            **dict.fromkeys(("\\newenvironment", "\\renewenvironment"), self._newenvironment),
            **dict.fromkeys(("\\begin", "\\end"), self._environment),
            **dict.fromkeys(("\\newtheorem", "\\spnewtheorem"), self._newtheorem),
            "\\declaretheorem": self._declaretheorem,
            "\\DeclareMathOperator": self._operator,
            "\\let": self._let,
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
        tokens = tokenize(source)
        self._limit = _WORK_FLOOR + _WORK_FACTOR * len(tokens)
        self._push(tokens)
        pending, commands = self._pending, self._commands
        macros = self.definitions.macros
        while pending:
            token = pending.pop()
            if token[0] != "\\":
                if token == END_OF_FILE:
                    self._open_files.pop()
                else:
                    self._emit(token)
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
                self._emit(token)
        return self._out

    # The stream.

    def _push(self, tokens: list[str] | tuple[str, ...]) -> None:
        self._count(len(tokens) + 1)
        self._pending.extend(reversed(tokens))

    def _count(self, work: int) -> None:
        self._work += work
        if self._work > self._limit:
            raise RecordUnreadable(ENDLESS, f"over {self._limit} steps")

    def _emit(self, token: str) -> None:
        owed = self._owed
        if token == "{":
            owed.append(0)
        elif token == "}":
            if len(owed) > 1:
                owed.pop()
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
        elif owed[-1] and token not in " [*":
            if len(token) > 1 and token[0] > " ":
                self._pending.append(token[1:])
                token = token[0]
            owed[-1] = owed[-1] - 1 if token != PARAGRAPH else 0
        self._out.append(token)

    def _blanks(self) -> None:
        while self._pending and self._pending[-1] == BLANK:
            self._pending.pop()

    def _group(self) -> list[str] | None:
        """The tokens of the braced group that comes next, without braces; None if none closes."""
        self._blanks()
        pending = self._pending
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
                    self._count(len(pending) - at)
                    group = pending[at + 1 : len(pending) - 1]
                    del pending[at:]
                    group.reverse()
                    return [token for token in group if token != END_OF_FILE]
        self._count(len(pending))
        return None

    def _argument(self) -> list[str]:
        """A mandatory argument: a group, or the next token or character."""
        group = self._group()
        if group is not None:
            return group
        if not self._pending or self._pending[-1] in ("}", PARAGRAPH, END_OF_FILE):
            return []
        token = self._pending.pop()
        if len(token) > 1 and token[0] > " " and token[0] != "\\" and token[0] != "#":
            self._pending.append(token[1:])
            token = token[0]
        return [token]

    def _optional(self) -> list[str] | None:
        """An optional argument, without its brackets."""
        pending = self._pending
        at = len(pending) - 1
        while at >= 0 and pending[at] == BLANK:
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
                    self._count(len(pending) - position)
                    del pending[position:]
                    return content
            elif token == PARAGRAPH and depth == 0:
                break
        self._count(len(pending) - position)
        return None

    def _star(self) -> bool:
        self._blanks()
        if self._pending and self._pending[-1] == "*":
            self._pending.pop()
            return True
        return False

    def _name(self) -> str:
        """The command that a definition names, in braces or not; empty where there is none."""
        tokens = [token for token in self._argument() if token != BLANK]
        return tokens[0] if len(tokens) == 1 and tokens[0][0] == "\\" else ""

    # Macros.

    def _expand(self, name: str, macro: Macro) -> None:
        self._count(8)
        arguments: dict[str, list[str]] = {}
        parameters = macro.parameters
        at = 0
        if macro.default is not None:
            given = self._optional()
            arguments["#1"] = list(macro.default) if given is None else given
            at = 1
        while at < len(parameters):
            parameter = parameters[at]
            delimiter = parameters[at + 1] if at + 1 < len(parameters) else "#"
            if parameter == "*":
                arguments["#*"] = ["*"] if self._star() else []
            elif parameter[0] == "?":
                given = self._optional()
                arguments[parameter[1:]] = given if given is not None else []
            elif parameter[0] != "#":
                self._blanks()
                if self._pending and self._pending[-1] == parameter:
                    self._pending.pop()
            elif delimiter[0] in "#*?":
                arguments[parameter] = self._argument()
            else:
                arguments[parameter] = self._delimited(delimiter)
                at += 1
            at += 1
        body: list[str] = []
        for token in macro.body:
            if token[0] == "#" and len(token) > 1:
                if token[1] == "#":
                    body.append(token[1:])
                else:
                    argument = arguments.get(token, [])
                    self._count(len(argument))
                    body += argument
            else:
                body.append(token)
        if macro.final:
            for token in body:
                self._emit(token)
            return
        if self._owed[-1] and len(body) != 1:
            body = ["{", *body, "}"]
        self._push(body)

    def _delimited(self, delimiter: str) -> list[str]:
        pending, depth = self._pending, 0
        for at in range(len(pending) - 1, -1, -1):
            token = pending[at]
            if token == "{":
                depth += 1
            elif token == "}":
                depth -= 1
            elif depth == 0 and (token in (delimiter, PARAGRAPH)):
                content = pending[at + 1 :]
                content.reverse()
                self._count(len(content))
                del pending[at if token == delimiter else at + 1 :]
                return content
            if depth < 0:
                break
        self._count(len(pending))
        return []

    def _define(self, name: str, macro: Macro) -> None:
        if not name or name in PROTECTED:
            return
        if "@" in name or any("@" in token or token in _INTERNALS for token in macro.body):
            return
        if name in macro.body:
            # TeX would never stop; an author who wrote it meant the built-in one.
            return
        self.definitions.macros[name] = macro

    def _newcommand(self, command: str) -> None:
        self._star()
        name = self._name()
        count, default = self._counted_parameters()
        body = self._argument()
        if command == "\\providecommand" and name in self.definitions.macros:
            return
        self._define(name, Macro(_numbered(count), tuple(body), default))

    def _counted_parameters(self) -> tuple[int, tuple[str, ...] | None]:
        given = self._optional()
        number = "".join(given or ()).strip()
        default = self._optional()
        return int(number) if re.fullmatch("[0-9]", number) else 0, (
            tuple(default) if default is not None else None
        )

    def _document_command(self, _: str) -> None:
        name, signature, body = self._name(), untokenize(self._argument()), self._argument()
        parameters: list[str] = []
        letters = re.sub(r"\{[^{}]*\}", "", signature)
        for letter in re.findall(r"[a-zA-Z]", letters):
            number = f"#{len(parameters) + 1}"
            parameters.append(
                "*" if letter == "s" else number if letter in "mrvR" else "?" + number
            )
        if not re.search(r"[teEbdD]", letters):
            self._define(name, Macro(tuple(parameters), tuple(body)))

    def _def(self, _: str) -> None:
        if not self._pending:
            return
        name = self._pending.pop()
        parameters: list[str] = []
        while self._pending and self._pending[-1] != "{" and len(parameters) < 20:
            parameters.append(self._pending.pop())
        body = self._group()
        if name[0] != "\\" or body is None or PARAGRAPH in parameters:
            return
        while parameters and parameters[-1] == BLANK:
            parameters.pop()
        self._define(name, Macro(tuple(parameters), tuple(body)))

    def _let(self, _: str) -> None:
        self._blanks()
        if not self._pending:
            return
        name = self._pending.pop()
        self._blanks()
        if self._pending and self._pending[-1].startswith("="):
            sign = self._pending.pop()
            if len(sign) > 1:
                self._pending.append(sign[1:])
            self._blanks()
        if not self._pending or self._pending[-1] in ("{", "}"):
            return
        target = self._pending.pop()
        if name[0] != "\\" or name in PROTECTED or "@" in name or "@" in target:
            return
        self.definitions.macros[name] = self.definitions.macros.get(
            target, Macro((), (target,), final=True)
        )

    def _operator(self, _: str) -> None:
        star = "*" if self._star() else ""
        name, text = self._name(), self._argument()
        self._define(name, Macro((), (f"\\operatorname{star}", "{", *text, "}")))

    def _csname(self, _: str) -> None:
        parts: list[str] = []
        while self._pending and len(parts) < 30:
            token = self._pending.pop()
            if token == "\\endcsname":
                break
            parts.append(token)
        name = "".join(parts)
        if re.fullmatch(r"[a-zA-Z]+", name):
            self._push(["\\" + name])

    def _xspace(self, _: str) -> None:
        if self._pending and (self._pending[-1][0].isalnum() or self._pending[-1][0] in "(\\$`"):
            following = self._pending[-1]
            if following not in ("\\ ", "\\/", "\\,", "\\footnote", "\\xspace", "\\\\", "\\par"):
                self._emit(BLANK)

    # Environments and theorems.

    def _environment(self, command: str) -> None:
        group = self._group()
        if group is None:
            return
        name = "".join(group).strip()
        if re.search(r"[\\{}\x00-\x1f]", name) or not name:
            return
        defined = self.definitions.environments.get(name)
        if defined is None:
            self._owed[-1] = 0
            self._out.append(f"{command}{{{name}}}")
        elif command == "\\begin":
            self._expand(name, defined[0])
        else:
            self._push(defined[1])

    def _newenvironment(self, _: str) -> None:
        self._star()
        name = "".join(self._argument()).strip()
        count, default = self._counted_parameters()
        beginning, ending = self._argument(), self._argument()
        tokens = [*beginning, *ending]
        if name in _PLACED_ENVIRONMENTS or name.rstrip("*") in _PLACED_ENVIRONMENTS:
            return
        if any("@" in token or token in _INTERNALS for token in tokens):
            return
        text = untokenize(tokens)
        if f"\\begin{{{name}}}" in text or "\\trivlist" in text:
            return
        macro = Macro(_numbered(count), tuple(beginning), default)
        self.definitions.environments[name] = (macro, tuple(ending))

    def _newtheorem(self, _: str) -> None:
        star = self._star()
        name = "".join(self._argument()).strip()
        counter = "".join(self._optional() or ()).strip()
        title = untokenize(self._argument()).strip()
        within = "".join(self._optional() or ()).strip()
        if _ == "\\spnewtheorem":
            self._argument()
            self._argument()
        shared = self.definitions.theorems.get(counter)
        self.definitions.theorems[name] = Theorem(
            title=title,
            counter=shared.counter if shared else counter or name,
            within=within or (shared.within if shared else None),
            numbered=not star,
        )

    def _declaretheorem(self, _: str) -> None:
        options = untokenize(self._optional() or ())
        name = "".join(self._argument()).strip()
        more = untokenize(self._optional() or ())
        said = dict(re.findall(r"(\w+)\s*=\s*\{?([^,{}]*)", options + "," + more))
        shared = self.definitions.theorems.get(said.get("sibling", said.get("numberlike", "")))
        self.definitions.theorems[name] = Theorem(
            title=said.get("name", said.get("title", name.capitalize())).strip(),
            counter=shared.counter if shared else name,
            within=shared.within if shared else said.get("within", said.get("parent")),
            numbered=said.get("numbered", "yes").strip() != "no",
        )

    # Conditionals.

    def _is_conditional(self, token: str) -> bool:
        return bool(_CONDITIONAL.match(token)) and token not in _NOT_CONDITIONAL

    def _newif(self, _: str) -> None:
        name = self._pending.pop() if self._pending else ""
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
        """Skips to the matching `\\fi` (or `\\else`); a conditional that never closes is ignored."""
        pending, depth = self._pending, 0
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
                self._count(len(pending) - at)
                return
            elif token.startswith("\\if") and self._is_conditional(token):
                depth += 1
        else:
            self._count(len(pending))
            return
        self._count(len(pending) - at)
        closed = pending[at:].count(END_OF_FILE)
        del pending[at:]
        for _ in range(min(closed, len(self._open_files) - 1)):
            self._open_files.pop()

    def _ifthenelse(self, _: str) -> None:
        self._argument()
        self._argument()
        self._push(self._argument())

    # Files.

    def _input(self, command: str) -> None:
        group = self._group()
        if group is None:
            parts: list[str] = []
            while self._pending and self._pending[-1][0] not in " \n\\{}\x04" and len(parts) < 20:
                parts.append(self._pending.pop())
            group = parts
        self._include(untokenize(group), "")

    def _import(self, _: str) -> None:
        self._star()
        folder = untokenize(self._argument())
        self._include(untokenize(self._argument()), folder)

    def _package(self, _: str) -> None:
        self._optional()
        names = untokenize(self._argument())
        self._optional()
        for name in names.split(","):
            path = self.project.resolve(name, "", (".sty",))
            if path is None or len(self.project.files[path]) > _STYLE_LIMIT_BYTES:
                continue
            if path in self._open_files:
                continue
            self._open_files.append(path)
            self._pending.append(END_OF_FILE)
            # A style's printed tokens stand in the preamble, whose text is never shown.
            self._push(tokenize(self.project.text(path), internal=True))

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
        tokens = tokenize(self.project.text(path))
        tokens = _document_body(tokens)
        self._open_files.append(path)
        self._pending.append(END_OF_FILE)
        self._push(tokens)

    def _endinput(self, _: str) -> None:
        while self._pending and self._pending[-1] != END_OF_FILE:
            self._pending.pop()


def _numbered(count: int) -> tuple[str, ...]:
    return tuple(f"#{number}" for number in range(1, count + 1))


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
