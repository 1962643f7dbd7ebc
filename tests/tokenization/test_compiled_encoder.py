"""The compiled encoder against the plain file's own parts, at scale and at its limits."""

import copy
import logging
import multiprocessing
import random
import shutil
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from tests.tokenization.fuzzed_text import BORDERS, fuzzed_documents
from tests.tokenization.marked_twin import marked_twin
from tokenization import ScienceTokenizer, TokenizerSettings, character_tables, raw_memory, reveal
from tokenization.corpus_encoder import LONGEST_PIECE_BYTES
from tokenization.encoder_state import PADDING_BYTES
from tokenization.encoder_tables import Memory
from tokenization.markers import CONTROL_TOKENS, MarkerTable, code_point
from tokenization.normalization import normalize
from tokenization.pretokenizer import NORMALIZERS
from tokenization.raw_memory import compiled
from tokenization.text_batches import BATCH_CHARACTERS, from_strings
from tokenization.tokenizer_file import self_contained, vocabulary_and_merges
from tokenization.training import train_tokenizer
from tokenization.wrappers import selfies


@pytest.fixture(scope="module", params=["nfkc", "nfc", "none"])
def rich(request: pytest.FixtureRequest, texts: list[str]) -> ScienceTokenizer:
    """A tokenizer with spans of every reading: text, characters, symbols."""
    chosen = TokenizerSettings(
        vocabulary_size=600, normalizer=request.param, markers=("RNA", "SELFIES")
    )
    spans = [selfies("[C][=C][Branch1][Ring2][C]"), selfies("[Branch1][C][=C][Ring2]")]
    return train_tokenizer([*texts, *spans], chosen, latex_markers=True)


@pytest.fixture(scope="module")
def twin(rich: ScienceTokenizer) -> Tokenizer:
    return marked_twin(rich._file)


def encoded(tokenizer: ScienceTokenizer, texts: list[str], **options: int) -> list[list[int]]:
    ids, offsets = tokenizer.encode_documents(texts, end_of_document=False, **options)
    return [part.tolist() for part in np.split(ids, offsets[1:-1])] if texts else []


def check_fuzzed(rich: ScienceTokenizer, twin: Tokenizer, documents: int, seed: int) -> None:
    """Ids equal the twin's, and no marker comes of anything but its code point."""
    table = MarkerTable(rich.markers)
    marker_ids = {rich.token_to_id(m.spelling): m.code_point for m in rich.markers}
    marker_ids |= {rich.token_to_id(token): "" for token in CONTROL_TOKENS}
    for spelt in (False, True):
        stream = fuzzed_documents(seed, table, spelt=spelt)
        for _ in range(documents // 2 // 1000):
            texts = list(islice(stream, 1000))
            expected = twin.encode_batch_fast(texts, add_special_tokens=False)
            for text, mine, theirs in zip(texts, encoded(rich, texts), expected, strict=True):
                assert mine == theirs.ids, ascii(text)
                found = "".join(marker_ids[id_] for id_ in mine if id_ in marker_ids)
                assert found == "".join(c for c in text if "\ue000" <= c <= "\ue0ff"), ascii(text)


def test_fuzzed_documents(rich: ScienceTokenizer, twin: Tokenizer) -> None:
    check_fuzzed(rich, twin, 4_000, seed=0)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_million_fuzzed_documents(rich: ScienceTokenizer, twin: Tokenizer) -> None:
    check_fuzzed(rich, twin, 1_000_000, seed=1)


@pytest.mark.slow
def test_every_code_point_between_letters_and_alone(
    rich: ScienceTokenizer, twin: Tokenizer
) -> None:
    numbers = [
        n for n in range(0x110000) if not 0xD800 <= n <= 0xDFFF and not 0xE000 <= n <= 0xE0FF
    ]
    texts = [f"a{chr(n)}b {chr(n)} {chr(n)}{chr(n)}\u0301({chr(n)}" for n in numbers]
    for start in range(0, len(texts), 1 << 16):
        some = texts[start : start + (1 << 16)]
        expected = twin.encode_batch_fast(some, add_special_tokens=False)
        for text, mine, theirs in zip(some, encoded(rich, some), expected, strict=True):
            assert mine == theirs.ids, ascii(text)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(alphabet=BORDERS + "abe \ue001", max_size=12), min_size=1, max_size=6))
