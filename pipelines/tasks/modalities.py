"""Tokens and bytes by modality: inside which marker span they lie, counted column by column.

A token belongs to the innermost span that holds it, to `text` outside of all; the markers
themselves and `</s>` are counted apart. Nothing is a Python object for a token, a byte or a
document: only the places of markers are looked at, so that counting costs some per cent of
encoding.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tokenization.markers import END_OF_DOCUMENT_ID, RESERVED_FIRST, Marker

#: The names beside those of the markers (`REF`, `LATEX`, `<work>`), which never look like these.
TEXT: Final = "text"
MARKERS: Final = "markers"
END: Final = "end of document"

_FIRST_BYTE: Final = chr(RESERVED_FIRST).encode()[0]
_MARKER_BYTES: Final = 3  # U+E000-U+E0FF in UTF-8: EE 80 80 to EE 83 BF
_NO_MARKER: Final = -1
_END_ROW: Final = 256  # beside the rows of a marker table, which are below

Positions = npt.NDArray[np.int64]
Totals = npt.NDArray[np.int64]


class _Boundaries(NamedTuple):
    """Markers and ends of documents in the order of a column: where, how long, and which row."""

    starts: Positions
    width: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]


class ModalityCounter:
    """Counts columns of documents by the markers of one tokenizer.

    `names[i]` is what line `i` of a count is called.
    """

    def __init__(self, markers: Iterable[tuple[Marker, int]], vocabulary_size: int) -> None:
        """Take the markers with their ids."""
        self.names: list[str] = [TEXT, MARKERS, END]
        self._row_of_id = np.full(vocabulary_size, _NO_MARKER, np.int16)
        self._row_of_id[END_OF_DOCUMENT_ID] = _END_ROW
        self._depth_change = np.zeros(_END_ROW + 1, np.int64)
        self._line_of_row = np.zeros(_END_ROW + 1, np.int64)
        self._is_known = np.zeros(_END_ROW, np.bool_)
        for marker, id_ in markers:
            self._row_of_id[id_] = marker.row
            self._is_known[marker.row] = True
            if marker.closed_by is not None:
                self._depth_change[marker.row] = 1
                self._line_of_row[marker.row] = len(self.names)
                self.names.append(marker.name)
            elif marker.closes is not None:
                self._depth_change[marker.row] = -1
        # Ids of markers are the first and the last of a vocabulary: a comparison passes over the
        # gap between, where a look at each token would take a fifth of the time of encoding.
        known = np.flatnonzero(self._row_of_id != _NO_MARKER)
        edges = np.concatenate([known, [vocabulary_size]])
        widest = int(np.argmax(np.diff(edges)))
        self._gap = int(edges[widest]) + 1, int(edges[widest + 1])

    def count_tokens(
        self, tokens: pa.ListArray, groups: npt.NDArray[np.integer], num_groups: int
    ) -> Totals:
        """Tokens of each group by modality, int64 of shape [num_groups, len(names)].

        Every document ends in `</s>`; `groups` has the group of each, 0 to num_groups - 1.
        """
        offsets = tokens.offsets.to_numpy().astype(np.int64)
        ids = tokens.values.to_numpy()[offsets[0] : offsets[-1]]
        first, end = self._gap
        # Of a smaller unsigned number the difference is a large one.
        starts = _places(ids - ids.dtype.type(first) >= ids.dtype.type(end - first))
        rows = self._row_of_id[ids[starts]].astype(np.int64)
        starts, rows = starts[rows != _NO_MARKER], rows[rows != _NO_MARKER]
        boundaries = _Boundaries(starts, np.ones_like(starts), rows)
        return self._totals(boundaries, groups, num_groups)

    def count_bytes(
        self, texts: pa.StringArray, groups: npt.NDArray[np.integer], num_groups: int
    ) -> Totals:
        """UTF-8 bytes of each group by modality, as `count_tokens`; ends of documents have none."""
        ends, data = _bytes_of(texts)
        found = _places(data == _FIRST_BYTE)
        second, third = data[found + 1], data[found + 2]
        row = (second.astype(np.int64) - 0x80 << 6) + (third - 0x80)
        # Of a smaller row than the table's nothing can come: continuation bytes are 0x80 to 0xBF.
        known = self._is_known[np.minimum(row, _END_ROW - 1)] & (row < _END_ROW)
        markers, rows = found[known], row[known]
        # An end stands before a marker of the same place: that is the next document's.
        places = np.searchsorted(markers, ends, side="left")
        starts = np.insert(markers, places, ends)
        rows = np.insert(rows, places, _END_ROW)
        width = np.where(rows == _END_ROW, 0, _MARKER_BYTES)
        return self._totals(_Boundaries(starts, width, rows), groups, num_groups)

    def _totals(
        self, boundaries: _Boundaries, groups: npt.NDArray[np.integer], num_groups: int
    ) -> Totals:
        """What lies before each boundary, and the boundaries themselves, by group and line."""
        starts, width, rows = boundaries
        is_end = rows == _END_ROW
        # The document of a boundary is the number of ends before it.
        group = groups[np.cumsum(is_end) - is_end].astype(np.int64)
        stops = starts + width
        before = starts - np.concatenate([[0], stops[:-1]])
        inside = self._innermost(rows)
        line = np.concatenate([[0], inside[:-1]])
        own_line = np.where(is_end, self.names.index(END), self.names.index(MARKERS))
        num_lines = len(self.names)
        totals = np.zeros(num_groups * num_lines, np.int64)
        for lines, amounts in ((line, before), (own_line, width)):
            # Exact: a sum of less than 2^53 bytes.
            sums = np.bincount(group * num_lines + lines, amounts, num_groups * num_lines)
            totals += sums.astype(np.int64)
        return totals.reshape(num_groups, num_lines)

    def _innermost(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The line of the span that is open after each boundary.

        Spans nest properly, so it is that of the last opening marker that led to the depth which
        the boundary leaves: in the order of depths, the last one before.
        """
        change = self._depth_change[rows]
        depth = np.cumsum(change)
        # NumPy sorts small integers in linear time.
        is_small = depth.max(initial=0) <= np.iinfo(np.int16).max
        order = np.argsort(depth.astype(np.int16) if is_small else depth, kind="stable")
        opening = np.where(change[order] > 0, np.arange(len(order)), 0)
        line = self._line_of_row[rows[order]][np.maximum.accumulate(opening)]
        inside = np.empty_like(line)
        inside[order] = line
        return np.where(depth > 0, inside, 0)


