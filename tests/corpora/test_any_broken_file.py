"""Whatever happens to a file of any format, each record of it is a document or has its reason.

The files are those of `test_unforgeable`, and with REALDATA every real file. They are cut, torn,
doubled and overwritten, emptied, compressed and packed. No reader may fail in a way that it does
not name, hang, or say nothing.
"""

import bz2
import copy
import gzip
import io
import json
import lzma
import os
import random
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from corpora.catalogue import load_format
from corpora.documents import Document, ReadOptions, Record
from pipelines.reading import Refusal, frame_records, read_record
from tests.corpora.test_unforgeable import CASES, HARMLESS, WITNESS, Files

PROSE = ("latex", "jats", "pubmed", "tei", "s2orc", "mediawiki", "stackexchange", "openstax",
         "prompts", "moleculenet", "preferences", "dialogue", "jsonl", "parquet",
         "commoncrawl")  # fmt: skip
XML = ("jats", "pubmed", "tei", "mediawiki", "stackexchange", "openstax")
SECONDS = 20
#: What tears a text of these formats apart where it stands.
TEARING = (b"<", b">", b"&", b"{", b"}", b"\\", b"$", b'"', b"\x00", b"\xff\xfe", b"\xc3", b"\n",
           b"]]>", b"<!--", b"{{", b"[[", b"|}", b"\\begin{", b"\\def\\a{\\a}\\a ", b"&#0;",
           b"&#xD800;", b"\xed\xa0\x80", b"<![CDATA[", b"\\iffalse ", b"<ref>", b"<p>")  # fmt: skip


def sample(reader: str) -> Files:
    forms = CASES[reader]
    return forms.get("as it is", next(iter(forms.values())))(f"{WITNESS} {HARMLESS} {WITNESS}")


def outcomes(reader: str, path: Path) -> list[Document | Refusal]:
    """What a build makes of a path; a failure that no reader named fails the test."""
    format_ = load_format(reader)
    options = ReadOptions(seed=1)
    found: list[Document | Refusal] = []
    for file in format_.find(path):
        for entry in frame_records(format_, file, file.name, options):
            found.append(
                read_record(format_, entry, options, SECONDS)
                if isinstance(entry, Record)
                else entry
            )
    for refusal in found:
        if isinstance(refusal, Refusal):
            assert refusal.reason
            assert refusal.position
            assert refusal.reason not in {"reader failed", "took too long", "input cannot be read",
                                          "markers do not pair"}, refusal  # fmt: skip
    return found


def written(folder: Path, files: Files) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


Change = tuple[int, int, int, bytes]
CHANGES = st.lists(
    st.tuples(
        st.integers(0, 5), st.integers(0, 1 << 20), st.integers(1, 400), st.sampled_from(TEARING)
    ),
    min_size=1,
    max_size=6,
)


def changed(content: bytes, changes: list[Change]) -> bytes:
    """A file after some accidents: broken off, spans lost, doubled, moved or overwritten."""
    data = bytearray(content)
    for kind, at, length, tearing in changes:
        at %= len(data) + 1
        span = bytes(data[at : at + length])
        if kind == 0:
            del data[at:]
        elif kind == 1:
            del data[at : at + length]
        elif kind == 2:
            data[at:at] = span * 3
        elif kind == 3:
            data[at : at + len(tearing)] = tearing
        elif kind == 4:
            data[at:at] = tearing
        else:
            del data[at : at + length]
            middle = len(data) // 2
            data[middle:middle] = span
    return bytes(data)


@pytest.mark.parametrize("reader", sorted(CASES))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(changes=CHANGES, which=st.integers(0, 1 << 10))
def test_a_damaged_file(
    tmp_path_factory: pytest.TempPathFactory, reader: str, changes: list[Change], which: int
) -> None:
    files = sample(reader)
    name = sorted(files)[which % len(files)]
    files[name] = changed(files[name], changes)
    folder = tmp_path_factory.mktemp("damaged")
    try:
        outcomes(reader, written(folder, files))
    except ValueError:
        # A folder that is no dataset at all is the user's mistake, and stops the build at once.
        assert reader == "huggingface"
    finally:
        shutil.rmtree(folder)


