"""One TEI document: its header, its text in order, its metadata."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from lxml import etree

from corpora.documents import JSON, Document, ReadOptions, Record, RecordDropped, RecordUnreadable
from corpora.jats.cited import finish
from corpora.jats.references import clean_title
from corpora.pdf_words import rejoined, vocabulary_of
from corpora.tei.blocks import flow, heading
from corpora.tei.furniture import running_line, without_furniture
from corpora.tei.headings import appendix_letters
from corpora.tei.inline import FURNITURE_NOTES, identifier_of, line, note_words
from corpora.tei.plain_words import texts_of, words
from corpora.tei.references import read_references
from corpora.tei.state import TeiState
from corpora.tei.variants import document_of
from corpora.xml_documents import text_of
from corpora.xml_records import XML_LANG, parse_record

_TITLE: Final = "teiHeader/fileDesc/titleStmt/title"
_SOURCE: Final = "teiHeader/fileDesc/sourceDesc"
#: Names and titles that GROBID took from another service: `O&amp;apos;Brien`.
_ESCAPED_TWICE: Final = re.compile(r"&amp;(?=(?:apos|quot|amp|#0?39);)")
_CORRESPONDENCE: Final = re.compile(
    r"\b(?:correspond(?:ence|ing)|e-?mail|orcid)\b.*", re.IGNORECASE
)
_BESIDE_NAME: Final = re.compile(r"[*†‡§¶‖#✉]+|(?<!\w)\d+(?!\w)")
_ARXIV: Final = re.compile(r"\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7}")


def read_document(record: Record, options: ReadOptions) -> Document:
    """The document of one TEI text.

    Raises `RecordUnreadable` for what is no XML, too deep or no TEI, and `RecordDropped` for a
    document with neither abstract nor body.
    """
    text = text_of(record)
    cleaned: Counter[str] = Counter()
    if "<lb/>" in text and "<![CDATA[" not in text:
        # The end of a printed line is a blank; training data of parsers have one in ten words.
        text = text.replace("<lb/>\n", "\n").replace("<lb/> ", " ").replace("<lb/>", " ")
    root = parse_record(_ESCAPED_TWICE.sub("&", text), cleaned)
    tei = document_of(root)
    if tei is None:
        raise RecordUnreadable("no TEI document", f"the root element is <{root.tag}>")
    vocabulary = vocabulary_of("\n".join(texts_of(tei)))
    state = TeiState(options, read_references(tei, vocabulary), own_line=_own_line(tei))
    _register(tei, state)
    blocks = _abstract(tei, state)
    blocks += _body(tei, state, after_abstract=bool(blocks))
    if all(block.startswith("#") for block in blocks):
        raise RecordDropped("no text")
    content = rejoined("\n\n".join(blocks), vocabulary)
    content, citations, unresolved = finish(content, state.marks, state.references.bibliography)
    # A PDF parser leaves the space that stood between two of its tokens.
    content = re.sub(r"\ue001 (?=[,.;:](?:\s|$))", "\ue001", content)
    title = rejoined(_title(tei, state), vocabulary)
    head = [f"Title: {title}"] if title else []
    authors = ", ".join(dict.fromkeys(_authors(tei)))
    head += [f"Authors: {authors}"] if authors else []
    metadata = _metadata(tei, title)
    if unresolved:
        metadata["citations_unresolved"] = dict(sorted(unresolved.items()))
    return Document(
        record_id=record.record_id,
        text="\n\n".join([*head, content]),
        metadata=metadata,
        citations=tuple(citations),
        cleaned=cleaned,
    )


def _register(tei: etree._Element, state: TeiState) -> None:
    """Finds the footnotes that a text may call, and the figures that stand apart."""
    called = {
        (ref.get("target") or "").removeprefix("#")
        for ref in tei.iter("ref", "ptr")
        if (ref.get("target") or "").startswith("#")
    }
    for note in tei.iter("note"):
        parent = note.getparent()
        if parent is None or parent.tag in ("biblStruct", "figure", "table", "cell", "bibl"):
            continue
        if (note.get("place") or "") in FURNITURE_NOTES:
            continue
        identifier = identifier_of(note)
        # A note inside a sentence is read there, unless it is called from elsewhere.
        apart = parent.tag in ("body", "back", "div", "text", "listNote", "noteGrp")
        if apart or identifier in called:
            state.kept.add(note)
            if identifier:
                state.notes.setdefault(identifier, note)
            if note.get("n"):
                state.notes.setdefault(f"#{note.get('n')}", note)
            if not identifier and not note.get("n"):
                state.notes[f"\x00{len(state.notes)}"] = note
    state.appendices = appendix_letters(
        f"{head.get('n') or ''} {words(head)}".strip() for head in tei.iterfind("text//div/head")
    )
    for float_ in tei.iterfind("text//body//figure"):
        identifier = identifier_of(float_)
        parent = float_.getparent()
        if identifier in called and parent is not None and parent.tag in ("body", "div"):
            state.floats.setdefault(identifier, float_)


def _title(tei: etree._Element, state: TeiState) -> str:
    found = tei.findall(_TITLE) or tei.findall(f"{_SOURCE}/biblStruct/analytic/title")
    languages = [title.get(XML_LANG) for title in found]
    # HAL gives the title in every language of its abstracts.
    first = languages[0] if languages else None
    same = [title for title in found if title.get(XML_LANG) == first]
    mains = [t for t in same if t.get("type", "main") in ("main", "short") or len(same) == 1]
    parts = [line(mains[0], state)] if mains else []
    parts += [line(title, state) for title in same if title.get("type") in ("sub", "subtitle")]
    joined = ": ".join(part for part in parts if part)
    return (clean_title(joined) or "").rstrip(" *†‡§")


def _authors(tei: etree._Element) -> Iterator[str]:
    for path in (
        f"{_SOURCE}/biblStruct/analytic/author",
        f"{_SOURCE}/biblFull/titleStmt/author",
        f"{_SOURCE}/biblStruct/monogr/author",
        "teiHeader/fileDesc/titleStmt/author",
    ):
        names = [name for author in tei.iterfind(path) if (name := _tidied(_name(author)))]
        if names:
            yield from names
            return


def _tidied(name: str) -> str:
    """A name without what stood beside it: marks of notes, numbers, `Correspondence`."""
    name = _BESIDE_NAME.sub(" ", _CORRESPONDENCE.sub("", name))
    return " ".join(name.split()).strip(" ,;")


def _name(author: etree._Element) -> str:
    """`Given Surname`; "" for an author that is an address only, as GROBID leaves them."""
    person = next(author.iter("persName"), author)
    surname = " ".join(words(part) for part in person.findall("surname")).strip()
    if surname:
        given = [words(part) for part in person.findall("forename")]
        return " ".join([*given, surname, *(words(p) for p in person.findall("genName"))]).strip()
    if person is not author or author.find("name") is not None:
        return words(person if person is not author else author.find("name")).strip(" ,;")
    holder = author.find("orgName")
    if holder is not None and author.find("affiliation") is None:
        return words(holder)
    return words(author).strip(" ,;") if not len(author) else ""


def _abstract(tei: etree._Element, state: TeiState) -> list[str]:
    """The abstract in the language of the text: others are translations."""
    found = tei.findall("teiHeader/profileDesc/abstract") or [
        division
        for division in tei.iterfind("text/front//div")
        if (division.get("type") or "").lower() in ("abstract", "résumé", "resume", "summary")
    ]
    language = _language(tei)
    same = [a for a in found if (a.get(XML_LANG) or language)[:2] == language[:2]]
    for abstract in same or found:
        content = flow(abstract, state, 2, ("head",))
        if content:
            return [heading("Abstract", 1), *content]
    return []


def _own_line(tei: etree._Element) -> re.Pattern[str] | None:
    """What the pages of the article print of its volume and pages."""
    scopes = {
        scope.get("unit"): scope for scope in tei.iterfind(f"{_SOURCE}/biblStruct//biblScope")
    }
    volume, pages = scopes.get("volume"), scopes.get("page")
    if pages is None:
        return None
    return running_line(words(volume), pages.get("from") or "", pages.get("to") or "")


def _language(tei: etree._Element) -> str:
    for element in (tei.find("text"), tei.find("teiHeader"), tei):
        if element is not None and element.get(XML_LANG):
            return (element.get(XML_LANG) or "").lower()
    stated = tei.find("teiHeader/profileDesc/langUsage/language")
    return (stated.get("ident") or "").lower() if stated is not None else ""


def _body(tei: etree._Element, state: TeiState, *, after_abstract: bool) -> list[str]:
    blocks: list[str] = []
    for body in tei.iterfind("text//body"):
        blocks += flow(body, state, 1)
    if after_abstract and blocks and not blocks[0].startswith("# "):
        # A body without headings would read as part of the abstract.
        blocks.insert(0, heading("Main Text", 1))
    while state.floats:
        # What no paragraph refers to; its caption may refer to others.
        identifier = next(iter(state.floats))
        holder = etree.Element("body")
        holder.append(state.floats.pop(identifier))
        blocks += flow(holder, state, 1)
    for back in tei.iterfind("text//back"):
        blocks += flow(back, state, 1)
    left = [note for note in dict.fromkeys(state.notes.values()) if note not in state.placed]
    state.placed.update(left)
    written = [(note.get("n") or "", words) for note in left if (words := note_words(note, state))]
    notes = [
        f"{number}. {text}" if number.isalnum() else text
        for number, text in without_furniture(written, state.own_line)
    ]
    return [*blocks, heading("Notes", 1), *notes] if notes else blocks


def _metadata(tei: etree._Element, title: str) -> dict[str, JSON]:
    source = tei.find(f"{_SOURCE}/biblStruct")
    identifiers: dict[str, str] = {}
    for identifier in tei.iterfind("teiHeader/fileDesc//idno"):
        kind = (identifier.get("type") or "").lower()
        if words(identifier):
            identifiers.setdefault(kind, words(identifier))
    arxiv = _ARXIV.search(identifiers.get("arxiv", ""))
    keywords: list[JSON] = list(
        dict.fromkeys(
            term
            for element in tei.iterfind("teiHeader/profileDesc/textClass/keywords//term")
            if (term := words(element))
        )
    )
    licence = tei.find("teiHeader/fileDesc/publicationStmt/availability/licence")
    found: dict[str, JSON] = {
        "title": re.sub("[\ue000-\ue0ff]", "", title),
        "doi": identifiers.get("doi"),
        "pmid": identifiers.get("pmid"),
        "pmcid": identifiers.get("pmcid") or identifiers.get("pmc"),
        "arxiv": arxiv.group() if arxiv else None,
        "hal": identifiers.get("halid"),
        "journal": words(source.find("monogr/title[@level='j']")) if source is not None else None,
        "year": _year(tei),
        "language": _language(tei),
        "keywords": keywords,
        "licence": (licence.get("target") or words(licence)) if licence is not None else None,
        "producer": _producer(tei),
    }
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def _year(tei: etree._Element) -> str | None:
    for path in (
        f"{_SOURCE}/biblStruct/monogr/imprint/date",
        "teiHeader/fileDesc/publicationStmt/date",
        f"{_SOURCE}//date",
    ):
        for date in tei.iterfind(path):
            match = re.search(r"\b(?:1[5-9]|20)\d\d\b", date.get("when") or words(date))
            if match:
                return match.group()
    return None


def _producer(tei: etree._Element) -> str | None:
    """The program that made the file, `GROBID 0.6.1`: what its faults are known by."""
    application = tei.find("teiHeader/encodingDesc/appInfo/application")
    if application is None:
        return None
    return f"{application.get('ident', '')} {application.get('version', '')}".strip()
