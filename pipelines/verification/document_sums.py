"""One sum for all documents of a split, however they are ordered and wherever they lie.

Two sets of documents are the same where the hashes of their documents add up to the same sums:
memory does not grow with the corpus, and files are read in any order, on any number of processes.
There is a sum for each of `BUCKETS` shares of the ids, so that a difference is soon found.
"""

import hashlib
from typing import Final

import numpy as np
import numpy.typing as npt

BUCKETS: Final = 1024


class DocumentSums:
    """The sums of documents, by split: uint64[BUCKETS], which wrap around."""

    def __init__(self) -> None:
        self.by_split: dict[str, npt.NDArray[np.uint64]] = {}

    def add(self, split: str, source: str, doc_id: str, text: bytes) -> None:
        """Count one document in."""
        sums = self.by_split.setdefault(split, np.zeros(BUCKETS, np.uint64))
        bucket = bucket_of(doc_id)
        # Sums of Python's own numbers do not warn of wrapping around.
        sums[bucket] = (int(sums[bucket]) + document_hash(source, doc_id, text)) & (2**64 - 1)

    def merge(self, other: "DocumentSums") -> None:
        """Count the documents of another sum in."""
        for split, sums in other.by_split.items():
            self.by_split.setdefault(split, np.zeros(BUCKETS, np.uint64))
            self.by_split[split] += sums

    def differing(self, other: "DocumentSums") -> dict[str, list[int]]:
        """The buckets that differ, by split."""
        none = np.zeros(BUCKETS, np.uint64)
        found = {}
        for split in sorted(self.by_split.keys() | other.by_split.keys()):
            ours, theirs = self.by_split.get(split, none), other.by_split.get(split, none)
            if len(buckets := np.flatnonzero(ours != theirs)):
                found[split] = buckets.tolist()
        return found


def bucket_of(doc_id: str) -> int:
    """The share of the ids that an id belongs to."""
    return int.from_bytes(_digest(doc_id.encode("utf-8", "replace")), "big") % BUCKETS


def document_hash(source: str, doc_id: str, text: bytes) -> int:
    """64 bits that stand for a document."""
    name = f"{source}\0{doc_id}\0".encode("utf-8", "replace")
    return int.from_bytes(_digest(name + text), "big")


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=8).digest()
