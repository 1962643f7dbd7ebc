r"""Commands of layout and settings that print nothing of their arguments, or only one of them.

They add to the tables of `signatures.py`: each was met in the text of a paper, where an unknown
command would print its arguments. A signature is a string of `*`, `[` and `{`.
"""

import re
from typing import Final

from corpora.latex.cursor import Cursor
from corpora.latex.writer import Handler, Sink, Writer

_DROPPED: Final = """
newgeometry:{ addvspace:{ microtypesetup:{ floatname:{{ newfloat:{{{[ floatstyle:{ restylefloat:*{
floatplacement:{{ extracolsep:{ typeout:{ newaliascnt:{{ aliascntresetthe:{ DeclareOption:*{{
ProvidesPackage:{[ ProvidesClass:{[ NeedsTeXFormat:{[ ProcessOptions:* ExecuteOptions:{
define@key:{{{{ setkeys:{{ tcolorboxenvironment:{{ tcbuselibrary:{ tcbset:{ newtcolorbox:[{[[{
declaretheoremstyle:[{ DeclareFieldFormat:*[{{ DeclareNameAlias:{{ setenumerate:[{ setitemize:[{
newlist:{{{ glossary:[{ nomenclature:[{{ makenomenclature:[ printnomenclature:[ printindex:[
printacronyms:[ titlerule:*[ captionsetup:*[{ definecolor:[{{{ pdfinfo:{ pdfcatalog:{
DeclareMathSymbol:{{{{ DeclareSymbolFont:{{{{{ SetSymbolFont:{{{{{{ DeclareFontFamily:{{{
DeclareFontShape:{{{{{{ DeclareMathAlphabet:{{{{{ SetMathAlphabet:{{{{{{ DeclareMathVersion:{
DeclareUnicodeCharacter:{{ setdefaultlanguage:[{ setmainlanguage:[{ setotherlanguage:[{
setotherlanguages:[{ lstinputlisting:[{ inputminted:[{{ VerbatimInput:[{ verbatiminput:*{
pgfmathsetmacro:{{ pgfmathparse:{ pgfmathtruncatemacro:{{ savebox:{[[{ sbox:{{ newsavebox:{
usebox:{ settoheight:{{ settodepth:{{ setcounterref:{{ bookmarksetup:{ SetKwFor:{{{{
SetKwRepeat:{{{ SetKwIF:{{{{{{{{ SetKwProg:{{{{ SetKwBlock:{{{ SetAlFnt:{ SetAlCapFnt:{
SetAlCapNameFnt:{ SetNlSty:{{{ SetAlgoNlRelativeSize:{ SetAlgoSkip:{ SetAlgoInsideSkip:{
SetKwInput:{{ SetKwArray:{ SetKwIn:{{ SetKwOut:{{ SetFuncSty:{ SetKwSty:{ SetDataSty:{
algrenewcommand:{[{ algnewcommand:{[{ algrenewtext:[{[{ algnewlanguage:{ algdef:[{[{{
setstcolor:{ setul:{{ sethlcolor:{ DeclareCaptionFormat:{{ DeclareCaptionLabelFormat:{{
DeclareCaptionFont:{{ DeclareCaptionStyle:{[{ RecustomVerbatimEnvironment:{{{ fvset:{
DefineVerbatimEnvironment:{{{ lstnewenvironment:{[[{{ lstMakeShortInline:[{ MakeShortVerb:*{
DeleteShortVerb:{ newminted:[{{ newmintinline:[{{ setminted:[{ usemintedstyle:[{ definecolorset:{{{{
chemsetup:[{ setchemfig:[{ tikzstyle:{ pgfdeclarelayer:{ pgfsetlayers:{
pgfkeys:{ forestset:{ theoremsymbol:{ theoremheaderfont:{ theorembodyfont:{ theoremnumbering:{
theoremseparator:{ qedsymbol: xpatchcmd:[{{{{ robustify:{ pdfstringdef:{{
newrefformat:{{ labelformat:{{ creflabelformat:{{ crefrangelabelformat:{{ crefmultiformat:{{{{{
crefrangeformat:{{ creflastconjunction: newcites:{{ mathtoolsset:{ newtagform:{[{{ usetagform:{
everypar:{ newdateformat:{{ frenchbsetup:{ setquotestyle:[{ MakeOuterQuote:{ DeclareQuoteStyle:{{{{{
AtEndOfPackage:{ AfterPackage:{{ BeforeBeginEnvironment:{{ AfterEndEnvironment:{{
AtBeginEnvironment:{{ AtEndEnvironment:{{ csappto:{{ appto:{{ special:{
addtotheorempostheadhook:[{ pdfcomment:[{ pdfmarkupcomment:[{{ pdftooltip: resetlinenumber:[
useunder:{{ setnoclub:[ setnowidow:[ pagecolor:[{ nopagecolor:
newpagestyle:{[{ sethead:[[[{{{ setfoot:[[[{{{
ofoot:[{ ohead:[{ ihead:[{ ifoot:[{ automark:[{ KOMAoptions:{ setkomafont:{{ addtokomafont:{{
tablecolumns:{ tablewidth:{ tabletail:{ tablefirsthead:{ tablelasthead:{ setlongtables:
startlongtable: collaborationname:{ reportnum:{
"""

