"""Taxonomic treatments (TaxPub, the extension of JATS by Plazi and Pensoft): names of taxa.

A treatment is read as a section: its nomenclature is the heading, its parts (`treatment-sec`) are
sections, and `treatment-meta`, keywords for machines, is left out.
https://github.com/plazi/TaxPub
"""

from collections.abc import Iterable

from lxml import etree

from corpora.xml_elements import text_inside

#: What holds a name and nothing else, so that what follows it follows the name.
_WRAPPERS = frozenset(("italic", "bold", "named-content", "styled-content"))
_BESIDE_A_NAME = frozenset((*_WRAPPERS, "taxon-name", "taxon-authority", "taxon-status"))


def space_names(parts: Iterable[etree._Element], names: Iterable[etree._Element]) -> None:
    """Puts spaces into names of taxa: a file may hold `<genus>Aus</genus><species>bus</species>`.

    Parts without words, which only machines read, stay without.
    """
    for part in parts:
        following = part.getnext()
        if following is not None and following.tag == part.tag and part.text and not part.tail:
            part.tail = " "
    for name in names:
        holder = name
        while not holder.tail and holder.getnext() is None:
            parent = holder.getparent()
            if parent is None or parent.tag not in _WRAPPERS:
                break
            holder = parent
        following = holder.getnext()
        if not holder.tail and following is not None and following.tag in _BESIDE_A_NAME:
            words = text_inside(following)
            if words[:1].isalnum():
                holder.tail = " "
