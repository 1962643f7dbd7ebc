r"""What each token of a text is: what `galactica tokenizer show` prints, line by line and inline.

Every string made here is safe to print: nothing but printable characters leaves it, so that no text
and no vocabulary can send an escape sequence to a terminal or turn its writing direction.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tokenization.markers import CONTROL_TOKENS, Marker, MarkerTable, Reading
from tokenization.pretokenizer import BYTE_OF_CHARACTER
from tokenization.tokenizer import ScienceTokenizer

CONTROL: Final = "control token"
OPENING: Final = "opening marker"
CLOSING: Final = "closing marker"
ALONE: Final = "marker"
PIECE: Final = "text"

_VISIBLE: Final = {" ": "␣", "\n": r"\n", "\t": r"\t", "\r": r"\r"}
_WIDE: Final = ("W", "F")


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token: its id, its entry in the vocabulary, the same readable, and what it is.

    `text` has `␣` for a space, escapes for what does not print, and `\\xNN` for bytes that are
    part of a character. `kind` is `text`, `opening marker`, `closing marker`, `marker` (one that
    stands alone), `control token`, or `character of [START_SMILES]` and the like.
    """

    id: int
    token: str
    text: str
    kind: str

    @property
    def ends_line(self) -> bool:
        """Whether the token is a newline."""
        return self.token == "Ċ"


def token_rows(tokenizer: ScienceTokenizer, text: str) -> list[TokenRow]:
    """One row for every token of a text in bracket spelling.

    >>> from tokenization import TokenizerSettings
    >>> from tokenization.training import train_tokenizer
    >>> settings = TokenizerSettings(vocabulary_size=281)
    >>> tokenizer = train_tokenizer(["the water of the sea"], settings, latex_markers=False)
    >>> print(render(token_rows(tokenizer, "the [START_AMINO]MK")))
    280  the            text
    243  ␣              text
     17  [START_AMINO]  opening marker
     67  M              character of [START_AMINO]
     65  K              character of [START_AMINO]
    """
    return list(_rows(tokenizer, tokenizer.encode(text)))


def corpus_rows(tokenizer: ScienceTokenizer, marked_text: str) -> list[TokenRow]:
    """One row for every token of a document in marked text, `</s>` at its end.

    This is the corpus path: only a reserved character is a marker, and a text that spells one, or
    `</s>`, gives ordinary tokens. Raises ValueError as `ScienceTokenizer.encode_documents` does.
    """
    ids, _ = tokenizer.encode_documents([marked_text])
    return list(_rows(tokenizer, ids.tolist()))


def _rows(tokenizer: ScienceTokenizer, ids: Sequence[int]) -> Iterator[TokenRow]:
    by_spelling = MarkerTable(tokenizer.markers).by_spelling
    symbols = frozenset(tokenizer.symbols)
    span: Marker | None = None
    for id_ in ids:
        token = tokenizer.id_to_token(id_)
        assert token is not None
        marker = by_spelling.get(token)
        if marker is not None:
            span = marker if marker.reading is not Reading.TEXT else None
            yield TokenRow(id_, token, printable(token), _marker_kind(marker))
        elif token in CONTROL_TOKENS:
            span = None
            yield TokenRow(id_, token, token, CONTROL)
        elif span is not None:
            unit = "symbol" if token in symbols else "character"
            yield TokenRow(id_, token, readable(token), f"{unit} of {printable(span.spelling)}")
        else:
            yield TokenRow(id_, token, readable(token), PIECE)


def _marker_kind(marker: Marker) -> str:
    if marker.closed_by is not None:
        return OPENING
    return ALONE if marker.closes is None else CLOSING


def readable(token: str) -> str:
    r"""A byte-level vocabulary entry as a person would write it.

    >>> readable("Ġthe"), readable("Ċ"), readable("Âµm"), readable("Â")
    ('␣the', '\\n', 'µm', '\\xc2')
    """
    if any(character not in BYTE_OF_CHARACTER for character in token):
        return printable(token)  # no entry that bytes can make
    data = bytes(BYTE_OF_CHARACTER[character] for character in token)
    text = printable(data.decode("utf-8", errors="backslashreplace"))
    # An accent at the start of a token would sit on whatever is printed before it.
    return f"◌{text}" if text and unicodedata.combining(text[0]) else text


def printable(text: str) -> str:
    r"""`text` on one line with nothing in it that a terminal obeys or that cannot be seen.

    >>> printable("a b\n\x1b[31m\u202e\u200b")
    'a␣b\\n\\x1b[31m\\u202e\\u200b'
    """
    return "".join(
        _VISIBLE.get(character)
        or (character if character.isprintable() else character.encode("unicode_escape").decode())
        for character in text
    )


def render(rows: Sequence[TokenRow]) -> str:
    """The rows as plain aligned text, one line a token: id, text, kind."""
    id_width = max((len(str(row.id)) for row in rows), default=0)
    text_width = max((_columns(row.text) for row in rows), default=0)
    return "\n".join(
        f"{row.id:>{id_width}}  {row.text}{' ' * (text_width - _columns(row.text))}  {row.kind}"
        for row in rows
    )


def _columns(text: str) -> int:
    """How many columns of a terminal a printable text takes."""
    return sum(
        0
        if unicodedata.combining(character)
        else 1 + (unicodedata.east_asian_width(character) in _WIDE)
        for character in text
    )
