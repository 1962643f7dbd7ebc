"""Templates that print their arguments: which one, and with what around it."""

import re
from collections.abc import Callable
from typing import Final

from corpora.mediawiki import template_french, template_languages
from corpora.mediawiki.arguments import Arguments
from corpora.mediawiki.characters import shielded
from corpora.mediawiki.template_words import ARGUMENT, CONSTANT
from tokenization.wrappers import subscript, superscript


def _last(given: Arguments) -> str:
    arguments = given.positional()
    return arguments[-1] if arguments else ""


def _joined(separator: str) -> Callable[[Arguments], str]:
    return lambda given: separator.join(part for part in given.positional() if part)


def _around(before: str, after: str = "") -> Callable[[Arguments], str]:
    return lambda given: f"{before}{words}{after}" if (words := given.at(1)) else before.strip()


def _code(given: Arguments) -> str:
    words = given.get("1", "code")
    return f"<code>{words}</code>" if words else ""


def _quote(given: Arguments) -> str:
    words = given.get("text", "quote", "content", "1", "zitat", "texte", "cita", "citazione")
    if not words:
        return ""
    said = [
        part
        for part in (
            given.get("author", "by", "sign", "person", "2", "autor"),
            given.get("title", "source", "3", "quelle"),
        )
        if part
    ]
    credit = f"\n\n— {', '.join(said)}" if said else ""
    return f"\n<blockquote>\n{words}{credit}\n</blockquote>\n"


def _poem(given: Arguments) -> str:
    words = given.get("text", "1", "quote")
    return _quote(given) if not words else "\n<blockquote>\n" + re.sub(
        r"(?<=\S)\n(?=\S)", "<br>\n", words
    ) + "\n</blockquote>\n"  # fmt: skip


def _su(given: Arguments) -> str:
    up, down = given.get("p", "1"), given.get("b", "2")
    return (superscript(up, marked=True) if up else "") + (
        subscript(down, marked=True) if down else ""
    )


def _person(given: Arguments) -> str:
    return " ".join(part for part in (given.at(1), given.at(2)) if part)


def _range(before: str) -> Callable[[Arguments], str]:
    def words(given: Arguments) -> str:
        years = "–".join(part for part in given.positional()[:2] if part)
        return f"{before} {years}" if years else before

    return words


def _section_link(given: Arguments) -> str:
    return " § ".join(part for part in given.positional() if part)


def _angle(*units: str) -> Callable[[Arguments], str]:
    return lambda given: " ".join(
        f"{part}{unit}" for part, unit in zip(given.positional(), units, strict=False) if part
    )


def _unicode_character(given: Arguments) -> str:
    code = given.at(1)
    shown = ""
    if re.fullmatch(r"[0-9A-Fa-f]{2,6}", code) and int(code, 16) < 0x110000:
        shown = f" &#x{code};" if not 0xD800 <= int(code, 16) < 0xE000 else ""
    return f"U+{code.upper()}{shown} {given.get('name', '2')}".strip()


def _figures(given: Arguments) -> str:
    """{{multiple image|image1=..|caption1=..}} and single ones: figures for the links to read."""
    shared = given.get("footer", "header")
    out = []
    for number in ("", *map(str, range(1, 31))):
        if given.get(f"image{number}", f"file{number}"):
            out.append(f"\x05={given.get(f'caption{number}', f'description{number}')}\x06")
    if not out and given.at(1):
        out.append(f"\x05={given.get('caption', 'description', 'text') or given.at(3)}\x06")
    if shared and out:
        bare = all(part == "\x05=\x06" for part in out)
        out = [f"\x05={shared}\x06"] if bare else [*out[:-1], out[-1][:-1] + f" {shared}\x06"]
    return "\n" + "\n".join(out) + "\n" if out else ""


def _gallery(given: Arguments) -> str:
    parts = given.positional()
    return "\n" + "\n".join(f"\x05={caption}\x06" for caption in parts[1::2]) + "\n"


