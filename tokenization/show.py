"""What each token of a text is: the rows of `galactica tokenizer show`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tokenization.markers import BY_SPELLING, CONTROL_TOKENS, Marker, Reading
from tokenization.pretokenizer import BYTE_OF_CHARACTER
from tokenization.tokenizer import ScienceTokenizer

CONTROL: Final = "control token"
OPENING: Final = "opening marker"
CLOSING: Final = "closing marker"
ALONE: Final = "marker"
PIECE: Final = "text"

_VISIBLE: Final = {" ": "␣", "\n": r"\n", "\t": r"\t", "\r": r"\r"}


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


def _rows(tokenizer: ScienceTokenizer, ids: Sequence[int]) -> Iterator[TokenRow]:
    span: Marker | None = None
    for id_ in ids:
        token = tokenizer.id_to_token(id_)
        assert token is not None
        marker = BY_SPELLING.get(token)
        if marker is not None:
            span = marker if marker.reading is Reading.CHARACTERS else None
            yield TokenRow(id_, token, token, _marker_kind(marker))
        elif token in CONTROL_TOKENS:
            span = None
            yield TokenRow(id_, token, token, CONTROL)
        else:
            kind = f"character of {span.spelling}" if span else PIECE
            yield TokenRow(id_, token, readable(token), kind)


def _marker_kind(marker: Marker) -> str:
    if marker.closed_by is not None:
        return OPENING
    return ALONE if marker.closes is None else CLOSING


def readable(token: str) -> str:
    r"""A byte-level vocabulary entry as a person would write it.

    >>> readable("Ġthe"), readable("Ċ"), readable("Âµm"), readable("Â")
    ('␣the', '\\n', 'µm', '\\xc2')
    """
    data = bytes(BYTE_OF_CHARACTER[character] for character in token)
    text = data.decode("utf-8", errors="backslashreplace")
    return "".join(
        _VISIBLE.get(character)
        or (character if character.isprintable() else character.encode("unicode_escape").decode())
        for character in text
    )


def render(rows: Sequence[TokenRow]) -> str:
    """The rows as plain aligned text, one line a token: id, text, kind."""
    id_width = max((len(str(row.id)) for row in rows), default=0)
    text_width = max((len(row.text) for row in rows), default=0)
    return "\n".join(f"{row.id:>{id_width}}  {row.text:<{text_width}}  {row.kind}" for row in rows)
