"""What a document is known by: identifiers of works, molecules and sequences in normal form.

Two documents of one key are about the same thing. Only what a document is *about* counts: a paper
by its DOI, PMID or arXiv id, an entry of a database by its InChIKey, accession or sequence. A
prompt about a molecule is not that molecule's entry.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from corpora.cited_works import identifier_keys
from tokenization.markers import BUILT_IN, Reading

#: A sequence or structure of fewer characters says too little: "O" is the water of every reaction.
SHORTEST_SPAN: Final = 8
_INCHIKEY: Final = re.compile(r"[A-Z]{14}-[A-Z]{10}-[A-Z]")
_BREAKS: Final = re.compile(r"\s+")
_OPENINGS: Final = {
    marker.code_point: marker.name
    for marker in BUILT_IN.rows
    if marker.closed_by and marker.reading is not Reading.TEXT
}
_SPAN: Final = re.compile(f"([{''.join(_OPENINGS)}])([^\ue000-\ue0ff]*)")
_SEQUENCES: Final = ("AMINO:", "DNA:", "RNA:")


def digest(key: str) -> bytes:
    """16 bytes of BLAKE2b: what stands for a key in every file of these stages."""
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def identity_keys(category: str, metadata: Mapping[str, Any], spans: list[str]) -> list[str]:
    """What a document of this category is known by.

    `spans` are the sequence spans of its text (`sequence_spans`).

    >>> identity_keys("papers", {"doi": "10.1000/ABC", "pmid": "17"}, [])
    ['doi:10.1000/abc', 'pmid:17']
    >>> identity_keys("knowledge", {"accession": "P69905"}, ["AMINO:MVLSPADKTN"])
    ['accession:P69905', 'sequence:AMINO:MVLSPADKTN']
    >>> identity_keys("prompts", {"doi": "10.1000/abc"}, [])
    []
    """
    if category == "papers":
        return list(
            identifier_keys(
                _text(metadata, "doi"), _text(metadata, "pmid"), _text(metadata, "arxiv")
            )
        )
    if category != "knowledge":
        return []
    keys = []
    inchikey = _text(metadata, "inchikey")
    if inchikey and _INCHIKEY.fullmatch(inchikey.strip()):
        keys.append(f"inchikey:{inchikey.strip()}")
    if "first" not in metadata:  # a region of a sequence that was cut is not the whole of it
        accession = _text(metadata, "accession")
        if accession:
            keys.append(f"accession:{accession.strip().upper()}")
        # A document of several sequences (a complex, a genome's genes) is known by none of them.
        sequences = sorted({span for span in spans if span.startswith(_SEQUENCES)})
        if len(sequences) == 1:
            keys.append(f"sequence:{sequences[0]}")
    return keys


def sequence_spans(text: str) -> Iterator[str]:
    """Sequences and structures of a text in marked form, `NAME:CONTENT`, of some length.

    >>> from tokenization.wrappers import amino
    >>> list(sequence_spans(f"Two: {amino('MVLSPADKTN')} and {amino('MV')}."))
    ['AMINO:MVLSPADKTN']
    """
    for match in _SPAN.finditer(text):
        content = _BREAKS.sub("", match[2])
        if len(content) >= SHORTEST_SPAN:
            yield f"{_OPENINGS[match[1]]}:{content}"


def _text(metadata: Mapping[str, Any], name: str) -> str | None:
    value = metadata.get(name)
    return value if isinstance(value, str) else None
