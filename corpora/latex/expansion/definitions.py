r"""What a paper defines: macros, environments, theorems. Each definer reads one definition.

Definitions of the commands this reader itself understands (`signatures.PROTECTED`) are read and
passed over, as are those that need TeX's internals.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from corpora.latex.expansion.relations import composed_relation
from corpora.latex.expansion.stream import TokenStream
from corpora.latex.signatures import PROTECTED
from corpora.latex.tokens import BLANK, PARAGRAPH, WORD_BLANK, CodeEnvironments, untokenize, words

_INTERNALS: Final = frozenset(
    words(r"""
    \futurelet \vbox \vtop \setbox \catcode \halign
    \afterassignment \everypar \futurenonspacelet \advance \unhbox
    \discretionary \sbox \usebox \accent
""")
)
_PLACED_ENVIRONMENTS: Final = frozenset(
    words("""
    document abstract equation align gather multline eqnarray figure table tabular
    itemize enumerate description thebibliography quote quotation center
""")
)


#: What lets a macro that calls itself end.
_ENDING: Final = frozenset(
    words(r"\@ifnextchar \@ifstar \ifx \ifnum \ifthenelse \IfNoValueTF \ifblank \ifstrempty")
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter by xparse's letters: `m`, `o`, `g`, `t` (a sign), `d` and `r` (between two)."""

    kind: str
    name: str
    opening: str = ""
    closing: str = ""
    default: tuple[str, ...] = ()
    #: Where it is split into groups, and how often at most (0: at every one).
    separator: str = ""
    splits: int = 0


@dataclass(frozen=True, slots=True)
class Macro:
    """A user macro: its parameter text (`#n` where an argument stands), defaults, and body."""

    parameters: tuple[str, ...]
    body: tuple[str, ...]
    default: tuple[str, ...] | None = None
    #: A `\\let` of a built-in: the body is put out and not looked at again.
    final: bool = False
    #: In place of `parameters`: those of xparse and its kin.
    signature: tuple[Parameter, ...] = ()
    #: The body uses commands with an `@`, which may be ones this reader does not know.
    internal: bool = False


@dataclass(frozen=True, slots=True)
class Theorem:
    """A theorem-like environment: its title, its counter, and the section level it restarts at."""

    title: str
    counter: str
    within: str | None
    numbered: bool


#: Accents over several letters that papers copy from each other, whose bodies measure boxes.
_COPIED: Final = {
    "\\wide@bar": Macro(("#1", "#2"), ("\\overline", "{", "#1", "}")),
    "\\wide@accent": Macro(("#1", "#2", "#3"), ("#1", "{", "#2", "}")),
}


@dataclass
class Definitions:
    """What a project has defined so far."""

    macros: dict[str, Macro] = field(default_factory=lambda: dict(_COPIED))
    environments: dict[str, tuple[Macro, tuple[str, ...]]] = field(default_factory=dict)
    theorems: dict[str, Theorem] = field(default_factory=dict)
    conditionals: dict[str, bool] = field(default_factory=dict)
    #: While a style file is read: what needs TeX's internals there is the style's own affair.
    in_style: bool = False
    code_environments: CodeEnvironments = field(default_factory=CodeEnvironments)

    #: Macros that call themselves are passed over: a first reading did not end.
    careful: bool = False
    #: Of macros defined in a group: how many groups were open, the name, what it meant before.
    changes: list[tuple[int, str, Macro | None]] = field(default_factory=list)

    def add_macro(self, name: str, macro: Macro, groups: int = 0) -> None:
        """Adds a macro, until `groups` groups are open no more."""
        if groups:
            self.changes.append((groups, name, self.macros.get(name)))
        self.macros[name] = macro

    def forget(self, groups: int) -> int:
        """Takes back what was defined deeper than `groups`; says how deep the rest stands."""
        while self.changes and self.changes[-1][0] > groups:
            _, name, before = self.changes.pop()
            if before is None:
                self.macros.pop(name, None)
            else:
                self.macros[name] = before
        return self.changes[-1][0] if self.changes else 0

    def add_environment(self, name: str, beginning: Macro, ending: tuple[str, ...]) -> None:
        """Adds an environment of the author's, unless this reader has its own or it is layout."""
        if name in _PLACED_ENVIRONMENTS or name.rstrip("*") in _PLACED_ENVIRONMENTS:
            return
        tokens = [*beginning.body, *ending]
        if any(_is_internal(token) for token in tokens):
            return
        text = untokenize(tokens)
        if f"\\begin{{{name}}}" in text or "\\trivlist" in text:
            return
        self.environments[name] = (beginning, ending)


