r"""AMS-TeX (`\input amstex \documentstyle{amsppt}`) as LaTeX."""

import re
from typing import Final

from corpora.latex.dialects.source_edits import COMMAND, SourceEdits, without_comments

#: What a command becomes; `\endtitle` closes what `\title` opened.
_COMMANDS: Final = {
    "title": r"\title{", "endtitle": "}", "author": r"\author{", "endauthor": "}",
    "abstract": r"\begin{abstract}", "endabstract": r"\end{abstract}",
    "head": r"\section*{", "endhead": "}", "heading": r"\section*{", "endheading": "}",
    "specialhead": r"\section*{", "endspecialhead": "}",
    "subhead": r"\subsection*{", "endsubhead": "}", "subheading": r"\subsection*",
    "subsubhead": r"\subsubsection*{", "endsubsubhead": "}",
    "endproclaim": "\n\n", "enddemo": "\n\n", "enddefinition": "\n\n", "endremark": "\n\n",
    "endexample": "\n\n", "endcomment": r"\end{comment}", "comment": r"\begin{comment}",
    "topmatter": "", "endtopmatter": r"\maketitle ", "document": r"\begin{document}",
    "enddocument": r"\end{document}", "bye": r"\end{document}", "qed": "",
    "roster": r"\begin{enumerate}", "endroster": r"\end{enumerate}",
    "define": r"\def", "redefine": r"\def", "predefine": r"\def", "Bbb": r"\mathbb",
    "bold": r"\mathbf", "frak": r"\mathfrak", "goth": r"\mathfrak", "Cal": r"\mathcal",
    "NoBlackBoxes": "", "NoRunningHeads": "", "TagsOnRight": "", "TagsOnLeft": "",
    "CenteredTagsOnSplits": "", "UseAMSsymbols": "", "loadbold": "", "loadmsbm": "",
    "loadeufm": "", "nologo": "", "leftheadtext": r"\thispagestyle", "rightheadtext":
    r"\thispagestyle", "widestnumber": r"\thispagestyle", "@": "@", "nomore": "",
}  # fmt: skip
#: What stands between these and their ends is not printed.
_LEFT_OUT: Final = frozenset(
    ["affil", "address", "curraddr", "email", "thanks", "keywords", "subjclass", "date",
     "dedicatory", "translator"]
)  # fmt: skip
_HEADED: Final = {
    "proclaim": r"\textbf", "definition": r"\textbf", "remark": r"\textit", "example": r"\textbf",
    "demo": r"\textit",
}  # fmt: skip
_ENVIRONMENTS: Final = {
    "align": "align", "aligned": "aligned", "alignat": "alignat", "gather": "gather",
    "gathered": "gathered", "cases": "cases", "matrix": "matrix", "pmatrix": "pmatrix",
    "bmatrix": "bmatrix", "vmatrix": "vmatrix", "smallmatrix": "smallmatrix",
    "multline": "multline", "split": "split", "CD": "CD",
}  # fmt: skip
_FIELDS: Final = re.compile(
    r"\\(key|no|by|bysame|paper|book|inbook|bookinfo|paperinfo|jour|vol|yr|pages|page|publ|publaddr|"
    r"issue|toappear|ed|eds|finalinfo|lang|transl|moreref|procinfo|book|miscnote|eprint)(?![a-zA-Z])"
)


def is_ams_tex(source: str) -> bool:
    """Whether a source is AMS-TeX's and no LaTeX.

    >>> is_ams_tex(r"\\documentstyle{amsppt}"), is_ams_tex(r"\\documentstyle{amsart}")
    (True, False)
    """
    return bool(
        re.search(r"\\documentstyle\s*(?:\[[^\]]*\])?\s*\{amsppt\d?\}|\\topmatter\b", source)
    ) or ("\\input amstex" in source and "\\begin{document}" not in source)


