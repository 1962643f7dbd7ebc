"""Books of BITS, the JATS of books (NISO RP-47, https://jats.nlm.nih.gov/extensions/bits/).

A chapter handed out alone (`book-part-wrapper`, `book-part`) is read as an article, a whole `book`
as one document with its parts as sections. Both are made articles of the same elements; what only
a book has (table of contents, indexes, dedications) is left out.
"""

from typing import Final

from lxml import etree

from corpora.xml_elements import first_child

#: Parts of a book that are text, as BITS names them, each a section of the document.
_PARTS: Final = ("book-part", "preface", "foreword", "front-matter-part")
_BODIES: Final = {"named-book-part-body": "body", "book-app": "app", "book-app-group": "app-group"}
_METAS: Final = ("book-part-meta", "book-meta")


def as_article(root: etree._Element) -> etree._Element | None:
    """A book or a part of one as an `article`; None for another root. The tree is changed.

    >>> root = etree.fromstring(
    ...     "<book-part-wrapper><book-part><book-part-meta><title-group><title>Ponds</title>"
    ...     "</title-group></book-part-meta><body/></book-part></book-part-wrapper>")
    >>> article = as_article(root)
    >>> [child.tag for child in article], article.findtext("front/article-meta/title-group/*")
    (['front', 'body'], 'Ponds')
    """
    book = first_child(root, "book-part") if root.tag == "book-part-wrapper" else root
    if book is None or book.tag not in ("book", "book-part"):
        return None
    for element in list(book.iter(*_PARTS)):
        if element is not book:
            _make_section(element)
    for element in book.iter(*_BODIES):
        element.tag = _BODIES[str(element.tag)]
    article = etree.Element("article")
    article.set("article-type", book.get("book-part-type") or str(book.tag))
    for name, value in book.attrib.items():
        article.set(name, value)
    meta = next((child for child in book if child.tag in _METAS), None)
    if meta is not None:
        etree.SubElement(article, "front").append(_article_meta(meta))
    body = etree.SubElement(article, "body") if book.tag == "book" else None
    for child in list(book):
        if body is None:
            article.append(child)
        elif child.tag in ("front-matter", "book-body"):
            body.extend(part for part in child if part.tag in ("sec", "p"))
        elif child.tag == "book-back":
            child.tag = "back"
            article.append(child)
    return article


def _article_meta(meta: etree._Element) -> etree._Element:
    """What is said of a book or chapter, under the names that an article has for it."""
    meta.tag = "article-meta"
    group = first_child(meta, "title-group")
    if group is None:
        group = first_child(meta, "book-title-group")
    if group is not None:
        group.tag = "title-group"
        title = first_child(group, "title")
        title = first_child(group, "book-title") if title is None else title
        if title is not None:
            title.tag = "article-title"
    for identifier in meta.iterchildren("book-part-id", "book-id"):
        kind = identifier.get("book-part-id-type") or identifier.get("book-id-type")
        identifier.tag = "article-id"
        identifier.set("pub-id-type", kind or "")
    return meta


def _make_section(part: etree._Element) -> None:
    """A part of a book as a section under its title."""
    part.tag = "sec"
    meta = first_child(part, "book-part-meta")
    if meta is None:
        return
    group = first_child(meta, "title-group")
    for name in ("title", "label"):
        found = first_child(group, name) if group is not None else None
        if found is not None:
            found.tail = None
            part.insert(0, found)
    part.remove(meta)
