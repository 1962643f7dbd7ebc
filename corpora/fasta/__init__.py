"""FASTA files of any dialect: one document a sequence, long ones cut into parts.

In: proteins, DNA or RNA, compressed or packed, with or without comment lines; a record may be a
whole chromosome on one line. What the letters are is decided by the header, else by the alphabet.
Out: the title, a sentence that says what the sequence is, the sequence in its marker.
"""

from corpora.compressed_streams import find_streamed
from corpora.documents import Format
from corpora.fasta.document import read_entry
from corpora.fasta.framing import SUFFIXES, FastaOptions, entry_records

FORMAT = Format(
    name="fasta",
    summary="FASTA files of proteins, DNA or RNA, of any size",
    find=find_streamed(*SUFFIXES),
    records=entry_records,
    read=read_entry,
    options=FastaOptions,
)

__all__ = ["FORMAT"]
