"""Cutting FASTA files into entries, and entries longer than a document into parts.

Works on blocks and never on lines one by one: a chromosome of 250 million bases, on
one line or on four million, takes the memory of a few blocks. Comments (lines that begin with `;`,
`#` or `!`, in Pearson's and other programs' files) are left out.
"""

import re
import string
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from corpora.compressed_streams import Stream, blocks_of, open_streams
from corpora.documents import ReadOptions, Record, RecordUnreadable
from corpora.fasta.headers import kind_said
from corpora.sequences import Kind, beside_bases, kind_of
from tokenization.marked_text import clean

SUFFIXES: Final = (
    ".fasta", ".fa", ".fna", ".faa", ".ffn", ".frn", ".fas", ".fsa", ".seq", ".pro", ".nu",
    ".mpfa", ".aa", ".nt", ".pep", ".cds", ".dna", ".afa", ".pir",
)  # fmt: skip

#: The longest header: one of NCBI's `nr` names thousands of identical sequences.
_MAX_HEADER_BYTES: Final = 1 << 20
#: Larger blocks are slower: each copy of one then takes its memory from the system anew.
_BLOCK_BYTES: Final = 1 << 18
#: From this size on an entry is not held whole, even where blanks and numbers are half of it.
_WHOLE_BYTES: Final = 1 << 20
_COMMENT: Final = re.compile(rb"^[;#!][^\n]*\n?", re.MULTILINE)
#: Blanks and numbers, and the signs that programs write for gaps of alignments.
_BLANKS: Final = b" \t\r\n\v\f0123456789"
_GAPS: Final = b"-.~"
_UPPER: Final = string.ascii_uppercase.encode()
_NO_LETTERS: Final = _BLANKS + _GAPS
#: What follows text in other files: a field of an SDF, a prompt of Python's.
_NO_HEADER: Final = re.compile(rb">(?:>|[ \t]*<)")
_PIR: Final = re.compile(rb"(?:P1|F1|DL|DC|RL|RC|N1|N3|XX);")


class FastaOptions(BaseModel):
    """`part_letters`: the most letters of one document; a longer sequence is cut into parts of this
    size. `rna_marker`: RNA stands in [START_RNA], which the recipe's tokenizer then lists among its
    `markers`; the paper has one marker for all nucleotides, [START_DNA]."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    part_letters: Annotated[int, Field(ge=1_000, le=1_000_000)] = 100_000
    rna_marker: bool = False


class Entry(NamedTuple):
    """One entry, or one part of it: the header without `>`, and the letters from `first` on.

    `letters` are upper case, without blanks, numbers and gaps; `is_masked` says that some were
    lower case. `kind` is set where the entry is cut into parts, which are of one kind. `fault` says
    why it is none. `others` are the letters that are no plain bases, where that is known.
    """

    header: bytes
    letters: bytes
    first: int = 1
    is_part: bool = False
    kind: Kind | None = None
    is_masked: bool = False
    fault: tuple[str, str] | None = None
    others: bytes | None = None


def entry_records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record an entry, or a part of one; its id is the header's first word and a number."""
    longest = options.own(FastaOptions).part_letters
    for stream in open_streams(path, *SUFFIXES):
        number, place = 0, f"{stream.name}: sequence "
        for entry, num_bytes in _entries(stream, longest):
            header, letters, first, is_part, *_ = entry
            number += first == 1
            words = header.split(None, 1)
            name = clean(words[0][:200].decode("utf-8", "replace")) if words else "sequence"
            if not is_part:
                yield Record(f"{name}#{number}", f"{place}{number}", entry, num_bytes)
                continue
            last = first + len(letters) - 1
            identifier = f"{name}#{number}:{first}-{last}"
            yield Record(
                identifier, f"{place}{number}, letters {first} to {last}", entry, num_bytes
            )


def _entries(stream: Stream, longest: int) -> Iterator[tuple[Entry, int]]:
    """The entries of a stream with their sizes in bytes."""
    blocks = blocks_of(stream.file, _BLOCK_BYTES)
    held = _begin(next(blocks, b""))
    if not held.startswith(b">"):
        fault = ("not FASTA", f"it starts {held[:60].decode('utf-8', 'replace')!r}")
        if held:
            yield Entry(b"", b"", fault=fault), len(held)
        return
    held, is_last = held[1:], False
    while True:
        *whole, held = _split(held)
        if is_last:
            whole.append(held)
        for raw in whole:
            header, _, body = raw.partition(b"\n")
            letters = body.replace(b"\n", b"")
            others = beside_bases(letters)
            is_plain = len(letters) <= longest and header[2:3] != b";"
            if is_plain and not others.translate(None, _UPPER):
                # Almost all entries: nothing but letters, in upper case.
                entry = Entry(header.strip(), letters, 1, False, None, False, None, others)
                yield entry, len(raw) + 1
            else:
                yield from _whole(raw, longest)
        if is_last:
            return
        if len(held) > _WHOLE_BYTES:
            rest = _Rest(held, blocks)
            yield from _parts(rest, longest)
            if rest.after is None:
                return
            held = rest.after
        block = next(blocks, b"")
        is_last = not block
        held += _unix(block)


