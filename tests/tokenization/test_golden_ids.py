"""Golden ids: one small document of each modality, each token written with its id.

Whoever reads the same text gets these ids: our own two paths, plain transformers and plain
`tokenizers`. The tokenizer is trained here, on the texts of `conftest`, which never change: what
fails says that markers, cuts, training or encoding now give other ids than the saved tokenizers
and shards of users hold. Ids 0-22 are those of the released tokenizer, 23-278 the bytes.
"""

from pathlib import Path

import pytest
import transformers
from tokenizers import Tokenizer

from tokenization import (
    ScienceTokenizer,
    TokenizerSettings,
    amino,
    cite,
    dna,
    image,
    isomeric_smiles,
    latex,
    material,
    reveal,
    rna,
    selfies,
    smiles,
    subscript,
    superscript,
    work,
)
from tokenization.markers import code_point
from tokenization.training import train_tokenizer

#: Marked text, and its `token/id`s as the file gives them. `Ġ` is the space, `Ċ` the newline.
GOLDEN = {
    "prose": (
        "The water of the sea, at 35 m: 水の温度.",
        "The/317 Ġwater/371 Ġof/306 Ġthe/284 Ġsea/320 ,/34 Ġat/366 Ġ/243 3/41 5/43 Ġm/333 :/48 "
        "Ġæ°´ãģ®æ¸©åº¦/502 ./36",
    ),
    "citation": (
        "as measured " + cite("On the salt of the sea", "Dittmar") + ".",
        "a/87 s/105 Ġmeasure/477 d/90 Ġ/243 [START_REF]/4 ĠOn/385 Ġthe/284 Ġsalt/298 Ġof/306 "
        "Ġthe/284 Ġsea/320 ,/34 ĠDittmar/387 [END_REF]/5 ./36",
    ),
    "LaTeX, inline": (
        "where " + latex(r"\kappa_2 = 0") + " is",
        r"w/109 he/281 re/293 Ġ/243 [START_LATEX]/509 \/82 (/30 \/82 kappa/316 _/85 2/40 Ġ/243 "
        r"=/51 Ġ/243 0/38 \/82 )/31 [END_LATEX]/510 Ġis/291",
    ),
    "LaTeX, display": (
        latex(r"\frac{\kappa_2}{T^2} == 0", display=True),
        r"[START_LATEX]/509 \/82 [/81 \/82 frac/310 {/113 \/82 kappa/316 _/85 2/40 }/115 {/113 "
        r"T/74 ^/84 2/40 }/115 Ġ/243 ==/389 Ġ/243 0/38 \/82 ]/83 [END_LATEX]/510",
    ),
    "LaTeX, in the paper's form": (
        latex("T^2", markers=False),
        r"\/82 (/30 T/74 ^/84 2/40 \/82 )/31",
    ),
    "SMILES": (
        "Sodium acetate " + smiles("CC(=O)[O-].[Na+]"),
        "Sodium/340 Ġacetate/338 Ġ/243 [START_SMILES]/19 C/57 C/57 (/30 =/51 O/69 )/31 [/81 O/69 "
        "-/35 ]/83 ./36 [/81 N/68 a/87 +/33 ]/83 [END_SMILES]/20",
    ),
    "isomeric SMILES": (
        isomeric_smiles("C[C@H](N)C(=O)O"),
        "[START_I_SMILES]/21 C/57 [/81 C/57 @/54 H/62 ]/83 (/30 N/68 )/31 C/57 (/30 =/51 O/69 )/31 "
        "O/69 [END_I_SMILES]/22",
    ),
    "protein": (
        "The protein " + amino("MKV LLE*"),
        "The/317 Ġprotein/349 Ġ/243 [START_AMINO]/17 M/67 K/65 V/76 L/66 L/66 E/59 */32 "
        "[END_AMINO]/18",
    ),
    "protein, never closed": (
        code_point("[START_AMINO]") + "MKV 10\nthe",
        "[START_AMINO]/17 M/67 K/65 V/76 Ġ/243 1/39 0/38 Ċ/221 t/106 h/94 e/91",
    ),
    "DNA": (
        dna("atgc-n") + " is a gene",
        "[START_DNA]/15 A/55 T/74 G/61 C/57 -/35 N/68 [END_DNA]/16 Ġis/291 Ġa/279 Ġgene/348",
    ),
    "RNA": (
        rna("AUG GCN"),
        "[START_RNA]/511 A/55 U/75 G/61 G/61 C/57 N/68 [END_RNA]/512",
    ),
    "SELFIES, the last symbol unseen in training": (
        selfies("[C][=O].[C][Ring1][N]"),
        "[START_SELFIES]/513 [C]/517 [=O]/518 ./36 [C]/517 [Ring1]/519 [/81 N/68 ]/83 "
        "[END_SELFIES]/514",
    ),
    "material": (
        material("LiNi0.8Mn0.1O2·H2O"),
        "[START_MATERIAL]/515 L/66 i/95 N/68 i/95 0/38 ./36 8/46 M/67 n/100 0/38 ./36 1/39 O/69 "
        "2/40 Â/149 ·/138 H/62 2/40 O/69 [END_MATERIAL]/516",
    ),
    "reasoning": (
        work("\n7 * 6 = 42\n") + " 42",
        "<work>/9 Ċ/221 7/45 Ġ/243 */32 Ġ/243 6/44 Ġ/243 =/51 Ġ/243 4/42 2/40 Ċ/221 </work>/10 "
        "Ġ/243 4/42 2/40",
    ),
    "superscript and subscript": (
        "10" + superscript("25") + " x" + subscript("i"),
        "1/39 0/38 [START_SUP]/11 2/40 5/43 [END_SUP]/12 Ġ/243 x/110 [START_SUB]/13 i/95 "
        "[END_SUB]/14",
    ),
    "image": (
        image() + "\n\nThe sea",
        "[IMAGE]/6 Ċ/221 Ċ/221 The/317 Ġsea/320",
    ),
    "code": (
        "```python\ndef f(x):\n    return x == 0.5  # a comment\n```",
        "```/372 pytho/496 n/100 Ċ/221 def/469 Ġf/331 (/30 x/110 )/31 :/48 Ċ/221 ĠĠĠ/463 "
        "Ġreturn/500 Ġ/243 x/110 Ġ/243 ==/389 Ġ/243 0/38 ./36 5/43 ĠĠ/301 #/25 Ġa/279 "
        "Ġcommen/487 t/106 Ċ/221 ```/372",
    ),
    "Markdown table": (
        "| depth | salt |\n|---|---|\n| 4,000 m | 35 g |",
        "|/114 Ġdept/486 h/94 Ġ/243 |/114 Ġsalt/298 Ġ/243 |/114 Ċ/221 |/114 --/321 -/35 |/114 "
        "--/321 -/35 |/114 Ċ/221 |/114 Ġ/243 4/42 ,/34 0/38 0/38 0/38 Ġm/333 Ġ/243 |/114 Ġ/243 "
        "3/41 5/43 Ġg/319 Ġ/243 |/114",
    ),
}


