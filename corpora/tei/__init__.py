"""TEI: papers as GROBID writes them from PDF, and TEI P5 of other producers (HAL, journals).

In: `.tei.xml`, `.xml`, compressed or packed, a document or a `teiCorpus` a file. Out: title,
authors, abstract, body, appendices and acknowledgements; sections at the level of their numbers;
citations as spans, those that the parser left unlinked looked up by number or by author and year;
tables in Markdown; figures and footnotes where they are first referred to; words broken at line
ends whole. Left out: the reference list, page furniture, funding, contributions and competing
interests.
GROBID's training and output schema: https://grobid.readthedocs.io
"""

from corpora.compressed_streams import find_streamed
from corpora.documents import Format
from corpora.tei.article import read_document
from corpora.tei.framing import SUFFIXES, tei_records

FORMAT = Format(
    name="tei",
    summary="TEI XML papers (GROBID and other producers)",
    find=find_streamed(*SUFFIXES),
    records=tei_records,
    read=read_document,
)

__all__ = ["FORMAT"]
