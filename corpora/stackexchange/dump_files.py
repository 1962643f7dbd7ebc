"""The files of a dump as streams of bytes: `Posts.xml` plain, compressed, or in an archive.

Nothing is unpacked to disk; the `.7z` of a site needs the package py7zr.
"""

import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from corpora.compressed_streams import ARCHIVE_SUFFIXES, open_streams
from corpora.documents import RecordUnreadable
from corpora.seven_zip import is_seven_zip, seven_zip_member

_CHUNK_BYTES: Final = 1 << 20
_POSTS: Final = re.compile(r"posts\.xml(?:\.(?:gz|bz2|xz|zst))?$", re.IGNORECASE)
_POSTS_MEMBER: Final = re.compile(r"(?:^|[/\\_-])posts\.xml$", re.IGNORECASE)
#: The largest sites come as one archive a table.
_OTHER_TABLE: Final = re.compile(
    r"(?:badges|comments|posthistory|postlinks|tags|users|votes)\.7z$", re.IGNORECASE
)


def find_dumps(path: Path) -> Iterable[Path]:
    """A file as it is; of a folder every `Posts.xml`, plain or compressed, and every archive."""
    if not path.is_dir():
        return [path]
    return sorted(
        file
        for file in path.rglob("*")
        if file.is_file()
        and not file.name.startswith(".")
        and (
            _POSTS.search(file.name)
            or (
                file.name.lower().endswith((".7z", *ARCHIVE_SUFFIXES))
                and not _OTHER_TABLE.search(file.name)
            )
        )
    )


def site_name(path: Path) -> str:
    """The site of a dump: the name of its archive, or of the folder that holds `Posts.xml`.

    >>> site_name(Path("dumps/physics.stackexchange.com/Posts.xml"))
    'physics.stackexchange.com'
    >>> site_name(Path("dumps/stackoverflow.com-Posts.7z"))
    'stackoverflow.com'
    """
    stem = re.sub(r"(?i)\.(?:7z|zip|xml|tar|tgz|tbz2|txz)$", "",
                  re.sub(r"(?i)\.(?:gz|bz2|xz|zst)$", "", path.name))  # fmt: skip
    return re.sub(r"(?i)[-_.]?posts$", "", stem) or path.parent.name or "posts"


def is_plain(path: Path) -> bool:
    """Whether the file is XML as it stands, so that its rows can be read again in any order."""
    with path.open("rb") as file:
        start = file.read(512)
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def open_dumps(path: Path) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The site and the bytes of each `Posts.xml` that a file is or holds.

    Raises `RecordUnreadable`, as the bytes do, where the file is damaged or holds none.
    """
    if is_seven_zip(path):
        yield site_name(path), seven_zip_member(path, _POSTS_MEMBER, "Posts.xml")
        return
    found = False
    for stream in open_streams(path, "posts.xml"):
        found = True
        member = stream.name.removeprefix(f"{path.name}/")
        inside = Path(path.stem, member) if member != stream.name else path
        yield site_name(inside), iter(partial(stream.file.read, _CHUNK_BYTES), b"")
    if not found:
        raise RecordUnreadable("no Posts.xml in the archive")
