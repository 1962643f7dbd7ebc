"""The tokenizer in the hands of others: broken files and mistaken arguments."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tokenization import ScienceTokenizer


def _in_model(field: str, value: object) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["model"].__setitem__(field, value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_in_model("end_of_word_suffix", "</w>"), "marks where words go on or end"),
        (_in_model("continuing_subword_prefix", "##"), "cannot be read as a tokenizer.json"),
        (_in_model("vocab", {}), "cannot be read as a tokenizer.json"),
        (lambda document: document["model"]["vocab"].__setitem__("Ġsea", 2**31), "its ids are not"),
        (lambda document: document["model"]["vocab"].__setitem__("Ġsea", 300), "its ids are not"),
        (lambda document: document.__setitem__("decoder", None), "its decoder is another one"),
        (
            lambda document: document.__setitem__(
                "decoder", {"type": "WordPiece", "prefix": "##", "cleanup": True}
            ),
            "its decoder is another one",
        ),
    ],
)
def test_a_file_that_gives_other_ids_or_text_is_refused(
    tokenizer: ScienceTokenizer,
    tmp_path: Path,
    change: Callable[[dict[str, Any]], None],
    message: str,
) -> None:
    tokenizer.save_pretrained(tmp_path)
    path = tmp_path / "tokenizer.json"
    document = json.loads(path.read_text("utf-8"))
    change(document)
    path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(ValueError, match=message):
        ScienceTokenizer.from_pretrained(tmp_path)


def test_one_text_is_no_list_of_texts(tokenizer: ScienceTokenizer) -> None:
    with pytest.raises(TypeError, match="one str"):
        tokenizer.encode_documents("the sea")
    with pytest.raises(TypeError, match="list, not an array of Arrow"):
        tokenizer.encode_arrow(["the sea"])
    assert tokenizer.encode_arrow(pa.array(["sea"])).to_pylist() == [[*tokenizer.encode("sea"), 2]]
