"""S2ORC: papers that a machine read from PDF or LaTeX, as JSON (Lo et al. 2020, arXiv:1911.02782).

Every generation of its schema: 20190928 (`grobid_parse`, `latex_parse`), 20200705 (`metadata` and
`pdf_parses` shards, joined), the files of s2orc-doc2json and CORD-19, and the Semantic Scholar
bulk datasets (`s2orc`, `s2orc_v2`: one text with offsets). Out: title, authors, abstract, sections,
formulas, figures and tables; spans of citations filled from the paper's own bibliography. A paper
of which only an abstract is known is a document too.
"""

from typing import Final

from corpora.documents import Format
from corpora.s2orc.framing import files_beside, find, records
from corpora.s2orc.paper import read_paper

FORMAT: Final = Format(
    name="s2orc",
    summary="S2ORC papers (JSON of 2019, of 2020, of the Semantic Scholar API), abstracts too",
    find=find,
    records=records,
    read=read_paper,
    beside=files_beside,
)
