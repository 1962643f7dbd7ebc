"""The folder for what takes seconds to make and never differs: Unicode tables and machine code."""

import os
from pathlib import Path
from typing import Final

CACHE_VARIABLE: Final = "GALACTICA_CACHE_DIR"


def cache_folder() -> Path | None:
    """The folder named by GALACTICA_CACHE_DIR, else `galactica` in XDG_CACHE_HOME or `~/.cache`.

    It need not exist or be writable. None where the user has no home folder.
    """
    if named := os.environ.get(CACHE_VARIABLE):
        return Path(named)
    if shared := os.environ.get("XDG_CACHE_HOME"):
        return Path(shared, "galactica")
    try:
        return Path.home() / ".cache" / "galactica"
    except RuntimeError:
        return None
