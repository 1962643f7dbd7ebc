r"""What commands take and print: argument counts, symbols and accents.

Symbols and most argument lists are pylatexenc's tables; the additions are commands of page layout
and of publishers' classes. A signature is a string of `*` (star), `[` (optional), `{` (mandatory).
"""

from typing import Final

from pylatexenc.latex2text import get_default_latex_context_db as _text_tables
from pylatexenc.latexwalker import get_default_latex_context_db as _walker_tables

from corpora.latex.tokens import words

#: Combining characters of the accent commands.
ACCENTS: Final = {
    "\\'": "\u0301", "\\`": "\u0300", "\\^": "\u0302", '\\"': "\u0308", "\\~": "\u0303",
    "\\=": "\u0304", "\\.": "\u0307", "\\u": "\u0306", "\\v": "\u030c", "\\H": "\u030b",
    "\\c": "\u0327", "\\k": "\u0328", "\\d": "\u0323", "\\b": "\u0331", "\\r": "\u030a",
    "\\t": "\u0361", "\\capitalacute": "\u0301", "\\textogonekcentered": "\u0328",
}  # fmt: skip

#: Accents of mathematics, met in prose when an author forgets the dollar signs.
MATH_ACCENTS: Final = {
    "\\hat": "\u0302", "\\tilde": "\u0303", "\\bar": "\u0304", "\\vec": "\u20d7",
    "\\dot": "\u0307", "\\ddot": "\u0308", "\\acute": "\u0301", "\\grave": "\u0300",
    "\\check": "\u030c", "\\breve": "\u0306",
}  # fmt: skip


def _symbols() -> dict[str, str]:
    table: dict[str, str] = {}
    for spec in _text_tables().iter_macro_specs():
        replacement = spec.simplify_repl
        if isinstance(replacement, str) and "%" not in replacement:
            table["\\" + spec.macroname] = replacement
    table.update(_OWN_SYMBOLS)
    return table


