"""Internal links: the label that a reader sees; pictures with their captions; nothing for the rest.

https://www.mediawiki.org/wiki/Help:Links and https://www.mediawiki.org/wiki/Help:Images
"""

import re
from typing import Final

from corpora.mediawiki.state import FIGURE_END, FIGURE_START, PageState

_FILE_NAMES: Final = frozenset(
    "file image media datei bild fichier archivo imagen ficheiro imagem bestand afbeelding "
    "plik grafika файл изображение ファイル 画像 文件 图像 fil immagine tiedosto soubor".split()
)
_FILE_SUFFIX: Final = re.compile(
    r"\.(?:jpe?g|png|svg|gif|tiff?|webp|djvu|og[agv]|webm|flac|mp3|mid|wav)$", re.IGNORECASE
)
_CATEGORY_NAMES: Final = frozenset(
    "category kategorie catégorie categoría categoria categorie kategoria категория カテゴリ 分类 "
    "kategori luokka категорія катэгорыя kategória kategorija kategorio κατηγορία קטגוריה "
    "تصنيف رده 분류 หมวดหมู่ thể_loại kategorie categoria categorie kategoriya 分類 श्रेणी".split()
)
#: Language codes of Wikipedias; a link `[[fr:Sel]]` stands in the margin.
_LANGUAGE: Final = re.compile(
    r"(?:[a-z]{2}|[a-z]{3}|simple|be-x-old|be-tarask|zh-(?:yue|min-nan|classical)|bat-smg|"
    r"fiu-vro|roa-rup|roa-tara|map-bms|nds-nl|cbk-zam|tokipona)"
)
_INTERWIKI: Final = re.compile(
    r"(?:w|wikt|wiktionary|wikipedia|s|wikisource|q|wikiquote|b|wikibooks|v|wikiversity|n|"
    r"wikinews|voy|species|wikispecies|commons|c|m|meta|d|wikidata|mw):+",
    re.IGNORECASE,
)
#: Words that frame a picture, and words that place it, in the languages of large Wikipedias.
_FRAMES: Final = (
    r"thumb(?:nail)?|framed?|mini(?:atur|atura|atură|atyr|atuur)?|vignette|miniaturadeimagen|"
    r"miniaturadaimagem|gerahmt|cadre|marco|min|riquadrato|мини|миниатюра|мініатюра|міні|обрамить|"
    r"サムネイル|サムネ|缩略图|縮圖|缩略|mały|ramka|ram|ramme|pienoiskuva|pienois|náhled|náhľad|rám|"
    r"bélyegkép|bélyeg|küçükresim|섬네일|تصغير|مصغر|ממוזער|μικρογραφία|eta|мини-слика"
)
_PLACES: Final = (
    r"frameless|rahmenlos|sans_cadre|border|rand|bordure|left|right|center|centre|none|links|rechts|"
    r"zentriert|ohne|gauche|droite|centré|néant|izquierda|derecha|centro|no|nenhum|esquerda|direita|"
    r"destra|sinistra|senza_cornice|справа|слева|центр|без|праворуч|ліворуч|дясно|ляво|вдясно|вляво|"
    r"右|左|中央|なし|居中|無|无|lewo|prawo|centruj|brak|höger|vänster|centrerad|ingen|høyre|venstre|"
    r"midt|oikea|vasen|keskellä|vpravo|vlevo|střed|jobbra|balra|középre|sağ|sol|orta|dreta|esquerra|"
    r"dreapta|stânga|오른쪽|왼쪽|يمين|يسار|ימין|שמאל|δεξιά|αριστερά|maldekstre|dekstre"
)
_OPTION: Final = re.compile(
    rf"(?:{_FRAMES}|{_PLACES}|"
    r"baseline|sub|super|top|text-top|middle|bottom|text-bottom|upright(?:\s*=?\s*[\d.]+)?|"
    r"hochkant(?:\s*=?\s*[\d.]+)?|redresse(?:\s*=?\s*[\d.]+)?|"
    r"(?:\d+\s*)?x?\s*\d*\s*(?:px|пкс|пікс|пк|ピクセル|像素|εσ|بك)|\d{1,4}|"
    r"(?:alt|link|page|lang|class|thumbtime|start|end|langue|"
    r"verweis|seite|alternativtext|альт)\s*=.*)",
    re.IGNORECASE | re.DOTALL,
)
_FRAMED: Final = re.compile(rf"\s*(?:{_FRAMES})\s*(?:=.*)?", re.IGNORECASE)


def is_picture(target: str) -> bool:
    """Whether a link's target is a file, by the name of its namespace or by its suffix.

    >>> is_picture("File:A.svg"), is_picture("Dosiero:A.svg"), is_picture("Wikt:a")
    (True, True, False)
    """
    prefix, colon, _ = target.strip().partition(":")
    named = prefix.strip().lower().replace("_", " ") in _FILE_NAMES
    return bool(colon and prefix) and (named or _FILE_SUFFIX.search(target.strip()) is not None)


def internal_link(parts: list[str], state: PageState) -> str:
    """What `[[target|...]]` shows in the text, given its parts."""
    target = parts[0].strip()
    prefix, colon, rest = target.partition(":")
    kind = prefix.strip().lower().replace("_", " ") if colon else ""
    if kind:
        namespace = state.site.namespaces.get(kind)
        if namespace == 6 or is_picture(target):
            return _picture(parts)
        if namespace == 14 or kind in _CATEGORY_NAMES:
            return ""
        if _LANGUAGE.fullmatch(kind) and kind == prefix.strip() and rest and len(parts) == 1:
            return ""
    if len(parts) > 1 and (label := "|".join(parts[1:]).strip(" \n")):
        return label
    if "\n" in target or not target:
        return parts[0]
    target = target.lstrip(":#").strip()
    return _INTERWIKI.sub("", target, count=1).replace("_", " ") or parts[0]


def _picture(parts: list[str]) -> str:
    """A figure with its caption; an icon in the running text is no figure."""
    framed = any(_FRAMED.fullmatch(part) for part in parts[1:])
    captions = [part for part in parts[1:] if not _OPTION.fullmatch(part.strip())]
    caption = captions[-1] if captions and framed else ""
    caption = caption.replace(FIGURE_START, "").replace(FIGURE_END, " ")
    # The number tells a framed figure from a bare one, which counts only on a line of its own.
    return f"{FIGURE_START}{'=' if framed else '-'}{caption.strip()}{FIGURE_END}"
