"""The words of an element, whatever its parts are: for names, labels and identifiers."""

from typing import Final, cast

from lxml import etree

from corpora.pdf_characters import printed_characters

# Without `smart_strings` a string does not know its element, which takes no object of it.
_STRING: Final = etree.XPath("string()", smart_strings=False)
_STRINGS: Final = etree.XPath("descendant-or-self::text()", smart_strings=False)


def all_text(element: etree._Element) -> str:
    """All text inside an element, as it is in the file."""
    if not len(element):
        return element.text or ""
    return cast(str, _STRING(element))


def texts_of(element: etree._Element) -> list[str]:
    """The same piece by piece, as the tags part it."""
    try:
        return cast(list[str], _STRINGS(element))
    except etree.XPathError:
        # More of them than libxml2 lists at once.
        return list(map(str, element.itertext()))


def words(element: etree._Element | None) -> str:
    """The words of an element on one line."""
    if element is None:
        return ""
    return " ".join(printed_characters(all_text(element)).split())
