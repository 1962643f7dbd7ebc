"""What a record's source says it holds: its own words, citations that have titles, formulas.

Written without the readers: each format's text is taken in the plainest way there is (the text of
its elements), so that a reader which leaves something out is found out.
"""

import dataclasses
import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any, Final

from fidelity_latex_source import own_prose, plain_runs, prints_titles
from fidelity_text import skeleton
from lxml import etree, html

from corpora.documents import Record


@dataclass(slots=True)
class Source:
    """The reference texts of a record by where they come from; None where nothing says how many.

    `prints_titles` says whether its list tells titles, where nothing says which entries do.
    """

    references: dict[str, str] = field(default_factory=dict)
    cited: int | None = None
    formulas: list[Counter[str]] | None = None
    notes: list[str] = field(default_factory=list)
    prints_titles: bool = True
    #: The prose of a TeX source without its commands.
    own_tex: str = ""


def raw_parts(payload: Any) -> Iterator[bytes | str]:
    """The raw strings of a payload, in order, whatever dataclass or container holds them."""
    if isinstance(payload, bytes | str):
        yield payload
    elif isinstance(payload, list | tuple):
        for part in payload:
            yield from raw_parts(part)
    elif dataclasses.is_dataclass(payload):
        for each in dataclasses.fields(payload):
            yield from raw_parts(getattr(payload, each.name))


def source_of(format_name: str, record: Record) -> Source:
    """The source's own account of a record; empty where the format or the record has none."""
    describe = _SOURCES.get(format_name)
    if describe is None:
        return Source(notes=["no reference for this format"])
    try:
        return describe(record)
    except Exception as error:
        # Whatever is wrong with a source that a reader took, the run goes on without a reference.
        return Source(notes=[f"no reference: {type(error).__name__}: {error}"[:120]])


_SPACE_LESS: Final = frozenset(
    "a abbr abbrev b bold code definition em emphasis ext-link foreign hi i italic link "
    "monospace named-content q quote ref roman rs sc small span strike strong styled-content sub "
    "sup term tt u underline uri xref".split()
)