def test_documents_are_normalized_as_if_each_stood_alone(documents: list[str]) -> None:
    tables = character_tables.character_tables()
    batch = from_strings(documents)
    for name in ("nfkc", "nfc"):
        table, normalizer = tables.normalization(name), NORMALIZERS[name]
        assert table is not None
        assert normalizer is not None
        text, ends = normalize(batch.text, batch.ends, PADDING_BYTES, table, normalizer)
        starts = [0, *(ends[:-1] + 1)]
        mine = [text[a:b].tobytes().decode() for a, b in zip(starts, ends, strict=True)]
        assert mine == [normalizer.normalize_str(document) for document in documents]
        assert not text[-PADDING_BYTES:].any()


@pytest.mark.parametrize("length", [15, 16, 31, 32, 33, 100, 513, 5_000, 70_000])
def test_long_pieces_merge_as_in_the_file(tokenizer: ScienceTokenizer, length: int) -> None:
    chance = random.Random(length)
    for letters in (
        "a",
        "the water of",
        "thewaters",
        "abcdefghijklmnopqrstuvwxyz",
        " ",
        "=",
        "é水",
    ):
        text = "".join(chance.choices(letters, k=length))
        for document in (text, f"{text} {text}", f"x{text}({text}"):
            assert encoded(tokenizer, [document]) == [tokenizer.encode(document)]


def test_wide_ids_are_those_of_the_file(tokenizer: ScienceTokenizer) -> None:
    vocabulary, merges = vocabulary_and_merges(tokenizer._file)
    # Every id but the fixed ones moves up: more than 16 bits.
    spelt = {token: id_ for token, id_ in vocabulary.items() if id_ >= 23}
    wide = {token: id_ for token, id_ in vocabulary.items() if id_ < 23}
    wide |= {f"Ġ{number}": number for number in range(23, 70_000)}
    wide |= {token: 69_977 + id_ for token, id_ in spelt.items()}
    large = ScienceTokenizer(self_contained(wide, merges))
    stream = fuzzed_documents(2, MarkerTable(large.markers), spelt=True)
    texts = [*islice(stream, 2_000), "the water " * 200_000, "waterthesea" * 5]
    ids, _ = large.encode_documents(texts)
    assert ids.dtype == np.uint32
    expected = marked_twin(large._file).encode_batch_fast(texts, add_special_tokens=False)
    assert encoded(large, texts) == [encoding.ids for encoding in expected]


def test_full_tables_are_put_back_and_change_no_id(
    tokenizer: ScienceTokenizer, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokenization.encoder_tables._ROOM", 2)
    monkeypatch.setattr("tokenization.encoder_tables._SMALLEST_TABLE", 1)
    monkeypatch.setattr("tokenization.encoder_tables._STORE_BYTES", 2_000)
    forgotten = 0
    forget = Memory.forget

    def counting(memory: Memory) -> None:
        nonlocal forgotten
        forgotten += 1
        forget(memory)

    monkeypatch.setattr(Memory, "forget", counting)
    small = ScienceTokenizer(Tokenizer.from_str(tokenizer._file.to_str()))
    chance = random.Random(3)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(chance.choices(letters, k=chance.randint(2, 40))) for _ in range(5_000)]
    documents = [*texts, " ".join(words), *words, " ".join(reversed(words))]
    assert encoded(small, documents) == encoded(tokenizer, documents)
    assert forgotten > 10


