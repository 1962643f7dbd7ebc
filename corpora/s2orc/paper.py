"""One paper: what a record of any generation says, and its text in order."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from lxml import etree
from lxml import html as lxml_html

from corpora.documents import (
    JSON,
    Document,
    ReadOptions,
    Record,
    RecordDropped,
    RecordUnreadable,
)
from corpora.jats.cited import finish
from corpora.jats.tables import markdown_table
from corpora.json_records import parse_object
from corpora.pdf_words import vocabulary_of
from corpora.s2orc.annotated import is_annotated, read_annotated
from corpora.s2orc.headings import sections
from corpora.s2orc.marking import (
    Marking,
    bare,
    bibliography,
    marked,
    mended_works,
    numbers_in_parentheses,
    plain,
    tidy,
)
from corpora.s2orc.model import Float, Paper, Paragraph, Span, entries, mapping, string
from corpora.s2orc.parsed import parse_of, read_parse
from corpora.s2orc.tex_abstracts import tex_paragraph
from tokenization.marked_text import clean
from tokenization.markers import RESERVED_FIRST, RESERVED_LAST
from tokenization.wrappers import image

#: Fields of which a record of S2ORC has one.
_IDENTIFIERS: Final = ("paper_id", "corpusid", "corpus_id", "corpusId", "paperId")
_FIELDS_OF_STUDY: Final = ("mag_field_of_study", "fieldsofstudy", "s2fieldsofstudy")
_MAX_TABLE_CHARACTERS: Final = 1_000_000
_ABSTRACT_WORD: Final = re.compile(r"(?:abstract|summary)\s*[:.—–-]*\s*(?=[A-Z0-9“\"'(])", re.I)
_RESERVED: Final = re.compile(f"[{chr(RESERVED_FIRST)}-{chr(RESERVED_LAST)}]")
_REPEATED_CHARACTERS: Final = 100
#: `Table 1`, `(Fig. 2b)`
_NAMED: Final = re.compile(r"\b(Table|Fig)[a-z]*\.? ([A-Z]?\d{1,3})")
_OWN_NUMBER: Final = re.compile(r"(?:fig|tab)[a-z]*\.? ?([A-Z]?\d{1,3})", re.IGNORECASE)
#: A paragraph that ends so goes on after a formula or on the next page.
_GOES_ON: Final = re.compile(r"[\w,]$")
#: A caption that begins so is the end of another sentence.
_FRAGMENT: Final = re.compile(r"[),.;:=+]")


def read_paper(record: Record, options: ReadOptions) -> Document:
    """The document of one paper; the payload is its metadata and its parse, or one of them.

    Metadata: identifiers, year, venue and `fields` of study; for each reason the number of
    `parts_dropped`; the titles of figures and the like that were taken for `headings_dropped`.
    Raises RecordUnreadable for what is no JSON or no paper, and RecordDropped for a paper with
    neither abstract nor body.
    """
    if isinstance(record.payload, RecordUnreadable | RecordDropped):
        raise record.payload
    fields: dict[str, JSON] = {}
    parts = record.payload if isinstance(record.payload, tuple) else (record.payload,)
    for part in parts:
        fields |= parse_object(part, record.position)
    if len(parts) > 1:
        fields["metadata"] = parse_object(parts[0], record.position)
    try:
        paper = _paper_of(fields, record.position)
    except RecursionError:
        raise RecordUnreadable("too deep", f"{record.position}: nested too deeply") from None
    return _document(record.record_id, paper, options)


def _paper_of(fields: dict[str, JSON], position: str) -> Paper:
    if not any(name in fields for name in _IDENTIFIERS):
        names = ", ".join(clean(name) for name in list(fields)[:12])
        raise RecordUnreadable("not an S2ORC paper", f"{position}: its fields are {names}")
    paper = Paper()
    described = mapping(fields.get("metadata"))
    known = {**fields, **{name: value for name, value in described.items() if value}}
    paper.title = string(known.get("title"))
    paper.authors = [
        name
        for name in map(_name, entries(known.get("authors")))
        # One sign is a mark beside a name.
        if sum(map(str.isalpha, name)) > 1
    ]
    paper.metadata = _metadata(known)
    published = string(described.get("abstract"))
    parse = parse_of(fields)
    if is_annotated(fields):
        paper.abstract = _published(string(known.get("abstract")))
        read_annotated(fields, paper)
    elif parse is not None:
        read_parse(parse, paper)
        if published.strip():
            # The publisher's own, where the parser's may lack words.
            paper.abstract = _published(published)
    if not paper.abstract:
        paper.abstract = _published(string(known.get("abstract")))
    return paper


def _published(abstract: str) -> list[Paragraph]:
    """An abstract from metadata; `:::` stands for its line breaks."""
    return [tex_paragraph(part) for part in re.split(r":::|\n\s*\n", abstract) if part.strip()]


def _name(author: JSON) -> str:
    """`Given Middle Last Suffix` of an author, or the one `name`."""
    if isinstance(author, str):
        return " ".join(author.split())
    fields = mapping(author)
    middle = fields.get("middle")
    given = [string(part) for part in entries(middle)] or [string(middle)]
    parts = [string(fields.get("first")), *given, string(fields.get("last"))]
    parts += [string(fields.get("suffix"))] if any(parts) else [string(fields.get("name"))]
    return " ".join(" ".join(parts).split())


def _metadata(known: dict[str, JSON]) -> dict[str, JSON]:
    external = {
        name.lower(): value
        for source in (
            mapping(known.get("externalids")),
            mapping(known.get("externalIds")),
            mapping(mapping(known.get("openaccessinfo")).get("externalids")),
        )
        for name, value in source.items()
        if value
    }

    def first(*values: JSON) -> str | None:
        for value in values:
            if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
                return " ".join(clean(str(value)).split())
        return None

    year = re.search(r"\d{4}", first(known.get("year")) or "")
    pmcid = first(known.get("pmc_id"), external.get("pubmedcentral"))
    return {
        "paper_id": first(*(known.get(name) for name in _IDENTIFIERS)),
        "title": first(known.get("title")),
        "doi": first(known.get("doi"), external.get("doi")),
        "pmid": first(known.get("pubmed_id"), external.get("pubmed")),
        "pmcid": f"PMC{pmcid.removeprefix('PMC')}" if pmcid else None,
        "arxiv": first(known.get("arxiv_id"), external.get("arxiv")),
        "year": year.group() if year else None,
        "journal": first(known.get("journal"), known.get("venue")),
        "licence": first(mapping(known.get("openaccessinfo")).get("license")),
        "fields": _fields_of_study(known) or None,
    }


def _fields_of_study(known: dict[str, JSON]) -> list[JSON]:
    """The fields of a paper: of Microsoft Academic Graph, later of Semantic Scholar's own model."""
    names = [
        string(mapping(entry).get("category")) if isinstance(entry, dict) else string(entry)
        for key, value in known.items()
        if key.lower() in _FIELDS_OF_STUDY
        for entry in entries(value)
    ]
    return list(dict.fromkeys(" ".join(clean(name).split()) for name in names if name.strip()))


