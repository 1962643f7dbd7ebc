"""The released tokenizer converted: its ids on real and hostile text, and where ours differ.

The released file needs its caller to put a split marker between the characters of each closed span
(`released_form.escape`); the self-contained file made of its vocabulary needs nothing. Nothing of
the released file is kept: it is licensed CC BY-NC 4.0.
"""

import csv
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree
from tokenizers import Tokenizer

from tests.tokenization.released_form import (
    CASES,
    DIFFERENCES,
    HOSTILE_TEXTS,
    NORMALIZED_OPENING,
    check,
    escape,
    intended_ids,
    names_of,
    released_ids,
    without_split_marker,
)
from tokenization import ScienceTokenizer, clean, conceal, dna, isomeric_smiles, reveal, smiles
from tokenization.conversion import SPLIT_MARKER, convert_released, entries_changed_by_lookup
from tokenization.tokenizer_file import vocabulary_and_merges
from tokenization.wrappers import amino, cite, latex, subscript, work

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(
        "REALDATA" not in os.environ,
        reason="needs the released tokenizer and real texts in the folder $REALDATA",
    ),
]
REAL = Path(os.environ.get("REALDATA", "."))
RELEASED = REAL / "tokenizer" / "galactica-tokenizer.json"


@pytest.fixture(scope="module")
def released() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(RELEASED))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


@pytest.fixture(scope="module")
def plain(released: Tokenizer) -> Tokenizer:
    return without_split_marker(released)


@pytest.fixture(scope="module")
def ours() -> ScienceTokenizer:
    return convert_released(RELEASED)


