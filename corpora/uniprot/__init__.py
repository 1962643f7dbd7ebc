"""UniProt entries, Swiss-Prot and TrEMBL, as flat files (`.dat`, `.txt`) or XML: the same document.

Compressed or packed, of any size and any release since the 1990s. Formats: UniProt Knowledgebase
user manual, https://web.expasy.org/docs/userman.html, and its schema, uniprot.xsd.
"""

from corpora.compressed_streams import find_streamed
from corpora.documents import Format
from corpora.uniprot.document import read_entry
from corpora.uniprot.framing import SUFFIXES, entry_records

FORMAT = Format(
    name="uniprot",
    summary="UniProt entries, Swiss-Prot and TrEMBL: flat files or XML",
    find=find_streamed(*SUFFIXES),
    records=entry_records,
    read=read_entry,
)

__all__ = ["FORMAT"]
