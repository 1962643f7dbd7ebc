"""What a link into another module of the same book shows: its title, or a number of an element.

The modules of a book lie beside each other, `modules/m42045/index.cnxml`. A module is a document of
its own, so that its figures are numbered by themselves: a link from outside names both.
"""

import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Final

from corpora.documents import ReadOptions, RecordUnreadable
from corpora.openstax.framing import MAX_MODULE_BYTES, MODULE_FILE
from corpora.openstax.parsing import parse_module
from corpora.openstax.state import ModuleState, number_elements, plain_title, shown_name

_IDENTIFIER: Final = re.compile(r"(?!\.)[\w.-]{1,80}")
_MOST_KEPT: Final = 64


def link_text(folder: Path | None, document: str, target: str) -> str:
    """What a link without words shows; "" where the module or its element is not to be found."""
    if folder is None or not _IDENTIFIER.fullmatch(document):
        return ""
    title, names = _names_of(folder, document)
    if not target or not title:
        return title
    name = names.get(target, "")
    return f"{name} of “{title}”" if name else title


@lru_cache(_MOST_KEPT)
def _names_of(folder: Path, document: str) -> tuple[str, dict[str, str]]:
    """The title of a module, and what its elements are called by their ids."""
    path = folder / document / MODULE_FILE
    try:
        if not path.is_file() or path.stat().st_size > MAX_MODULE_BYTES:
            return "", {}
        module = parse_module(path.read_bytes(), Counter())
    except (OSError, RecordUnreadable):
        return "", {}
    state = ModuleState(ReadOptions())
    number_elements(module, state)
    names = ((target, shown_name(element, state)) for target, element in state.targets.items())
    return plain_title(module), {target: name for target, name in names if name}