@pytest.fixture(scope="module")
def folder(ours: ScienceTokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("converted")
    ours.save_pretrained(path, model_max_length=2048)
    return path


def latex_texts() -> Iterator[str]:
    for path in sorted(REAL.rglob("*.tex")) + sorted(REAL.rglob("*.bib")):
        yield path.read_text("utf-8", "replace")


def article_texts() -> Iterator[str]:
    """JATS, TEI, PubMed, MediaWiki and other XML: without its tags, and as it stands."""
    for path in sorted(REAL.rglob("*.xml")):
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        try:
            yield "".join(etree.parse(path, parser).getroot().itertext())
        except etree.XMLSyntaxError:
            continue
        yield path.read_text("utf-8", "replace")[:20_000]


def prompt_texts() -> Iterator[str]:
    for path in sorted(REAL.rglob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines()[:400]:
            yield line
            yield "\n".join(str(value) for value in json.loads(line).values())


def code_texts() -> Iterator[str]:
    for path in sorted(Path(os.__file__).parent.glob("*.py"))[:60]:
        yield path.read_text("utf-8", "replace")


def flat_texts() -> Iterator[str]:
    """UniProt and GenBank flat files, structure files and tables: runs of digits and blanks."""
    for pattern in ("uniprot/*.txt", "genbank/*.gb", "pubchem/*.sdf", "oeis/*.txt"):
        for path in sorted(REAL.glob(pattern)):
            yield path.read_text("utf-8", "replace")[:200_000]


def molecule_texts() -> Iterator[str]:
    """Real structures in spans, between words, citations, formulas and other spans."""
    for path in sorted(REAL.glob("moleculenet/*.csv")):
        with path.open(newline="") as stream:
            for number, row in enumerate(csv.DictReader(stream)):
                wrap = isomeric_smiles if number % 2 else smiles
                structure = wrap(row["smiles"])
                yield (
                    f"The compound {structure} has 12 atoms ({cite('On salts', 'Ölander')}), "
                    f"{latex('n=12', markers=False)}.{work(f'{structure}{subscript(str(number))}')}"
                )


def sequence_texts() -> Iterator[str]:
    """Real sequences in spans, a few tens of thousands of bases long."""
    for path in sorted(REAL.glob("fasta/*")):
        for record in path.read_text("utf-8").split(">")[1:]:
            name, _, sequence = record.partition("\n")
            wrap = amino if path.suffix in (".faa", ".pro") else dna
            yield f"# {name}\n\n{wrap(sequence)}\n\nIt is {amino('MKV')}{dna('ATG')} long."


CORPORA = (
    latex_texts,
    article_texts,
    prompt_texts,
    code_texts,
    flat_texts,
    molecule_texts,
    sequence_texts,
)


@pytest.mark.parametrize("corpus", CORPORA)
def test_ids_of_real_text_are_the_released_ones(
    released: Tokenizer, ours: ScienceTokenizer, corpus: Callable[[], Iterator[str]]
) -> None:
    texts = list(corpus())
    if corpus not in (molecule_texts, sequence_texts):
        texts = [clean(text) for text in texts]
    ids, offsets = ours.encode_documents(texts, end_of_document=False)
    num_ids = 0
    for number, text in enumerate(texts):
        spelt = reveal(text)
        if conceal(text) != text or "</s>" in text:
            continue  # spells a marker: an ordinary text on the corpus path, by design
        assert names_of(spelt) == []
        expected = released_ids(released, spelt)
        assert ours.encode(spelt) == expected
        assert ids[offsets[number] : offsets[number + 1]].tolist() == expected
        num_ids += len(expected)
    assert num_ids > 10_000


@settings(max_examples=3000, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=HOSTILE_TEXTS)
def test_ids_of_hostile_text_differ_only_where_it_is_named(
    released: Tokenizer, plain: Tokenizer, ours: ScienceTokenizer, text: str
) -> None:
    check(released, plain, ours, text)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@settings(max_examples=40_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=HOSTILE_TEXTS)
def test_ids_of_much_hostile_text_differ_only_where_it_is_named(
    released: Tokenizer, plain: Tokenizer, ours: ScienceTokenizer, text: str
) -> None:
    check(released, plain, ours, text)


@pytest.mark.parametrize("name", DIFFERENCES)
def test_each_named_difference(
    released: Tokenizer, plain: Tokenizer, ours: ScienceTokenizer, name: str
) -> None:
    for text in CASES[name]:
        assert names_of(text) == [name], text
        assert ours.encode(text) != released_ids(released, text), text
        intended = intended_ids(plain, text)
        assert (ours.encode(text) == intended) is (name != NORMALIZED_OPENING), text
        if "</s>" not in text:  # which no corpus text can make
            corpus_ids, _ = ours.encode_documents([conceal(text)], end_of_document=False)
            assert corpus_ids.tolist() == intended, text


def test_a_sequence_is_one_token_a_character_where_the_released_file_alone_merges(
    released: Tokenizer, ours: ScienceTokenizer
) -> None:
    protein, molecule = "MKVLLEAAKREFDPRWYC*", "CC(=O)[O-].[Na+]N[C@@H]10%12"
    for opening, content in (
        ("[START_AMINO]", protein),
        ("[START_DNA]", "ATGCNN-ACGT"),
        ("[START_SMILES]", molecule),
        ("[START_I_SMILES]", molecule),
    ):
        for closing in ("", opening.replace("START", "END"), "</s>"):
            ids = ours.encode(opening + content + closing)
            assert len(ids) == 1 + len(content) + bool(closing)
            text = opening + content
            assert len(released.encode(text, add_special_tokens=False).ids) < 1 + len(content)


def test_plain_transformers_and_tokenizers_give_the_same_ids(
    ours: ScienceTokenizer, folder: Path
) -> None:
    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(folder)
    bare = Tokenizer.from_file(str(folder / "tokenizer.json"))
    texts = [case for cases in CASES.values() for case in cases]
    texts += [reveal(text) for text in list(molecule_texts())[:50] + list(latex_texts())[:3]]
    for text in texts:
        expected = ours.encode(text)
        assert theirs(text)["input_ids"] == expected
        assert bare.encode(text).ids == expected
    assert theirs.model_max_length == 2048
    assert len(theirs) == 50_000
    assert ScienceTokenizer.from_pretrained(folder).fingerprint == ours.fingerprint


def test_offsets_point_into_the_text_as_it_is(ours: ScienceTokenizer, folder: Path) -> None:
    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(folder)
    text = "Water [START_SMILES]O[Na+][END_SMILES] at 10 °C, [START_REF] On salts[END_REF]</s>水"
    encoded = theirs(text, return_offsets_mapping=True)
    pieces = [text[start:end] for start, end in encoded["offset_mapping"]]
    assert pieces[2:10] == ["[START_SMILES]", "O", "[", "N", "a", "+", "]", "[END_SMILES]"]
    assert pieces[-1] == "水"
    spans = sorted(set(encoded["offset_mapping"]))
    assert "".join(text[start:end] for start, end in spans) == text
    assert theirs.decode(encoded["input_ids"]) == text


def test_skipping_special_tokens_leaves_both_markers_of_a_pair(folder: Path) -> None:
    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(folder)
    text = (
        "<work>x</work>[START_REF] On[END_REF][START_AMINO]MK[END_AMINO][START_DNA]A[END_DNA]"
        "[START_SMILES]C[END_SMILES][START_I_SMILES]C[END_I_SMILES][START_SUP]2[END_SUP]"
        "[START_SUB]2[END_SUB][IMAGE]<fragments>y</fragments>"
    )
    assert theirs.decode(theirs(f"<s>{text}</s><pad>")["input_ids"], skip_special_tokens=True) == (
        text
    )


def test_looking_up_whole_words_changes_no_entry(
    released: Tokenizer, ours: ScienceTokenizer
) -> None:
    vocabulary, merges = vocabulary_and_merges(released)
    assert not released.model.ignore_merges
    assert entries_changed_by_lookup(vocabulary, merges) == []
    assert (len(vocabulary), ours.vocabulary_size) == (50_000, 50_000)


def test_the_released_file_itself_is_refused_with_the_reason() -> None:
    with pytest.raises(ValueError, match=r"the released Galactica tokenizer is like that"):
        ScienceTokenizer.from_pretrained(RELEASED)


def test_the_escape_step_is_the_released_one() -> None:
    """As the released code documents it: a split marker before each character, and the closing."""
    text = "x [START_AMINO]MK[END_AMINO] [START_DNA]A[END_AMINO]"
    split = SPLIT_MARKER
    assert escape(text) == (
        f"x [START_AMINO]{split}M{split}K{split}[END_AMINO] [START_DNA]A[END_AMINO]"
    )
    assert re.sub(split, "", escape(text)) == text