def _numbered(count: int) -> tuple[str, ...]:
    return tuple(f"#{number}" for number in range(1, count + 1))


def _is_internal(token: str) -> bool:
    # `\\@` alone is the end of a sentence, and `@` in a run of characters an address.
    return token in _INTERNALS or (token[0] == "\\" and "@" in token[2:])


def define(
    stream: TokenStream,
    definitions: Definitions,
    name: str,
    macro: Macro,
    *,
    everywhere: bool = False,
) -> None:
    """Adds a macro, unless this reader has its own or TeX's internals are needed for it."""
    if not name or name in PROTECTED or name in _COPIED:
        return
    if any(token in _INTERNALS for token in macro.body):
        return
    if "@" in name or any("@" in token[2:] and token[0] == "\\" for token in macro.body):
        if definitions.in_style:
            return
        macro = replace(macro, internal=True)
    if name in macro.body and (definitions.careful or _ENDING.isdisjoint(macro.body)):
        # TeX would never stop; an author who wrote it meant the built-in one.
        return
    if not macro.parameters and 4 < len(macro.body) < 60:
        bodies = definitions.macros

        def meaning(token: str) -> tuple[str, ...] | None:
            return bodies[token].body if token in bodies else None

        relation = composed_relation(macro.body, meaning)
        macro = Macro((), relation) if relation else macro
    _add(stream, definitions, name, macro, everywhere=everywhere)


def _add(
    stream: TokenStream, definitions: Definitions, name: str, macro: Macro, *, everywhere: bool
) -> None:
    groups = 0 if everywhere else stream.groups
    definitions.add_macro(name, macro, groups)
    stream.defined_in = max(stream.defined_in, groups)


def _newcommand(stream: TokenStream, definitions: Definitions, command: str) -> None:
    stream.star()
    name = stream.command_name()
    count, default = _counted_parameters(stream)
    body = stream.argument()
    if command == "\\providecommand" and name in definitions.macros:
        return
    define(stream, definitions, name, Macro(_numbered(count), tuple(body), default))
    _counter_format(stream, definitions, name, body)


def _counter_format(
    stream: TokenStream, definitions: Definitions, name: str, body: list[str]
) -> None:
    r"""Says in the text that `\\thefigure` or `\\labelenumi` has a new form from here on."""
    if definitions.in_style or not name.startswith(("\\the", "\\labelenum")) or len(body) > 40:
        return
    counter = name[4:] if name.startswith("\\the") else name[1:]
    if not counter:
        return
    stream.push(["\\counter-format", "{", counter, "}", "{", *body, "}"])


def _counted_parameters(stream: TokenStream) -> tuple[int, tuple[str, ...] | None]:
    given = stream.optional()
    number = "".join(given or ()).strip()
    default = stream.optional()
    return int(number) if re.fullmatch("[0-9]", number) else 0, (
        tuple(default) if default is not None else None
    )


def _def(stream: TokenStream, definitions: Definitions, command: str) -> None:
    if not stream.pending:
        return
    name = stream.pending.pop()
    parameters: list[str] = []
    while stream.pending and stream.pending[-1] != "{" and len(parameters) < 20:
        parameters.append(stream.pending.pop())
    body = stream.group()
    if name[0] != "\\" or body is None or PARAGRAPH in parameters:
        return
    parameters = [token for token in parameters if token != WORD_BLANK]
    while parameters and parameters[-1] == BLANK:
        parameters.pop()
    everywhere = command in ("\\gdef", "\\xdef")
    macro = Macro(tuple(parameters), tuple(body))
    define(stream, definitions, name, macro, everywhere=everywhere)
    if not parameters:
        _counter_format(stream, definitions, name, body)


