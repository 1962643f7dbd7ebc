r"""Acronyms and glossaries: `\ac{cnn}`, `\gls{svm}`, whose first use is written out.

Papers define them in the preamble or in a list at their end, so all definitions are read first.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from corpora.latex.cursor import Cursor, Range
from corpora.latex.tokens import words
from corpora.latex.writer import EnvironmentHandler, Handler, Sink, Writer


@dataclass(frozen=True, slots=True)
class Term:
    """An acronym or a term of a glossary; empty where the paper does not say."""

    short: str
    long: str = ""
    plural: str = ""
    long_plural: str = ""

    def shown(self, *, plural: bool) -> str:
        """The short form."""
        return (self.plural or f"{self.short}s") if plural else self.short

    def written_out(self, *, plural: bool) -> str:
        """The long form, or the short one of a term that has none."""
        if not self.long:
            return self.shown(plural=plural)
        return (self.long_plural or f"{self.long}s") if plural else self.long


_FIELD: Final = r"\s*=\s*(\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}|[^,{}]*)"


def _field(source: str, *names: str) -> str:
    """The value of an option as plain text."""
    for name in names:
        match = re.search(rf"(?:^|[,\s{{]){name}{_FIELD}", source)
        if match is not None:
            value = match.group(1).strip()
            value = value[1:-1] if value[:1] == "{" else value
            return " ".join(re.sub(r"\\[a-zA-Z]+\*?\s*|[{}$]", "", value).split())
    return ""


def _rendered(writer: Writer, where: Range, name: str) -> str:
    """The value in braces of an option, which may be a formula."""
    for at in range(where.start, where.end):
        if writer.tokens[at] != "{":
            continue
        before = "".join(writer.tokens[max(where.start, at - 3) : at])
        if re.search(rf"(?:^|[,\s]){name}\s*=\s*$", before):
            return writer.inline(Cursor(writer.structure, at, where.end).argument())
    return ""


def _define(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    if token in ("\\newacronym", "\\newabbreviation"):
        options = writer.source(cursor.optional())
        name = writer.source(cursor.argument())
        short, long = writer.inline(cursor.argument()), writer.inline(cursor.argument())
        plurals = _field(options, "shortplural", "plural"), _field(options, "longplural")
        writer.acronyms[name] = Term(short, long, *plurals)
    elif token in ("\\DeclareAcronym", "\\newglossaryentry", "\\longnewglossaryentry"):
        key, where = writer.source(cursor.argument()), cursor.argument()
        if token == "\\longnewglossaryentry":
            cursor.argument()
        options = writer.source(where)
        if token == "\\DeclareAcronym":
            short = _rendered(writer, where, "short") or _field(options, "short") or key
            long = _rendered(writer, where, "long") or _field(options, "long")
            writer.acronyms[key] = Term(short, long)
        else:
            name = _rendered(writer, where, "name") or _field(options, "name") or key
            name = _field(options, "text") or name
            writer.acronyms[key] = Term(name, "", _field(options, "plural"))
    else:
        key = writer.source(cursor.argument())
        form = cursor.optional()
        long = writer.inline(cursor.argument())
        term = Term(writer.inline(form) if form else key, long)
        writer.acronyms[key] = term
        if writer.acronym_lists and sink.breaks:
            sink.block(f"- {term.short}: {long}")


def _plural(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    r"""`\acroplural{ac}[ACs]{long forms}`."""
    key, short = writer.source(cursor.argument()), cursor.optional()
    long = writer.inline(cursor.argument())
    term = writer.acronyms.get(key)
    if isinstance(term, Term):
        plural = writer.inline(short) if short else ""
        writer.acronyms[key] = Term(term.short, term.long, plural, long)


def _use(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    cursor.star()
    cursor.optional()
    key = writer.source(cursor.argument())
    name = token[1:].lower()
    if name in ("glsdisp", "glslink"):
        where = cursor.argument()
        writer.render(where.start, where.end, sink)
        return
    term = writer.acronyms.get(key) or Term(key)
    plural = name.endswith(("pl", "p", "plural"))
    if name in _LONG:
        text = term.written_out(plural=plural)
    elif term.long and (name in _FULL or (name in _FIRST and key not in writer.acronyms_used)):
        text = f"{term.written_out(plural=plural)} ({term.shown(plural=plural)})"
        writer.acronyms_used.add(key)
    else:
        text = term.shown(plural=plural)
    if name in ("acsu", "aclu", "acused"):
        writer.acronyms_used.add(key)
    if name == "acused":
        return
    upper = token[1].isupper() and token[1:3] != "AC"
    sink.text(text[:1].upper() + text[1:] if upper else text)


def _reset(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    writer.acronyms_used.clear()


def _list(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.optional()
    writer.acronym_lists += 1
    writer.render(cursor.at, cursor.end, sink)
    writer.acronym_lists -= 1
    sink.paragraph() if sink.breaks else None


_FIRST: Final = frozenset(words("ac acp gls glspl iac"))
_FULL: Final = frozenset(words("acf acfp acfi acrfull acrfullpl glsfirst glsfirstplural"))
_LONG: Final = frozenset(
    words("acl aclp acli aclu acrlong acrlongpl glsentrylong glsentrylongpl glsxtrlong glsdesc")
)
USES: Final = words("""
    ac acp acs acsp acl aclp acf acfp acfi acsi acli acsu aclu acused Ac Acp Acs Acl Acf Aclp Acfp
    gls glspl Gls Glspl acrshort acrlong acrfull acrshortpl acrlongpl acrfullpl Acrlong Acrshort
    Acrfull glsentryshort glsentrylong glsentrytext glsentryname glsentryplural glsname glstext
    glsfirst glsplural glsfirstplural glsdisp glslink glsxtrshort glsxtrlong glsdesc iac Iac
""")
_DEFINITIONS: Final = frozenset(
    words(r"""
    \newacronym \newabbreviation \DeclareAcronym \acro \acrodef \newacro \acroindefinite
    \newglossaryentry \longnewglossaryentry \acrodefplural \acroplural \newacroplural
""")
) - {"\\acroindefinite"}


def read_definitions(writer: Writer, tokens: Sequence[str]) -> None:
    """Reads the acronyms defined anywhere in a paper."""
    for at, token in enumerate(tokens):
        if token in _DEFINITIONS:
            cursor = Cursor(writer.structure, at + 1, len(tokens))
            COMMANDS[token](writer, Sink(breaks=False), cursor, token)


COMMANDS: Final[dict[str, Handler]] = {
    **dict.fromkeys(_DEFINITIONS, _define),
    **dict.fromkeys(words(r"\acrodefplural \acroplural \newacroplural"), _plural),
    **{"\\" + name: _use for name in USES},
    **dict.fromkeys(words(r"\acresetall \glsresetall"), _reset),
}
ENVIRONMENTS: Final[dict[str, EnvironmentHandler]] = {"acronym": _list}