def _split(text: bytes) -> list[bytes]:
    """The entries of a text, cut where a line begins with `>`.

    To look for one rare byte takes a tenth of the time of looking for two.
    """
    if b">" not in text:
        return [text]
    *whole, last = text.split(b">")
    if not all(piece.endswith(b"\n") for piece in whole):
        # Headers may hold the sign too.
        *whole, last = text.split(b"\n>")
        whole = [piece + b"\n" for piece in whole]
    return [*whole, last]


def _unix(raw: bytes) -> bytes:
    # Files of old Macintoshes end lines by CR alone; the blank lines that CRLF becomes are none.
    return raw.replace(b"\r", b"\n") if b"\r" in raw else raw


def _begin(block: bytes) -> bytes:
    """The first block from the first header on; as it is where it has none."""
    text = _unix(block).removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b">"):
        return text
    # Some programs write a few lines before the first entry; Pearson's oldest form begins with `;`.
    start = text.find(b"\n>")
    if 0 <= start < 4096 and b"\0" not in text[:start] and not _NO_HEADER.match(text, start + 1):
        return text[start + 1 :]
    if text.startswith(b";") and start < 0:
        first, _, rest = text.partition(b"\n")
        return b">" + first[1:] + b"\n" + rest
    return text


def _whole(raw: bytes, longest: int) -> Iterator[tuple[Entry, int]]:
    header, _, body = raw.partition(b"\n")
    if header[2:3] == b";" and _PIR.match(header):
        described, _, body = body.partition(b"\n")
        header = header + b" " + described
        body = body.rstrip().removesuffix(b"*")
    letters, is_masked = _letters(body)
    if len(letters) <= longest:
        yield Entry(header.strip(), letters, is_masked=is_masked), len(raw) + 1
    else:
        yield from _cut(header.strip(), [(letters, is_masked)], longest)


def _letters(body: bytes) -> tuple[bytes, bool]:
    """The letters of some lines in upper case, and whether any were not."""
    if b";" in body or b"#" in body or b"!" in body:
        body = _COMMENT.sub(b"", body)
    letters = body.replace(b"\n", b"")
    upper = letters.upper()
    if not upper.isalpha():
        upper = upper.translate(None, _NO_LETTERS)
        return upper, bool(letters.translate(None, _NO_LETTERS) != upper)
    return upper, letters != upper


class _Rest:
    """The text of an entry too long to hold, a block at a time; then `after`, what follows it."""

    def __init__(self, held: bytes, blocks: Iterator[bytes]) -> None:
        self.after: bytes | None = None
        self._held, self._blocks = held, blocks

    def header(self) -> bytes:
        """The header line. Raises RecordUnreadable for one that has no end."""
        header, newline, self._held = self._held.partition(b"\n")
        if not newline or len(header) > _MAX_HEADER_BYTES:
            raise RecordUnreadable("header too long", f"more than {_MAX_HEADER_BYTES} bytes")
        return header.strip()

    def blocks(self) -> Iterator[bytes]:
        """The lines of the entry; a comment never lies in two blocks, a line may."""
        held = self._held
        while True:
            end = held.find(b"\n>") if b">" in held else -1
            if end >= 0:
                self.after = held[end + 2 :]
                yield held[:end]
                return
            # A line that begins in this block may be a comment: it waits for its end, unless it
            # is sequence for sure.
            cut = held.rfind(b"\n")
            if cut < 0 or len(held) - cut > _BLOCK_BYTES:
                cut = len(held)
            if held[:cut]:
                yield held[:cut]
            block = next(self._blocks, b"")
            if not block:
                yield held[cut:]
                return
            held = held[cut:] + _unix(block)


def _parts(rest: _Rest, longest: int) -> Iterator[tuple[Entry, int]]:
    """The parts of a long entry, of `longest` letters each."""
    try:
        header = rest.header()
    except RecordUnreadable as error:
        size = sum(map(len, rest.blocks()))
        yield Entry(b"", b"", fault=(error.reason, error.detail)), size
        return
    yield from _cut(header, map(_letters, rest.blocks()), longest)


def _cut(
    header: bytes, blocks: Iterable[tuple[bytes, bool]], longest: int
) -> Iterator[tuple[Entry, int]]:
    """The parts of a sequence that comes in blocks of letters; one that is short is no part."""
    kind: Kind | None = None
    first, held, is_masked = 1, b"", False
    for more, masked in blocks:
        letters = held + more
        if kind is None:
            kind = kind_said(header) or kind_of(letters[:longest])
        start = 0
        while len(letters) - start > longest:
            piece = letters[start : start + longest]
            yield Entry(header, piece, first, True, kind, masked or is_masked), len(piece)
            first, start = first + longest, start + longest
            is_masked = False
        held, is_masked = letters[start:], masked or (is_masked and not start)
    if held or first == 1:
        yield Entry(header, held, first, first > 1, kind, is_masked), len(held)
