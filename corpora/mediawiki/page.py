"""One page: whether it is an article, its text in order, its metadata."""

import re
from typing import Final

from lxml import etree

from corpora.documents import JSON, Document, ReadOptions, Record, RecordDropped, RecordUnreadable
from corpora.mediawiki.blocks import Section, sections
from corpora.mediawiki.characters import tidy, without_controls
from corpora.mediawiki.cited import finish
from corpora.mediawiki.described import register_listed
from corpora.mediawiki.expansion import expanded
from corpora.mediawiki.framing import RawPage, Unframed
from corpora.mediawiki.inline import restored
from corpora.mediawiki.raw_tags import without_raw
from corpora.mediawiki.section_titles import is_apparatus, is_list_of_works
from corpora.mediawiki.state import PageState
from corpora.xml_records import parse_untrusted
from tokenization.marked_text import clean

_CONTROL_BYTES: Final = bytes([*range(9), 11, 12, *range(14, 32)])
#: `#REDIRECT [[...]]`; in other languages, of which there are hundreds, alone on the page.
_REDIRECT: Final = re.compile(
    r"\s*[#＃]\s*(?:redirect|weiterleitung|redirection|redirección|redireccion|rinvia|rinvio|"
    r"redirecionamento|doorverwijzing|patrz|перенаправление|転送|重定向)\s*:?\s*\[\[|"
    r"\s{0,9}[#＃][^\W\d_]\S{1,29}(?: \S{1,20})?\s{0,9}:?\s{0,9}\[\[[^\[\]\n]{1,250}\]\]\s{0,99}\Z",
    re.IGNORECASE,
)
_DISAMBIGUATION_TITLE: Final = re.compile(
    r".*\((?:disambiguation|Begriffsklärung|homonymie|desambiguación|desambiguação|disambigua)\)"
)
#: An item of a list that held what is printed nowhere.
_EMPTY_ITEM: Final = re.compile(r"^[ \t]*(?:-|\d{1,6}\.)[ \t]*(?:\n|\Z)", re.MULTILINE)
_CONTENT_MODELS: Final = ("", "wikitext")


def read_page(record: Record, options: ReadOptions) -> Document:
    """The document of one page.

    Raises `RecordUnreadable` for a page that is no XML, and `RecordDropped` for what is no article:
    redirects, disambiguation pages, other namespaces, pages without text (as dumps of stubs are).
    """
    if isinstance(record.payload, Unframed):
        broken = record.payload
        raise RecordUnreadable(broken.reason, f"{record.position}: {broken.detail}")
    raw: RawPage = record.payload
    page = _parsed(raw.content)
    title = tidy(clean(page.findtext("title") or ""))
    if (page.findtext("ns") or "0").strip() != "0":
        raise RecordDropped("not in the namespace of articles")
    revision = page.find("revision")
    if revision is None:
        raise RecordDropped("no revision")
    text = revision.findtext("text") or ""
    if page.find("redirect") is not None or _REDIRECT.match(text):
        raise RecordDropped("redirect")
    if (revision.findtext("model") or "").strip() not in _CONTENT_MODELS:
        raise RecordDropped("not wikitext")
    if not text.strip():
        raise RecordDropped("empty page")
    state = PageState(title, raw.site, options)
    source = clean(without_controls(text.replace("\r\n", "\n")), state.cleaned)
    if "__DISAMBIG__" in source or _DISAMBIGUATION_TITLE.fullmatch(title):
        raise RecordDropped("disambiguation page")
    reduced = expanded(without_raw(source, state), state)
    if state.disambiguation:
        raise RecordDropped("disambiguation page")
    if state.soft_redirect:
        raise RecordDropped("redirect")
    if any(mark.short for mark in state.marks):
        register_listed(reduced, state)
    body = _body(sections(reduced, state))
    if not body:
        raise RecordDropped("no text")
    words, citations = finish("\n\n".join(body), state)
    words = restored(_EMPTY_ITEM.sub("", words), state)
    return Document(
        record_id=record.record_id,
        text=_without_trailing_blanks(f"Title: {title}\n\n{words}" if title else words),
        metadata=_metadata(page, revision, state),
        citations=tuple(citations),
        cleaned=state.cleaned,
    )


def _parsed(content: bytes) -> etree._Element:
    """The element of a page, without namespaces; each page is parsed by itself."""
    try:
        text = content.translate(None, _CONTROL_BYTES).decode("utf-8")
    except UnicodeDecodeError as error:
        detail = f"byte 0x{error.object[error.start]:02x} at offset {error.start} of the page"
        raise RecordUnreadable("not UTF-8", detail) from None
    return parse_untrusted(text)


def _body(found: list[Section]) -> list[str]:
    """The blocks of the sections that are text; a heading over nothing is left out."""
    kept: list[Section] = []
    out_from = 0
    for section in found:
        if out_from and section.level > out_from:
            continue
        out_from = 0
        if section.level and (
            is_apparatus(section.title) or is_list_of_works(section.title, section.blocks)
        ):
            out_from = section.level
            continue
        kept.append(section)
    blocks: list[str] = []
    # From the end: a section is kept where it, or one under it, has text.
    shallowest = 99
    for section in reversed(kept):
        if section.blocks or (shallowest > section.level and shallowest != 99):
            part = [block for block in section.blocks if block.strip()]
            if section.level and section.title:
                part.insert(0, f"{'#' * min(section.level, 6)} {section.title}")
            blocks = part + blocks
            shallowest = section.level
        elif shallowest != 99 and section.level < shallowest:
            shallowest = section.level
    return blocks


def _without_trailing_blanks(text: str) -> str:
    # Placeholders that broken markup parted from what they stand for.
    text = re.sub("[\x01\x03\x05]\\d+[\x02\x04\x06]|[\x01-\x08\x0b\x0e-\x10]", "", text)
    return re.sub(r"[ \t]+$", "", re.sub(r"\n{3,}", "\n\n", text), flags=re.MULTILINE).strip()


def _metadata(page: etree._Element, revision: etree._Element, state: PageState) -> dict[str, JSON]:
    def number(element: etree._Element) -> int | None:
        words = (element.findtext("id") or "").strip()
        return int(words) if words.isascii() and words.isdigit() and len(words) < 19 else None

    unresolved = {
        reason: count
        for reason, count in sorted(state.counts.items())
        if "reference" in reason or "author and year" in reason
    }
    others = {
        reason: count for reason, count in sorted(state.counts.items()) if reason not in unresolved
    }
    unknown: dict[str, JSON] = dict(sorted(state.unknown_templates.items()))
    found: dict[str, JSON] = {
        "title": state.title,
        "page_id": number(page),
        "revision_id": number(revision),
        "timestamp": tidy(clean(revision.findtext("timestamp") or "")) or None,
        "wiki": clean(state.site.name) or None,
        "language": state.site.language or None,
        "citations_unresolved": dict(unresolved) or None,
        "left_out": dict(others) or None,
        "templates_unknown": unknown or None,
    }
    return {name: value for name, value in found.items() if value is not None}
