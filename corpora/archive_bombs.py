"""Archives that are decompression bombs as a whole, though each member stays small."""

import zipfile
from typing import Final

from corpora.documents import RecordUnreadable

BOMB: Final = "decompression bomb"
#: Members of one archive that are refused as bombs before the rest of it is.
_MOST_BOMBS: Final = 8
#: What stands before a member's bytes in a zip file, without its name.
_ZIP_HEADER_BYTES: Final = 30


class ArchiveBudget:
    """What the members of one archive may cost together.

    `num_bytes` is the size of the archive, `limit` what may come out of it at most.
    Each bomb is stopped by itself, after its first 64 MB; thousands in one archive take hours.
    """

    def __init__(self, name: str, num_bytes: int, limit: int) -> None:
        self._name = name
        self._num_bytes = num_bytes
        self._limit = limit
        self._given = 0
        self._bombs = 0
        self._last: RecordUnreadable | None = None

    def give(self, num_bytes: int) -> None:
        """Counts bytes that came out of a member. Raises RecordUnreadable past the limit."""
        self._given += num_bytes
        if self._given > self._limit:
            self.check()

    def refused(self, fault: RecordUnreadable) -> None:
        """Counts a member that is a bomb, once for all its layers of compression."""
        self._bombs += fault is not self._last
        self._last = fault

    def check(self) -> None:
        """Raises RecordUnreadable where the rest of the archive is not to be read."""
        if self._given > self._limit:
            found = f"members of {self._num_bytes} compressed bytes hold more than {self._given}"
        elif self._bombs >= _MOST_BOMBS:
            found = f"{self._bombs} members are bombs, the rest is not read"
        else:
            return
        raise RecordUnreadable(BOMB, f"{self._name}: {found}")


def overlapping_members(members: list[zipfile.ZipInfo]) -> frozenset[int]:
    """The numbers of members that reach into the one after them: bytes that count many times
    (D. Fifield, A better zip bomb, 2019). Of those that begin together the first is not found."""
    found: list[int] = []
    limit: int | None = None
    for number in sorted(range(len(members)), key=lambda n: members[n].header_offset, reverse=True):
        member = members[number]
        size = _ZIP_HEADER_BYTES + len(member.orig_filename) + member.compress_size
        if limit is not None and member.header_offset + size > limit:
            found.append(number)
        limit = member.header_offset
    return frozenset(found)
