"""Sections that are apparatus and not text: references, links, further reading."""

import re
from typing import Final

_APPARATUS: Final = frozenset(
    """
    references; external links; external link; see also; further reading; footnotes;
    citations; notes and references; references and notes; references and footnotes; footnotes
    and references; references and further reading; further reading and references; citations
    and notes; sources and references; references and sources; references cited; general
    references; cited references; inline citations; source notes; citations and references;
    references and external links; external links and references; links; web links; weblinks;
    related links; external resources; external links and further reading; further reading and
    external links; other external links; einzelnachweise; literatur; siehe auch; quellen;
    anmerkungen und einzelnachweise; nachweise; belege; einzelnachweise und anmerkungen;
    quellen und einzelnachweise; références; notes et références; liens externes; voir aussi;
    articles connexes; lien externe; sources et références; références et notes; referencias;
    enlaces externos; véase también; notas y referencias; lecturas adicionales; notas;
    referencias y notas; fuentes; collegamenti esterni; voci correlate; altri progetti; note;
    riferimenti; referências; ligações externas; ver também; leitura adicional; notas e
    referências; externe links; zie ook; bronnen; referenties; bronnen, noten en/of
    referenties; przypisy; linki zewnętrzne; zobacz też; примечания; ссылки; см. также;
    литература; источники; сноски; комментарии; 脚注; 外部リンク; 関連項目; 参考文献; 注釈; 出典;
    関連書籍; 参考资料; 外部链接; 参见; 参看; 参考网址; 參考文獻; 參考資料; 外部連結;
    外部链結; 參見; 註釋; 注释; 延伸阅读; 延伸閱讀; 相关条目;
    див. також; посилання; джерела; примітки; виноски; odkazy; reference;
    související články; externí odkazy; poznámky; literatura; referenser; källor;
    externa länkar; se även; noter; litteratur; referanser; eksterne lenker; se også; kilder;
    henvisninger; eksterne henvisninger; lähteet; aiheesta muualla; katso myös; kirjallisuutta;
    viitteet; források; jegyzetek; külső hivatkozások; további információk; lásd még; kaynakça;
    dış bağlantılar; ayrıca bakınız; notlar; referințe; legături externe; vezi și; note de subsol;
    referències; enllaços externs; vegeu també; παραπομπές; πηγές;
    εξωτερικοί σύνδεσμοι; δείτε επίσης; 각주; 외부 링크; 같이 보기; 참고 문헌; مراجع; وصلات خارجية;
    انظر أيضا; قراءة إضافية; הערות שוליים; קישורים חיצוניים; ראו גם; источници; външни препратки;
    вижте също; бележки; референце; спољашње везе; види још; bronvermelding; zdroje;
    catatan kaki; referensi; pranala luar; lihat pula; lihat juga; tham khảo;
    liên kết ngoài; xem thêm; chú thích; referencoj; eksteraj ligiloj; vidu ankaŭ; ekstera ligilo;
    véxase tamén; ligazóns externas
    """.replace("\n", " ").split(";")
)  # fmt: skip
_APPARATUS_TITLES: Final = frozenset(" ".join(title.split()) for title in _APPARATUS)
#: Sections that hold works: the article's sources, or what a person wrote.
_WORKS: Final = frozenset(
    ("bibliography", "sources", "works cited", "literature", "literature cited", "primary sources",
     "secondary sources", "cited works", "cited sources", "reading list", "bibliographie",
     "bibliografía", "bibliografia", "notes", "endnotes", "print sources", "printed sources",
     "print", "online", "books", "web", "journals", "general", "specific", "attribution",
     "general sources", "book sources", "selected bibliography", "recommended reading",
     "suggested reading", "textbooks", "reviews")
)  # fmt: skip
_CITATION: Final = re.compile("\x03\\d+\x04")
_ITEM: Final = re.compile(r"\s*(?:-|\d+\.) ")
_PUBLISHED: Final = re.compile(r"\bISBN\b|\bdoi:|\b(?:1[5-9]|20)\d\d\b")


def is_apparatus(title: str) -> bool:
    """Whether a section of this title is apparatus, whatever it holds.

    >>> is_apparatus("See also"), is_apparatus("History")
    (True, False)
    """
    return " ".join(title.lower().strip(" :.").split()) in _APPARATUS_TITLES


def is_list_of_works(title: str, blocks: list[str]) -> bool:
    """Whether a section such as `Bibliography` or `Notes` is only the list of an article's sources.

    The works that a person wrote are most often listed without citation templates, and stay.
    """
    if title.lower().strip(" :.") not in _WORKS:
        return False
    lines = [words for block in blocks for words in block.split("\n") if words.strip()]
    if not all(_ITEM.match(words) for words in lines):
        return False
    cited = sum(bool(_CITATION.search(words)) for words in lines)
    return 2 * cited >= len(lines)