def _places(found: npt.NDArray[np.bool_]) -> Positions:
    """Where a mask is set, as `np.flatnonzero`, in half its time where it is set seldom."""
    octets = np.packbits(found)
    some = np.flatnonzero(octets != 0)
    bits = np.flatnonzero(np.unpackbits(octets[some]).view(np.bool_))
    return some[bits >> 3] * 8 + (bits & 7)


def length_bins(lengths: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """The histogram bin of each length: b for 2^b up to 2^(b+1), with 0 in bin 0.

    >>> length_bins(np.array([0, 1, 2, 3, 4, 1023, 1024])).tolist()
    [0, 0, 1, 1, 2, 9, 10]
    """
    exponents = np.frexp(np.maximum(lengths, 1).astype(np.float64))[1]
    return exponents.astype(np.int64) - 1


def text_lengths(texts: pa.StringArray) -> npt.NDArray[np.int64]:
    """UTF-8 bytes of each text."""
    return np.diff(_offsets(texts))


def _offsets(texts: pa.StringArray) -> npt.NDArray[np.int64]:
    kind = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    offsets = np.frombuffer(texts.buffers()[1], kind) if len(texts) else np.zeros(1, kind)
    return offsets[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)


def _bytes_of(texts: pa.StringArray) -> tuple[Positions, npt.NDArray[np.uint8]]:
    """The bytes of all texts end to end, and where each ends."""
    offsets = _offsets(texts)
    data = texts.buffers()[2]
    flat = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    return offsets[1:] - offsets[0], flat[offsets[0] : offsets[-1]]