def _document(record_id: str, paper: Paper, options: ReadOptions) -> Document:
    _take_out_repeated(paper)
    paragraphs = [*paper.abstract, *paper.body, *paper.back]
    cleaned: Counter[str] = Counter()
    vocabulary = vocabulary_of("\n".join(paragraph.text for paragraph in paragraphs))
    paper.works = mended_works(paper.works, vocabulary)
    listed = bibliography(paragraphs, paper.works)
    marking = Marking(
        options, paper.works, paper.named, bool(listed.by_number), vocabulary, cleaned,
        paper.dropped, *numbers_in_parentheses(paragraphs, listed),
    )  # fmt: skip
    untitled: list[str] = []
    blocks = list(_abstract(paper, marking))
    body = list(_flow(paper.body, paper, marking, untitled))
    if blocks and body and not body[0].startswith("#"):
        # A body without headings would read as part of the abstract.
        body.insert(0, "# Main Text")
    body += [block for name in list(paper.floats) for block in _float(name, paper, marking)]
    body += _flow(paper.back, paper, marking, untitled)
    blocks += body
    if not blocks:
        raise RecordDropped("no abstract and no body")
    title = " ".join(marked(tex_paragraph(paper.title), marking).split())
    authors = tidy(plain(", ".join(dict.fromkeys(paper.authors)), marking))
    head = [f"Title: {title}"] if title else []
    head += [f"Authors: {authors}"] if authors else []
    text, citations, unresolved = finish("\n\n".join([*head, *blocks]), marking.marks, listed)
    metadata: dict[str, JSON] = {k: v for k, v in paper.metadata.items() if v is not None}
    if title:
        metadata["title"] = _RESERVED.sub("", title)
    for name, counts in (
        ("parts_dropped", paper.dropped), ("citations_unresolved", unresolved),
    ):  # fmt: skip
        if counts:
            metadata[name] = dict(sorted(counts.items()))
    if untitled:
        metadata["headings_dropped"] = len(untitled)
    return Document(record_id, text, metadata, tuple(citations), cleaned)


