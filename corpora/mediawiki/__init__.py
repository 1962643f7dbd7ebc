"""MediaWiki export dumps: the articles of Wikipedia and other wikis, from wikitext to Markdown.

In: `.xml` in the export format 0.3 to 0.11 (https://www.mediawiki.org/xml/), plain,
compressed or in an archive; the latest revision of each page. Out: title, text, tables, formulas in
LaTeX, figures as captions, citation templates as citations. Left out: redirects, disambiguation
pages and pages of other namespaces (each a counted drop), infoboxes, navigation, maintenance
banners, categories, and the reference list.
"""

from corpora.documents import Format
from corpora.mediawiki.framing import find_dumps, page_records
from corpora.mediawiki.page import read_page

FORMAT = Format(
    name="mediawiki",
    summary="MediaWiki XML dumps (Wikipedia, Wikibooks, Wikiversity)",
    find=find_dumps,
    records=page_records,
    read=read_page,
)

__all__ = ["FORMAT"]
