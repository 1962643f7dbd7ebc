"""From raw XML to a clean tree: no DTD, no expansion, no network, depth bounded by libxml2 (256).

The DOCTYPE is taken out before the parser sees it, so nothing in it can act. Named character
entities (`&nbsp;`, `&alpha;`, ISO's `&agr;`) are replaced by their characters; an entity that the
article's own DOCTYPE gives as a plain short text by that text, once, never again inside it. One
declared through others or through a file is refused; an unknown one stays as it is written.

The tree that comes out has local names only (no namespaces), no comments, and every string in it
went through `tokenization.marked_text.clean`.
"""

import html.entities
import re
from collections import Counter
from typing import Final

from lxml import etree

from corpora.documents import RecordDropped, RecordUnreadable
from corpora.jats.books import as_article
from corpora.xml_documents import doctype_of
from corpora.xml_records import (
    MAY_BE_NAMED,
    clean_tree,
    parse_untrusted,
    utf8,
    without_root_namespace,
)

#: The longest replacement text taken from a DOCTYPE: enough for a word, too short for a bomb.
_MAX_ENTITY_CHARACTERS: Final = 64

_XML_OWN: Final = frozenset(("amp", "lt", "gt", "quot", "apos"))
# Degrees, minutes and seconds with a decimal point under the sign: the journals of the AAS.
_AAS_NAMES: Final = {"fdg": "°.", "farcm": "′.", "farcs": "″."}
# ISOgrk1 names what HTML lacks: monotonic Greek.
_ISO_NAMES: Final = (
    "agr bgr ggr dgr egr zgr eegr thgr igr kgr lgr mgr ngr xgr ogr pgr rgr sfgr sgr tgr ugr phgr "
    "khgr psgr ohgr"
)
_ISO_GREEK: Final = dict(zip(_ISO_NAMES.split(), "αβγδεζηθικλμνξοπρςστυφχψω", strict=True))
_NAMED: Final[dict[str, str]] = (
    {name[:-1]: text for name, text in html.entities.html5.items() if name.endswith(";")}
    | _ISO_GREEK
    | _AAS_NAMES
    | {
        (name[:-2].upper() + "gr"): text.upper()
        for name, text in _ISO_GREEK.items()
        if name != "sfgr"
    }
)
_REFERENCE: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)|&([A-Za-z][\w.-]{0,60});",
    re.DOTALL,
)
_DECLARATION: Final = re.compile(
    r"""<!ENTITY\s+(?!%)([\w.:-]+)\s+(?:(SYSTEM|PUBLIC)\b[^>]*|"([^"]*)"|'([^']*)')\s*>"""
)
#: What lies beside the article in a manuscript package (NISO RP-30, MECA: manifest, transfer).
_OF_A_PACKAGE: Final = ("manifest", "transfer", "PMCProcessing")
_XML_DECLARATION: Final = re.compile(r"^\ufeff?\s*<\?xml\b[^>]*\?>")


def parse_article(text: str, cleaned: Counter[str], unknown: Counter[str]) -> etree._Element:
    """The `<article>` of an XML text, cleaned; counts go to `cleaned` and `unknown` entities.

    Raises `RecordUnreadable` with the line and column where the text is not XML, holds no article,
    or uses an entity that would have to be expanded; `RecordDropped` for the other files of a
    manuscript package.
    """
    doctype = doctype_of(text[: _end_of_doctype(text)])
    text = _without_prolog(text, doctype)
    text = _without_entities(text, _declared(doctype), unknown)
    raw = utf8(without_root_namespace(text))
    root = parse_untrusted(raw)
    clean_tree(root, raw, cleaned)
    article = root if root.tag == "article" else root.find(".//article")
    if article is None:
        article = as_article(root)
    if article is None and root.tag in _OF_A_PACKAGE:
        raise RecordDropped("a file about its package")
    if article is None:
        raise RecordUnreadable("no article", f"the root element is <{root.tag}>")
    return article


def _without_prolog(text: str, doctype: str) -> str:
    """The text without its XML declaration and DOCTYPE, every line where it was."""
    declaration = _XML_DECLARATION.match(text)
    start = declaration.end() if declaration else 0
    end = text.find(doctype, start)
    if end < 0:
        return "\n" * text.count("\n", 0, start) + text[start:]
    blank = "\n" * doctype.count("\n")
    return "\n" * text.count("\n", 0, start) + text[start:end] + blank + text[end + len(doctype) :]


def _end_of_doctype(text: str) -> int:
    """Past any DOCTYPE: where the first element opens outside of it, or the end."""
    opening = text.find("<!DOCTYPE")
    first = re.search(r"<[A-Za-z_]", text)
    if opening < 0 or (first and first.start() < opening):
        return first.start() if first else len(text)
    return len(text)


def _declared(doctype: str) -> dict[str, str | None]:
    """Entities of the article's own DOCTYPE: their plain text, None where it is not plain."""
    declared: dict[str, str | None] = {}
    for match in _DECLARATION.finditer(doctype):
        name, external, double, single = match.groups()
        value = double if double is not None else single
        plain = (
            not external
            and value is not None
            and len(value) <= _MAX_ENTITY_CHARACTERS
            and not re.search(r"<|%|&(?!#)", value)
        )
        declared.setdefault(name, value if plain else None)
    return declared


def _without_entities(text: str, declared: dict[str, str | None], unknown: Counter[str]) -> str:
    if not MAY_BE_NAMED.search(text):
        return text

    def replacement(match: re.Match[str]) -> str:
        name = match.group(1)
        if name is None or name in _XML_OWN:
            return match.group()
        if name in declared:
            value = declared[name]
            if value is None:
                line = text.count("\n", 0, match.start()) + 1
                raise RecordUnreadable("entity not expanded", f"&{name}; at line {line}")
            return value
        characters = _NAMED.get(name)
        if characters is None:
            unknown[name] += 1
            return f"&amp;{name};"
        return "".join(f"&#{ord(character)};" for character in characters)

    return _REFERENCE.sub(replacement, text)
