r"""LaTeX source to tokens, and tokens back to source.

A token is a `str`: a control sequence (`\alpha`, `\%`), one of `{ } [ ] $ & ~ ^ _ *`, `$$`,
 a parameter (`#1`), a blank `" "`, a paragraph break `"\n"`, `\begin{name}` or `\end{name}`
(after expansion), or a run of ordinary characters. Text that TeX does not tokenize is one raw token
whose first character is a C0 control, which `project.decode` removes from every file, so that no
file can spell one.

pylatexenc's own walker is recursive and reads 0.2 MB/s; it supplies the symbol and argument tables
(`signatures.py`), while this flat list lets a hostile file cost neither the stack nor the hour.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


def words(listed: str) -> list[str]:
    """The names of a table written as one string.

    >>> words("figure table")
    ['figure', 'table']
    """
    return listed.split()


#: First characters of raw tokens: inline code, a block (kind, option line, code), an address.
INLINE_CODE: Final = "\x01"
CODE_BLOCK: Final = "\x02"
ADDRESS: Final = "\x03"
#: Marks the end of an included file in the stream of the expander.
END_OF_FILE: Final = "\x04"
#: Marks the end of tokens that are expanded by themselves.
END_OF_EXPANSION: Final = "\x0f"

BLANK: Final = " "
#: The blanks that end a control word: nothing in prose, kept in formulas as people write them.
WORD_BLANK: Final = "\x0b"
PARAGRAPH: Final = "\n"

_CODE_ENVIRONMENTS: Final = frozenset(
    words("""
    verbatim Verbatim BVerbatim LVerbatim SaveVerbatim verbatimtab lstlisting minted
    verbatim* lstlisting* Verbatim* pycode