@pytest.mark.parametrize("threads", [2, 5])
def test_threads_give_the_same_ids_in_order(tokenizer: ScienceTokenizer, threads: int) -> None:
    texts = [f"{number} the water of the sea " * 5_000 for number in range(50)]
    ids, offsets = tokenizer.encode_documents(texts)
    again, offsets_again = tokenizer.encode_documents(texts, threads=threads)
    assert np.array_equal(ids, again)
    assert np.array_equal(offsets, offsets_again)
    texts[37] += "\ue050"
    with pytest.raises(ValueError, match=r"document 37 holds U\+E050"):
        tokenizer.encode_documents(texts, threads=threads)
    with pytest.raises(ValueError, match="threads is 0"):
        tokenizer.encode_documents([], threads=0)


@pytest.mark.parametrize("threads", [1, 3])
def test_a_stream_is_read_only_as_far_as_needed(tokenizer: ScienceTokenizer, threads: int) -> None:
    num_read = 0

    def endless() -> Iterator[str]:
        nonlocal num_read
        while True:
            num_read += 1
            yield "the water of the sea " * 10_000

    before = threading.active_count()
    batches = tokenizer.encode_batches(endless(), threads=threads)
    for ids, offsets in islice(batches, 3):
        assert offsets[-1] == len(ids)
    batches.close()  # type: ignore[attr-defined]  # a generator
    assert num_read * 210_000 < (4 + 2 * threads) * BATCH_CHARACTERS
    assert threading.active_count() == before


def test_memory_does_not_grow_with_the_stream(tokenizer: ScienceTokenizer) -> None:
    def peak(documents: int) -> int:
        texts = (f"{number} the water of the sea " * 2_000 for number in range(documents))
        tracemalloc.start()
        for _ in tokenizer.encode_batches(texts):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(50)
    assert peak(1_000) < 1.5 * peak(100)


def test_arrow_arrays(tokenizer: ScienceTokenizer, texts: list[str]) -> None:
    texts = ["", *texts, "a\x00b", "é\u0301 ﬁ", "", "the sea " * 300_000, "salt"]
    expected = [[*ids, 2] for ids in encoded(tokenizer, texts)]
    strings = pa.array(texts)
    assert tokenizer.encode_arrow(strings).to_pylist() == expected
    assert tokenizer.encode_arrow(strings).type == pa.list_(pa.uint16())
    assert tokenizer.encode_arrow(strings.slice(3, 5), threads=2).to_pylist() == expected[3:8]
    large = tokenizer.encode_arrow(strings.cast(pa.large_string()), end_of_document=False)
    assert large.type == pa.large_list(pa.uint16())
    assert large.to_pylist() == [ids[:-1] for ids in expected]
    chunked = pa.chunked_array([strings[:4], strings[4:4], strings[4:]])
    result = tokenizer.encode_arrow(chunked)
    assert [len(chunk) for chunk in result.chunks] == [4, 0, len(texts) - 4]
    assert result.to_pylist() == expected
    assert tokenizer.encode_arrow(pa.array([], pa.string())).to_pylist() == []
    assert tokenizer.encode_arrow(pa.chunked_array([], pa.string())).type == pa.list_(pa.uint16())


