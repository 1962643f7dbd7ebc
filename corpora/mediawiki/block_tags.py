"""Block elements that are written in HTML, as the wikitext that says the same."""

import re
from collections.abc import Callable
from typing import Final

#: A line of its own that opens or closes a quotation.
QUOTE_START, QUOTE_END = "\x0e", "\x0f"

_BLOCK: Final = re.compile(
    r"<(/?)(blockquote|p|div|center|table|caption|tr|td|th|tbody|thead|tfoot|ul|ol|li|dl|dt|dd|h[1-6]|"
    r"hr)(\s[^<>]*|/)?>",
    re.IGNORECASE,
)
_MOST_LISTS_OPEN: Final = 6


def without_block_tags(text: str) -> str:
    """The text with its block tags as lines of wikitext.

    >>> without_block_tags("<ul><li>a</li><li>b</li></ul>").split("\\n")
    ['', '', '* a', '* b', '', '']
    """
    lists: list[str] = []
    table: dict[str, Callable[[bool, str], str]] = {
        "blockquote": lambda closing, _: f"\n{QUOTE_END if closing else QUOTE_START}\n",
        "p": lambda closing, _: "\n\n",
        "div": lambda closing, _: "\n",
        "center": lambda closing, _: "\n",
        "table": lambda closing, given: "\n|}\n" if closing else f"\n{{|{given}\n",
        "caption": lambda closing, given: "\n" if closing else f"\n|+{given}|",
        "tr": lambda closing, given: "\n" if closing else "\n|-\n",
        "td": lambda closing, given: "\n" if closing else f"\n|{given or ' '}|",
        "th": lambda closing, given: "\n" if closing else f"\n!{given or ' '}|",
        "hr": lambda closing, _: "\n----\n",
    }

    def replaced(tag: re.Match[str]) -> str:
        closing, name, given = bool(tag.group(1)), tag.group(2).lower(), tag.group(3) or ""
        if name in ("ul", "ol", "dl"):
            if closing:
                if lists:
                    lists.pop()
                return "" if lists else "\n\n"
            if len(lists) < _MOST_LISTS_OPEN:
                lists.append("#" if name == "ol" else "*")
            return "" if len(lists) > 1 else "\n"
        if name == "li":
            return "" if closing else f"\n{''.join(lists) or '*'} "
        if name in ("dt", "dd"):
            sign = ";" if name == "dt" else ":"
            return "" if closing else f"\n{''.join(lists[:-1])}{sign} "
        if name.startswith("h") and name != "hr":
            signs = "=" * int(name[1])
            return f" {signs}\n" if closing else f"\n{signs} "
        made = table.get(name)
        return made(closing, given.rstrip("/")) if made else ""

    return _BLOCK.sub(replaced, text) if "<" in text else text
