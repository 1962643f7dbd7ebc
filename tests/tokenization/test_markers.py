"""Markers cannot be forged, and reveal and conceal are inverse."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenization import marked_text, markers, wrappers


def test_released_ids_are_those_of_the_paper() -> None:
    ids = {marker.spelling: marker.released_id for marker in markers.MARKERS}
    assert ids["[START_REF]"] == 4
    assert ids["[IMAGE]"] == 6
    assert ids["<work>"] == 9
    assert ids["[END_I_SMILES]"] == 22
    assert ids["[START_LATEX]"] is None


@given(
    st.text(alphabet=st.characters(min_codepoint=0xDFF0, max_codepoint=0xF8FF) | st.characters())
)
def test_clean_text_holds_no_marker(text: str) -> None:
    cleaned = marked_text.clean(text)
    assert not any(character in markers.BY_CODE_POINT for character in cleaned)
    assert marked_text.clean(cleaned) == cleaned
    cleaned.encode("utf-8")


@given(st.text())
def test_wrappers_add_exactly_their_own_markers(text: str) -> None:
    for wrapped in (wrappers.cite(text, text), wrappers.latex(text), wrappers.work(text)):
        found = [character for character in wrapped if character in markers.BY_CODE_POINT]
        assert len(found) == 2
        assert markers.pairing_fault(wrapped) is None


def test_clean_counts_what_it_changes() -> None:
    counts: Counter[str] = Counter()
    assert marked_text.clean("\ue000\ue0ff\uf0b1\ud800\uf100", counts) == "±\ufffd\uf100"
    assert counts == {
        marked_text.RESERVED_REMOVED: 2,
        marked_text.SYMBOLS_MAPPED: 1,
        marked_text.SURROGATES_REPLACED: 1,
    }


def test_reveal_and_conceal_are_inverse() -> None:
    text = wrappers.cite("A title", "Curie") + wrappers.isomeric_smiles("C[C@H](N)C(=O)O")
    assert markers.conceal(markers.reveal(text)) == text


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[START_REF] a [START_AMINO]M[END_AMINO][END_REF]", None),
        ("[START_AMINO]M[START_SUP]2[END_SUP][END_AMINO]", "stands inside [START_AMINO]"),
        ("[END_REF]", "closes no span"),
        ("[START_REF] a [START_SUP][END_REF][END_SUP]", "closes [START_SUP]"),
        ("<work>", "never closed"),
    ],
)
def test_pairing(text: str, fault: str | None) -> None:
    found = markers.pairing_fault(markers.conceal(text))
    assert found is None if fault is None else found is not None and fault in found


def test_sequence_wrappers_refuse_what_is_no_sequence() -> None:
    with pytest.raises(ValueError, match="position 2 is no protein"):
        wrappers.amino("MK1")
    with pytest.raises(ValueError, match="empty"):
        wrappers.dna(" \n")


@pytest.mark.parametrize(
    ("wrap", "written", "shown"),
    [
        (wrappers.rna, "aug c\nun", "[START_RNA]AUGCUN[END_RNA]"),
        (wrappers.selfies, "[C][=O].[Na+1]", "[START_SELFIES][C][=O].[Na+1][END_SELFIES]"),
        (wrappers.material, "CuSO4·5H2O ", "[START_MATERIAL]CuSO4·5H2O[END_MATERIAL]"),
        (wrappers.material, "O7-δ\ue004", "[START_MATERIAL]O7-δ[END_MATERIAL]"),
    ],
)
def test_wrappers_beyond_the_paper(wrap: Callable[[str], str], written: str, shown: str) -> None:
    marked = wrap(written)
    assert markers.reveal(marked) == shown
    assert markers.pairing_fault(marked) is None


@pytest.mark.parametrize(
    ("wrap", "written", "message"),
    [
        (wrappers.rna, "AUT", "'T' at position 2 is no ribonucleotide"),
        (wrappers.rna, "", "empty ribonucleotide"),
        (wrappers.selfies, "", "empty SELFIES"),
        (wrappers.selfies, "CCO", "'C' at position 0 is no part of a SELFIES symbol"),
        (wrappers.selfies, "[C][C", r"'\[' at position 3"),
        (wrappers.selfies, "[C]C[O]", "'C' at position 3"),
        (wrappers.selfies, "[C]..[O]", "'.' at position 3"),
        (wrappers.selfies, ".[O]", "'.' at position 0"),
        (wrappers.selfies, "[O].", "'.' at position 3"),
        (wrappers.selfies, "[[O]]", r"'\[' at position 0"),
        (wrappers.selfies, "[]", r"'\[' at position 0"),
        (wrappers.selfies, "[é]", "'é' at position 1 is no SELFIES character"),
        (wrappers.material, "Fe²", "'²' at position 2 is no material character"),
    ],
)
def test_wrappers_refuse_what_is_none(
    wrap: Callable[[str], str], written: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        wrap(written)


@given(st.lists(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=1)))
def test_selfies_of_any_symbols_are_accepted_as_they_are(contents: list[str]) -> None:
    symbols = [f"[{content}]" for content in contents if not set("[]") & set(content)]
    if symbols:
        assert markers.reveal(wrappers.selfies("".join(symbols)))[15:-13] == "".join(symbols)
