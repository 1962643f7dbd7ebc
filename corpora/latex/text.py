"""A project to a document: expansion, rendering, and the final text with its citations."""

import re
from collections import Counter
from pathlib import PurePosixPath
from typing import Final

from corpora.citations import span
from corpora.documents import JSON, Citation, Document, ReadOptions, RecordUnreadable
from corpora.latex import acronyms, citing
from corpora.latex.bibliography.works import Works, is_author_year
from corpora.latex.command_tables import COMMANDS, ENVIRONMENTS
from corpora.latex.cursor import Range
from corpora.latex.dialects import beamer, plain_tex
from corpora.latex.expansion.definitions import Definitions
from corpora.latex.expansion.macros import Expander
from corpora.latex.expansion.stream import ENDLESS
from corpora.latex.front import front_matter, title_blocks
from corpora.latex.plain_text import PlainText
from corpora.latex.project import NOT_LATEX, TEX_SUFFIXES, Project
from corpora.latex.references.cross_references import fill
from corpora.latex.references.numbering import CITATION_OPEN, REFERENCE_OPEN, SLOT_CLOSE, Numbering
from corpora.latex.references.reference_names import Target
from corpora.latex.structure import Structure, analyse
from corpora.latex.tokens import CodeEnvironments, code_environments, untokenize
from corpora.latex.writer import Sink, Writer
from tokenization.markers import RESERVED_FIRST, RESERVED_LAST

NO_TEXT: Final = "no text"

_SLOT: Final = re.compile(f"{CITATION_OPEN}(\\d+){SLOT_CLOSE}")


# Metadata is plain text.
_UNMARKED: Final = re.compile(
    f"{CITATION_OPEN}\\d+{SLOT_CLOSE}|[\x00-\x1f{chr(RESERVED_FIRST)}-{chr(RESERVED_LAST)}]"
)


def _body(structure: Structure) -> Range:
    """The range of the document environment; all of it for a file without one."""
    tokens = structure.tokens
    for at, token in enumerate(tokens):
        if token == "\\begin{document}":
            end = structure.environments[at]
            if end < 0:
                end = next(
                    (i for i in range(at, len(tokens)) if tokens[i] == "\\end{document}"),
                    len(tokens),
                )
            return Range(at + 1, end)
    return Range(0, len(tokens))


def _code_environments(project: Project) -> CodeEnvironments:
    return code_environments(
        data
        for path, data in project.files.items()
        if path.lower().endswith((*TEX_SUFFIXES, ".sty", ".cls"))
    )


def _rendered(
    project: Project, expander: Expander, options: ReadOptions, source: str
) -> tuple[Writer, Range]:
    """A writer that has read the preamble, and the range of the body."""
    tokens = expander.tokens(source, project.main)
    structure = analyse(tokens)
    commands = {**COMMANDS, **citing.commands_of(tokens, COMMANDS)}
    if "\\documentclass" not in tokens and "\\documentstyle" not in tokens:
        commands["\\footnote"] = plain_tex.footnote_of_plain
    environments = ENVIRONMENTS
    if project.slides:
        commands |= beamer.COMMANDS
        environments = {**ENVIRONMENTS, **beamer.ENVIRONMENTS}
    writer = Writer(structure, expander.definitions, options, commands, environments)
    body = _body(structure)
    writer.numbering.has_chapters = "\\chapter" in tokens
    if body.start > 0:
        writer.render(0, body.start - 1, Sink())
        before = writer.numbering
        writer.numbering = Numbering(
            within=before.within,
            has_chapters=before.has_chapters,
            formats=before.formats,
            names=before.names,
        )
        writer.floats.clear()
    return writer, body


_EXTERNAL: Final = re.compile(
    r"\\externaldocument\s*(?:\[([^\]]{0,300})\])?\s*(?:\[[^\]]{0,300}\])?\s*\{([^{}]{1,300})\}"
)


def _external_labels(project: Project, source: str, options: ReadOptions) -> dict[str, Target]:
    r"""The labels of the documents named by `\\externaldocument`, with their prefixes (xr)."""
    labels: dict[str, Target] = {}
    for prefix, name in _EXTERNAL.findall(source)[:5]:
        path = project.resolve(name, str(PurePosixPath(project.main).parent), (".tex",))
        if path is None or path == project.main:
            continue
        try:
            other = project.text(path)
            writer, body = _rendered(project, Expander(project), options, other)
            writer.render(body.start, body.end, Sink())
        except RecordUnreadable:
            continue
        labels.update({prefix + key: target for key, target in writer.numbering.labels.items()})
    return labels


