"""Where a tokenizer is saved: never over another one unawares, never beside its leftovers."""

from pathlib import Path
from typing import Final

from tokenization import ScienceTokenizer
from tokenization.manifests import MANIFEST_NAME
from tokenization.tokenizer import CONFIG_FILE, TOKENIZER_FILE

#: What transformers reads beside `tokenizer.json`. Left from another tokenizer, the first two make
#: added tokens of the sequence openings, and molecules are merged again.
_LEFTOVERS: Final = (
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
    "tokenizer.model",
    "spiece.model",
)


def save_tokenizer(
    tokenizer: ScienceTokenizer,
    folder: Path,
    *,
    overwrite: bool,
    model_max_length: int | None = None,
) -> None:
    """Save into `folder`, made if missing; other files there, such as a model's, stay.

    Raises FileExistsError where the folder holds another tokenizer, unless `overwrite` is on: then
    every file of that tokenizer goes, and the manifest of a run that describes it.
    """
    found = _tokenizer_files(folder)
    if not overwrite and not _is_same(tokenizer, folder, found):
        refuse_other_tokenizer(folder)
    if overwrite:
        (folder / MANIFEST_NAME).unlink(missing_ok=True)
        for path in found:
            if path.name in _LEFTOVERS:
                path.unlink()
    tokenizer.save_pretrained(folder, model_max_length=model_max_length)


def refuse_other_tokenizer(folder: Path) -> None:
    """Raise FileExistsError where a folder holds a tokenizer: before hours of work for nothing."""
    if found := _tokenizer_files(folder):
        raise FileExistsError(
            f"{folder} holds another tokenizer ({', '.join(path.name for path in found)}): "
            "choose another folder, or replace it with --overwrite"
        )


def _tokenizer_files(folder: Path) -> list[Path]:
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(f"{folder} is a file: --to names a folder")
    paths = [folder / name for name in (TOKENIZER_FILE, CONFIG_FILE, *_LEFTOVERS)]
    return [path for path in paths if path.exists()]


def _is_same(tokenizer: ScienceTokenizer, folder: Path, found: list[Path]) -> bool:
    """Whether the folder holds this very tokenizer, and no leftovers."""
    if any(path.name in _LEFTOVERS for path in found):
        return False
    try:
        there = ScienceTokenizer.from_pretrained(folder)
    except (OSError, ValueError):
        return False
    return there.fingerprint == tokenizer.fingerprint
