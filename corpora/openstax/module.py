"""One module: its title, objectives, content and glossary in order, and its metadata."""

import re
from collections import Counter

from lxml import etree

from corpora.documents import JSON, Document, ReadOptions, Record, RecordDropped
from corpora.mathml.content import holds_content
from corpora.openstax.blocks import flow, heading, led_in
from corpora.openstax.framing import module_bytes
from corpora.openstax.inline import line
from corpora.openstax.parsing import parse_module
from corpora.openstax.state import ModuleState, number_elements


def read_module(record: Record, options: ReadOptions) -> Document:
    """The document of one CNXML module.

    Raises `RecordUnreadable` for what is no XML, too deep or no module, and `RecordDropped` for a
    module without text.
    """
    cleaned: Counter[str] = Counter()
    document = parse_module(module_bytes(record), cleaned)
    metadata = document.find("metadata")
    state = ModuleState(
        options,
        module_id=_text(metadata, "content-id") or document.get("id", ""),
        folder=record.payload.folder,
        content_markup=holds_content(document),
    )
    number_elements(document, state)
    blocks = _objectives(metadata, state)
    for part in document:
        if part.tag in ("content", "glossary"):
            holder = etree.Element("holder") if part.tag == "glossary" else part
            if part.tag == "glossary":
                holder.append(part)
            blocks += flow(holder, state, 2)
    blocks = [block for block in blocks if block]
    if not blocks:
        raise RecordDropped("no text")
    title = document.find("title")
    words = line(title, state) if title is not None else ""
    words = words or _text(metadata, "title")
    return Document(
        record_id=record.record_id,
        text="\n\n".join([*([heading(words, 1)] if words else []), *blocks]),
        metadata=_metadata(metadata, words),
        cleaned=cleaned,
    )


def _objectives(metadata: etree._Element | None, state: ModuleState) -> list[str]:
    """The abstract: what a student will learn, or a summary."""
    abstract = metadata.find("abstract") if metadata is not None else None
    blocks = flow(abstract, state, 3) if abstract is not None else []
    if not blocks or abstract is None:
        return []
    # No heading: the content that follows may begin without one of its own.
    listed = abstract.find(".//list") is not None
    announced = listed and blocks[0].endswith(":")
    return blocks if announced else led_in("Learning objectives" if listed else "Abstract", blocks)


def _text(metadata: etree._Element | None, tag: str) -> str:
    element = metadata.find(f".//{tag}") if metadata is not None else None
    return " ".join("".join(map(str, element.itertext())).split()) if element is not None else ""


def _metadata(metadata: etree._Element | None, title: str) -> dict[str, JSON]:
    """What the module says of itself (mdml 0.4 and 0.5)."""
    if metadata is None:
        return {"title": title} if title else {}
    licence = metadata.find("license")
    address = (licence.get("url") or "") if licence is not None else ""
    year = re.search(r"\d{4}", _text(metadata, "revised") or _text(metadata, "created"))
    found: dict[str, JSON] = {
        "title": title,
        "module": _text(metadata, "content-id"),
        "uuid": _text(metadata, "uuid"),
        "licence": address or _text(metadata, "license"),
        "authors": [*_people(metadata)],
        "keywords": [*_listed(metadata, "keyword")],
        "subjects": [*_listed(metadata, "subject")],
        "language": _text(metadata, "language"),
        "year": year.group() if year else "",
    }
    return {name: value for name, value in found.items() if value not in ("", [])}


def _listed(metadata: etree._Element, tag: str) -> list[str]:
    words = (" ".join("".join(map(str, e.itertext())).split()) for e in metadata.iter(tag))
    return list(dict.fromkeys(filter(None, words)))


def _people(metadata: etree._Element) -> list[str]:
    """The full names of the authors: actors that the roles name, or an old `authorlist`."""
    names = {actor.get("userid", ""): _name(actor) for actor in metadata.iterfind("actors/*")}
    authors = [
        names.get(user, "")
        for role in metadata.iterfind("roles/role")
        if role.get("type") == "author"
        for user in (role.text or "").split()
    ]
    authors += [_name(author) for author in metadata.iterfind("authorlist/author")]
    return list(dict.fromkeys(filter(None, authors)))


def _name(person: etree._Element) -> str:
    full = _text(person, "fullname")
    parts = [_text(person, part) for part in ("firstname", "othername", "surname", "lineage")]
    return full or " ".join(part for part in parts if part)
