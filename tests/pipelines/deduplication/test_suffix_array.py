"""Agreement with an exact reference: a suffix array over all documents at once."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpora.catalogue import load_format
from corpora.documents import Document, ReadOptions, Record
from pipelines.reading import frame_records, read_record, time_limits
from tests.pipelines.deduplication.small_corpora import Text, deduplicated, held_out
from tests.pipelines.deduplication.suffix_array_reference import paragraphs, removed_paragraphs
from tokenization.markers import pairing_fault

_FORMATS = ("jats", "openstax", "mediawiki", "stackexchange", "pubmed", "uniprot", "pubchem")
_BYTES_PER_FORMAT = 500_000
_HELD_OUT = 0.05


def real_texts(name: str, folder: Path) -> Iterator[str]:
    """The documents of one format, as its reader gives them, up to some size."""
    reader = load_format(name)
    options = ReadOptions(seed=0)
    size = 0
    with time_limits():
        for path in sorted(reader.find(folder)):
            for record in frame_records(reader, path, path.name, options):
                if not isinstance(record, Record):
                    continue
                document = read_record(reader, record, options, 60)
                if isinstance(document, Document):
                    yield document.text
                    size += len(document.text)
                if size > _BYTES_PER_FORMAT:
                    return


def with_copies(texts: list[str], choice: random.Random) -> list[str]:
    """Documents made of paragraphs of others: whole, cut, put together, changed by a character."""
    pool = [
        text[begin:end]
        for text in texts
        for begin, end in paragraphs(text)
        if 30 < end - begin < 3000
    ]
    made = []
    for _ in range(len(texts)):
        pieces = []
        for _ in range(choice.randint(1, 12)):
            whole = choice.choice(pool)
            place = choice.randrange(len(whole))
            kind = choice.randrange(6)
            piece = whole
            if kind == 0:
                piece = whole[place:]
            elif kind == 1:
                piece = whole[:place] + choice.choice("xyz") + whole[place:]
            elif kind == 2:
                piece = whole + choice.choice(("", " ", "!!!!", "?????")) + choice.choice(pool)
            # No document has half a span of markers.
            pieces.append(whole if pairing_fault(piece) else piece)
        made.append("\n\n".join(pieces))
    return made


def agreement(folder: Path, corpus: dict[str, list[Text]]) -> tuple[int, int, int]:
    """Paragraphs that both remove, only the reference, and only the stages."""
    ranked = [
        (0, text[1]) if isinstance(text, tuple) else (position + 1, text)
        for position, texts in enumerate(corpus.values())
        for text in texts
    ]
    expected = removed_paragraphs(ranked)
    found = deduplicated(folder, corpus, documents_per_part=200, memory_bytes=5_000_000)
    both = only_reference = only_stages = 0
    all_removals = [its for name in corpus for its in found.removals[name]]
    for (_, text), wanted, removals in zip(ranked, expected, all_removals, strict=True):
        numbers = {span: number for number, span in enumerate(paragraphs(text))}
        # A range that is no paragraph of the reference's would raise a KeyError here.
        gone = {numbers[removal.begin, removal.end] for removal in removals}
        both += len(gone & wanted)
        only_reference += len(wanted - gone)
        only_stages += len(gone - wanted)
    return both, only_reference, only_stages


@pytest.mark.realdata
@pytest.mark.skipif("REALDATA" not in os.environ, reason="needs real files in $REALDATA")
def test_real_text_agrees_with_a_suffix_array(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    choice = random.Random(0)
    corpus: dict[str, list[Text]] = {}
    plain: list[str] = []
    for name in _FORMATS:
        texts = list(real_texts(name, Path(os.environ["REALDATA"], name)))
        plain += texts
        corpus[name] = [held_out(t) if choice.random() < _HELD_OUT else t for t in texts]
    copies = with_copies(plain, choice)
    corpus["copies"] = [held_out(t) if choice.random() < _HELD_OUT else t for t in copies]
    both, only_reference, only_stages = agreement(tmp_path / "corpus", corpus)
    size = sum(len((t if isinstance(t, str) else t[1]).encode()) for t in plain + copies)
    with capsys.disabled():
        print(
            f"\n{size / 1e6:.1f} MB of real text, half of the documents planted copies: {both:,} "
            f"paragraphs go by suffix array and stages, {only_reference} by the suffix array "
            f"alone, {only_stages} by the stages alone"
        )
    assert both > 1000
    assert (only_reference, only_stages) == (0, 0)


def test_random_text_agrees_with_a_suffix_array(tmp_path: Path) -> None:
    choice = random.Random(1)
    words = ["".join(choice.choices("etaoinshrdluéü", k=choice.randint(1, 9))) for _ in range(900)]
    texts = [
        "\n\n".join(
            " ".join(choice.choices(words, k=choice.randint(3, 80)))
            for _ in range(choice.randint(1, 9))
        )
        for _ in range(80)
    ]
    corpus: dict[str, list[Text]] = {"high": [*texts], "low": [*with_copies(texts, choice)]}
    both, only_reference, only_stages = agreement(tmp_path / "corpus", corpus)
    assert both > 50
    assert (only_reference, only_stages) == (0, 0)