# Index of the argument that is printed.
_KEPT: Final = """
narrowequation:{:0 pdftooltip:{{:0 MakeTextUppercase:{:0
MakeTextLowercase:{:0 st:{:0 sout:{:0 xout:{:0 ul:{:0 so:{:0 caps:{:0 textsmaller:[{:1
textlarger:[{:1 smaller:[: larger:[: rowhdr:{:0
scalerel:{{:0 stretchto:{{:0 boxed:{:0 ovalbox:{:0 Ovalbox:{:0 doublebox:{:0
tcbox:[{:1 textgreek:{:0 textlatin:{:0
textcyrillic:{:0 textfrench:{:0 textenglish:{:0 textgerman:{:0 hyphenquote:{{:1 ctext:[{:1
highlight:[{:1
"""


def _dropping(signature: str) -> Handler:
    def handler(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
        cursor.signature(signature)

    return handler


def _keeping(signature: str, index: int) -> Handler:
    def handler(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
        where = cursor.signature(signature)[index]
        if where is not None:
            writer.render(where.start, where.end, sink)

    return handler


def _coloured(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    """`\\textcolor`: a letter or two in white are a blank of the author's."""
    cursor.optional()
    colour, where = writer.source(cursor.argument()), cursor.argument()
    if colour == "white" and sum(len(t) for t in writer.tokens[where.start : where.end]) < 4:
        sink.text(" ")
    else:
        writer.render(where.start, where.end, sink)


def _drawing(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""`\tikz[...]{...}` and `\tikz \draw ...;`."""
    cursor.optional()
    cursor.blanks()
    if cursor.peek() == "{":
        cursor.argument()
        return
    for at in range(cursor.at, min(cursor.end, cursor.at + 400)):
        if ";" in writer.tokens[at]:
            cursor.at = at + 1
            rest = writer.tokens[at].partition(";")[2]
            sink.text(rest)
            return


def _tables() -> dict[str, Handler]:
    handlers: dict[str, Handler] = {}
    for row in _DROPPED.split():
        name, _, signature = row.partition(":")
        handlers["\\" + name] = _dropping(re.sub(r"[^*\[{]", "", signature))
    for row in _KEPT.split():
        name, signature, index = [*row.split(":"), ""][:3]
        handlers["\\" + name] = _keeping(signature, int(index)) if index else _dropping(signature)
    return handlers


COMMANDS: Final[dict[str, Handler]] = {
    **_tables(),
    "\\textcolor": _coloured,
    "\\tikz": _drawing,
}
