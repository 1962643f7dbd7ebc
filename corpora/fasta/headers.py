"""What FASTA headers say: dialects of NCBI, UniProt, UniRef, Ensembl, GENCODE, ENA, PDB and others.

A header of no known dialect is an identifier and a description.
"""

import re
from collections.abc import Callable
from typing import Final

from corpora.fasta.archive_headers import barred, ena, pdb, pir
from corpora.fasta.genome_headers import ensembl, flybase, gencode, prokka, tair
from corpora.fasta.plain_headers import Described, plain
from corpora.fasta.uniprot_headers import uniprot, uniref
from corpora.sequences import Kind
from tokenization.marked_text import clean

_DIALECTS: Final[tuple[Callable[[str], Described | None], ...]] = (
    uniref, ensembl, gencode, ena, pdb, barred, pir, prokka, tair, flybase,
)  # fmt: skip
_UNIPROT_BARS: Final = ("sp|", "tr|")
_NEXT_ENTRY: Final = re.compile("\x01|\\^A(?=gi\\|)")


def kind_said(header: bytes) -> Kind | None:
    """What the identifier says that the sequence is: RefSeq's NP_, UniProt's sp|, Ensembl's pep."""
    return described(header[:4096]).kind


def described(header: bytes) -> Described:
    """What a header says. The first of several (joined by Ctrl-A, or a `>`) stands for all."""
    try:
        text = header.decode("utf-8")
    except UnicodeDecodeError:
        text = header.decode("latin-1")
    if "\x01" not in text and "^A" not in text:
        return _first(text)
    first, *others = _NEXT_ENTRY.split(text)
    found = _first(first)
    if others:
        number = f"{len(others)} other database entr{'y has' if len(others) == 1 else 'ies have'}"
        found = found._replace(facts=(*found.facts, f"{number} the same sequence."))
    return found


def _first(text: str) -> Described:
    """What the header of one entry says."""
    if "  " in text or not (text.isascii() and text.isprintable()):
        text = clean(text)
        text = " ".join(text.split())
    else:
        text = text.strip()
    if text.startswith(_UNIPROT_BARS):
        found = uniprot(text)
        if found is not None:
            return found
    if text.startswith("gi|"):
        found = barred(text)
        if found is not None:
            return found
    # No other dialect is without all of these: most headers are plain.
    if "|" in text or ":" in text or ";" in text or "~" in text or text.startswith("UniRef"):
        for dialect in _DIALECTS:
            found = dialect(text)
            if found is not None:
                return found
    return plain(text)