def _let(stream: TokenStream, definitions: Definitions, command: str) -> None:
    stream.blanks()
    if not stream.pending:
        return
    name = stream.pending.pop()
    stream.blanks()
    if stream.pending and stream.pending[-1].startswith("="):
        sign = stream.pending.pop()
        if len(sign) > 1:
            stream.pending.append(sign[1:])
        stream.blanks()
    if not stream.pending or stream.pending[-1] in ("{", "}"):
        return
    target = stream.pending.pop()
    if name[0] != "\\" or name in PROTECTED or (definitions.in_style and "@" in name + target):
        return
    if target == "\\undefined":
        definitions.macros.pop(name, None)
        return
    macro = definitions.macros.get(target, Macro((), (target,), final=True))
    _add(stream, definitions, name, macro, everywhere=False)


def _operator(stream: TokenStream, definitions: Definitions, command: str) -> None:
    star = "*" if stream.star() else ""
    name, text = stream.command_name(), stream.argument()
    define(stream, definitions, name, Macro((), (f"\\operatorname{star}", "{", *text, "}")))


def _newenvironment(stream: TokenStream, definitions: Definitions, command: str) -> None:
    stream.star()
    name = "".join(stream.argument()).strip()
    count, default = _counted_parameters(stream)
    beginning, ending = stream.argument(), stream.argument()
    macro = Macro(_numbered(count), tuple(beginning), default)
    definitions.add_environment(name, macro, tuple(ending))


def _newtheorem(stream: TokenStream, definitions: Definitions, command: str) -> None:
    star = stream.star()
    name = "".join(stream.argument()).strip()
    counter = "".join(stream.optional() or ()).strip()
    title = untokenize(stream.argument()).strip()
    within = "".join(stream.optional() or ()).strip()
    if command == "\\spnewtheorem":
        stream.argument()
        stream.argument()
    shared = definitions.theorems.get(counter)
    definitions.theorems[name] = Theorem(
        title=title,
        counter=shared.counter if shared else counter or name,
        within=within or (shared.within if shared else None),
        numbered=not star,
    )


def _declaretheorem(stream: TokenStream, definitions: Definitions, command: str) -> None:
    options = untokenize(stream.optional() or ())
    name = "".join(stream.argument()).strip()
    more = untokenize(stream.optional() or ())
    said = dict(re.findall(r"(\w+)\s*=\s*\{?([^,{}]*)", options + "," + more))
    alike = said.get("sibling") or said.get("numberlike") or said.get("sharenumber") or ""
    shared = definitions.theorems.get(alike.strip())
    within = said.get("within") or said.get("parent") or said.get("numberwithin")
    definitions.theorems[name] = Theorem(
        title=(said.get("name") or said.get("title") or name.capitalize()).strip(),
        counter=shared.counter if shared else name,
        within=shared.within if shared else within,
        numbered=(said.get("numbered") or "yes").strip() != "no",
    )


def _keyword(stream: TokenStream, definitions: Definitions, command: str) -> None:
    r"""algorithm2e: `\SetKwData{L}{left}`, `\SetKwFunction{S}{Sort}`, `\SetKwInOut{In}{in}`."""
    name = "\\" + "".join(stream.argument()).strip()
    text = stream.argument()
    if not re.fullmatch(r"\\[a-zA-Z]+", name):
        return
    macro = Macro((), (*text, "\\xspace"))
    if command == "\\SetKwFunction":
        macro = Macro((), (*text, "(", "#1", ")"), signature=(Parameter("g", "#1"),))
    elif command in ("\\SetKwInOut", "\\SetKwInput"):
        macro = Macro(("#1",), ("\\;", *text, ":", " ", "#1", "\\;"))
    _add(stream, definitions, name, macro, everywhere=True)


#: Reads the definition that follows the command.
Definer = Callable[[TokenStream, Definitions, str], None]
DEFINERS: Final[dict[str, Definer]] = {
    **dict.fromkeys(
        words(r"""
    \newcommand \renewcommand \providecommand \DeclareRobustCommand \newrobustcmd
    \renewrobustcmd \providerobustcmd \algnewcommand \algrenewcommand
"""),
        _newcommand,
    ),
    **dict.fromkeys(words(r"\SetKwData \SetKwFunction \SetKwInOut \SetKwInput \SetKw"), _keyword),
    **dict.fromkeys(("\\def", "\\gdef", "\\edef", "\\xdef"), _def),
    **dict.fromkeys(("\\newenvironment", "\\renewenvironment"), _newenvironment),
    **dict.fromkeys(("\\newtheorem", "\\spnewtheorem"), _newtheorem),
    "\\declaretheorem": _declaretheorem,
    "\\DeclareMathOperator": _operator,
    "\\let": _let,
}