@pytest.mark.parametrize(
    ("array", "error", "message"),
    [
        (pa.array(["a", None]), ValueError, "document 1 is null"),
        (pa.array([b"a"]), TypeError, "an array of binary, not of string"),
        (pa.array([1]), TypeError, "an array of int64"),
        (pa.chunked_array([["a", "b"], ["c", None]]), ValueError, "document 3 is null"),
        (pa.chunked_array([["a", "b"], ["c\ue0ff"]]), ValueError, "document 2 holds U.E0FF"),
        (pa.array(["a", "b\ue060"]), ValueError, r"document 1 holds U\+E060 at character 1"),
        (
            pa.StringArray.from_buffers(
                1, pa.array([0, 2], pa.int32()).buffers()[1], pa.py_buffer(b"\xc3\x28")
            ),
            ValueError,
            "not valid UTF-8",
        ),
        (
            # A surrogate, as some programs write it: no UTF-8 either.
            pa.StringArray.from_buffers(
                1, pa.array([0, 3], pa.int32()).buffers()[1], pa.py_buffer(b"\xed\xa0\x80")
            ),
            ValueError,
            "not valid UTF-8",
        ),
        (
            pa.StringArray.from_buffers(
                1, pa.array([0, 2], pa.int32()).buffers()[1], pa.py_buffer(b"a\xee")
            ),
            ValueError,
            "not valid UTF-8",
        ),
    ],
)
def test_arrow_arrays_that_are_refused(
    tokenizer: ScienceTokenizer, array: pa.Array, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        tokenizer.encode_arrow(array)


def test_what_is_no_text_is_refused(tokenizer: ScienceTokenizer) -> None:
    with pytest.raises(TypeError, match="document 1 is bytes, not str"):
        tokenizer.encode_documents(["a", b"b"])  # type: ignore[list-item]
    with pytest.raises(ValueError, match=r"document 1 holds a run of 16,777,217 bytes"):
        tokenizer.encode_documents(["a", "a" * (LONGEST_PIECE_BYTES + 1)])


def _ids_in_a_process(tokenizer: ScienceTokenizer, texts: list[str]) -> list[int]:
    ids: list[int] = tokenizer.encode_documents(texts)[0].tolist()
    return ids


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_get_an_encoder_of_their_own(
    tokenizer: ScienceTokenizer, texts: list[str], method: str
) -> None:
    expected = _ids_in_a_process(tokenizer, texts)
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        results = pool.map(_ids_in_a_process, [tokenizer] * 4, [texts] * 4)
        assert list(results) == [expected] * 4


def test_copies_share_nothing(tokenizer: ScienceTokenizer, texts: list[str]) -> None:
    expected = tokenizer.encode_documents(texts)[0].tolist()
    for duplicate in (copy.copy(tokenizer), copy.deepcopy(tokenizer)):
        assert duplicate.fingerprint == tokenizer.fingerprint
        assert duplicate._corpus_encoder is not tokenizer._corpus_encoder
        assert duplicate.encode_documents(texts)[0].tolist() == expected
    with pytest.raises(TypeError, match="cannot be copied"):
        copy.deepcopy(tokenizer._corpus_encoder)


def test_nul_bytes_are_text(tokenizer: ScienceTokenizer) -> None:
    texts = ["\x00", "\x00\x00", "a\x00", "a", "\x00" * 40, "a" + 7 * "\x00", " \x00"]
    assert encoded(tokenizer, texts) == [tokenizer.encode(text) for text in texts]
    assert len({tuple(ids) for ids in encoded(tokenizer, texts)}) == len(texts)


def test_open_spans_of_every_reading_end_with_their_document(rich: ScienceTokenizer) -> None:
    opened = [code_point(f"[START_{name}]") for name in ("SELFIES", "RNA", "AMINO", "REF")]
    texts = [opening + "[C]water[C" for opening in opened] + ["[C] water"]
    assert encoded(rich, texts) == [rich.encode(reveal(text)) for text in texts]


def test_tables_are_the_same_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made = character_tables.probe()
    monkeypatch.setenv("GALACTICA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(character_tables, "probe", lambda: made)
    make = character_tables.character_tables.__wrapped__
    fresh = make()
    (path,) = tmp_path.iterdir()
    monkeypatch.setattr(character_tables, "probe", lambda: pytest.fail("not from the cache"))
    kept = make()
    for table in (fresh, kept):
        mine = character_tables._arrays(table)
        assert all(map(np.array_equal, mine, character_tables._arrays(made)))
    path.write_bytes(path.read_bytes()[:-1])
    monkeypatch.setattr(character_tables, "probe", lambda: made)
    with caplog.at_level(logging.WARNING):
        make()
    assert "is damaged" in caplog.text
    assert character_tables._load(path) is not None


@pytest.mark.parametrize("folder", ["/dev/null/cache", "missing/deep"])
def test_a_folder_that_cannot_be_written_costs_time_only(
    folder: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    made = character_tables.character_tables()
    monkeypatch.setattr(character_tables, "probe", lambda: made)
    monkeypatch.setenv("GALACTICA_CACHE_DIR", str(tmp_path / folder))
    with caplog.at_level(logging.WARNING):
        assert character_tables.character_tables.__wrapped__() is made
    if folder.startswith("/"):
        assert "will make them again; name a writable folder in GALACTICA_CACHE_DIR" in caplog.text
    else:
        assert not caplog.text
        assert list((tmp_path / folder).iterdir())


def test_machine_code_that_cannot_be_kept_is_compiled_and_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    # Numba keeps nothing for a function that stands in no file.
    names: dict[str, object] = {}
    exec("def double(number):\n    return 2 * number", names)
    with caplog.at_level(logging.WARNING):
        double = compiled("int64(int64)")(names["double"])  # type: ignore[arg-type]
    assert double(21) == 42
    assert "compiling double took" in caplog.text
    assert "name a writable folder in GALACTICA_CACHE_DIR" in caplog.text


def test_every_compiled_module_names_the_folder_of_the_code() -> None:
    package = Path(raw_memory.__file__).parent
    compiled_modules = [
        path.name for path in package.glob("*.py") if "@compiled(" in path.read_text("utf-8")
    ]
    assert len(compiled_modules) == 4
    assert set(compiled_modules) <= set(raw_memory._COMPILED_MODULES)


def _first_ids(folder: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    program = (
        "import sys; from tokenization import ScienceTokenizer\n"
        "tokenizer = ScienceTokenizer.from_pretrained(sys.argv[1])\n"
        "print(tokenizer.encode_documents(['the water of the sea'])[0].tolist())"
    )
    return subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        env={"GALACTICA_CACHE_DIR": str(cache), "HOME": "/dev/null", "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )


@pytest.mark.parametrize("damage", [b"", b"not what was written"])
def test_damaged_machine_code_is_compiled_anew(
    tokenizer: ScienceTokenizer, tmp_path: Path, damage: bytes
) -> None:
    tokenizer.save_pretrained(tmp_path / "tokenizer")
    cache = tmp_path / "cache"
    shutil.copytree(raw_memory._code_folder(), cache / raw_memory._code_folder().name)
    shutil.copy(next(raw_memory._code_folder().parent.glob("characters-*")), cache)
    for number, path in enumerate(sorted(cache.rglob("*.nb[ci]"))):
        if number % 2:
            path.write_bytes(damage)
    first = _first_ids(tmp_path / "tokenizer", cache)
    assert "is damaged" in first.stderr
    again = _first_ids(tmp_path / "tokenizer", cache)
    assert again.stdout == first.stdout
    assert not again.stderr


def test_machine_code_that_can_only_be_read_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = raw_memory._code_folder()
    monkeypatch.setenv("GALACTICA_CACHE_DIR", str(tmp_path))
    shutil.copytree(kept, tmp_path / kept.name)

    def refuse(**_: object) -> None:
        raise PermissionError("read-only")

    # The tests may run as root, whom no mode of a folder stops.
    monkeypatch.setattr(raw_memory.tempfile, "TemporaryFile", refuse)
    copy = raw_memory._code_folder.__wrapped__()
    assert copy.parent != tmp_path
    names = [path.relative_to(kept) for path in sorted(kept.rglob("*.nb[ci]"))]
    assert names == [path.relative_to(copy) for path in sorted(copy.rglob("*.nb[ci]"))] != []


def test_without_any_cache_the_ids_are_the_same(
    tokenizer: ScienceTokenizer, texts: list[str], tmp_path: Path
) -> None:
    tokenizer.save_pretrained(tmp_path)
    program = (
        "import sys; from tokenization import ScienceTokenizer\n"
        "tokenizer = ScienceTokenizer.from_pretrained(sys.argv[1])\n"
        "print(tokenizer.encode_documents(sys.argv[2:])[0].tolist())"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), *texts],
        env={"GALACTICA_CACHE_DIR": "/dev/null/cache", "HOME": "/dev/null", "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert result.stdout.strip() == str(tokenizer.encode_documents(texts)[0].tolist())
    assert "GALACTICA_CACHE_DIR" in result.stderr
