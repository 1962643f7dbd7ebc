"""Entities in tagged tokens: the sentence as it reads, and the names that are marked in it.

Tags are IOB2 and its kin (`B-Chemical`, `I-Chemical`, `O`; IOBES), as words or as the numbers of a
list of words. Tokens are joined as an author writes them.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict

from corpora.documents import RecordUnreadable
from corpora.prompts.fields import Paths, found
from corpora.text_columns import tidy

#: How the Penn Treebank writes brackets and quotation marks.
_PENN: Final = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{",
                "-RCB-": "}", "``": "“", "''": "”"}  # fmt: skip
_NO_SPACE_BEFORE: Final = re.compile(r"[.,;:!?%)\]}]|'s|n't|”|’")
_NO_SPACE_AFTER: Final = frozenset("([{“‘")
#: What a name is joined by when it was cut into tokens: `IL - 2`, `5 / 6`, `+`.
_JOINED: Final = frozenset("-–/'’")
#: Types that say nothing.
_NO_TYPES: Final = frozenset({"entity", "ent", "named_entity", "mention"})
_PREFIX: Final = re.compile(r"^([BIOESUL])(?:[-_](.+))?$")


class Entities(BaseModel):
    """Where tokens and tags stand. `names` are the words of numbered tags, in order; `kinds` gives
    the plural that a text uses for a tag's type: `{Chemical: chemicals}`. Releases number tags
    differently: `numbered` are the paths whose numbers `names` is about, all of `tags` if empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tokens: Paths
    tags: Paths
    names: tuple[str, ...] = ()
    numbered: Paths = ()
    kinds: dict[str, str] = {}
    kind: str = "entities"


def entity_values(
    row: Mapping[str, object], entities: Entities, cleaned: Counter[str]
) -> dict[str, str]:
    """The fields `sentence`, `entities`, `entities_by_kind` and `kind` of a record.

    Raises RecordUnreadable where tokens and tags do not go together.
    """
    tokens, tags = found(row, entities.tokens), found(row, entities.tags)
    if not isinstance(tokens, list) or not isinstance(tags, list) or len(tokens) != len(tags):
        raise RecordUnreadable("tokens and tags do not go together", f"of {len(row)} fields")
    words = [" ".join(tidy(str(token), cleaned).split()) for token in tokens]
    words = [_PENN.get(word, word) for word in words]
    text, starts = joined(words)
    names_numbers = not entities.numbered or found(row, entities.numbered) is tags
    known = entities.names if names_numbers else ()
    spans = spans_of([_tag(tag, known) for tag in tags])
    by_kind: dict[str, dict[str, str]] = {}
    names: dict[str, str] = {}
    for first, last, type_ in spans:
        name = text[starts[first] : starts[last] + len(words[last])]
        kind = entities.kinds.get(type_) or kind_in_words(tidy(type_, cleaned)) or entities.kind
        add_name(by_kind.setdefault(kind, {}), name)
        add_name(names, name)
    lines = [
        f"{kind[:1].upper()}{kind[1:]}: {', '.join(group.values())}"
        for kind, group in by_kind.items()
    ]
    return {
        "sentence": text,
        "entities": ", ".join(names.values()) or "None",
        "entities_by_kind": "\n".join(lines) or "None",
        "kind": entities.kind,
    }


#: The fields that entities give to a phrasing.
ENTITY_FIELDS: Final = ("sentence", "entities", "entities_by_kind", "kind")


def kind_in_words(type_: str) -> str:
    """A tag's type as words.

    >>> kind_in_words("OtherScientificTerm"), kind_in_words("cell_line"), kind_in_words("DNA")
    ('other scientific term', 'cell line', 'DNA')
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", type_).split()
    return " ".join(word.lower() if word.istitle() else word for word in words)


def add_name(names: dict[str, str], name: str) -> None:
    """Adds a name that is not there yet, be it with a capital at the start of a sentence."""
    if name:
        names.setdefault(name[0].lower() + name[1:], name)


def _tag(tag: object, names: Sequence[str]) -> str:
    if isinstance(tag, str) and not tag.isdecimal():
        return tag
    if isinstance(tag, int | str) and not isinstance(tag, bool):
        number = int(tag) if len(str(tag)) < 6 else -1
        if 0 <= number < len(names):
            return names[number]
    known = ", ".join(names) or "none: name a template that has them"
    raise RecordUnreadable("unknown tag", f"{tag!r:.60}; the names of numbers are {known}")


def spans_of(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """The first and last token and the type of each entity.

    An `I` that nothing begins begins one, as in IOB1 and in the slips of annotators.

    >>> spans_of(["O", "B-DNA", "I-DNA", "B-DNA", "S-RNA", "O", "I-protein"])
    [(1, 2, 'DNA'), (3, 3, 'DNA'), (4, 4, 'RNA'), (6, 6, 'protein')]
    """
    spans: list[tuple[int, int, str]] = []
    open_ = False
    for place, tag in enumerate(tags):
        match = _PREFIX.match(tag)
        prefix, type_ = (match[1], match[2] or "") if match else ("O", "")
        if type_.lower() in _NO_TYPES:
            type_ = ""
        if prefix == "O":
            open_ = False
            continue
        goes_on = prefix in "IEL" and open_ and spans[-1][2] == type_
        if goes_on:
            spans[-1] = (spans[-1][0], place, type_)
        else:
            spans.append((place, place, type_))
        open_ = prefix in "BI"
    return spans


def joined(words: Sequence[str]) -> tuple[str, list[int]]:
    """Tokens as a text, and where each begins in it.

    >>> joined(["IL", "-", "2", "(", "p53", ")", "binds", "."])[0]
    'IL-2 (p53) binds.'
    """
    text, starts = "", []
    quoted = False
    for place, word in enumerate(words):
        before = words[place - 1] if place else ""
        tight = (
            not text
            or bool(_NO_SPACE_BEFORE.fullmatch(word))
            or before in _NO_SPACE_AFTER
            or (before == '"' and quoted)
            or (word == '"' and quoted)
            or word in _JOINED
            or (before in _JOINED and place > 1)
        )
        if word == '"':
            quoted = not quoted
        text += word if tight else f" {word}"
        starts.append(len(text) - len(word))
    return text, starts