_OWN_SYMBOLS: Final = {
    "\\today": "", "\\%": "%", "\\&": "&", "\\$": "$", "\\#": "#", "\\_": "_", "\\{": "{",
    "\\}": "}", "\\ ": " ", "\\,": " ", "\\;": " ", "\\:": " ", "\\>": " ", "\\!": "", "\\/": "",
    "\\-": "", "\\@": "", "\\+": "", "\\quad": " ", "\\qquad": " ", "\\enspace": " ",
    "\\thinspace": " ", "\\space": " ", "\\nobreakspace": " ", "\\enskip": " ",
    "\\S": "§", "\\P": "¶", "\\dag": "†", "\\ddag": "‡", "\\dagger": "†", "\\ddagger": "‡",
    "\\copyright": "©", "\\textcopyright": "©", "\\pounds": "£", "\\textsterling": "£",
    "\\textregistered": "®", "\\texttrademark": "™", "\\textdegree": "°", "\\degree": "°",
    "\\degr": "°", "\\textasciitilde": "~", "\\textasciicircum": "^", "\\textunderscore": "_",
    "\\textbar": "|", "\\textless": "<", "\\textgreater": ">", "\\textbraceleft": "{",
    "\\textbraceright": "}", "\\textasteriskcentered": "*", "\\textbullet": "•",
    "\\textdollar": "$", "\\textquotesingle": "'", "\\textquotedbl": '"', "\\textmu": "µ",
    "\\textellipsis": "…", "\\ldots": "…", "\\dots": "…", "\\dotsc": "…", "\\lq": "‘",
    "\\rq": "’", "\\slash": "/", "\\textperiodcentered": "·", "\\textnumero": "№",
    "\\textregister": "®", "\\textohm": "Ω", "\\textmho": "℧", "\\textperthousand": "‰",
    "\\textbardbl": "‖", "\\textsection": "§", "\\textparagraph": "¶", "\\textdagger": "†",
    "\\textdaggerdbl": "‡", "\\textonehalf": "½", "\\textonequarter": "¼", "\\textcent": "¢",
    "\\texttimes": "×", "\\textdiv": "÷", "\\textminus": "−", "\\textonesuperior": "¹",
    "\\texttwosuperior": "²", "\\textthreesuperior": "³", "\\textestimated": "℮",
    "\\textleftarrow": "←", "\\textrightarrow": "→", "\\guillemotleft": "«",
    "\\guillemotright": "»", "\\guilsinglleft": "‹", "\\guilsinglright": "›", "\\og": "« ",
    "\\fg": " »", "\\quotedblbase": "„", "\\glqq": "„", "\\grqq": "“", "\\textexclamdown": "¡",
    "\\textquestiondown": "¿", "\\th": "þ", "\\TH": "Þ", "\\dh": "ð", "\\DH": "Ð", "\\dj": "đ",
    "\\DJ": "Đ", "\\ng": "ŋ", "\\NG": "Ŋ", "\\SS": "ẞ", "\\TeX": "TeX", "\\LaTeX": "LaTeX",
    "\\LaTeXe": "LaTeX2e", "\\BibTeX": "BibTeX", "\\XeTeX": "XeTeX", "\\LuaTeX": "LuaTeX",
    "\\pdfTeX": "pdfTeX", "\\TikZ": "TikZ", "\\sim": "∼", "\\textasciiacute": "´",
    "\\ie": "i.e.", "\\eg": "e.g.", "\\etal": "et al.", "\\etc": "etc.", "\\cf": "cf.",
    "\\vs": "vs.", "\\wrt": "w.r.t.", "\\aka": "a.k.a.", "\\arcsec": "″", "\\arcmin": "′",
    "\\sun": "☉", "\\micron": "µm", "\\angstrom": "Å", "\\ldot": ".", "\\textcolon": ":",
    "\\lt": "<", "\\gt": ">", "\\checkmark": "✓", "\\cmark": "✓", "\\xmark": "✗",
    "\\textvisiblespace": " ", "\\newline": " ", "\\male": "♂", "\\female": "♀",
    "\\qed": "", "\\qedhere": "", "\\lbrack": "[", "\\rbrack": "]", "\\null": "",
    "\\textprime": "′", "\\mbox": "", "\\bibnamedelima": " ", "\\bibnamedelimb": " ",
    "\\bibinitdelim": " ", "\\bibinitperiod": ".", "\\bibrangedash": "–",
    "\\bibinithyphendelim": ".-", "\\bibnamedelimi": " ", "\\bibnamedelimc": " ",
    "\\natexlab": "", "\\apostrophe": "'", "\\colon": ":", "\\cdashline": "", "\\hbox": "",
    "\\tcr": "", "\\KwTo": " to ", "\\KwDownTo": " down to ", "\\KwRet": "return ", "\\Or": " or ",
    "\\Not": "not ", "\\True": "true", "\\False": "false", "\\TO": " to ", "\\AND": " and ",
    "\\OR": " or ", "\\NOT": "not ", "\\TRUE": "true", "\\FALSE": "false",
    "\\BBA": "&", "\\BOthers": "et al.", "\\BCBT": "", "\\BCBL": "", "\\BPBI": ".", "\\BHBI": ".-",
    "\\pagebreak": "", "\\nopagebreak": "", "\\linebreak": " ",
}  # fmt: skip

#: Command -> Unicode text.
SYMBOLS: Final[dict[str, str]] = _symbols()
for _name in ("\\mbox", "\\hbox", "\\natexlab"):
    del SYMBOLS[_name]

