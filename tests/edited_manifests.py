"""Manifests that tests change as somebody would who knows of their checksum."""

import json
from pathlib import Path
from typing import Any


def manifest_content(path: Path) -> dict[str, Any]:
    """What a manifest says, without its checksum: to be changed and written again."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    content.pop("checksum", None)
    return content


def write_manifest(path: Path, content: dict[str, Any]) -> None:
    """Write a manifest laid out as builds lay it out."""
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