def _name(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def own_text(element: Any, leave_out: Callable[[Any], bool]) -> str:
    """The text of an element in order, elements of their own line apart from their neighbours."""
    parts: list[str] = []
    skipped = None
    # By events, not by recursion: elements nest deeper than Python does.
    for event, each in etree.iterwalk(element, events=("start", "end", "comment", "pi")):
        gap = "" if _name(each) in _SPACE_LESS else " "
        if event == "start" and skipped is None:
            if leave_out(each):
                skipped = each
            else:
                parts.append(gap + (each.text or ""))
        elif event != "start" and (skipped is None or skipped is each):
            if skipped is each:
                skipped, gap = None, " "
            if each is not element:
                parts.append((gap if event == "end" else "") + (each.tail or ""))
    return "".join(parts)


def _decoded(raw: bytes) -> str:
    declared = re.match(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)""", raw)
    names = ["utf-16"] if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig"]
    for name in [*names, declared.group(1).decode() if declared else "latin-1"]:
        try:
            return raw.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("latin-1")


def _xml(record: Record) -> Any:
    raw = max(raw_parts(record.payload), key=len, default=b"")
    if isinstance(raw, str) and len(raw) < 4096 and "<" not in raw:
        with open(raw, "rb") as file:
            raw = file.read()
    if isinstance(raw, bytes):
        raw = _decoded(raw)
    raw = re.sub(r"^\s*<\?xml[^>]*\?>", "", raw)
    # Named characters that a DTD would declare.
    raw = re.sub(r"&(?!(?:amp|lt|gt|quot|apos);)\w+;", lambda m: unescape(m.group()), raw)
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    root = etree.fromstring(raw.encode(), parser)
    if root is None:
        raise ValueError("no XML")
    return root


def _mathml(math: Any) -> Counter[str]:
    """Letters and digits of a MathML formula, an annotation beside it left out.

    By `skeleton`, since converters leave commands that they do not know in `mtext`.
    """
    return skeleton(own_text(math, lambda e: _name(e) in ("annotation", "annotation-xml")))


def _formulas(elements: Collection[Any]) -> list[Counter[str]]:
    """One entry an element that holds MathML or TeX, by the first there is of TeX and MathML."""
    found = []
    for element in elements:
        tex = element.find(".//{*}tex-math")
        math = element if _name(element) == "math" else element.find(".//{*}math")
        if tex is not None:
            body = "".join(tex.itertext())
            body = re.sub(r"(?s)^.*\\begin\{document\}|\\end\{document\}.*$", "", body)
            found.append(skeleton(body))
        elif math is not None:
            found.append(_mathml(math))
    return found


_NOT_TEXT: Final = frozenset(
    "ref-list object-id permissions alt-text long-desc math tex-math inline-formula disp-formula "
    "graphic inline-graphic media sub-article response processing-meta custom-meta".split()
)
_DECLARATIONS: Final = frozenset(
    "con conflict coi-statement financial-disclosure supported-by corresp current-aff equal "
    "competing-interest competing-interests author-contribution author-contributions "
    "funding-information present-address deceased edited-by".split()
)


#: What eLife prints below each figure: the figure's own identifier.
_IDENTIFIER: Final = re.compile(r"\s*DOI:?\s*https?://\S+\s*", re.IGNORECASE)


def _article(record: Record) -> Any:
    root = _xml(record)
    article = root if _name(root) == "article" else root.find(".//{*}article")
    if article is None:
        raise ValueError("no <article>")
    return article


def _is_not_text(element: Any) -> bool:
    kinds = [element.get(k, "") for k in ("fn-type", "content-type", "sec-type", "notes-type")]
    name = _name(element)
    return (
        name in _NOT_TEXT
        or any(kind in _DECLARATIONS for kind in kinds)
        or (name == "xref" and element.get("ref-type") == "bibr")
        or (name == "abstract" and element.get("abstract-type") == "graphical")
        or (name == "p" and bool(_IDENTIFIER.fullmatch("".join(map(str, element.itertext())))))
    )


def article_alone(record: Record) -> bytes:
    """The XML of a JATS article without what is not its text; references and formulas stay."""
    article = _article(record)
    kept = ("ref-list", "xref", "inline-formula", "disp-formula", "math", "tex-math")
    for element in [e for e in article.iter() if isinstance(e.tag, str)]:
        parent = element.getparent()
        if parent is not None and _name(element) not in kept and _is_not_text(element):
            element.tag = "permissions"
            element[:], element.text = [], None
        if _name(element) in ("td", "th"):
            # pandoc runs the cells of a table together where it cannot make a table of them.
            element.text = " " + (element.text or "")
    xml: bytes = etree.tostring(article, encoding="utf-8")
    return xml


def _jats(record: Record) -> Source:
    article = _article(record)
    parts = [
        *article.findall("{*}front//{*}title-group/{*}article-title"),
        *article.findall("{*}front//{*}abstract"),
        *article.findall("{*}body"),
        *article.findall("{*}back"),
    ]
    text = " ".join(own_text(part, _is_not_text) for part in parts if not _is_not_text(part))
    entries = {
        ref.get("id"): any(
            "".join(each.itertext()).strip()
            for name in ("article-title", "chapter-title", "source", "data-title", "part-title")
            for each in ref.iter("{*}" + name)
        )
        for ref in article.iter("{*}ref")
    }
    cited = 0
    expected = []
    for part in parts:
        for xref in part.iter("{*}xref"):
            if xref.get("ref-type") == "bibr" and not any(map(_is_not_text, xref.iterancestors())):
                cited += sum(entries.get(i, False) for i in xref.get("rid", "").split())
        expected += [
            e
            for e in part.iter("{*}inline-formula", "{*}disp-formula")
            if not any(_name(a) in ("disp-formula", "inline-formula") for a in e.iterancestors())
        ]
    return Source({"XML": text}, cited, _formulas(expected))


def _tei(record: Record) -> Source:
    root = _xml(record)
    text = root.find(".//{*}text")
    title = root.find(".//{*}titleStmt/{*}title")
    abstract = root.find(".//{*}profileDesc/{*}abstract")

    def leave_out(element: Any) -> bool:
        return (
            _name(element) in ("listBibl", "formula", "graphic", "figDesc-page")
            or (_name(element) == "ref" and element.get("type") == "bibr")
            or (_name(element) == "div" and element.get("type") == "references")
        )

    parts = [part for part in (title, abstract, text) if part is not None]
    entries = {
        "#" + entry.get("{http://www.w3.org/XML/1998/namespace}id", ""): any(
            # A journal's title is not the work's.
            "".join(each.itertext()).strip() and each.get("level") not in ("j", "s")
            for each in entry.iter("{*}title")
        )
        for entry in root.iter("{*}biblStruct")
    }
    cited = sum(
        entries.get(ref.get("target", ""), False)
        for part in parts
        for ref in part.iter("{*}ref")
        if ref.get("type") == "bibr"
    )
    return Source({"XML": " ".join(own_text(part, leave_out) for part in parts)}, cited)


def _openstax(record: Record) -> Source:
    root = _xml(record)

    def leave_out(element: Any) -> bool:
        return _name(element) in ("metadata", "math", "image", "media")

    text = own_text(root, leave_out)
    return Source({"XML": text}, formulas=_formulas(list(root.iter("{*}math"))))


def _pubmed(record: Record) -> Source:
    root = _xml(record)
    parts = []
    english = root.find(".//{*}Abstract") is not None
    for element in root.iter("{*}ArticleTitle", "{*}BookTitle", "{*}AbstractText"):
        above = element.getparent()
        if english and above is not None and above.get("Language", "eng") != "eng":
            # A translation of the abstract is left out on purpose.
            continue
        parts += [element.get("Label", ""), own_text(element, lambda e: _name(e) == "math")]
    formulas = [_mathml(math) for math in root.iter("{*}math")]
    return Source({"XML": " ".join(parts)}, formulas=formulas)


_DOLLARS: Final = re.compile(
    r"\$\$(.+?)\$\$|(?<![\\$\w])\$(?! )([^$\n]+?)(?<! )\$|"
    r"(\\begin\{(?P<name>(?:align|equation|gather|eqnarray|multline)\*?)\}.+?\\end\{(?P=name)\})",
    re.DOTALL,
)


def _stackexchange(record: Record) -> Source:
    texts, found = [], []
    for raw in raw_parts(record.payload):
        row = etree.fromstring(raw if isinstance(raw, bytes) else raw.encode())
        texts.append(row.get("Title") or "")
        body = html.fromstring(f"<div>{row.get('Body') or ''}</div>")
        code = {id(e) for e in body.iter("code", "pre")}
        text = own_text(body, lambda e, code=code: id(e) in code)
        found += [skeleton(a or b or c) for a, b, c, _ in _DOLLARS.findall(text)]
        texts.append(_DOLLARS.sub(" ", own_text(body, lambda _: False)))
    return Source({"HTML": " ".join(texts)}, formulas=found)


def _s2orc(record: Record) -> Source:
    if isinstance(record.payload, dict):
        paper = record.payload
    else:
        paper = json.loads(max(raw_parts(record.payload), key=len))
    parse = paper.get("pdf_parse") or paper.get("latex_parse") or paper
    entries = parse.get("bib_entries") or {}
    texts, cited = [paper.get("title") or ""], 0
    abstract = parse.get("abstract") or paper.get("abstract") or []
    blocks = [{"text": abstract}] if isinstance(abstract, str) else abstract
    blocks = [*blocks, *(parse.get("body_text") or [])]
    whole = [each.get("text") or "" for each in blocks]
    for number, (block, text) in enumerate(zip(blocks, whole, strict=True)):
        # Some papers have their abstract, or a cut piece of a paragraph, once more.
        if any(text[:-8] and other.startswith(text[:-8]) for other in whole[number + 1 :]):
            continue
        spans = [s for s in block.get("cite_spans") or [] if isinstance(s.get("start"), int)]
        for each in sorted(spans, key=lambda s: -s["start"]):
            text = f"{text[: each['start']]} {text[each['end'] :]}"
            cited += bool((entries.get(each.get("ref_id")) or {}).get("title"))
        texts.append(text)
    return Source({"JSON": " ".join(texts)}, cited)


_END_MATTER: Final = re.compile(
    r"(?im)^==+\s*(?:references|notes|external links|further reading|see also|bibliography|"
    r"footnotes|sources|citations|works cited|literature|notes and references)\s*==+\s*$"
)
_FURNITURE: Final = re.compile(r"(?i)^:?(?:file|image|category|media|[a-z][a-z-]{1,11}):")


_NOTE: Final = re.compile(r"(?is)<ref\b([^>]*?)(?:/>|>(.*?)</ref\s*>)")
_NOTE_NAME: Final = re.compile(r"""(?i)name\s*=\s*["']?([^"'/>]+)""")
_TITLE_FIELD: Final = re.compile(r"(?i)\|\s*(?:title|chapter)\s*=\s*[^\s|}]")


def _mediawiki(record: Record) -> Source:
    import mwparserfromhell

    node = _xml(record).find(".//{*}text")
    code = node.text or "" if node is not None else ""
    code = re.sub(r"(?s)<!--.*?-->", "", code)
    formulas = [skeleton(each) for each in re.findall(r"(?s)<math[^>]*>(.*?)</math>", code)]
    named = {
        name.group(1).strip(): content
        for head, content in _NOTE.findall(code)
        if content and (name := _NOTE_NAME.search(head))
    }
    ends = _END_MATTER.search(code)
    code = re.sub(r"(?s)<math[^>]*>.*?</math>", " ", code[: ends.start()] if ends else code)
    parsed = mwparserfromhell.parse(code)
    for template in parsed.filter_templates(recursive=False):
        parsed.remove(template)
    cited = 0
    for head, content in _NOTE.findall(str(parsed)):
        name = _NOTE_NAME.search(head)
        content = content or (named.get(name.group(1).strip(), "") if name else "")
        cited += bool(_TITLE_FIELD.search(content))
    parsed = mwparserfromhell.parse(_NOTE.sub("", str(parsed)))
    for link in parsed.filter_wikilinks():
        if _FURNITURE.match(str(link.title)):
            try:
                parsed.remove(link)
            except ValueError:
                continue
    return Source({"wikitext": str(parsed.strip_code())}, cited, formulas)


def _latex(record: Record) -> Source:
    runs = {"source": plain_runs(record)}
    return Source(runs, prints_titles=prints_titles(record), own_tex=own_prose(record))


_SOURCES: Final[dict[str, Callable[[Record], Source]]] = {
    "latex": _latex,
    "jats": _jats,
    "tei": _tei,
    "openstax": _openstax,
    "pubmed": _pubmed,
    "stackexchange": _stackexchange,
    "s2orc": _s2orc,
    "mediawiki": _mediawiki,
}
