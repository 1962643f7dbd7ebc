"""Forms of TEI that stray from the common one, brought back to it before anything is read.

Files that went through an HTML parser have small letters for names and no `body`; HAL's exports
keep a work in a `biblFull` of the text; harvesters write a header without its `fileDesc`, or leave
it to the corpus around the document.
"""

from typing import Final

from lxml import etree

from corpora.tei.plain_words import all_text

ROOTS: Final = ("TEI", "TEI.2", "tei")
#: Element names of TEI P5 with capitals, by their small letters: those that a paper may have.
_NAMES: Final = {
    name.lower(): name
    for name in (
        "teiHeader fileDesc titleStmt editionStmt publicationStmt seriesStmt notesStmt sourceDesc "
        "encodingDesc appInfo profileDesc revisionDesc textClass langUsage classCode biblStruct "
        "biblFull biblScope listBibl persName orgName genName roleName addrLine postCode "
        "postBox figDesc catRef termEntry respStmt projectDesc classDecl standOff listOrg "
        "listPerson listNote noteGrp titlePage docTitle docAuthor floatingText rendition"
    ).split()
}
_DESCRIPTIONS: Final = (
    "titleStmt", "editionStmt", "extent", "publicationStmt", "seriesStmt", "notesStmt",
    "sourceDesc",
)  # fmt: skip


def document_of(root: etree._Element) -> etree._Element | None:
    """The TEI document in a tree, in its common form; None where there is none.

    The tree is changed.
    """
    tei = root if root.tag in ROOTS else next(root.iter(*ROOTS), None)
    if tei is None:
        return None
    if tei.find("teiheader") is not None:
        for element in tei.iter():
            element.tag = _NAMES.get(str(element.tag), element.tag)
        _reconstructed(tei)
    header = tei.find("teiHeader")
    around = root.find("teiHeader") if tei is not root else None
    # A document inside of that header is no document that it could be lent to.
    lent = around is not None and around not in tei.iterancestors()
    if around is not None and lent and (header is None or not _has_title(header)):
        if header is not None:
            tei.remove(header)
        header = around
        tei.insert(0, header)
    text = tei.find("text")
    if header is not None:
        _gathered(header)
        if text is not None:
            _from_bibliography(header, text)
    if text is not None and next(text.iter("body", "group"), None) is None:
        _bodied(text)
    return tei


def _reconstructed(tei: etree._Element) -> None:
    """The `head` and `table` elements that an HTML parser threw away, around what they held."""
    for part in list(tei.iter("div", "figure")):
        words = (part.text or "").strip()
        if words and len(part) and part.find("head") is None:
            part.text = None
            head = etree.Element("head")
            head.text = words
            part.insert(0, head)
        rows = part.findall("row")
        if rows:
            table = part.find("table")
            (etree.SubElement(part, "table") if table is None else table).extend(rows)


def _has_title(header: etree._Element) -> bool:
    return any(all_text(title).strip() for title in header.iter("title"))


def _gathered(header: etree._Element) -> None:
    """The description of the file in its element."""
    if header.find("fileDesc") is None:
        described = etree.Element("fileDesc")
        for child in [child for child in header if child.tag in _DESCRIPTIONS]:
            described.append(child)
        header.insert(0, described)


def _from_bibliography(header: etree._Element, text: etree._Element) -> None:
    """A header for a document whose text is the description of one work."""
    works = text.findall("body/listBibl/biblFull")
    if len(works) != 1 or next(text.iter("p", "div"), None) is not None:
        return
    described = etree.Element("fileDesc")
    for child in [child for child in works[0] if child.tag in _DESCRIPTIONS]:
        described.append(child)
    profile = works[0].find("profileDesc")
    for name, element in (("fileDesc", described), ("profileDesc", profile)):
        if element is not None:
            for old in header.findall(name):
                header.remove(old)
            header.append(element)


def _bodied(text: etree._Element) -> None:
    """The parts of a text that are neither front nor back in a body."""
    body = etree.Element("body")
    body.text, text.text = text.text, None
    for child in [child for child in text if child.tag not in ("front", "back")]:
        body.append(child)
    text.insert(len(text.findall("front")), body)