def rearranged_xml(content: bytes, rng: random.Random, changes: int) -> bytes:
    """A well-formed file whose elements are lost, doubled, moved, renamed, emptied or nested."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(content, parser)
    for _ in range(changes):
        elements = [e for e in root.iter() if isinstance(e.tag, str) and e is not root]
        if not elements:
            break
        one, other = rng.choice(elements), rng.choice(elements)
        parent = one.getparent()
        assert parent is not None
        match rng.randrange(7):
            case 0:
                parent.remove(one)
            case 1:
                parent.append(copy.deepcopy(one))
            case 2 if one not in other.iterancestors():
                other.append(copy.deepcopy(one))
            case 3:
                one.tag = other.tag
            case 4:
                one.text, one.tail = one.tail, one.text
            case 5:
                for name in list(one.attrib):
                    one.attrib[name] = rng.choice(["", "1", "-1", "x y", *other.attrib.values()])
            case 6:
                inner = one
                for _ in range(rng.randrange(1, 30)):
                    inner = etree.SubElement(inner, one.tag)
                inner.text = one.text
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


@pytest.mark.parametrize("reader", XML)
def test_elements_inside_themselves(tmp_path: Path, reader: str) -> None:
    """Each element 30 times in itself: what is read twice a level would never end."""
    (name, content), *_ = sample(reader).items()
    if reader == "stackexchange":
        pytest.skip("rows are flat")
    root = etree.fromstring(content)
    for tag in sorted({element.tag for element in root.iter() if isinstance(element.tag, str)}):
        nested = copy.deepcopy(root)
        found = next(nested.iter(tag))
        for _ in range(30):
            outer = etree.Element(tag, dict(found.attrib))
            outer.extend(list(found))
            outer.text, found.text = found.text, "word"
            found.append(outer)
        path = tmp_path / PurePosixPath(name).name
        path.write_bytes(etree.tostring(nested, encoding="utf-8"))
        outcomes(reader, path)


def rearranged_json(content: bytes, rng: random.Random, changes: int) -> bytes:
    """JSON, or lines of it, in which values are lost, moved, or of another type."""
    lines = []
    text = content.decode("utf-8")
    for line in text.splitlines() if text.startswith("{") and "}\n{" in text else [text]:
        value = json.loads(line)
        for _ in range(changes):
            holders = [v for v in walked(value) if isinstance(v, dict | list) and v]
            one, other = rng.choice(holders), rng.choice(holders)
            keys = list(one) if isinstance(one, dict) else list(range(len(one)))
            key = rng.choice(keys)
            if rng.randrange(4) == 0:
                del one[key]
            else:
                odd = [None, "", 0, -1, 10**9, 1.5, True, [], {}, [[]], "x", copy.deepcopy(other)]
                one[key] = rng.choice(odd)
            if not value:
                break
        lines.append(json.dumps(value))
    return "\n".join(lines).encode()


def walked(value: Any) -> Iterator[Any]:
    yield value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from walked(inner)


JSON = ("s2orc", "goldbook", "paperswithcode", "prompts", "preferences", "dialogue")
REARRANGED = dict.fromkeys(XML, rearranged_xml) | dict.fromkeys(JSON, rearranged_json)


@pytest.mark.parametrize("reader", REARRANGED)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(rng=st.randoms(use_true_random=False), changes=st.integers(1, 12))
def test_a_rearranged_tree(
    tmp_path_factory: pytest.TempPathFactory, reader: str, rng: random.Random, changes: int
) -> None:
    files = {
        name: REARRANGED[reader](content, rng, changes) for name, content in sample(reader).items()
    }
    folder = tmp_path_factory.mktemp("rearranged")
    outcomes(reader, written(folder, files))
    shutil.rmtree(folder)


def real_files(reader: str) -> list[Path]:
    """Files of a format among the real ones, by the folder's name."""
    root = Path(os.environ.get("REALDATA", "."), reader)
    if not root.is_dir():
        return []
    found = root.rglob("*.tex") if reader == "latex" else load_format(reader).find(root)
    return sorted(path for path in found if path.is_file())


@pytest.mark.realdata
@pytest.mark.slow
@pytest.mark.skipif("REALDATA" not in os.environ, reason="needs real files in $REALDATA")
@pytest.mark.parametrize("reader", [reader for reader in PROSE if real_files(reader)])
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(changes=CHANGES, which=st.integers(0, 1 << 10))
def test_a_damaged_real_file(
    tmp_path_factory: pytest.TempPathFactory, reader: str, changes: list[Change], which: int
) -> None:
    files = [path for path in real_files(reader) if path.stat().st_size < 600_000]
    path = files[which % len(files)]
    folder = tmp_path_factory.mktemp("damaged")
    content = path.read_bytes()
    if reader in XML and which % 2:
        content = rearranged_xml(content, random.Random(which), len(changes) * 3)
    else:
        content = changed(content, changes)
    (folder / path.name).write_bytes(content)
    outcomes(reader, folder / path.name)
    shutil.rmtree(folder)


@pytest.mark.parametrize("reader", PROSE)
def test_an_empty_file_is_named(tmp_path: Path, reader: str) -> None:
    (name,) = list(sample(reader))[:1]
    path = tmp_path / PurePosixPath(name).name
    path.write_bytes(b"")
    found = outcomes(reader, path)
    assert [type(outcome) for outcome in found] == [Refusal]


