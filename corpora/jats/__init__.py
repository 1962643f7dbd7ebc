"""JATS and NLM XML: full-text articles of any publisher (NISO Z39.96, and the NLM DTDs before it).

In: `.xml` and `.nxml`, plain, compressed or in archives, an article or a set of them a file. Out:
title, authors, abstracts, body, appendices and acknowledgements, citations as spans, formulas in
LaTeX, tables in Markdown. Left out: the reference list, funding, competing interests and authors'
contributions (`corpora.jats.boilerplate` says which statements), biographies, graphical and teaser
abstracts, translated abstracts, and what is a text of its own (`sub-article`, `response`), which
`metadata["sub_articles"]` counts. An `article` of another DTD (Elsevier's, Nature's, the RSC's) is
refused as "not JATS", another root as "no article". Books of BITS and their
chapters are read like articles (`corpora.jats.books`).
"""

from corpora.compressed_streams import find_streamed
from corpora.documents import Format
from corpora.jats.article import read_article
from corpora.jats.framing import PACKAGE_SUFFIX, SUFFIXES, article_records

FORMAT = Format(
    name="jats",
    summary="JATS and NLM XML articles (PMC, PLOS, eLife, bioRxiv)",
    find=find_streamed(*SUFFIXES, PACKAGE_SUFFIX),
    records=article_records,
    read=read_article,
)

__all__ = ["FORMAT"]