def ams_tex_to_latex(source: str) -> str:
    """An AMS-TeX source as LaTeX, its list of references as a `thebibliography`."""
    edits = SourceEdits(without_comments(source))
    text = edits.source
    stop = 0
    for match in COMMAND.finditer(text):
        name, start, end = match.group(1) or match.group()[1], match.start(), match.end()
        if start < stop:
            continue
        if name == "documentstyle":
            found = re.compile(r"\\documentstyle\s*(?:\[[^\]]*\])?\s*\{[^{}]*\}").match(text, start)
            edits.replace(start, found.end() if found else end, r"\documentclass{amsart}")
        elif name == "input" and re.compile(r"\s*\{?(?:amstex|amsppt|amssym)").match(text, end):
            edits.replace(start, re.compile(r"\s*\{?[\w.]+\}?").match(text, end).end(), "")  # type: ignore[union-attr]
        elif name == "Refs":
            stop = _end(text, end, ("\\endRefs", "\\enddocument", "\\bye"))
            edits.replace(start, stop, _references(text[end:stop]))
        elif name in _LEFT_OUT and re.search(rf"\\end{name}\b", text[end : end + 3000]):
            stop = _end(text, end, (f"\\end{name}",))
            edits.replace(start, stop, "")
        elif name in _HEADED:
            group = edits.group(end)
            edits.replace(start, end, "\n\n" + _HEADED[name])
            if group is not None and not text[: group[1]].rstrip().endswith((".", ":")):
                edits.replace(group[1], group[1] + 1, ".} ")
        elif name in _ENVIRONMENTS and f"\\end{name}" in text[end : end + 20_000]:
            edits.replace(start, end, f"\\begin{{{_ENVIRONMENTS[name]}}}")
        elif name.startswith("end") and name[3:] in _ENVIRONMENTS:
            edits.replace(start, end, f"\\end{{{_ENVIRONMENTS[name[3:]]}}}")
        elif name == "tag" and (tag := re.compile(r"\s*([^\s$\\{}]+)").match(text, end)):
            edits.replace(start, tag.end(), f"\\tag{{{tag.group(1)}}}")
        elif name == "thetag" and (group := edits.group(end)):
            edits.replace(start, group[1] + 1, f"({text[group[0] : group[1]]})")
        elif name == "cite" and (group := edits.group(end)):
            key, _, note = text[group[0] : group[1]].partition(",")
            keyed = re.fullmatch(r"[\w\s,.-]*", text[group[0] : group[1]]) and not re.search(
                r"[a-z]\.|\bp+\b|[§\\]", note
            )
            keys = text[group[0] : group[1]] if keyed else key
            option = "" if keyed or not note.strip() else f"[{note.strip()}]"
            edits.replace(start, group[1] + 1, f"\\cite{option}{{{keys}}}")
        elif name == "item" and (mark := re.compile(r'\s*"([^"]{0,40})"').match(text, end)):
            edits.replace(start, mark.end(), f"\\item[{mark.group(1)}] ")
        elif name in _COMMANDS:
            edits.replace(
                start, end, _COMMANDS[name] + (" " if text[end : end + 1].isalpha() else "")
            )
    return edits.result()


def _end(text: str, at: int, ends: tuple[str, ...]) -> int:
    """The place after the nearest of several ends, or the end of the text."""
    found = [(text.find(end, at), end) for end in ends]
    places = [place + (len(end) if end == ends[0] else 0) for place, end in found if place >= 0]
    return min(places, default=len(text))


def _references(source: str) -> str:
    r"""The entries between `\Refs` and `\endRefs` with their parts named."""
    items: list[str] = []
    before = ""
    for number, entry in enumerate(re.split(r"\\ref(?![a-zA-Z])", source)[1:], start=1):
        entry = re.split(r"\\endref\b", entry)[0]
        parts = _FIELDS.split(entry)
        fields: dict[str, str] = {}
        for name, value in zip(parts[1::2], parts[2::2], strict=True):
            fields.setdefault(name, value.strip(" ,.\n"))
        by = before if "bysame" in fields else fields.get("by", "")
        before = by
        key = re.sub(r"[{}\\]", "", fields.get("key") or fields.get("no") or str(number)).strip()
        title = fields.get("paper") or fields.get("book") or ""
        year = re.search(r"\d{4}", fields.get("yr", ""))
        words = [f"\\bibitem{{{key}}} {by}, \\bibinfo{{title}}{{{title}}}" if title else
                 f"\\bibitem{{{key}}} {by}, {fields.get('jour', '')}"]  # fmt: skip
        if year is not None:
            words.append(f" (\\bibinfo{{year}}{{{year.group()}}})")
        items.append("".join(words))
    listed = "\n".join(items)
    return f"\\begin{{thebibliography}}{{9}}\n{listed}\n\\end{{thebibliography}}\n"
