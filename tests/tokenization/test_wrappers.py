"""A wrapper given any outside string puts its own pair of markers around it, and no other."""

from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.hostile_text import HOSTILE, RESERVED, SPELLINGS
from tokenization import ScienceTokenizer, TokenizerSettings, clean, wrappers
from tokenization.markers import (
    CONTROL_TOKENS,
    END_OF_DOCUMENT_ID,
    RESERVED_FIRST,
    RESERVED_LAST,
    pairing_fault,
)
from tokenization.training import train_tokenizer

SETTINGS = TokenizerSettings.model_validate(
    {
        "vocabulary_size": 400,
        "markers": [
            "RNA",
            "SELFIES",
            "MATERIAL",
            {"name": "POLYMER", "mode": "characters"},
            {"name": "<think>"},
            {"name": "GAP", "closing": False},
        ],
    }
)
TABLE = SETTINGS.marker_table(True)


def own(name: str) -> Callable[[str], str]:
    return lambda text: wrappers.wrap(name, text, TABLE)


#: Each wrapper of one outside string, and the markers it makes.
WRAPPERS: dict[str, tuple[Callable[[str], str], tuple[str, ...]]] = {
    "cite": (wrappers.cite, ("[START_REF]", "[END_REF]")),
    "cite, surname": (lambda text: wrappers.cite(text, text), ("[START_REF]", "[END_REF]")),
    "smiles": (wrappers.smiles, ("[START_SMILES]", "[END_SMILES]")),
    "isomeric_smiles": (wrappers.isomeric_smiles, ("[START_I_SMILES]", "[END_I_SMILES]")),
    "amino": (wrappers.amino, ("[START_AMINO]", "[END_AMINO]")),
    "dna": (wrappers.dna, ("[START_DNA]", "[END_DNA]")),
    "rna": (wrappers.rna, ("[START_RNA]", "[END_RNA]")),
    "selfies": (wrappers.selfies, ("[START_SELFIES]", "[END_SELFIES]")),
    "material": (wrappers.material, ("[START_MATERIAL]", "[END_MATERIAL]")),
    "latex": (wrappers.latex, ("[START_LATEX]", "[END_LATEX]")),
    "latex, display": (
        lambda text: wrappers.latex(text, display=True),
        ("[START_LATEX]", "[END_LATEX]"),
    ),
    "latex, in the paper's form": (lambda text: wrappers.latex(text, markers=False), ()),
    "work": (wrappers.work, ("<work>", "</work>")),
    "superscript": (wrappers.superscript, ("[START_SUP]", "[END_SUP]")),
    "subscript": (wrappers.subscript, ("[START_SUB]", "[END_SUB]")),
    "wrap, characters": (own("POLYMER"), ("[START_POLYMER]", "[END_POLYMER]")),
    "wrap, text": (own("<think>"), ("<think>", "</think>")),
    "wrap, alone": (own("GAP"), ("[GAP]",)),
    "wrap, symbols": (own("SELFIES"), ("[START_SELFIES]", "[END_SELFIES]")),
    "clean": (clean, ()),
}

hostile = st.lists(
    st.one_of(
        st.sampled_from([*SPELLINGS, "[GAP]", "<think>", "</think>", "[C]", "CCO", "AUGC", " "]),
        st.sampled_from(list(HOSTILE.values())),
        st.text(alphabet=RESERVED, max_size=3),
        st.text(alphabet="\ud800\udfff\uf02b\uf8ff[]<>/_ＳＴ［］\u0338\u200d\n ", max_size=4),
        st.text(max_size=4),
    ),
    max_size=8,
).map("".join)


@pytest.fixture(scope="module", params=["nfkc", "none"])
def wide(request: pytest.FixtureRequest, texts: list[str]) -> ScienceTokenizer:
    """A tokenizer with markers of every kind."""
    chosen = SETTINGS.model_copy(update={"normalizer": request.param})
    return train_tokenizer(texts, chosen, latex_markers=True)


def test_every_wrapper_is_tried() -> None:
    public = {
        name
        for name, value in vars(wrappers).items()
        if callable(value) and value.__module__ == wrappers.__name__ and not name.startswith("_")
    }
    # `image` takes no string.
    assert public - {name.partition(",")[0] for name in WRAPPERS} == {"image"}


@pytest.mark.parametrize("name", WRAPPERS)
@settings(max_examples=100, deadline=None)
@given(text=hostile)
@example(text=RESERVED)
@example(text=" ".join(SPELLINGS))
@example(text="".join(SPELLINGS))
@example(text=HOSTILE["full width"])
@example(text="a\ue000\ud800 [C][\ue014=O]\n")
def test_exactly_its_own_pair_comes_out(wide: ScienceTokenizer, name: str, text: str) -> None:
    wrapper, expected = WRAPPERS[name]
    try:
        marked = wrapper(text)
    except ValueError:
        return  # no sequence, structure or formula
    reserved = [c for c in marked if RESERVED_FIRST <= ord(c) <= RESERVED_LAST]
    assert reserved == [TABLE.by_spelling[spelling].code_point for spelling in expected]
    assert marked.startswith(tuple(reserved[:1])) or not reserved
    assert marked.endswith(tuple(reserved[1:])) or len(reserved) < 2
    assert pairing_fault(marked, TABLE) is None

    special = {wide.token_to_id(marker.spelling) for marker in wide.markers}
    special.update(range(len(CONTROL_TOKENS)))
    ids, _ = wide.encode_documents([f"before {marked} after"])
    assert [id_ for id_ in ids.tolist() if id_ in special] == [
        *(wide.token_to_id(spelling) for spelling in expected),
        END_OF_DOCUMENT_ID,
    ]


def test_marked_text_keeps_the_markers_inside() -> None:
    script = wrappers.superscript("5")
    assert wrappers.work(script, marked=True)[1:-1] == script
    assert wrappers.wrap("<think>", script, TABLE, marked=True)[1:-1] == script
    assert wrappers.work(script)[1:-1] == "5"


def test_what_cannot_be_wrapped_says_why() -> None:
    with pytest.raises(ValueError, match=r"no marker named 'NONE'; choices: .*POLYMER"):
        wrappers.wrap("NONE", "x", TABLE)
    with pytest.raises(ValueError, match="empty POLYMER span"):
        wrappers.wrap("POLYMER", "\ue080 \n", TABLE)
