"""From the XML of a module to a clean tree with the element names of CNXML 0.7.

The DOCTYPE is taken out unread, so that no entity of its own is ever expanded; named entities of
HTML, which old modules use through the DTD, are replaced by their characters.
"""

import html.entities
import re
from collections import Counter
from typing import Final

from lxml import etree

from corpora.documents import RecordUnreadable
from corpora.xml_documents import doctype_of, xml_text
from corpora.xml_records import clean_tree, parse_untrusted, refuse_depth, without_root_namespace

#: Elements inside each other at most; modules stay under 40, formulas included. The reader recurses
#: over it, three Python frames an element.
MAX_DEPTH: Final = 120

_MOST_DOCTYPES: Final = 3
_DECLARATION: Final = re.compile(r"^\ufeff?\s*<\?xml\b[^>]*\?>")
_ENTITY: Final = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,40});")
_XML_OWN: Final = frozenset(("amp", "lt", "gt", "quot", "apos"))
_MATHML: Final = "{http://www.w3.org/1998/Math/MathML"
#: CNXML 0.5 and 0.6 (cnx.rice.edu/cnxml/0.5): other names of the same elements.
_RENAMED: Final = {"name": "title", "cnxn": "link", "codeline": "code", "codeblock": "preformat"}


def parse_module(raw: bytes, cleaned: Counter[str]) -> etree._Element:
    """The `document` element of a module: local names (but for MathML's), cleaned strings.

    Raises `RecordUnreadable` for what is not XML, too deep, or no module.
    """
    text = _DECLARATION.sub("", xml_text(raw), count=1)
    for _ in range(_MOST_DOCTYPES):
        # The first may stand in a comment.
        doctype = doctype_of(text[: _end_of_prolog(text)])
        text = text.replace(doctype, "", 1) if doctype else text
    text = _ENTITY.sub(_character, text)
    text = without_root_namespace(text)
    root = parse_untrusted(text)
    if next(root.iter(etree.Entity), None) is not None:
        raise RecordUnreadable("entity not expanded")
    refuse_depth(root, MAX_DEPTH)
    for element in root.iter(*(f"{{*}}{name}" for name in _RENAMED)):
        namespace, _, name = str(element.tag).rpartition("}")
        # Children of `md:actors` are people, whose `name` is none of CNXML.
        if "mdml" not in namespace and namespace != _MATHML:
            element.tag = _RENAMED[name]
    clean_tree(root, text, cleaned)
    document = root if root.tag == "document" else root.find(".//document")
    if document is None:
        raise RecordUnreadable("no module", f"the root element is <{root.tag}>")
    return document


def _end_of_prolog(text: str) -> int:
    """Past any DOCTYPE: where the first element opens outside of it, or the end."""
    first = re.search(r"<[A-Za-z_]", text)
    opening = text.find("<!DOCTYPE")
    return first.start() if first and not 0 <= opening < first.start() else len(text)


def _character(match: re.Match[str]) -> str:
    name = match.group(1)
    characters = None if name in _XML_OWN else html.entities.html5.get(f"{name};")
    return match.group() if characters is None else characters