def _theorem(kind: str) -> Callable[[Arguments], str]:
    def words(given: Arguments) -> str:
        name = given.get("name", "title") or kind
        note = given.get("note")
        statement = given.get("math_statement", "proof", "1", "text")
        return f"\n\n{name}{f' ({note})' if note else ''}. {statement}\n\n" if statement else ""

    return words


def _displayed(given: Arguments) -> str:
    words = given.get("equation", "2", "1")
    number = given.get("3", "ref") if given.at(3) else ""
    return f"\n:{words.strip(': ')}{f' ({number})' if number else ''}\n"


_Shape = Callable[[Arguments], str]


def _value(*names: str) -> _Shape:
    """The first of these arguments that has a value."""
    return lambda given: given.get(*names)


def _nothing(_: Arguments) -> str:
    return ""


def _items(sign: str) -> _Shape:
    return lambda given: "".join(f"\n{sign} {part}" for part in given.positional()) + "\n"


def _pull_quote(given: Arguments) -> str:
    """{{rquote|side|words|author}}."""
    side = given.at(1).lower() in ("left", "right", "center")
    return _quote(Arguments(given.positional()[1:]) if side else given)


def _sic(given: Arguments) -> str:
    words = "".join(given.positional()[:2])
    hidden = given.get("hide") in ("y", "yes")
    return words if words and hidden else f"{words} &#91;sic&#93;".lstrip()


def _bra_ket(given: Arguments) -> str:
    parts = given.positional()
    if len(parts) >= 3 and parts[0] in ("bra", "ket", "bra-ket", "braket"):
        parts = parts[1:]
    return f"⟨{'&#124;'.join(parts)}⟩"


def _hidden(given: Arguments) -> str:
    return f"\n{given.at(1)}\n\n{given.at(2)}\n"


def _columns(given: Arguments) -> str:
    content = given.get("content", "1")
    columns = [given.get(f"col{number}") for number in range(1, 9)]
    return content if "\n" in content else "\n".join(part for part in columns if part)


def _reading(given: Arguments) -> str:
    """{{ruby|base|reading}}."""
    return f"{given.at(1)} ({given.at(2)})" if given.at(2) else given.at(1)


def _note_sign(given: Arguments) -> str:
    signs = {"flat": "♭", "sharp": "♯", "natural": "♮", "b": "♭", "#": "♯"}
    return signs.get(given.at(1), given.at(1))


def _verse(given: Arguments) -> str:
    """{{bibleverse|1|Corinthians|13:4|ESV}}, {{bibleverse|Genesis|1:1}}."""
    parts = [part for part in given.positional() if part]
    return " ".join(parts[: 3 if parts and parts[0].isdigit() else 2])


