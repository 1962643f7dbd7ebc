"""Reader of the IUPAC Gold Book, the Compendium of Chemical Terminology, in its JSON exports.

Formats (https://goldbook.iupac.org): the vocabulary, `{"entries": {"1": {"term", "definition"}}}`;
one term, `{"term": {"title", "definitions": [{"text", "notes", "sources", ...}]}}`; lists of
terms made of either. A definition is text with HTML or LaTeX, or lists of such texts.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from corpora.citations import span
from corpora.documents import (
    JSON,
    Citation,
    Document,
    Format,
    ReadOptions,
    Record,
    RecordDropped,
    RecordUnreadable,
)
from corpora.html_or_plain import blocks_of, line_of
from corpora.json_records import find, pieces
from corpora.seeded_choices import chance
from tokenization.marked_text import clean

#: As the paper poses some of its reference sections.
QUESTION_PROBABILITY: Final = 1 / 3

_MAX_DEPTH: Final = 8
_MOST_TEXTS: Final = 200
#: `PAC, 2021, 93, 997. 'Title' on page 999 (https://doi.org/10.1515/x)`, the source of a term, or
#: with the title in brackets.
_SOURCE: Final = re.compile(
    r"(?P<where>[^'‘(]{1,200}?)[.,]? ?"
    r"(?:['‘](?P<quoted>.{3,4000})['’]|\((?P<bracketed>.{3,4000})\))"
    r"(?P<page> on pages? [\d, –-]{1,20})?\.?"
    r"(?: ?\((?P<address>https?://[^\s()]{1,200}(?:\([^\s()]{0,99}\)[^\s()]{0,99})?)\))?",
    re.DOTALL,
)
_DOI: Final = re.compile(r"10\.\d{4,9}/[^\s\"'<>]{1,200}")
_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")
_NO_NOUN: Final = re.compile(r"^-|-$|[“”\"'‘’]|\b(?:of|in|for) *$|,")
_PLURAL: Final = re.compile(r"(?:(?<!ic|en)(?<![aiousy])s|[ae]ys)$")
_LIST_FIELDS: Final = {
    "synonyms": ("synonyms", "synonym", "altLabels", "altlabels"),
    "abbreviations": ("abbrevs", "abbreviation", "abbreviations", "acronym"),
    "symbols": ("symbols", "symbol"),
    "units": ("units", "unit"),
    "contexts": ("contexts", "context"),
    "notes": ("notes", "note"),
    "sources": ("sources", "source"),
    "see": ("seealso", "see", "relatedTerms"),
}


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a term; its id is its code, or its place in its file."""
    seen: Counter[str] = Counter()
    for piece in pieces(path):
        value: object = piece.fault
        if piece.fault is None:
            try:
                value = json.loads(piece.data)
            except (ValueError, RecursionError) as error:
                value = RecordUnreadable("not JSON", f"{piece.position}: {error}")
        terms = [value] if isinstance(value, RecordUnreadable) else _with_related(_terms(value))
        for number, term in enumerate(terms, start=1):
            code = term.get("code") or term.get("id") if isinstance(term, dict) else None
            known = isinstance(code, str) and re.fullmatch(r"[A-Za-z0-9._-]{1,40}", code)
            identifier = str(code) if known else f"{piece.position}, term {number}"
            seen[identifier] += 1
            times = seen[identifier]
            identifier += f"#{times}" if times > 1 else ""
            position = f"{piece.position}, term {number}"
            yield Record(identifier, position, term, piece.num_bytes // len(terms))


def _with_related(found: Iterable[object]) -> list[object]:
    """Terms, the related ones of each by name where the same export has them."""
    terms = list(found)
    names = {
        code: name
        for term in terms
        if isinstance(term, dict)
        and isinstance(code := term.get("code"), str)
        and isinstance(name := term.get("term") or term.get("title"), str)
    }
    for place, term in enumerate(terms):
        related = term.get("related") if isinstance(term, dict) else None
        if isinstance(term, dict) and isinstance(related, list):
            codes = (
                str(address).rstrip("/").rpartition("/")[2] for address in related[:_MOST_TEXTS]
            )
            told = [names[code] for code in codes if code in names]
            terms[place] = {**term, "seealso": [term.get("seealso"), told]}
    return terms


def _terms(value: object) -> Iterator[object]:
    """The terms of an export, whatever holds them."""
    if isinstance(value, dict):
        if isinstance(entries := value.get("entries"), dict | list):
            yield from _members(entries)
            return
        if isinstance(terms := value.get("terms"), dict | list):
            held = terms.get("list", terms) if isinstance(terms, dict) else terms
            yield from _members(held)
            return
        if isinstance(term := value.get("term"), dict):
            yield term
            return
    yield value


def _members(held: object) -> Iterator[object]:
    if isinstance(held, dict):
        for key, member in held.items():
            if isinstance(member, dict):
                inner = member.get("term")
                yield {"code": key, **(inner if isinstance(inner, dict) else member)}
            else:
                yield member
    elif isinstance(held, list):
        for member in held:
            inner = member.get("term") if isinstance(member, dict) else None
            yield inner if isinstance(inner, dict) else member


def read(record: Record, options: ReadOptions) -> Document:
    """One term.

    Raises RecordUnreadable for what is none, RecordDropped for a term without a definition.
    """
    term = record.payload
    if isinstance(term, RecordUnreadable):
        raise term
    if not isinstance(term, dict):
        raise RecordUnreadable("not a JSON object", f"{record.position}: {type(term).__name__}")
    cleaned: Counter[str] = Counter()
    name = line_of(_string(term, "term") or _string(term, "title"), options, cleaned)
    if not name:
        raise RecordUnreadable("no term", record.position)
    definitions = _definitions(term, options, cleaned)
    if not definitions:
        raise RecordDropped("a term without a definition")
    blocks = [f"# {name}"]
    if chance(options.seed, record.record_id, "goldbook: question") < QUESTION_PROBABILITY:
        blocks.append(f"Question: {question(name)}")
        definitions[0] = f"Answer: {definitions[0]}"
    blocks += definitions
    status = _string(term, "status").strip().lower()
    lists = {key: _list(term, key, options, cleaned) for key in _LIST_FIELDS}
    remarks = [
        sentence.format(", ".join(lists[key]))
        for key, sentence in (
            ("synonyms", "It is also called {}."),
            ("abbreviations", "Its abbreviation is {}."),
            ("symbols", "Its symbol is {}."),
            ("units", "Its unit is {}."),
            ("contexts", "The term is used in the context of {}."),
        )
        if lists[key]
    ]
    remarks += ["The term is obsolete."] if status == "obsolete" else []
    if remarks:
        blocks.append(" ".join(remarks))
    if lists["notes"]:
        blocks += ["## Notes", "\n".join(f"- {note}" for note in lists["notes"])]
    if lists["see"]:
        blocks += ["## Related Terms", ", ".join(lists["see"])]
    works: list[Citation] = []
    sources = [_source(text, works) for text in lists["sources"]]
    if sources:
        blocks += ["## Sources", "\n".join(f"- {line}" for line in sources)]
    doi = _DOI.search(clean(_string(term, "doi")))
    metadata: dict[str, JSON] = {
        "name": name,
        "code": clean(_string(term, "code") or _string(term, "id")) or None,
        "doi": doi.group() if doi else None,
        "status": clean(status) or None,
    }
    return Document(record.record_id, "\n\n".join(blocks), metadata, tuple(works), cleaned)


def question(name: str) -> str:
    """What asks for the definition of a term.

    >>> question("analytical chemistry"), question("aldehydes")
    ('What is analytical chemistry?', 'What are aldehydes?')
    >>> question("abeo-")
    'What is meant by “abeo-” in chemistry?'
    """
    if _NO_NOUN.search(name):
        return f"What is meant by “{name}” in chemistry?"
    return f"What are {name}?" if _PLURAL.search(name) else f"What is {name}?"


def _definitions(
    term: Mapping[str, object], options: ReadOptions, cleaned: Counter[str]
) -> list[str]:
    """The blocks of a term's definition; of several definitions each has its number."""
    written = term.get("definitions", term.get("definition"))
    texts = [text for text in _texts(written, "text", "definition") if text.strip()]
    if len(texts) == 1:
        return blocks_of(texts[0], options, cleaned)
    blocks: list[str] = []
    number = 0
    for text in texts:
        found = blocks_of(text, options, cleaned)
        if found:
            number += 1
            own = re.match(r"\(?\d{1,2}[.)] ", found[0])
            blocks.append(found[0] if own else f"{number}. {found[0]}")
            blocks += found[1:]
    return blocks


def _texts(value: object, *keys: str, depth: int = 0) -> list[str]:
    """Every string of nested lists, in order; of an object those under one of `keys`."""
    if isinstance(value, str):
        return [value]
    if depth > _MAX_DEPTH:
        return []
    inner: list[object] = []
    if isinstance(value, list):
        inner = value
    elif isinstance(value, dict):
        inner = [value[key] for key in keys if key in value] or [
            held for key, held in value.items() if str(key).isdigit()
        ]
    return [text for held in inner for text in _texts(held, *keys, depth=depth + 1)][:_MOST_TEXTS]


def _list(
    term: Mapping[str, object], field: str, options: ReadOptions, cleaned: Counter[str]
) -> list[str]:
    """The texts of a field of the term, of its identifiers and of its definitions; each once."""
    definitions = term.get("definitions")
    holders: list[object] = [term, term.get("identifiers")]
    holders += definitions if isinstance(definitions, list) else []
    found = []
    for holder in holders:
        if isinstance(holder, dict):
            for key in _LIST_FIELDS[field]:
                found += _texts(holder.get(key), "text", "title", "term", "item", "latex", "name")
            if field == "see" and isinstance(holder.get("links"), list):
                found += _texts(holder["links"], "term", "title")
    lines = (line_of(text, options, cleaned) for text in found)
    return list(dict.fromkeys(line for line in lines if line and not line.startswith("http")))


def _source(text: str, works: list[Citation]) -> str:
    """A line of the list of sources; one with a title is a cited work."""
    match = _SOURCE.fullmatch(text)
    title = (match["quoted"] or match["bracketed"]) if match else None
    if match is None or not title:
        return text
    doi = _DOI.search(match["address"] or "")
    year = _YEAR.search(match["where"])
    work = Citation(
        as_written=match["where"],
        title=title.strip(),
        year=year.group() if year else None,
        doi=doi.group() if doi else None,
    )
    works.append(work)
    page = f", {match['page'].strip()}" if match["page"] else ""
    return f"{span(work)}, {match['where'].strip()}{page}"


def _string(term: Mapping[str, object], key: str) -> str:
    value = term.get(key)
    return value if isinstance(value, str) else ""


FORMAT: Final = Format(
    name="goldbook",
    summary="terms of the IUPAC Gold Book (JSON)",
    find=find,
    records=records,
    read=read,
)
