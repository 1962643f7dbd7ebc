"""Jupyter notebooks as Markdown: prose cells as they are, code in fences with its text outputs.

The format: nbformat 4 (and 3, whose cells lie in worksheets). Outputs that are pictures become the
image marker; their text is read, never run.
"""

import json
import re
from collections import Counter
from typing import Any, Final

from corpora.documents import RecordUnreadable
from corpora.fences import fenced
from tokenization.marked_text import clean
from tokenization.wrappers import image

_ANSI: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_EMBEDDED_IMAGE: Final = re.compile(
    r"!\[[^\]\n]{0,300}\]\((?:data|attachment):[^()!\s]*\)"
    r"|<img\b[^<>]{0,300}?\bsrc=[\"']data:[^<>\"']*[\"'][^<>]{0,300}>"
)
_LANGUAGE: Final = re.compile(r"[A-Za-z0-9+#_-]{1,20}")


def notebook_to_markdown(text: str, cleaned: Counter[str]) -> tuple[str, str]:
    """The cells of a notebook as marked text, and its language.

    Raises RecordUnreadable for text that is no notebook.
    """
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecordUnreadable("not a notebook", str(error)) from error
    if not isinstance(notebook, dict):
        raise RecordUnreadable("not a notebook", "its JSON is no object")
    cells = notebook.get("cells")
    if cells is None:
        sheets = notebook.get("worksheets")
        cells = [
            cell
            for sheet in (sheets if isinstance(sheets, list) else [])
            if isinstance(sheet, dict)
            for cell in _list(sheet.get("cells"))
        ]
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise RecordUnreadable("not a notebook", "no list of cells")
    language = _language(notebook.get("metadata"), cells)
    blocks: list[str] = []
    for cell in cells:
        blocks += _cell(cell, language, cleaned)
    return "\n\n".join(blocks), language


def _language(metadata: Any, cells: list[dict[str, Any]]) -> str:
    described = metadata if isinstance(metadata, dict) else {}
    candidates = [
        _dict(described.get("language_info")).get("name"),
        _dict(described.get("kernelspec")).get("language"),
        *(cell.get("language") for cell in cells[:1]),
    ]
    for name in candidates:
        if isinstance(name, str) and _LANGUAGE.fullmatch(name):
            return name.lower()
    return "python"


def _cell(cell: dict[str, Any], language: str, cleaned: Counter[str]) -> list[str]:
    source = _text(cell.get("source", cell.get("input")), cleaned)
    kind = cell.get("cell_type")
    if kind == "code":
        blocks = [fenced(source.strip("\n"), language)] if source.strip() else []
        for output in _list(cell.get("outputs")):
            blocks += _output(_dict(output), cleaned)
        return blocks
    source = _EMBEDDED_IMAGE.sub(image(), source)
    lines = "\n".join(line.rstrip() for line in source.split("\n")).strip("\n")
    if not lines.strip():
        return []
    if kind == "heading":
        level = cell.get("level")
        return ["#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1) + " " + lines]
    return [lines]


def _output(output: dict[str, Any], cleaned: Counter[str]) -> list[str]:
    data = _dict(output.get("data")) or output
    if any(str(key).startswith("image/") or key in ("png", "jpeg", "svg") for key in data):
        return [image()]
    if output.get("output_type") in ("error", "pyerr"):
        words = f"{_text(output.get('ename'), cleaned)}: {_text(output.get('evalue'), cleaned)}"
    else:
        words = _text(data.get("text/plain", data.get("text")), cleaned)
    words = _ANSI.sub("", words).replace("\r\n", "\n")
    words = "\n".join(line.rstrip("\r").rpartition("\r")[2].rstrip() for line in words.split("\n"))
    words = words.strip("\n")
    return ["Output:", fenced(words)] if words.strip() else []


def _text(value: Any, cleaned: Counter[str]) -> str:
    """A multi-line string of the format: one string or a list of its lines."""
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    return clean(value.replace("\r\n", "\n"), cleaned) if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