_FIRST: Final = _around("")
_TABLE: Final[tuple[tuple[_Shape, str], ...]] = (
    (_code, "code; codes; tt; python; java; c-lang; inline code; pre"),
    (_value("2", "text"), "lang; nihongo-lang; wikt-lang"),
    (template_languages.in_language, "langx; lang-x"),
    (template_languages.ipa, "ipa; ipalink; ipa link"),
    (_around("&#91;", "&#93;"), "ipablink; bracket; bracketed; brackets; interp; closed-closed"),
    (_around("/", "/"), "ipaslink; slash"),
    (template_languages.ipac, "ipac-en"),
    (_joined("-"), "respell; pronunciation respelling"),
    (_around("⟨", "⟩"), "angbr; angbr ipa; angle bracket"),
    (
        _quote,
        "quote; blockquote; cquote; quotation; bquote; quote box; quotebox; long quote; zitat; "
        "citation bloc; cita; block quote; bq; quote frame; excerpt quote",
    ),
    (_pull_quote, "rquote; pull quote; pullquote"),
    (_poem, "poemquote; poem quote; verse translation; poem"),
    (_joined(", "), "ubl; unbulleted list; ublist; comma separated entries; csv; plainlist inline"),
    (_joined(" · "), "hlist; flat list inline"),
    (_items("*"), "bulleted list; blist; unbulleted"),
    (_items("#"), "ordered list; numbered list"),
    (_su, "su; supsub"),
    (_joined(""), "gaps; linktext; sic inline"),
    (_joined("+"), "key press; keypress; key; keyboard"),
    (
        _FIRST,
        "delimitnum; formatnum; num; nts; number; ssort; annotated link; redirect-inline; "
        "pdb link; cas; cas no; ordinal; currency; vec; overbar; hat; nihongo2; "
        "chem name; smiles; dnasequence; collapse; plain list; flat list; entrezgene",
    ),
    (
        lambda given: " ".join(given.positional()[:2]),
        "nombre; unité; unidad; ship; sortname; sortkeyname",
    ),
    (lambda given: given.at(2) or given.at(1), "sort; overset; etymology; underset; sortkey"),
    (_range("c."), "c.; circa; ca"),
    (_range("fl."), "floruit; fl."),
    (_range("r."), "reign; r."),
    (_around("born "), "born; b."),
    (_around("died "), "died; d."),
    (
        template_french.date,
        "date; date-; date de naissance; date de décès; date de naissance-; date de décès-; jma",
    ),
    (template_french.century, "s-; s; sp-; s2-; siècle; sav-"),
    (_sic, "sic; typo sic"),
    (
        _value("lt", "texte", "trad", "1", "fr", "en"),
        "ill; interlanguage link; illm; interlanguage link multi; lien; link-interwiki",
    ),
    (_section_link, "section link; slink; see section"),
    (lambda given: f"{given.at(1)}-class {given.at(2)}".strip(), "sclass; sclass2; sclass-"),
    (lambda given: given.at(3) or given.at(2), "font color; fontcolor; font colour"),
    (_value("2", "text"), "legend; legend2; legend0; color box; colour box; legend inline"),
    (lambda given: f"{'–'.join(given.positional()[:2])} million years ago", "mya; myr; ma"),
    (template_languages.chinese, "zh; zh-full; lang-zh"),
    (template_languages.nihongo, "nihongo; nihongo krt"),
    (lambda given: f"{given.at(3)} ({given.at(2)}, {given.at(1)})", "nihongo3"),
    (_value("hangul", "1"), "korean"),
    (_last, "transl; transliteration; translit"),
    (_around("‘", "’"), "gloss; single quote"),
    (_around("lit. ‘", "’"), "lit; lit.; literal translation; literally"),
    (_around("transl. "), "translation; trans"),
    (_around("ISBN "), "isbn; isbn-13"),
    (_around("doi:"), "doi"),
    (_around("PMID "), "pmid"),
    (_around("PMC "), "pmc"),
    (_around("arXiv:"), "arxiv"),
    (_around("Bibcode:"), "bibcode"),
    (_around("OCLC "), "oclc"),
    (lambda given: f"(sequence {given.get('1', 'id')} in the OEIS)", "oeis"),
    (_value("1", "id"), "oeis2c; oeis link"),
    (_around("RFC "), "rfc; ietf rfc"),
    (_around("EC "), "ec number"),
    (_around("&#124;", "&#124;"), "abs; mabs"),
    (_around("‖", "‖"), "norm"),
    (_around("⟨", "&#124;"), "bra"),
    (_around("&#124;", "⟩"), "ket"),
    (_bra_ket, "braket; bra-ket"),
    (_around("√(", ")"), "radic; sqrt; root"),
    (_around("⌊", "⌋"), "floor"),
    (_around("⌈", "⌉"), "ceil; ceiling"),
    (_around("&#123;", "&#125;"), "mset; set"),
    (_around("&#91;", ")"), "closed-open"),
    (_around("(", "&#93;"), "open-closed"),
    (_around("(", ")"), "open-open; pars; paren; eqnref; eqnote; eqn; eqref"),
    # The writer sets the parentheses, `({{EquationNote|1}})`, or the block that is numbered does.
    (lambda given: given.at(2) or given.at(1), "equationref; equationnote; equation note"),
    (_around("", "′"), "prime"),
    (_around("p. "), "p."),
    (_around("vol. "), "vol."),
    (lambda given: f"{given.at(1)}{given.at(2) if len(given.at(2)) < 3 else ''}", "bartable"),
    (lambda given: given.at(2), "version"),
    (_angle("h", "m", "s"), "ra"),
    (_angle("°", "′", "″"), "dec; dms; deg2"),
    (_around("US$"), "us$; usd; us dollar"),
    (_around("A$"), "a$; aud"),
    (_around("C$"), "cad; c$"),
    (_around("£"), "gbp; £; pound; gbp 2"),
    (_around("€"), "eur; €; euro"),
    (_around("₹"), "inr; ₹; indian rupee"),
    (_around("¥"), "jpy; cny; ¥; yen"),
    (_around("USS "), "uss"),
    (_around("HMS "), "hms"),
    (_around("SS "), "ss"),
    (_around("RMS "), "rms"),
    (_unicode_character, "unichar"),
    (_verse, "bibleverse; bibleref; bibleref2"),
    (
        lambda given: f"Quran {':'.join(part for part in given.positional()[:2] if part)}",
        "cite quran; quran-usc; quran; qref; quran-yusuf ali; cite qur'an",
    ),
    (_note_sign, "music"),
    (
        _figures,
        "multiple image; multiple images; double image; triple image; annotated image; wide image; "
        "annotated image 4; css image crop; panorama; tall image; image array; photomontage; "
        "superimpose; plain image with caption",
    ),
    (_gallery, "gallery; image gallery"),
    (_theorem("Theorem"), "math theorem; theorem"),
    (_theorem("Proof"), "math proof; proof"),
    (_displayed, "numblk; numblk2; numbered block; numbered block 2; equation box 1; equation"),
    (lambda given: f"\n:{given.get('1', 'text')}\n", "bi; block indent; blockindent; in10"),
    (_hidden, "hidden; hidden text"),
    (_columns, "div col; columns-list; columns list; col-list; columns; multi-column list"),
    (_reading, "ruby; ruby-ja"),
    (_around("&lt;", "&gt;"), "tag; xtag"),
    (lambda given: shielded(given.at(1)), "nowiki"),
    (lambda given: superscript(given.at(1), marked=True) if given.at(1) else "", "sup; smallsup"),
    (lambda given: subscript(given.at(1), marked=True) if given.at(1) else "", "sub"),
    (_nothing, "tl; external media; glossary; glossary end; switcher; sourcetext; asin"),
)
_SHAPES: Final = {name: shape for shape, names in _TABLE for name in names.split("; ")}


def text_template(name: str, given: Arguments) -> str | None:
    """What a template of this name, in lower case, prints; None where it is none of these."""
    shape = _SHAPES.get(name)
    if shape is not None:
        return shape(given)
    constant = CONSTANT.get(name)
    if constant is not None:
        # A coloured cell of a table prints what it is given instead.
        return given.at(1) or constant if constant[:1].isalpha() else constant
    position = ARGUMENT.get(name.replace(" ", "_"))
    if position is not None:
        return given.get("text", "content") or (given.at(position) if position else _last(given))
    if name.startswith("lang-"):
        return template_languages.with_language(name[5:], given.get("1", "text"), given)
    if name.startswith("ipa-"):
        return template_languages.language_ipa(name[4:].partition("-")[0])(given)
    if name.startswith("ipac-"):
        return (
            template_languages.ipac(given).replace("/", "[", 1).replace("/", "]")
            if given.positional()
            else ""
        )
    if name.startswith("script/"):
        return given.at(1)
    return template_french.numbered(name, given)
