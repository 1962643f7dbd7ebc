"""What a file counts the positions of its answers from, for sets that are released both ways.

A 0 or the number of the choices says it; so does an explanation that names the letter ("Ans. is
'c' i.e. ..."), beside the position that the same record gives.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from corpora.prompts.fields import as_text, found
from corpora.prompts.templates import Template

#: A letter after "Ans." or "Answer", with what follows a letter that is no word.
_LETTER: Final = re.compile(
    r"\bans(?:wer)?\b[\s.:=–-]*(?:is\b|are\b)?[\s.:=–-]*['\"‘“(\[]?\s*([a-e])"
    r"(?=['\"’”)\].,:;]|\s+i\.?\s?e\b|\s*\(|\s*$)",
    re.IGNORECASE,
)


def first_position(rows: Iterable[Mapping[str, object]], template: Template) -> int | None:
    """0 or 1, or None where nothing in the rows tells.

    Letters decide where more than two of three say the same.
    """
    assert template.answer is not None
    assert template.choices is not None
    count = len(template.choices.each_of)
    votes: Counter[int] = Counter()
    for row in rows:
        written = as_text(found(row, template.answer.index), Counter())
        if written in ("0", str(count)):
            return 0 if written == "0" else 1
        if written is None or not written.isdecimal() or len(written) > 2:
            continue
        explanation = as_text(found(row, template.answer.explained_by), Counter()) or ""
        match = _LETTER.search(explanation[:1000])
        if match:
            votes[int(written) - (ord(match[1].lower()) - ord("a"))] += 1
    for first in (0, 1):
        if votes[first] * 3 > votes.total() * 2:
            return first
    return None
