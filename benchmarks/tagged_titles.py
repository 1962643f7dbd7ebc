"""Whether titles that no publisher tagged are found, tried on those that a publisher did tag.

    python benchmarks/tagged_titles.py FOLDER...

Of every printed reference (`mixed-citation`) of the JATS files in the folders the mark around its
title is put out of sight, and the rules read the line. The same works are then set as IOP prints
them, `Doe J 2001 Title words Odd J. 3 1`, without any mark but italics and bold.
"""

import argparse
import copy
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from corpora.jats.printed_references import printed_reference
from corpora.jats.prose_titles import find_title
from corpora.jats.references import clean_title, plain_text

_MOST_BYTES = 3_000_000
_MOST_NAMES = 6
#: A shorter title may stand in any line.
_LEAST_LETTERS = 10


def folded(text: str) -> str:
    """Letters and digits alone, in small letters."""
    return "".join(character for character in text.casefold() if character.isalnum())


def tagged(path: Path) -> Iterator[tuple[etree._Element, str]]:
    """The printed references of a file, with the title that is tagged in each."""
    parser = etree.XMLParser(load_dtd=False, no_network=True, resolve_entities=False)
    try:
        root = etree.parse(str(path), parser)
    except etree.XMLSyntaxError:
        return
    for reference in root.iter("mixed-citation"):
        words = [reference.text, *(child.tail for child in reference)]
        title = clean_title(plain_text(reference.find("article-title"))) or ""
        if len(folded(title)) >= _LEAST_LETTERS and any(part and part.strip() for part in words):
            yield reference, title


def untagged(reference: etree._Element) -> etree._Element:
    """A copy of a reference whose title has no mark."""
    bare = copy.deepcopy(reference)
    bare.tail = None
    for title in bare.findall("article-title"):
        title.tag = "marked"
    etree.strip_tags(bare, "marked")
    return bare


def as_iop(reference: etree._Element) -> etree._Element | None:
    """A reference as the Institute of Physics prints it; None where it lacks a part."""
    title, *others = (
        reference.find(tag) for tag in ("article-title", "year", "source", "volume", "fpage")
    )
    year, source, volume, page = (plain_text(part) for part in others)
    people = (
        (plain_text(name.find("surname")), plain_text(name.find("given-names")))
        for name in reference.iter("name", "string-name")
    )
    names = [f"{last} {first.replace('.', '').replace(' ', '')}" for last, first in people if first]
    if title is None or not (year and source and volume and names):
        return None
    printed = copy.deepcopy(title)
    printed.tag, printed.tail = "mixed-citation", None
    printed.text = f"{', '.join(names[:_MOST_NAMES])} {year} {printed.text or ''}"
    # No full stop ends the title.
    if len(printed):
        printed[-1].tail = (printed[-1].tail or "").rstrip(" .") + " "
    else:
        printed.text = printed.text.rstrip(" .") + " "
    for tag, words, after in (("italic", source, " "), ("bold", volume, f" {page or 1}")):
        part = etree.SubElement(printed, tag)
        part.text, part.tail = words, after
    return printed


def verdict(reference: etree._Element, title: str) -> str:
    """Whether the rules find this title in a reference."""
    found = find_title(*printed_reference(reference))
    if found is None:
        return "none"
    return "same" if folded(found.title) == folded(title) else "another"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    counts: dict[str, Counter[str]] = {"as printed": Counter(), "as IOP": Counter()}
    for folder in parser.parse_args().folders:
        for path in sorted(p for p in folder.rglob("*") if p.suffix in (".xml", ".nxml")):
            if not path.is_file() or path.stat().st_size > _MOST_BYTES:
                continue
            for reference, title in tagged(path):
                counts["as printed"][verdict(untagged(reference), title)] += 1
                if (printed := as_iop(reference)) is not None:
                    counts["as IOP"][verdict(printed, title)] += 1
    for name, verdicts in counts.items():
        total = sum(verdicts.values())
        shares = (f"{kind} {count / total:.1%}" for kind, count in sorted(verdicts.items()))
        print(f"{name:12}{total:10,}  {', '.join(shares)}")


if __name__ == "__main__":
    main()