# Commands whose arguments are layout: nothing of them is printed.
_DROPPED_TEXT: Final = """
altaffiliation:[{ noaffiliation: homepage:[{
vspace:*{ hspace:*{ vskip: setlength:{{ addtolength:{{ settowidth:{{ setcounter:{{
newlength:{ pagestyle:{
thispagestyle:{ pagenumbering:{ bibliographystyle:{ color:[{ definecolor:{{{ colorlet:{{
hypersetup:{ usepackage:[{[ RequirePackage:[{[ graphicspath:{ geometry:{ captionsetup:[{
setlist:[{ lstset:{ lstdefinestyle:{{ lstdefinelanguage:[{[{ sisetup:{ tikzset:{ pgfplotsset:{
usetikzlibrary:{ usepgfplotslibrary:{ newcolumntype:{[{ hyphenation:{ fontsize:{{
selectlanguage:{ hspacex:{ enlargethispage:*{ phantom:{ hphantom:{ vphantom:{ index:{
markboth:{{ markright:{ addcontentsline:{{{ addtocontents:{{ includeonly:{
PassOptionsToPackage:{{ documentclass:[{[ documentstyle:[{ bibdata:{ rule:[{{ cline:{
cmidrule:[{ specialrule:{{{ addlinespace:[ hline: toprule:[ midrule:[ bottomrule:[ noalign:{
hhline:{ arrayrulecolor:[{ rowcolor:[{[[ cellcolor:[{[[ columncolor:[{[[ rowcolors:*[{{{ pacs:{
keywords:{ received:{ accepted:{ revised:{ published:{ doi:{ copyrightyear:{ pubyear:{
firstpage:{ lastpage:{ volume:{ pubnumber:{ issue:{ pages:{ editor:{ history:{ corres:{
corresp:{ correspondingauthor:{ address:*[{ affiliation:*[{ affil:*[{ altaffiltext:{{
altaffilmark:{ institute:[{ institution:{ department:{ city:{ country:{ state:{ postcode:{
streetaddress:{ orcid:{ orcidID:{ orcidlink:{ email:[{ ead:[{ emailAdd:{ cortext:[{ corref:{
fntext:[{ fnref:{ tnotetext:[{ tnoteref:{ date:{ dedicated:{ subjclass:[{ shorttitle:{
shortauthors:{ shortauthor:{ runninghead:{ titlerunning:{ authorrunning:{ authornote:{
authornotemark:[ ccsdesc:[{ setcopyright:{ acmConference:[{{{ acmYear:{ acmDOI:{ acmISBN:{
acmPrice:{ acmJournal:{ acmVolume:{ acmNumber:{ acmArticle:{ acmMonth:{ acmSubmissionID:{
citestyle:{ thanks:{ inst:{ lhead:[{ rhead:[{ chead:[{ lfoot:[{ rfoot:[{ cfoot:[{ fancyhead:[{
fancyfoot:[{ fancyhf:[{ fancyheadoffset:[{ fancyfootoffset:[{ renewcaptionname:{{{
theoremstyle:{ newtheoremstyle:{{{{{{{{{ allowdisplaybreaks:[ setstretch:{
linespread:{ vspacex:{ bstctlcite:{ IEEEpubid:{ IEEEtriggeratref:{ IEEEspecialpapernotice:{
nocite:{ citetoctitle:{ externaldocument:[[{ bibliography:{ nobibliography:*{ bibliographyunit:[
glsaddall:[ makeglossaries: printglossary:[ printbibliography:[ printbibheading:[
addbibresource:[{ ExecuteBibliographyOptions:[{ DeclareGraphicsExtensions:{ DeclareSIUnit:[{{
sectionfont:{ subsectionfont:{ titleformat:*{[{{{{[ titlespacing:*{{{{
crefformat:{{ Crefformat:{{ SetKwComment:{{{ SetCommentSty:{ SetKwInOut:{{ SetKw:{{ SetKwData:{{
SetKwFunction:{{ SetAlgoLined: DontPrintSemicolon: LinesNumbered: listofchanges: linenumbers:*
modulolinenumbers:[ thickhline: tabletypesize:{ tablewidth:{ tablenum:{ tablecolumns:{ rotate:
articletype:{ jname:{ jyear:{ jdoi:{ jmonth:{ authorsaffiliations:{ authorsaffilations:{
leftheader:{ journal:{ subject:{ msc:{ AtBeginDocument:{ AtEndDocument:{ apptocmd:{{{{
patchcmd:[{{{{{ pretocmd:{{{{ listfiles: includepdf:[{ hypertarget: pdfbookmark:[{{ bookmark:[{
bibpunct:[{{{{{{ setcitestyle:{ defbibheading:{[{ balance: textheight: crefalias:{{ preprint:{
slugcomment:{ submitjournal:{ software: journalinfo:{ shorttitlex:{ subtitle:[{ titlenote:{
subtitlenote:{ copyrightpermission:{ maketag:{ notetoeditor:{ journalname:{ titlefigurecaption:{
bmhead:{ eqnobysec: appdxname:{ tocauthor:{ toctitle:{ supplementarymaterial:{ marginpar:[{
todo:[{ marginnote:{[ fancypagestyle:{{ setmainfont:[{[ setsansfont:[{[ setmonofont:[{[
setmathfont:[{[ newfontfamily:{[{ urlstyle:{ DisableLigatures:[{ SetTracking:[{{
counterwithout:*{{ everymath: psfull: selectfont: fontfamily:{ fontseries:{
fontshape:{ fontencoding:{ usefont:{{{{ shortcites:{ tableofcontents: listoffigures:
listoftables: verso:{ recto:{ copyrightnotice:{ ShortHeadings:{{{{{{ jmlrheading:{{{{{{{
editors:{ icmlsetsymbol:{{ icmlaffiliation:{{ icmlcorrespondingauthor:{{ icmltitlerunning:{
icmlkeywords:{ printAffiliationsAndNotice:{ correspondence:{ JournalInfo:{ Archive:{ metadata:[{
APACinsertmetastar:{ authoremail:{ authoraddr:{ markcite:{ sluginfo: nomarkcite:{
"""