_GERMAN: Final = re.compile(
    r"\\usepackage\s*(?:\[[^\]]*\b(?:n?german|n?austrian|nswissgerman)\b[^\]]*\]\s*\{babel\}"
    r"|\{n?german\})|\\documentclass\s*\[[^\]]*\bn?german\b"
)


def read_project(project: Project, options: ReadOptions) -> Document:
    """The document of a project whose main file is known. Raises RecordUnreadable."""
    source = project.text(project.main)
    if not re.search(r"\\[a-zA-Z]", source):
        raise RecordUnreadable(
            NOT_LATEX, "no LaTeX command in it" if source.strip() else "empty file"
        )
    environments = _code_environments(project)
    expander = Expander(project, Definitions(code_environments=environments))
    try:
        writer, body = _rendered(project, expander, options, source)
    except RecordUnreadable as error:
        if error.reason != ENDLESS:
            raise
        definitions = Definitions(code_environments=environments, careful=True)
        expander = Expander(project, definitions)
        writer, body = _rendered(project, expander, options, source)
    plain = PlainText(project, expander.definitions, options)
    works = Works(project, writer.structure, plain)
    writer.entry_of = works.get
    writer.author_year = is_author_year(source)
    writer.german = bool(_GERMAN.search(source))
    acronyms.read_definitions(writer, writer.tokens)
    start = body.start
    if not front_matter.AUTHOR_COMMANDS & set(writer.tokens):
        start = title_blocks.find_title_block(writer, body.start, body.end)
    sink = Sink()
    writer.render(start, body.end, sink)
    sink.paragraph()
    head, title, names = _head(writer)
    text = "\n\n".join([*head, *sink.blocks])
    labels = {**_external_labels(project, source, options), **writer.numbering.labels}
    if re.search(r"\[[^\]]{0,200}capitali[sz]e[^\]]{0,200}\]\s*\{cleveref\}", source):
        text = text.replace(f"{REFERENCE_OPEN}cref", f"{REFERENCE_OPEN}Cref")
    names_of_kinds = writer.numbering.names
    for name, macro in expander.definitions.macros.items():
        if name.endswith("autorefname"):
            kind = name[1:].removesuffix("autorefname")
            names_of_kinds.automatic[kind] = plain(untokenize(macro.body)).strip()
    text = fill(text, labels, names_of_kinds)
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", text).strip()
    # A number raised at the end of a word needs no blank, a title does.
    text = re.sub(f"(?<=[\\w.,;:)”’]){CITATION_OPEN}", f" {CITATION_OPEN}", text)
    text, citations = _with_citations(text, writer.citations)
    # What is left of a torn slot or a raw token; a file cannot spell these characters.
    text = re.sub(r"[\x00-\x09\x0b-\x1f]", "", text)
    if not re.search(r"\w", text):
        raise RecordUnreadable(NO_TEXT, "nothing is left of it")
    metadata: dict[str, JSON] = {"main_file": project.main}
    if title:
        metadata["title"] = _UNMARKED.sub("", fill(title, labels, names_of_kinds))
    if names:
        metadata["authors"] = list(names)
    if writer.missing_citations:
        metadata["citations_unresolved"] = {"no entry": writer.missing_citations}
    if expander.missing_inputs:
        metadata["inputs_missing"] = list(dict.fromkeys(expander.missing_inputs))
    if works.unreadable:
        metadata["bibliography_entries_unreadable"] = works.unreadable
    cleaned = Counter(project.cleaned) + writer.cleaned
    return Document(project.name, text, metadata, tuple(citations), cleaned)


def _head(writer: Writer) -> tuple[list[str], str, list[str]]:
    """The first blocks of the document: title, authors, abstract."""
    head: list[str] = []
    title = front_matter.title(writer)
    names = front_matter.authors(writer)
    if title:
        head.append(f"Title: {title}")
    if names:
        head.append(f"Authors: {', '.join(names)}")
    writer.in_abstract = True
    abstract = [block for where in _first_abstract(writer) for block in writer.blocks(where)]
    writer.in_abstract = False
    if abstract:
        head += ["# Abstract", *abstract]
    return head, title, names


def _first_abstract(writer: Writer) -> list[Range]:
    found = writer.front.get("abstract", [])
    return found if writer.front_text.get("class") == "aa" else found[:1]


def _with_citations(text: str, entries: list[Citation]) -> tuple[str, list[Citation]]:
    """The text with its citation spans, and their entries in the order of the text."""
    cited: list[Citation] = []

    def put(match: re.Match[str]) -> str:
        citation = entries[int(match.group(1))]
        cited.append(citation)
        return span(citation)

    return _SLOT.sub(put, text), cited