@pytest.mark.parametrize("reader", PROSE)
@pytest.mark.parametrize("kind", ["noise", "blanks", "nulls", "prose"])
def test_a_file_of_something_else_is_named(tmp_path: Path, reader: str, kind: str) -> None:
    (name,) = list(sample(reader))[:1]
    path = tmp_path / PurePosixPath(name).name
    noise = b"".join(bytes([(n * n * 7 + n // 3) % 256]) for n in range(5000))
    path.write_bytes(
        {"noise": noise, "blanks": b" \n" * 3000, "nulls": bytes(4000),
         "prose": b"These are words about no format at all.\n" * 40}[kind]
    )  # fmt: skip
    found = outcomes(reader, path)
    assert found
    assert all(isinstance(outcome, Refusal) for outcome in found)


def tarred(mode: str) -> Callable[[Files], bytes]:
    def pack(files: Files) -> bytes:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode=mode) as tar:  # type: ignore[call-overload]
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        return packed.getvalue()

    return pack


def zipped(files: Files) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def zstandard(content: bytes) -> bytes:
    return pa.compress(content, codec="zstd", asbytes=True)  # type: ignore[no-any-return]


PACKED: dict[str, Callable[[Files], bytes]] = {
    ".tar": tarred("w"),
    ".tar.gz": tarred("w:gz"),
    ".tgz": tarred("w:gz"),
    ".tar.bz2": tarred("w:bz2"),
    ".tar.xz": tarred("w:xz"),
    ".tar.zst": lambda files: zstandard(tarred("w")(files)),
    ".zip": zipped,
}
COMPRESSED: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard,
}
#: Parquet is compressed inside, and read by position.
STREAMED = tuple(reader for reader in PROSE if reader != "parquet")


def texts(reader: str, path: Path) -> list[str]:
    found = outcomes(reader, path)
    return sorted(outcome.text for outcome in found if isinstance(outcome, Document))


@pytest.mark.parametrize("reader", STREAMED)
@pytest.mark.parametrize("suffix", PACKED)
def test_an_archive_is_read_as_its_files(tmp_path: Path, reader: str, suffix: str) -> None:
    files = sample(reader)
    plain = texts(reader, written(tmp_path / "plain", files))
    (tmp_path / "packed").mkdir()
    (tmp_path / "packed" / f"all{suffix}").write_bytes(PACKED[suffix](files))
    assert plain
    assert texts(reader, tmp_path / "packed") == plain
    assert texts(reader, tmp_path / "packed" / f"all{suffix}") == plain


@pytest.mark.parametrize("reader", STREAMED)
@pytest.mark.parametrize("suffix", COMPRESSED)
def test_a_compressed_file_is_read_as_it_is(tmp_path: Path, reader: str, suffix: str) -> None:
    files = sample(reader)
    if reader == "latex":
        files = {name: content for name, content in files.items() if name.endswith(".tex")}
    plain = texts(reader, written(tmp_path / "plain", files))
    squeezed = {name + suffix: COMPRESSED[suffix](content) for name, content in files.items()}
    assert plain
    assert texts(reader, written(tmp_path / "packed", squeezed)) == plain


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(20))
    + "]>"
)


@pytest.mark.parametrize("reader", XML)
def test_entities_are_no_bomb_and_no_window(tmp_path: Path, reader: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("xyzzy")
    outside = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY u SYSTEM "{secret.as_uri()}">]>'
    (name, content), *_ = sample(reader).items()
    path = tmp_path / PurePosixPath(name).name
    body = content[content.index(b"?>") + 2 :] if content.startswith(b"<?xml") else content
    assert WITNESS.encode() in body
    for prolog, entity in ((BOMB, b"&u;"), (outside, b"&u;")):
        path.write_bytes(
            prolog.encode() + body.replace(WITNESS.encode(), WITNESS.encode() + entity)
        )
        for outcome in outcomes(reader, path):
            if isinstance(outcome, Document):
                assert "xyzzy" not in outcome.text
                assert len(outcome.text) < 100_000


@pytest.mark.parametrize("reader", sorted(set(PROSE) - {"parquet"}))
@pytest.mark.parametrize("byte", [b"a", b"<", b"{"])
def test_a_long_line_of_nothing_costs_one_record(tmp_path: Path, reader: str, byte: bytes) -> None:
    (name,) = list(sample(reader))[:1]
    path = tmp_path / PurePosixPath(name).name
    path.write_bytes(byte * (3 << 20))
    assert [type(outcome) for outcome in outcomes(reader, path)] == [Refusal]
