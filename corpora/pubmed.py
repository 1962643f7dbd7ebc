"""PubMed XML: titles and abstracts of articles, books and chapters (NLM's PubMed DTD).

In: baseline and update files (`pubmed25n0001.xml.gz`), and what Entrez gives, downloads pasted
together included, compressed or packed. Out: title, authors, the abstract under the headings of
its labels. Left out: copyright lines, comments and corrections, the reference list, abstracts in
other languages (where there is an English one). MeSH headings, keywords and identifiers are in the
metadata, and whether the work is retracted. A record without title or abstract is dropped, as is a
deleted PMID.
Elements: https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from lxml import etree

from corpora.compressed_streams import find_streamed
from corpora.documents import (
    JSON,
    Document,
    Format,
    ReadOptions,
    Record,
    RecordDropped,
    RecordUnreadable,
)
from corpora.pubmed_abstract import abstract_blocks, title_words, truncated
from corpora.pubmed_framing import SUFFIX, RawCitation, citation_records
from corpora.pubmed_text import line, plain, without_markers
from corpora.xml_records import parse_record

#: Prefixes that records use, declared or not.
_NAMESPACES: Final = {
    "mml": "http://www.w3.org/1998/Math/MathML",
    "xlink": "http://www.w3.org/1999/xlink",
}
_RETRACTED: Final = "Retracted Publication"
#: An erratum's abstract that only names what it corrects.
_CORRECTS: Final = re.compile(
    r"\[?(?:This corrects|This retracts|Erratum for|Corrects)\b[^\n]{0,300}"
)


def read(record: Record, options: ReadOptions) -> Document:
    """The document of one record.

    Raises `RecordUnreadable` for what is no PubMed record, and `RecordDropped` for a deleted PMID,
    and for a record without title or abstract.
    """
    raw: RawCitation = record.payload
    if raw.fault is not None:
        raise RecordUnreadable(*raw.fault)
    if raw.deleted:
        raise RecordDropped("deleted citation")
    cleaned: Counter[str] = Counter()
    root = parse_record(_enveloped(raw), cleaned)
    citation = next(root.iter("MedlineCitation", "BookDocument"), None)
    if citation is None:
        raise RecordUnreadable("no citation", "neither MedlineCitation nor BookDocument")
    # A book is its own article.
    article = citation.find("Article") if citation.tag == "MedlineCitation" else citation
    pmid = plain(citation.find("PMID"))
    if article is None or not pmid:
        raise RecordUnreadable("no citation", "no Article" if article is None else "no PMID")
    title = _title(article, options)
    if not title:
        raise RecordDropped("no title")
    blocks = abstract_blocks(citation, article, options)
    if not blocks:
        raise RecordDropped("no abstract")
    if len(blocks) == 2 and _CORRECTS.fullmatch(blocks[1]):
        raise RecordDropped("notice of a correction")
    authors = ", ".join(_authors(article))
    head = [f"Title: {title}", f"Authors: {authors}"] if authors else [f"Title: {title}"]
    metadata: dict[str, JSON] = {"title": without_markers(title), "pmid": pmid}
    metadata |= _metadata(root, citation, article)
    return Document(record.record_id, "\n\n".join([*head, *blocks]), metadata, cleaned=cleaned)


def _enveloped(raw: RawCitation) -> str:
    text = _decoded(raw)
    # Without a declaration there is no name to take a namespace from.
    known = "".join(
        f' xmlns:{prefix}="{address}"'
        for prefix, address in _NAMESPACES.items()
        if f"{prefix}:" in text and f"xmlns:{prefix}" not in raw.envelope
    )
    return f"<envelope{known}{raw.envelope}>{text}</envelope>"


def _decoded(raw: RawCitation) -> str:
    try:
        # Valid UTF-8 that is not ASCII is UTF-8, whatever the declaration says.
        return raw.data.decode("utf-8")
    except UnicodeDecodeError as error:
        if re.match(r"(?:iso-?8859|latin|windows-|cp125)", raw.encoding, re.IGNORECASE):
            try:
                return raw.data.decode(raw.encoding)
            except (UnicodeDecodeError, LookupError):
                pass
        byte = raw.data[error.start]
        detail = f"byte 0x{byte:02x} at offset {error.start} is not {raw.encoding}"
        raise RecordUnreadable("wrong encoding", detail) from None


def _title(article: etree._Element, options: ReadOptions) -> str:
    for path in ("ArticleTitle", "VernacularTitle", "Book/BookTitle"):
        words = title_words(line(article.find(path), options))
        if words:
            return words
    return ""


def _authors(article: etree._Element) -> Iterator[str]:
    lists = article.findall("AuthorList")
    if article.tag == "BookDocument" and not lists:
        lists = article.findall("Book/AuthorList")
    wanted = [found for found in lists if found.get("Type", "authors") == "authors"] or lists
    for author in (author for found in wanted for author in found.findall("Author")):
        # A misspelt form of a name whose right one stands beside it.
        if author.get("ValidYN") == "N":
            continue
        given = plain(author.find("ForeName")) or plain(author.find("Initials"))
        surname = plain(author.find("LastName"))
        if surname:
            parts = (given, surname, plain(author.find("Suffix")))
            yield " ".join(part for part in parts if part)
        elif author.find("CollectiveName") is not None:
            name = plain(author.find("CollectiveName")).rstrip(" .;,")
            if name:
                yield name


def _metadata(
    root: etree._Element, citation: etree._Element, article: etree._Element
) -> dict[str, JSON]:
    identifiers = _identifiers(root, citation, article)
    kinds = _lines(article, "PublicationTypeList/PublicationType")
    kinds = kinds or _lines(article, "PublicationType")
    pmid, book = citation.find("PMID"), article.find("Book/BookTitle")
    notes = citation.findall("CommentsCorrectionsList/CommentsCorrections")
    retracted = _RETRACTED in kinds or any(n.get("RefType") == "RetractionIn" for n in notes)
    found: dict[str, JSON] = {
        "pmid_version": pmid.get("Version") if pmid is not None else None,
        "doi": identifiers.get("doi"),
        "pmcid": identifiers.get("pmc"),
        "book_accession": identifiers.get("bookaccession"),
        "journal": plain(article.find("Journal/Title")),
        "book": title_words(plain(book)) if article.find("ArticleTitle") is not None else None,
        "year": _year(article),
        "language": ", ".join(map(str, _lines(article, "Language"))),
        "publication_types": kinds,
        "keywords": list(dict.fromkeys(_lines(citation, "KeywordList/Keyword"))),
        "mesh": _mesh(citation),
        "retracted": retracted or None,
        "abstract_truncated": truncated(article) or None,
    }
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def _identifiers(
    root: etree._Element, citation: etree._Element, article: etree._Element
) -> dict[str, str]:
    """The record's own identifiers; the ids of its reference list are elsewhere."""
    found: dict[str, str] = {}
    for path in ("*/PubmedData", "*/PubmedBookData", "*/BookDocument", "PubmedData"):
        for element in root.iterfind(f"{path}/ArticleIdList/ArticleId"):
            found.setdefault(element.get("IdType", ""), plain(element))
    for element in article.iterfind("ELocationID"):
        if element.get("ValidYN", "Y") == "Y":
            found.setdefault(element.get("EIdType", ""), plain(element))
    for element in citation.iterfind("OtherID"):
        other = plain(element)
        if re.fullmatch(r"PMC\d+", other):
            found.setdefault("pmc", other)
    return {kind: value for kind, value in found.items() if value}


