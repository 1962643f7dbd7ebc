"""One XML record to a clean tree: no DTD acts, nothing is fetched, depth is bounded.

For formats that keep a record a document of its own (PubMed, TEI). The tree has local names only,
no comments and no processing instructions, and every string in it went through
`tokenization.marked_text.clean`.
"""

import html.entities
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final, cast

from lxml import etree

from corpora.documents import RecordUnreadable
from corpora.pdf_characters import without_ligatures
from tokenization.marked_text import clean

#: Elements inside each other at most. Readers recurse over the tree, two Python frames an element.
MAX_DEPTH: Final = 150
_FRAMES: Final = 256 * 16
_XML_NAMESPACE: Final = "http://www.w3.org/XML/1998/namespace"
_MATHML: Final = "http://www.w3.org/1998/Math/MathML"
XML_ID: Final = f"{{{_XML_NAMESPACE}}}id"
XML_LANG: Final = f"{{{_XML_NAMESPACE}}}lang"
_NAMESPACE: Final = re.compile(rb"""xmlns(?::([^\s=]*))?\s*=\s*(?:"([^"]*)"|'([^']*)')""")
#: The first element, and the default namespace among its attributes. In a comment it is none.
_ROOT_NAMESPACE: Final = re.compile(
    r"""<[A-Za-z_][^\s<>/="']*+(?:\s++(?!xmlns\s*=)[^\s<>/="']++\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'))*+"""
    r"""(\s++xmlns\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'))?"""
)

#: libxml2's XML_NS_ERR_*, and XML_WAR_NS_URI (its parserInternals.h and xmlerror.h).
_NAMESPACE_FAULTS: Final = frozenset((99, 200, 201, 202, 203, 204, 205))
#: An xml:id that is no name, or stands twice. `XMLParser(collect_ids=False)` passes over them, but
#: it loads the external DTD of a file, from the disk too: libxml2 has one flag for both.
_IDENTIFIER_FAULTS: Final = frozenset(
    (int(etree.ErrorTypes.DTD_XMLID_VALUE), int(etree.ErrorTypes.DTD_ID_REDEFINED))
)
_ATTRIBUTES: Final = etree.XPath("//@*", smart_strings=False)
_XML_OWN: Final = frozenset(("amp", "lt", "gt", "quot", "apos"))
_REFERENCE: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|&([A-Za-z][A-Za-z0-9]{1,31});", re.DOTALL
)
#: Where a named character or entity that XML does not know may stand.
MAY_BE_NAMED: Final = re.compile("&(?!(?:amp|lt|gt|quot|apos);|#)")
#: Characters that `clean` may change, U+D800 to U+F8FF, in UTF-8, and references to them.
_UNCLEAN: Final = re.compile(rb"\xed[\xa0-\xbf]|\xee|\xef(?:[\x80-\xa3]|\xac[\x80-\x86])")
_REFERENCE_TO_UNCLEAN: Final = re.compile(rb"&#(?:[xX]0*[d-fD-F][0-9a-fA-F]{3}|0*[0-9]{5});")
_DECLARATION: Final = re.compile(r"^\ufeff?\s*<\?xml\b[^>]*\?>")
#: Markup written as text, once more escaped: `P &amp;lt; 0.05`.
_ESCAPED_TWICE: Final = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")


def parse_untrusted(text: str | bytes) -> etree._Element:
    """The root element of an XML text from outside, as it is: no entity is expanded, no DTD loaded.

    Bytes are its UTF-8.

    Comments and processing instructions are left out. A name whose prefix nothing declares, as in
    a piece cut out of its envelope, is read without the prefix: XML itself knows no namespaces.
    Raises `RecordUnreadable` for what is no XML.
    """
    raw = utf8(text)
    try:
        return etree.fromstring(raw, _parser())
    except etree.XMLSyntaxError as error:
        if getattr(error, "code", 0) in _NAMESPACE_FAULTS | _IDENTIFIER_FAULTS:
            return _well_formed_at_least(raw)
        raise _malformed(error.msg) from None


def utf8(text: str | bytes) -> bytes:
    """The bytes of a text, which one record needs more than once."""
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


@cache
def _parser(*, recover: bool = False) -> etree.XMLParser:
    # Made once: for a short record that takes as long as its parse.
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
        recover=recover,
    )


def without_root_namespace(text: str) -> str:
    """An XML text whose root declares no default namespace: blanks stand where it did.

    TEI and CNXML declare one for all their elements, which then come out with the names that
    `clean_tree` would give them one by one.

    >>> without_root_namespace('<?a?><TEI xml:lang="en" xmlns="u" n="1"><p/></TEI>')
    '<?a?><TEI xml:lang="en"           n="1"><p/></TEI>'
    """
    match = _ROOT_NAMESPACE.search(text)
    if not match or not match.group(1):
        return text
    blank = re.sub(r"[^\n]", " ", match.group(1))
    return text[: match.start(1)] + blank + text[match.end(1) :]


def _malformed(message: str | None) -> RecordUnreadable:
    return RecordUnreadable("not well-formed XML", clean(" ".join((message or "empty").split())))


def _well_formed_at_least(raw: bytes) -> etree._Element:
    """The root of an XML text whose only faults are namespaces, or an xml:id."""
    parser = _parser(recover=True)
    root = etree.fromstring(raw, parser)
    for fault in parser.error_log:
        harmless = fault.domain == etree.ErrorDomains.NAMESPACE
        if not harmless and fault.type not in _IDENTIFIER_FAULTS:
            raise _malformed(f"{fault.message}, line {fault.line}, column {fault.column}")
    for element in root.iter(etree.Element):
        if ":" in element.tag:
            element.tag = element.tag.rpartition("}")[2].rpartition(":")[2] or "unnamed"
    return root