def _take_out_repeated(paper: Paper) -> None:
    """Removes what a parser gave twice: an abstract that runs on into the body, or begins it."""
    beginnings = {part.text[:_REPEATED_CHARACTERS] for part in paper.body}
    first = {part.text[:_REPEATED_CHARACTERS] for part in paper.abstract[:1]}
    abstract = [*paper.abstract[:1], *_without(paper.abstract[1:], beginnings)]
    body = list(_without(paper.body, first))
    repeated = len(paper.abstract) + len(paper.body) - len(abstract) - len(body)
    if repeated:
        paper.dropped["paragraph given twice"] += repeated
    paper.abstract, paper.body = abstract, body


def _without(parts: Sequence[Paragraph], beginnings: set[str]) -> Iterator[Paragraph]:
    for part in parts:
        beginning = part.text[:_REPEATED_CHARACTERS]
        if len(beginning) < _REPEATED_CHARACTERS or beginning not in beginnings:
            yield part


def _abstract(paper: Paper, marking: Marking) -> Iterator[str]:
    texts = [text for text in (marked(part, marking) for part in paper.abstract) if text]
    if texts:
        yield "# Abstract"
        yield (
            _ABSTRACT_WORD.sub("", texts[0], count=1)
            if _ABSTRACT_WORD.match(texts[0])
            else texts[0]
        )
        yield from texts[1:]


def _flow(
    paragraphs: Sequence[Paragraph], paper: Paper, marking: Marking, untitled: list[str]
) -> Iterator[str]:
    """Headings and paragraphs; a figure or table after the first sentence that refers to it."""
    waiting: list[tuple[str, str]] = []
    for headings, paragraph in sections(paragraphs, untitled):
        text = marked(paragraph, marking)
        if not text:
            continue
        if headings:
            yield from _floats(waiting, paper, marking)
        for level, title in headings:
            yield f"{'#' * min(level, 6)} {tidy(plain(title, marking))}"
        yield text
        waiting += [
            (span.target, _printed(span, paragraph, paper))
            for span in paragraph.spans
            if span.kind == "reference" and span.target
        ]
        if not _GOES_ON.search(text):
            yield from _floats(waiting, paper, marking)
    yield from _floats(waiting, paper, marking)


def _printed(span: Span, paragraph: Paragraph, paper: Paper) -> str:
    """The reference as it is printed; of one that its identifier holds the place of, with its kind.

    LaTeX prints the number before the caption, so no caption of LaTeX has its own.
    """
    if span.words is None:
        return paragraph.text[span.start : span.end]
    found = paper.floats.get(span.target or "")
    if found is None or _OWN_NUMBER.match(found.caption):
        return ""
    return f"{'Table' if found.is_table else 'Fig.'} {span.words}"


def _floats(waiting: list[tuple[str, str]], paper: Paper, marking: Marking) -> Iterator[str]:
    """The figures and tables that a sentence referred to, once it has ended."""
    for identifier, printed in waiting:
        yield from _float(identifier, paper, marking, printed)
    waiting.clear()


def _float(identifier: str, paper: Paper, marking: Marking, printed: str = "") -> Iterator[str]:
    """A figure or table; `printed` is the reference to it that was met, "" for none.

    A reference that prints another number than the caption was linked wrongly.
    """
    found = paper.floats.get(identifier)
    if found is None:
        return
    own, named = _OWN_NUMBER.match(found.caption), _NAMED.search(printed)
    if named and (own[1] != named[2] if own else not named[2].isdigit()):
        return
    del paper.floats[identifier]
    caption = tidy(plain(found.caption, marking))
    if _FRAGMENT.match(caption):
        paper.dropped["caption is a fragment"] += 1
        return
    if named and not own and caption and found.is_table is named[1].startswith("T"):
        # Parsers lose the number before a caption.
        caption = f"{'Table' if found.is_table else 'Figure'} {named[2]}: {caption}"
    table = _table(found, marking)
    if not caption and not table:
        return
    if not found.is_table:
        yield image()
    if caption:
        yield caption
    if table:
        yield table


def _table(found: Float, marking: Marking) -> str:
    if not found.html or len(found.html) > _MAX_TABLE_CHARACTERS:
        return ""
    # Character references of controls are no text; lxml would refuse or keep them.
    source = bare(found.html, marking)
    try:
        element = lxml_html.fragment_fromstring(source, create_parent="div").find(".//table")
    except (etree.LxmlError, ValueError):
        return ""
    if element is None:
        return ""
    return markdown_table(
        element, lambda cell: tidy(plain(_words(cell), marking)).replace("|", "\\|")
    )


def _words(cell: etree._Element) -> str:
    return " ".join(str(part) for part in cell.itertext())