# Commands that print one of their arguments: signature and the index of that argument.
_KEPT_TEXT: Final = """
 BIBforeignlanguage:{{:1
 textcolor:[{{:2 colorbox:[{{:2 fcolorbox:[{[{{:4 parbox:[[[{{:4 makebox:[[{:2 framebox:[[{:2
raisebox:{[[{:3 resizebox:*{{{:3 scalebox:{[{:2 rotatebox:[{{:2 reflectbox:{:0 adjustbox:{{:1
foreignlanguage:[{{:2 texorpdfstring:{{:0 hyperlink:{{:1 hypertarget:{{:1 mbox:{:0
fbox:{:0 shadowbox:{:0 ensuretext:{:0 makecell:*[{:2 thead:*[{:2 shortstack:[{:1 tablenote:[{:1
pbox:{{:1 uline:{:0 hl:{:0 added:[{:1 replaced:[{{:1 deleted:[{:-1 uwave:{:0 textls:[{:1
MakeUppercase:{:0 MakeLowercase:{:0 uppercase:{:0 lowercase:{:0 textnormal:{:0 rlap:{:0 llap:{:0
clap:{:0 smash:[{:1 centerline:{:0 leftline:{:0 rightline:{:0 intertext:{:0 fnm:{:0 sur:{:0
spfx:{:0 pfx:{:0 natureName:{:0 tanm:{:0 IEEEauthorblockN:{:0 IEEEauthorblockA:{:-1 name:{:0
IEEEPARstart:{{:9 dropcap:{:0 lettrine:[{{:9 natexlab:{:0 bibnamefont:{:0 bibfnamefont:{:0
bibinfo:{{:1 bibfield:{{:1 eprint:[{:1 citenamefont:{:0 href@noop:{{:1 enquote:*{:1
multirow:[{[{[{:5 multicolumn:{{{:2 multirowcell:{[{:2 rotcell:{:0
tikz:[{:-1 lowercasesc:{:0 textulc:{:0 hskipx:{:0
"""