""")
)
_LEFT_OUT: Final = frozenset(words("comment filecontents filecontents* CCSXML sagesilent"))

_WORD: Final = r"\\[a-zA-Z]+"
_WORD_AT: Final = r"\\[a-zA-Z@]+"
# What is met most often comes first.
_PATTERN: Final = r"""
    (?P<text>[^\\\s%\#{{}}\[\]$&~^_*]+)
  | (?P<space>\s+)
  | (?P<word>{word})
  | (?P<special>\$\$|[{{}}\[\]$&~^_*])
  | (?P<symbol>\\[\s\S]?)
  | (?P<comment>%[^\n]*(?:\n[ \t]*)?)
  | (?P<parameter>\#+[0-9]?)
"""
_ORDINARY: Final = re.compile(_PATTERN.format(word=_WORD), re.VERBOSE)
_INTERNAL: Final = re.compile(_PATTERN.format(word=_WORD_AT), re.VERBOSE)
_BEGIN: Final = re.compile(r"\s*\{([a-zA-Z]+\*?)\}")
_BLANKS: Final = re.compile(r"[ \t]*+(?:\n[ \t]*+(?!\n))?")
_OPTIONS: Final = re.compile(r"[ \t]*((?:\[[^\]\n]{0,2000}\]|\{[^{}\n]{0,200}\})*)[ \t]*\n?")
_MINTED: Final = re.compile(r"\s*(?:\[[^\]]{0,500}\])?\s*\{([^{}]{0,40})\}")
_ADDRESSES: Final = frozenset({"\\url", "\\path", "\\nolinkurl", "\\href", "\\hyperref"})
_CODES: Final = frozenset({"\\verb", "\\lstinline", "\\mintinline", "\\Verb"})
_NEW_CODE: Final = re.compile(
    r"^[^%\n]*?\\(lstnewenvironment|newverbatim|newminted|DefineVerbatimEnvironment|newtcblisting|"
    r"RecustomVerbatimEnvironment|excludecomment|includecomment|specialcomment)"
    r"\s*(?:\[[^\]]{0,200}\])?\{([a-zA-Z]+\*?)\}",
    re.MULTILINE,
)
_NEW_CODE_WORDS: Final = (
    b"lstnewenvironment", b"newverbatim", b"newminted", b"VerbatimEnvironment", b"newtcblisting",
    b"excludecomment",
)  # fmt: skip
_INLINE_LIMIT: Final = 2000


@dataclass(frozen=True, slots=True)
class CodeEnvironments:
    """Environments that TeX does not tokenize: those kept as code, and those left out."""

    code: frozenset[str] = _CODE_ENVIRONMENTS
    left_out: frozenset[str] = _LEFT_OUT


def code_environments(files: Iterable[bytes]) -> CodeEnvironments:
    r"""The code environments of a paper: with its own, and what `\excludecomment` leaves out.

    >>> code_environments([rb"\excludecomment{hidden}"]).left_out - CodeEnvironments().left_out
    frozenset({'hidden'})
    """
    code, left_out = set(_CODE_ENVIRONMENTS), set(_LEFT_OUT)
    for data in files:
        if any(word in data for word in _NEW_CODE_WORDS):
            for command, name in _NEW_CODE.findall(data.decode("utf-8", "replace")):
                if command == "excludecomment":
                    left_out.add(name)
                elif command in ("includecomment", "specialcomment"):
                    left_out.discard(name)
                else:
                    code.add(name)
    return CodeEnvironments(frozenset(code), frozenset(left_out))


_ORDINARY_CODE: Final = CodeEnvironments()


def tokenize(
    source: str, environments: CodeEnvironments = _ORDINARY_CODE, *, internal: bool = False
) -> list[str]:
    r"""The tokens of a source; `internal` reads `@` as a letter from the start, as in a `.sty`.

    >>> tokenize(r"\emph{a}  % why\n b")
    ['\\emph', '{', 'a', '}', ' ']
    >>> tokenize("$x^2$\n\nnext")
    ['$', 'x', '^', '2', '$', '\n', 'next']
    """
    out: list[str] = []
    unclosed: set[str] = set()
    pattern = _INTERNAL if internal else _ORDINARY
    position, length = 0, len(source)
    while position < length:
        match = pattern.match(source, position)
        assert match is not None, "the token pattern covers every character"
        kind, token = match.lastgroup, match.group()
        position += len(token)
        if kind == "text" or kind == "special":
            out.append(token)
        elif kind == "space":
            out.append(PARAGRAPH if token.count("\n") > 1 else BLANK)
        elif kind == "comment":
            if position < length and source[position] == "\n":
                out.append(PARAGRAPH)
        elif kind == "word":
            if token == "\\makeatletter":
                pattern = _INTERNAL
            elif token == "\\makeatother":
                pattern = _ORDINARY
            elif token == "\\begin":
                raw = _code_block(source, position, environments, unclosed)
                if raw is not None:
                    token, position = raw
                    if token:
                        out.append(token)
                    continue
            elif token in _CODES:
                raw = _inline_code(source, position, token)
                if raw is not None:
                    token, position = raw
            elif token in _ADDRESSES:
                out.append(token)
                position = _address(source, position, out)
                continue
            out.append(token)
            blanks = _BLANKS.match(source, position)
            if blanks is not None and not token.startswith(INLINE_CODE) and blanks.group():
                position = blanks.end()
                out.append(WORD_BLANK)
        elif kind == "symbol":
            if token[1:].isspace():
                out.append("\\ ")
                if token.endswith("\n") and position < length and source[position] == "\n":
                    out.append(PARAGRAPH)
            else:
                out.append(token)
        else:
            out.append(token)
    return out


def _code_block(
    source: str, position: int, environments: CodeEnvironments, unclosed: set[str]
) -> tuple[str, int] | None:
    """The raw token of a verbatim environment that starts here, and where it ends."""
    match = _BEGIN.match(source, position)
    if match is None:
        return None
    name = match.group(1)
    if name not in environments.code and name not in environments.left_out:
        return None
    ending = f"\\end{{{name}}}"
    # An unclosed environment is looked for once: a file of many would cost its square.
    end = -1 if name in unclosed else source.find(ending, match.end())
    if end < 0:
        unclosed.add(name)
        return None
    after = end + len(ending)
    if name in environments.left_out:
        return "", after
    start, language = match.end(), ""
    if name == "minted":
        minted = _MINTED.match(source, start)
        if minted is not None:
            language, start = minted.group(1).strip(), minted.end()
    options = _OPTIONS.match(source, start, end)
    option_text = options.group(1) if options is not None else ""
    if options is not None:
        start = options.end()
    said = re.search(r"language=\{?(?:\[[^\]]*\])?([A-Za-z+#]+)", option_text)
    if said is not None:
        language = said.group(1)
    caption = re.search(
        r"(?:caption|title)=(?:\{((?:[^{}]|\{[^{}]*\})*)\}|([^,\]{}]+))", option_text
    )
    label = re.search(r"label=\{?([^,\]{}]+)", option_text)
    header = "\x08".join(
        (
            language.lower(),
            (caption.group(1) or caption.group(2) or "").strip() if caption else "",
            label.group(1).strip() if label else "",
        )
    )
    return f"{CODE_BLOCK}{header}\n{source[start:end]}", after


def _inline_code(source: str, position: int, command: str) -> tuple[str, int] | None:
    r"""`\verb|x|`, `\lstinline!x!`, `\mintinline{python}{x}` as one raw token."""
    match = re.compile(r"\*?(?:\[[^\]\n]{0,200}\])?").match(source, position)
    position = match.end() if match is not None else position
    if command == "\\mintinline":
        language = _MINTED.match(source, position)
        if language is None:
            return None
        position = language.end()
    if position >= len(source) or source[position].isspace():
        return None
    opening = source[position]
    closing = "}" if opening == "{" and command != "\\verb" else opening
    if closing.isalnum():
        return None
    limit = position + _INLINE_LIMIT
    line_end = source.find("\n", position, limit)
    end = source.find(closing, position + 1, line_end if line_end >= 0 else limit)
    if end < 0:
        return None
    return INLINE_CODE + source[position + 1 : end], end + 1


def _address(source: str, position: int, out: list[str]) -> int:
    """Appends `{`, a raw address, `}` where the braces hold one, and says where reading goes on.

    An argument with a parameter or a macro in it is left to the ordinary tokens.
    """
    match = re.compile(r"\s*\{").match(source, position)
    if match is None:
        return position
    start, depth, at = match.end(), 1, match.end()
    limit = min(len(source), start + _INLINE_LIMIT)
    if source.find("}", start, limit) < 0:
        return position
    while at < limit:
        character = source[at]
        if character == "\\":
            at += 1
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                break
        at += 1
    if depth or at >= limit:
        return position
    content = source[start:at]
    if re.search(r"#\d|\\[a-zA-Z]|\n\s*\n", content):
        return position
    content = re.sub(r"%\n\s*", "", content)
    out += ["{", ADDRESS + re.sub(r"\\([%#&_~{}$])", r"\1", "".join(content.split())), "}"]
    return at + 1


def untokenize(tokens: Iterable[str]) -> str:
    r"""Tokens as source again, with a blank only where a control word would run into a letter.

    >>> untokenize(["\\alpha", "x", "\\%", "y"])
    '\\alpha x\\%y'
    """
    out: list[str] = []
    after_word = blank = False
    for token in tokens:
        if not token:
            continue
        if token == WORD_BLANK:
            blank = True
            continue
        first = token[0]
        if after_word and first.isascii() and (first.isalpha() or (blank and first.isdigit())):
            out.append(" ")
        blank = False
        if first == "\\" and len(token) > 1 and token[1].isalpha() and token[-1] != "}":
            after_word = True
        else:
            after_word = False
        if first in (ADDRESS, INLINE_CODE):
            token = token[1:]
        elif first == CODE_BLOCK:
            token = token.partition("\n")[2]
        elif first == PARAGRAPH:
            token = "\n\n"
        out.append(token)
    return "".join(out)