def parse_record(text: str, cleaned: Counter[str]) -> etree._Element:
    """The root element of an XML text; what `clean` changed is added to `cleaned`.

    Named characters of HTML (`&nbsp;`, `&alpha;`), which XML does not know, are read as the
    characters they are. Raises `RecordUnreadable`, with line and column, for what is no XML, is
    nested deeper than `MAX_DEPTH` or holds an entity that would have to be expanded.
    """
    # Its encoding was undone already; its lines stay where they were.
    text = _DECLARATION.sub(lambda match: "\n" * match.group().count("\n"), text, count=1)
    if MAY_BE_NAMED.search(text):
        text = _REFERENCE.sub(_named_character, text)
    raw = utf8(without_root_namespace(text))
    root = parse_untrusted(raw)
    refuse_depth(root)
    if b"<!DOCTYPE" in raw:
        _refuse_entities(root)
    clean_tree(root, raw, cleaned)
    return root


@contextmanager
def frames_for_any_tree() -> Iterator[None]:
    """Room on Python's stack for walking any tree that libxml2 gives, however deep the caller is.

    Else whether a record can be read would depend on who reads it: a test, a worker, a cluster.
    libxml2 reads 256 elements inside each other, and a walk takes some four frames for each.
    """
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def refuse_depth(root: etree._Element, most: int = MAX_DEPTH) -> None:
    """Raises `RecordUnreadable` where a document has elements nested deeper than `most`."""
    if _deeper(most)(root):
        raise RecordUnreadable("too deep", f"elements nested deeper than {most}")


@cache
def _deeper(most: int) -> etree.XPath:
    # In libxml2, a level at a time: a walk here would make an object of each element.
    return etree.XPath(f"boolean({'/*' * (most + 2)})")


def clean_tree(root: etree._Element, text: str | bytes, cleaned: Counter[str]) -> None:
    """Takes the namespaces off a tree's elements, but inside formulas, and `clean`s its strings.

    Ligatures in its text become the letters that they join.
    `text` is what the tree was parsed from: it says what need not be looked for. Most records hold
    nothing to clean, and an element that is not touched costs nothing.
    """
    raw = utf8(text)
    namespaces = _in_namespaces(raw)
    for element in root.iter(*namespaces) if namespaces else ():
        element.tag = str(element.tag).rpartition("}")[2]
    if not _may_be_unclean(raw):
        return
    for element in root.iter():
        # Few strings hold any, and to ask one is much cheaper than to set it.
        content, tail = element.text, element.tail
        if content and not content.isascii():
            safe = without_ligatures(clean(content, cleaned))
            if safe != content:
                element.text = safe
        if tail and not tail.isascii():
            safe = without_ligatures(clean(tail, cleaned))
            if safe != tail:
                element.tail = safe
    if _attributes_are_ascii(root):
        return
    for element in root.iter():
        for name, value in element.attrib.items():
            safe = clean(str(value), cleaned)
            if safe != value:
                element.set(name, safe)


def _attributes_are_ascii(root: etree._Element) -> bool:
    try:
        return "".join(cast(list[str], _ATTRIBUTES(root))).isascii()
    except etree.XPathError:
        # More of them than libxml2 lists at once.
        return False


def _refuse_entities(root: etree._Element) -> None:
    for entity in root.iter(etree.Entity):
        detail = f"{clean(entity.text or '')} at line {entity.sourceline}"
        raise RecordUnreadable("entity not expanded", detail)


def _in_namespaces(raw: bytes) -> list[str]:
    """What `iter` finds the elements of a namespace by, for each that a text uses for elements."""
    if b"xmlns" not in raw and b"<xml:" not in raw:
        return []
    addresses = {
        (double or single).decode("utf-8", "surrogatepass")
        for prefix, double, single in set(_NAMESPACE.findall(raw))
        # Most declare those of their attributes (`xlink:href`), which no element has.
        if not prefix or b"<" + prefix in raw
    }
    if any("&" in address or "}" in address or not address.isprintable() for address in addresses):
        return ["*"]
    return [
        # Inside a formula names are MathML's own, and `corpora.mathml` reads them as they are:
        # its `fn`, `list` and `sec` are none of a document's.
        f"{{{address}}}{'math' if address == _MATHML else '*'}"
        for address in (*sorted(addresses), _XML_NAMESPACE if b"<xml:" in raw else "")
        if address
    ]


def _may_be_unclean(raw: bytes) -> bool:
    """Whether a tree may hold what `clean` changes, or ligatures."""
    # `in` looks at many bytes at once: most texts have no such first byte.
    return (
        b"\xee" in raw
        or ((b"\xef" in raw or b"\xed" in raw) and _UNCLEAN.search(raw) is not None)
        or (b"&#" in raw and _REFERENCE_TO_UNCLEAN.search(raw) is not None)
    )


def unescaped(text: str) -> str:
    """Text without a second layer of escapes, which some databases deliver; cleaned again.

    >>> unescaped("P &lt; 0.05")
    'P < 0.05'
    """
    if "&" not in text:
        return text
    return clean(_ESCAPED_TWICE.sub(lambda match: html.unescape(match.group()), text))


def _named_character(match: re.Match[str]) -> str:
    name = match.group(1)
    if name is None or name in _XML_OWN:
        return match.group()
    characters = html.entities.html5.get(f"{name};")
    # An unknown one is left to the parser: the record's own DOCTYPE may declare it.
    return "".join(f"&#{ord(c)};" for c in characters) if characters else match.group()