def _parse(table: str) -> dict[str, tuple[str, int]]:
    parsed: dict[str, tuple[str, int]] = {}
    for row in table.split():
        fields = row.split(":")
        parsed["\\" + fields[0]] = (fields[1], int(fields[2]) if len(fields) > 2 else -1)
    return parsed


#: Command -> (signature, index of the argument that is printed; -1: none, 9: all).
LAYOUT: Final[dict[str, tuple[str, int]]] = _parse(_DROPPED_TEXT) | _parse(_KEPT_TEXT)

# Mandatory arguments of commands not in pylatexenc's table, for the split of `\frac12`.
_OWN_ARGUMENTS: Final = {
    "dfrac": 2, "tfrac": 2, "cfrac": 2, "sfrac": 2, "binom": 2, "dbinom": 2, "tbinom": 2,
    "overset": 2, "underset": 2, "stackrel": 2, "boldsymbol": 1, "bm": 1, "pmb": 1,
    "operatorname": 1, "mathbbm": 1, "mathds": 1, "mathop": 1, "mathbin": 1, "mathrel": 1,
    "mathnormal": 1, "dddot": 1, "mathring": 1, "substack": 1, "boxed": 1, "textsuperscript": 1,
    "textsubscript": 1, "xrightarrow": 1, "xleftarrow": 1, "cancel": 1, "ce": 1, "mathsfit": 1,
    "footnotetext": 1, "caption": 1, "t": 1, "tag": 1, "pageref": 1, "thanks": 1, "footnote": 1,
}  # fmt: skip


def _arguments() -> dict[str, int]:
    table = {
        "\\" + spec.macroname: (getattr(spec.args_parser, "argspec", "") or "").count("{")
        for spec in _walker_tables().iter_macro_specs()
        if spec.macroname not in {"\\", "item", "title", "author", "not", "hint", "hints", "verb"}
    }
    table.update(dict.fromkeys(ACCENTS, 1))
    table.update({"\\" + name: count for name, count in _OWN_ARGUMENTS.items()})
    table.update({name: signature.count("{") for name, (signature, _) in LAYOUT.items()})
    # `\\cmidrule(lr){2-3}` has one more argument, in parentheses.
    # and `\\hbox to 3cm{...}` a size before it.
    for name in ("\\cmidrule", "\\hbox", "\\vbox"):
        table.pop(name, None)
    return {name: count for name, count in table.items() if count}


#: Command -> number of mandatory arguments.
MANDATORY_ARGUMENTS: Final[dict[str, int]] = _arguments()
for _name in ("\\~", "\\^", "\\="):
    MANDATORY_ARGUMENTS[_name] = 1

#: Commands whose meaning in this reader a paper's own definition does not change.
PROTECTED: Final = frozenset(
    "\\" + name
    for name in words("""
    begin end document documentclass input include section subsection subsubsection
    chapter part paragraph subparagraph appendix label ref cite citep citet citealt
    citealp citeauthor citeyear citeyearpar parencite textcite autocite footcite nocite
    title author authors abstract caption footnote footnotemark footnotetext thanks item
    includegraphics bibliography bibitem newblock maketitle url href newcommand
    renewcommand providecommand def let newenvironment renewenvironment newtheorem
    ensuremath text textbf textit emph texttt textrm textsf textsc mathrm mathbf mathit
    footnotesize small large Large normalsize tableofcontents par verb multicolumn
    multirow hline tabular table figure equation left right frac sum int tag address
    affil affiliation altaffilmark altaffiltext email keywords and bibliographystyle
    thebibliography usepackage textsuperscript textsubscript subfloat subfigure eqref
    autoref cref Cref tableline colhead tablehead startdata enddata tablecaption ce SI
    num si newline color textcolor colorbox fcolorbox
""")
) | frozenset(
    ["\\\\", "\\(", "\\)", "\\[", "\\]", "\\{", "\\}", "\\%", "\\$", "\\&", "\\#", "\\_", "\\ "]
)