@pytest.fixture(scope="module")
def golden_tokenizer(texts: list[str]) -> ScienceTokenizer:
    settings = TokenizerSettings.model_validate(
        {"vocabulary_size": 520, "markers": ["RNA", "SELFIES", "MATERIAL"]}
    )
    symbols = selfies("[C][C][=O][Ring1][C][=O][Ring1]")
    return train_tokenizer([*texts, symbols], settings, latex_markers=True)


@pytest.fixture(scope="module")
def folder(golden_tokenizer: ScienceTokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("golden")
    golden_tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def in_transformers(folder: Path) -> transformers.PreTrainedTokenizerFast:
    return transformers.AutoTokenizer.from_pretrained(folder)


def expected(modality: str) -> tuple[list[str], list[int]]:
    pairs = [pair.rpartition("/") for pair in GOLDEN[modality][1].split()]
    return [token for token, _, _ in pairs], [int(id_) for _, _, id_ in pairs]


@pytest.mark.parametrize("modality", GOLDEN)
def test_every_way_in_gives_the_ids_written_here(
    golden_tokenizer: ScienceTokenizer,
    folder: Path,
    in_transformers: transformers.PreTrainedTokenizerFast,
    modality: str,
) -> None:
    marked = GOLDEN[modality][0]
    text = reveal(marked)
    tokens, ids = expected(modality)

    assert golden_tokenizer.encode(text) == ids
    assert [golden_tokenizer.id_to_token(id_) for id_ in ids] == tokens
    assert golden_tokenizer.decode(ids) == text

    corpus_ids, offsets = golden_tokenizer.encode_documents([marked])
    assert corpus_ids.tolist() == [*ids, 2]
    assert offsets.tolist() == [0, len(ids) + 1]

    loaded = ScienceTokenizer.from_pretrained(folder)
    assert loaded.encode(text) == ids
    assert loaded.encode_documents([marked], end_of_document=False)[0].tolist() == ids

    assert in_transformers(text)["input_ids"] == ids
    assert in_transformers.convert_ids_to_tokens(ids) == tokens
    assert in_transformers.decode(ids) == text

    encoded = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text)
    assert (encoded.ids, encoded.tokens) == (ids, tokens)


def test_the_documents_end_to_end(golden_tokenizer: ScienceTokenizer) -> None:
    ids, offsets = golden_tokenizer.encode_documents([marked for marked, _ in GOLDEN.values()])
    for modality, start, end in zip(GOLDEN, offsets, offsets[1:], strict=False):
        assert ids[start:end].tolist() == [*expected(modality)[1], 2], modality


def test_every_marker_of_the_table_is_in_a_document(golden_tokenizer: ScienceTokenizer) -> None:
    # Not by our wrappers: `<fragments>`, which no reader here makes.
    seen = {id_ for modality in GOLDEN for id_ in expected(modality)[1]}
    absent = [
        marker.spelling
        for marker in golden_tokenizer.markers
        if golden_tokenizer.token_to_id(marker.spelling) not in seen
    ]
    assert absent == ["<fragments>", "</fragments>"]
