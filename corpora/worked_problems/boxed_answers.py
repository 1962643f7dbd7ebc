r"""The final answer of a worked solution: the last `\boxed{}`, or the line that states it."""

import re
from typing import Final, NamedTuple

_OPENING: Final = re.compile(r"\\(?:boxed|fbox)(?![A-Za-z])\s*")
#: What stands between the boxes of one answer.
_JOINT: Final = re.compile(
    r"[\s$]{0,9},?[\s$]{0,9}(?:\\(?:text|mbox)\{)?\s{0,9}(?:(and|or)|(?<=,)(?:\\ )?)"
    r"\s{0,9}\}?[\s$]{0,9}"
    r"(?:[A-Za-z]\s{0,9}=\s{0,9})?"
)
_BRACE: Final = re.compile(r"\\.|[{}]", re.DOTALL)
_ATOM: Final = re.compile(r"\\[A-Za-z]+|[^\s{}$\\]")
#: Each box that is not closed costs a look at all that follows it.
_MOST_UNCLOSED: Final = 5
_STATED: Final = re.compile(
    r"(?:^####\s*|\b(?:the\s+)?(?:final\s+)?answer\s+is:?\s+)(\S[^\n]{0,300})\s*\Z",
    re.IGNORECASE | re.MULTILINE,
)


class _Box(NamedTuple):
    """A box: where its command starts, where it ends, and what it holds."""

    start: int
    end: int
    content: str


def boxed_answer(solution: str) -> str | None:
    r"""What the last `\boxed{}` of a solution holds, between dollars; None where it has none.

    Boxes that stand beside each other are one answer.

    >>> boxed_answer(r"so $x = \boxed{2}$. Then $y = \boxed{\frac{1}{\sqrt{2}}}$.")
    '$\\frac{1}{\\sqrt{2}}$'
    >>> boxed_answer(r"The solutions are $\boxed{-2}$ and $\boxed{1}$.")
    '$-2$ and $1$'
    """
    boxes = _boxes(solution)
    if not boxes:
        return None
    last = boxes.pop()
    answer, contents = f"${last.content}$", {last.content}
    while boxes:
        joint = _JOINT.fullmatch(solution[boxes[-1].end : last.start])
        if joint is None or boxes[-1].content in contents:
            break
        last = boxes.pop()
        contents.add(last.content)
        answer = f"${last.content}${f' {joint[1]} ' if joint[1] else ', '}{answer}"
    return answer


def _boxes(solution: str) -> list[_Box]:
    """The boxes of a solution that are whole and not empty, without those inside others."""
    found: list[_Box] = []
    position = unclosed = 0
    while unclosed < _MOST_UNCLOSED and (opening := _OPENING.search(solution, position)):
        position = opening.end()
        if solution[position : position + 1] != "{":
            if atom := _ATOM.match(solution, position):
                found.append(_Box(opening.start(), atom.end(), atom.group()))
            continue
        end = _group_end(solution, position)
        if end is None:
            unclosed += 1
            continue
        if content := solution[position + 1 : end].strip():
            found.append(_Box(opening.start(), end + 1, content))
        position = end
    return found


def stated_answer(solution: str) -> str | None:
    """What the last line of a solution says the answer is, without its full stop, or None.

    >>> stated_answer("2 + 3 = 5\\nThe answer is: $5$.")
    '$5$'
    """
    found = _STATED.search(solution)
    if found is None:
        return None
    return found[1].strip().removesuffix(".").strip("* ") or None


def _group_end(text: str, start: int) -> int | None:
    depth = 0
    for match in _BRACE.finditer(text, start):
        sign = match.group()
        depth += (sign == "{") - (sign == "}")
        if depth == 0 and sign == "}":
            return match.start()
    return None
