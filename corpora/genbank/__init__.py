"""GenBank, RefSeq, GenPept and EMBL flat files: one document a record, long ones by regions.

In: `.gb`, `.gbk`, `.gbff`, `.gpff`, `.seq`, `.embl` and the like, compressed or packed; a record
may be a whole chromosome. Out: what the record says of itself, the sequence, its features in order
with the proteins that they encode, its references. With the option `protein_coding_only` the bases
of each coding region stand beside its protein, and nothing else of the sequence does.

Format: INSDC, "The DDBJ/ENA/GenBank Feature Table Definition" 11.3; NCBI, "GenBank release notes",
section 3.4; EMBL, "User manual" 3.4.
"""

from corpora.compressed_streams import find_streamed
from corpora.documents import Format
from corpora.genbank.document import read_region
from corpora.genbank.framing import SUFFIXES, GenBankOptions, region_records

FORMAT = Format(
    name="genbank",
    summary="GenBank, RefSeq and EMBL flat files: annotated sequences, chromosomes by regions",
    find=find_streamed(*SUFFIXES),
    records=region_records,
    read=read_region,
    options=GenBankOptions,
)

__all__ = ["FORMAT"]