def _lines(element: etree._Element, path: str) -> list[JSON]:
    words = (plain(found) for found in element.iterfind(path))
    return [found for found in words if found]


def _mesh(citation: etree._Element) -> list[JSON]:
    """Headings as PubMed prints them: `Semen Preservation/methods`."""
    headings: list[JSON] = []
    for heading in citation.iterfind("MeshHeadingList/MeshHeading"):
        descriptor = plain(heading.find("DescriptorName"))
        qualifiers = _lines(heading, "QualifierName")
        if descriptor:
            headings += [f"{descriptor}/{qualifier}" for qualifier in qualifiers] or [descriptor]
    return headings


def _year(article: etree._Element) -> str | None:
    for path in (
        "Journal/JournalIssue/PubDate", "ArticleDate", "ContributionDate", "Book/PubDate",
        "Book/BeginningDate", "DateRevised",
    ):  # fmt: skip
        date = article.find(path)
        for tag in ("Year", "MedlineDate"):
            if date is not None:
                match = re.search(r"\b(?:1[5-9]|20)\d\d\b", plain(date.find(tag)))
                if match:
                    return match.group()
    return None


FORMAT: Final = Format(
    name="pubmed",
    summary="PubMed XML: titles and abstracts of articles and books (baseline, update, Entrez)",
    find=find_streamed(SUFFIX),
    records=citation_records,
    read=read,
)
