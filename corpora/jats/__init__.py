"""JATS and NLM XML: full-text articles of any publisher (NISO Z39.96, and the NLM DTDs before it).

In: `.xml`, `.nxml`, and `.gz` of these, an article or a set of them a file. Out: title, authors,
abstracts, body, appendices and acknowledgements, citations as spans, formulas in LaTeX, tables in
Markdown. Left out: the reference list, funding, competing interests and authors' contributions,
biographies, graphical and teaser abstracts, translated abstracts, and what is a text of its own
(`sub-article`, `response`), which `metadata["sub_articles"]` counts.
"""

from corpora.documents import Format, find_files
from corpora.jats.article import read_article
from corpora.jats.framing import SUFFIXES, article_records

FORMAT = Format(
    name="jats",
    summary="JATS and NLM XML articles (PMC, PLOS, eLife, bioRxiv)",
    find=find_files(*SUFFIXES),
    records=article_records,
    read=read_article,
)

__all__ = ["FORMAT"]
