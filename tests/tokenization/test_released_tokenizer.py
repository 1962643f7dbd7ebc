"""The released tokenizer's vocabulary in our pipeline: its ids on real text, span by span.

The released file needs its caller to put a split marker between the characters of each closed span
(the escape of the released code); the self-contained file made of its vocabulary needs nothing.
Nothing of the released file is kept: it is licensed CC BY-NC 4.0.
"""

import csv
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from tokenizers import Tokenizer

from tokenization import ScienceTokenizer, clean, conceal, dna, isomeric_smiles, reveal, smiles
from tokenization.markers import CONTROL_TOKENS, MARKERS
from tokenization.tokenizer_file import self_contained, vocabulary_and_merges
from tokenization.wrappers import amino, cite

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(
        "REALDATA" not in os.environ,
        reason="needs the released tokenizer and real texts in the folder $REALDATA",
    ),
]

_SPLIT_MARKER = "SPL1T-TH1S-Pl3A5E"
_CLOSED_SPAN = re.compile(r"(\[START_(DNA|SMILES|I_SMILES|AMINO)])(.*?)(\[END_\2])")


def escape(text: str) -> str:
    """The escape step of the released code: a split marker before every character of a span."""

    def split(match: re.Match[str]) -> str:
        opening, _, sequence, closing = match.groups()
        return opening + re.sub("(.)", rf"{_SPLIT_MARKER}\1", sequence) + _SPLIT_MARKER + closing

    return _CLOSED_SPAN.sub(split, text)


@pytest.fixture(scope="module")
def released() -> Tokenizer:
    path = Path(os.environ["REALDATA"], "tokenizer", "galactica-tokenizer.json")
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


@pytest.fixture(scope="module")
def ours(released: Tokenizer) -> ScienceTokenizer:
    return ScienceTokenizer(self_contained(*vocabulary_and_merges(released)))


def real_texts() -> Iterator[str]:
    """LaTeX sources, the text of JATS articles, prompts and Python code, in marked text."""
    root = Path(os.environ["REALDATA"])
    for path in sorted(root.rglob("*.tex")) + sorted(root.rglob("*.bib")):
        yield path.read_text("utf-8", "replace")
    for path in sorted(root.glob("jats/*/*.xml")):
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        yield "".join(etree.parse(path, parser).getroot().itertext())
    for path in sorted(root.rglob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines()[:200]:
            yield "\n".join(str(value) for value in json.loads(line).values())
    for path in sorted(Path(os.__file__).parent.glob("*.py"))[:40]:
        yield path.read_text("utf-8", "replace")


def span_texts() -> Iterator[str]:
    """Real sequences and structures in spans, between words and other spans."""
    root = Path(os.environ["REALDATA"])
    for path in sorted(root.glob("moleculenet/*.csv")):
        with path.open(newline="") as stream:
            for number, row in enumerate(csv.DictReader(stream)):
                wrap = isomeric_smiles if number % 2 else smiles
                structure = wrap(row["smiles"])
                yield f"The compound {structure} has 12 atoms ({cite('On salts', 'Ölander')})."
    for path in sorted(root.glob("fasta/*")):
        for record in path.read_text("utf-8").split(">")[1:]:
            name, _, sequence = record.partition("\n")
            wrap = amino if path.suffix in (".faa", ".pro") else dna
            yield f"# {name}\n\n{wrap(sequence)}\n\nIt is {amino('MKV')}{dna('ATG')} long."


@pytest.mark.parametrize("corpus", [real_texts, span_texts])
def test_ids_are_the_released_ones(
    released: Tokenizer, ours: ScienceTokenizer, corpus: object
) -> None:
    texts = [clean(text) if corpus is real_texts else text for text in corpus()]
    assert len(texts) > 50
    ids, offsets = ours.encode_documents(texts, end_of_document=False)
    num_ids = 0
    for number, text in enumerate(texts):
        spelt = reveal(text)
        if _SPLIT_MARKER in spelt or (conceal(text) != text) or "</s>" in text:
            continue
        expected = released.encode(escape(spelt), add_special_tokens=False).ids
        assert ours.encode(spelt) == expected
        assert ids[offsets[number] : offsets[number + 1]].tolist() == expected
        num_ids += len(expected)
    assert num_ids > 20_000


def test_an_open_span_is_read_by_character_where_the_released_file_merges(
    released: Tokenizer, ours: ScienceTokenizer
) -> None:
    prompt = "[START_AMINO]MKVLLEAAK"
    assert len(ours.encode(prompt)) == 10
    assert len(released.encode(escape(prompt), add_special_tokens=False).ids) < 10


def test_looking_up_whole_words_changes_no_entry(
    released: Tokenizer, ours: ScienceTokenizer
) -> None:
    vocabulary, _ = vocabulary_and_merges(released)
    assert not released.model.ignore_merges
    spellings = {marker.spelling for marker in MARKERS}.union(CONTROL_TOKENS)
    entries = [token for token in vocabulary if token not in spellings]
    for token in entries:
        assert [piece.id for piece in released.model.tokenize(token)] == [vocabulary[token]]
    assert ours.vocabulary_size == 50_000
    assert len(entries) == 49_977


def test_the_released_file_itself_is_refused_with_the_reason(released: Tokenizer) -> None:
    path = Path(os.environ["REALDATA"], "tokenizer", "galactica-tokenizer.json")
    with pytest.raises(ValueError, match=r"the released Galactica tokenizer is like that"):
        ScienceTokenizer.from_pretrained(path)
