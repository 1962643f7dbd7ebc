"""What the released file and its escape step do, and every way in which ours differs from them.

`escape` is the step of the released code. `DIFFERENCES` names the classes of text on which the
released file (after that step) and the self-contained file give different ids, and why ours is
right; a difference on a text of no class is a defect.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, pre_tokenizers
from tokenizers.decoders import ByteLevel
from tokenizers.models import BPE
from tokenizers.normalizers import NFKC
from tokenizers.processors import TemplateProcessing

from tokenization import ScienceTokenizer, clean, conceal
from tokenization.conversion import SPLIT_MARKER, released_pre_tokenizer
from tokenization.markers import CONTROL_TOKENS, RELEASED_MARKERS, MarkerTable

SPECIALS: Final = (*CONTROL_TOKENS, *(marker.spelling for marker in RELEASED_MARKERS))
OPENINGS: Final = ("[START_DNA]", "[START_SMILES]", "[START_I_SMILES]", "[START_AMINO]")
_ANY_SPECIAL: Final = re.compile(f"({'|'.join(re.escape(token) for token in SPECIALS)})")
_ANY_OPENING: Final = re.compile("|".join(re.escape(token) for token in OPENINGS))
_CLOSED_SPAN: Final = re.compile(r"(\[START_(DNA|SMILES|I_SMILES|AMINO)])(.*?)(\[END_\2])")
_NFKC: Final = NFKC()


def nfkc(text: str) -> str:
    """Normalization as `tokenizers` does it, which may know fewer characters than Python."""
    return str(_NFKC.normalize_str(text))


def escape(text: str) -> str:
    """The escape step of the released code: a split marker before every character of a span."""

    def split(match: re.Match[str]) -> str:
        opening, _, sequence, closing = match.groups()
        return opening + re.sub("(.)", rf"{SPLIT_MARKER}\1", sequence) + SPLIT_MARKER + closing

    return _CLOSED_SPAN.sub(split, text)


def released_ids(released: Tokenizer, text: str) -> list[int]:
    """The ids of the released file after its escape step, without the `<s>` and `</s>` it adds."""
    return list(released.encode(escape(text), add_special_tokens=False).ids)


#: At least one text of every class, each of no other class.
CASES: Final[dict[str, tuple[str, ...]]] = {
    "a span left open": (
        "[START_AMINO]MKVLLEAAK",
        "[START_SMILES]CC(=O)[O-]",
        "[START_DNA]ATGATG[END_AMINO]",
        "[START_I_SMILES]C1=CC=CC=C1</s>the water",
    ),
    "another marker inside a span": (
        "[START_AMINO]MKV[START_DNA]ATG[END_DNA]MKV[END_AMINO]",
        "[START_SMILES]CCO[START_SUB]2[END_SUB][END_SMILES]",
        "[START_AMINO]MKV</s>[END_AMINO]",
    ),
    "a newline inside a span": ("[START_DNA]ATGATG\nATGATG[END_DNA]",),
    "a character that normalization makes several": (
        "[START_AMINO]Mﬁnal[END_AMINO]",
        "[START_SMILES]ﷺ[END_SMILES]",
    ),
    "characters that normalization composes": (
        "[START_AMINO]A\u030aM[END_AMINO]",
        "[START_SMILES]\u1100\u1161[END_SMILES]",
    ),
    "a mark that composes with the split marker": (
        "[START_DNA]\u0301ATG[END_DNA]",
        "[START_DNA]7\u0301[END_DNA]",
    ),
    "a text that spells the split marker": (
        f"The marker {SPLIT_MARKER} is text.",
        "The marker ＳPL1T-TH1S-Pl3A5E is text.",
    ),
    "an opening that normalization makes": (
        "the ［START_AMINO］MKV",
        "[START＿DNA]ATG[END_DNA]",
    ),
}


def without_split_marker(released: Tokenizer) -> Tokenizer:
    """The released file, its deletion of the split marker left out."""
    plain = Tokenizer.from_str(released.to_str())
    _, *steps = released.pre_tokenizer
    plain.pre_tokenizer = pre_tokenizers.Sequence(steps)
    return plain


def intended_ids(plain: Tokenizer, text: str) -> list[int]:
    """The ids the paper describes, span by span and without either pipeline's handling of spans.

    Each special entry is its id; a sequence, from an opening to the next special entry or the end
    of the text, is normalized and then read one character a token; any other stretch is what
    `plain` (the released file, see `without_split_marker`) makes of it.
    """
    ids: list[int] = []
    opened = False
    for number, part in enumerate(_ANY_SPECIAL.split(text)):
        if number % 2:
            ids.append(SPECIALS.index(part))
            opened = part in OPENINGS
            continue
        for piece in nfkc(part) if opened else [part]:
            ids += plain.encode(piece, add_special_tokens=False).ids
    return ids


class Sequence(NamedTuple):
    """A sequence as ours reads it: its characters, and whether its own closing ends it or comes."""

    content: str
    ends_closed: bool
    closed_later: bool


def sequences(text: str) -> list[Sequence]:
    """The sequences of a text, each from an opening to the next special entry or the end."""
    parts = _ANY_SPECIAL.split(text)
    found = []
    for number in range(1, len(parts), 2):
        if parts[number] in OPENINGS:
            closing = parts[number].replace("START", "END")
            later = parts[number + 2 :: 2]
            found.append(Sequence(parts[number + 1], later[:1] == [closing], closing in later))
    return found


NORMALIZED_OPENING: Final = "an opening that normalization makes"


class Difference(NamedTuple):
    """A class of texts on which the ids differ: whether a text is of it, and why ours is right."""

    holds: Callable[[str], bool]
    why: str


DIFFERENCES: Final[dict[str, Difference]] = {
    "a span left open": Difference(
        lambda text: any(not s.ends_closed and not s.closed_later for s in sequences(text)),
        "A prompt ends in an open span; the models were trained on one token a character.",
    ),
    "another marker inside a span": Difference(
        lambda text: any(not s.ends_closed and s.closed_later for s in sequences(text)),
        "The escape step spells the inner marker letter by letter; ours keeps it one token.",
    ),
    "a newline inside a span": Difference(
        lambda text: any("\n" in s.content for s in sequences(text)),
        "The escape step's pattern stops at a newline, so the whole span is merged.",
    ),
    "a character that normalization makes several": Difference(
        lambda text: any(len(nfkc(c)) > 1 for s in sequences(text) for c in s.content),
        "The released file merges what one split marker precedes: more than a character a token.",
    ),
    "characters that normalization composes": Difference(
        lambda text: any(nfkc(s.content) != "".join(map(nfkc, s.content)) for s in sequences(text)),
        "The split markers keep the characters apart, so equal texts in other forms differ.",
    ),
    "a mark that composes with the split marker": Difference(
        lambda text: any(
            nfkc(SPLIT_MARKER + c) != SPLIT_MARKER + nfkc(c)
            for s in sequences(text)
            for c in s.content
        ),
        "The marker's last letter takes the accent; the rest of the marker becomes tokens.",
    ),
    "a text that spells the split marker": Difference(
        lambda text: any(SPLIT_MARKER in nfkc(part) for part in _ANY_SPECIAL.split(text)[::2]),
        "The released file deletes it; ours keeps every character of the text.",
    ),
    NORMALIZED_OPENING: Difference(
        lambda text: any(_ANY_OPENING.search(nfkc(part)) for part in _ANY_SPECIAL.split(text)[::2]),
        "Not better, but harmless: in typed text full-width brackets open a span; on the corpus "
        "path they are ordinary text, as in the released file.",
    ),
}


def released_form(vocabulary: dict[str, int], merges: list[tuple[str, str]]) -> Tokenizer:
    """A file of the released form with another vocabulary, to test without the released one."""
    file = Tokenizer(BPE(vocabulary, merges))
    file.normalizer = NFKC()
    file.pre_tokenizer = released_pre_tokenizer()
    file.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in SPECIALS])
    file.decoder = ByteLevel()
    file.post_processor = TemplateProcessing(
        single="<s> $A </s>", pair="$A $B", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    file.enable_truncation(4096)
    file.enable_padding(length=4096, pad_id=1, pad_token="<pad>")
    return file


_ATOMS: Final = (
    *SPECIALS, "[END_DNA]", "[END_AMINO]", "[START_", "_AMINO]", "START_AMINO", "[", "]", "<", ">",
    SPLIT_MARKER, "SPL1T", "-TH1S", "E",
    "MKV", "ATG", "C1=CC", "[Na+]", "the", " water", "'s", "'ll", "10", "123", "==", "((", "...",
    " ", "  ", "\n", "\n\n", "\t", "\r\n", "\x00", "\u00a0", "\u2003", "\u2028", "\u200d",
    # What normalization composes, makes several, or turns into brackets and letters.
    "\u0301", "\u0323", "\u0338", "\u3099", "é", "Å", "\u1100", "\u1161", "\u11a8", "각", "ﬁ", "½",
    "ﷺ", "²", "𝟘", "٣", "…", "İ", "ß", "水", "😀",
    "［", "］", "［START_AMINO］", "［END_AMINO］", "[START＿DNA]", "ＳPL1T-TH1S-Pl3A5E",
)  # fmt: skip
_PIECES: Final = st.lists(
    st.sampled_from(_ATOMS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=3),
    max_size=10,
).map("".join)
#: Texts of special entries, whole and in pieces, and of all that normalization can do to them.
HOSTILE_TEXTS: Final = _PIECES | st.builds(
    lambda before, opening, inside, after: (
        before + opening + inside + opening.replace("START", "END") + after
    ),
    _PIECES,
    st.sampled_from(OPENINGS),
    _PIECES,
    _PIECES,
)


def names_of(text: str) -> list[str]:
    """The classes of `DIFFERENCES` that a text is of."""
    return [name for name, difference in DIFFERENCES.items() if difference.holds(text)]


def check(released: Tokenizer, plain: Tokenizer, ours: ScienceTokenizer, text: str) -> None:
    """Ours gives the released ids, or the intended ones where the text is of a named class."""
    ids = ours.encode(text)
    names = names_of(text)
    if not names:
        assert ids == released_ids(released, text)
    if NORMALIZED_OPENING not in names:
        assert ids == intended_ids(plain, text)
    # What a document may hold: no control token is spelt in it, no reserved character is outside.
    if not any(token in text for token in CONTROL_TOKENS) and clean(text) == text:
        marked = conceal(text, MarkerTable(ours.markers))
        corpus_ids, _ = ours.encode_documents([marked], end_of_document=False)
        assert corpus_ids.tolist() == intended_ids(plain, text)
