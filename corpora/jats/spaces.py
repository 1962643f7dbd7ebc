"""White space of running text: as it is printed, whatever the file does to its lines."""

import re
from typing import Final

from tokenization.markers import code_point

#: Characters that are layout, not text: soft hyphen, zero-width space, byte order mark.
_UNSEEN: Final = "\u00ad\u200b\ufeff"
_CLOSING: Final = "".join(map(code_point, ("[END_LATEX]", "[END_SUP]", "[END_SUB]")))
#: White space inside parentheses and before a comma, which an indented file has around elements.
_LOOSE: Final = re.compile(
    rf"(?<=[^\\\w]\() (?=[^\s)])|(?<=[\w\]){_CLOSING}]) (?=[),.](?:[\s),.;]|$))"
)


def tidy(text: str) -> str:
    """Text on one line: white space collapsed, layout characters out.

    >>> tidy(" a\\n  b\\u00a0c ")
    'a b c'
    """
    return collapsed(text).strip()


def collapsed(text: str) -> str:
    """The same, with a blank where the text begins or ends with white space."""
    if not text.isascii():
        # By hand: a table or a pattern looks at each character, `in` and `replace` at many at once.
        for unseen in _UNSEEN:
            if unseen in text:
                text = text.replace(unseen, "")
        if "\u00a0" in text:
            text = text.replace("\u00a0", " ")
    if "\n" in text:
        text = text.replace("\n", " ")
    if "\t" in text:
        text = text.replace("\t", " ")
    if "\r" in text:
        text = text.replace("\r", " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def close_up(words: str) -> str:
    r"""Text without the spaces that no one prints.

    >>> close_up("as shown ( Figure 1 ) , and here .")
    'as shown (Figure 1), and here.'
    """
    if "( " in words or " )" in words or " ," in words or " ." in words:
        return _LOOSE.sub("", words)
    return words
