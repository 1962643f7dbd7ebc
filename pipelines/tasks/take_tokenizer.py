"""Tokenizer: one that a model was trained with, with the markers that the recipe adds."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from pipelines.execution import BuildError, Outcome
from tokenization import ScienceTokenizer, TokenizerSettings
from tokenization.conversion import convert_released
from tokenization.manifests import MANIFEST_NAME
from tokenization.training import with_markers


@dataclass(frozen=True, slots=True)
class TakenTokenizer:
    """A tokenizer's folder to a run's."""

    folder: Path
    settings: TokenizerSettings
    latex_markers: bool
    model_max_length: int
    tokenizer: Path


def take_tokenizer(argument: TakenTokenizer) -> Outcome:
    """Save the tokenizer of a folder, with more markers after its last id; nothing is learned.

    Raises BuildError where the folder holds none, or one that has not the recipe's markers.
    """
    tokenizer = taken_tokenizer(argument.folder, argument.settings, argument.latex_markers)
    shutil.rmtree(argument.tokenizer, ignore_errors=True)
    tokenizer.save_pretrained(argument.tokenizer, model_max_length=argument.model_max_length)
    outputs = sorted(path for path in argument.tokenizer.iterdir() if path.name != MANIFEST_NAME)
    return Outcome(
        outputs=outputs,
        read=0,
        wrote=0,
        dropped={},
        facts={
            "tokenizer": tokenizer.fingerprint,
            "vocabulary_size": tokenizer.vocabulary_size,
        },
    )


def taken_tokenizer(
    folder: Path, settings: TokenizerSettings, latex_markers: bool
) -> ScienceTokenizer:
    """The tokenizer of a folder with the markers of the settings.

    Raises BuildError where the folder holds none, or one that has not the recipe's markers.
    """
    try:
        return extended(_read(folder, latex_markers), settings, latex_markers)
    except (OSError, ValueError) as error:
        raise BuildError(f"tokenizer.start_from: {folder}: {error}") from error


def extended(
    tokenizer: ScienceTokenizer, settings: TokenizerSettings, latex_markers: bool
) -> ScienceTokenizer:
    """A tokenizer with those markers of the settings that it lacks; no id moves.

    The documents of a build are written with the recipe's markers, so it must have the tokenizer's
    own, and in their order. Raises ValueError where they differ.
    """
    present = {marker.name for marker in tokenizer.markers}
    missing = [marker for marker in settings.markers if marker.name not in present]
    result = with_markers(tokenizer, missing) if missing else tokenizer
    wanted = settings.marker_table(latex_markers)
    if set(result.markers) != set(wanted.rows):
        ours = [name for name in _names(tokenizer) if name not in wanted.names]
        raise ValueError(
            "it has other markers than the recipe: the recipe's are "
            f"{', '.join(wanted.names)}, its own {', '.join(_names(tokenizer))}. The recipe's "
            "latex_markers and tokenizer.markers must name all of its own, in their order, before "
            f"new ones{' (missing: ' + ', '.join(ours) + ')' if ours else ''}"
        )
    return result


def _read(folder: Path, latex_markers: bool) -> ScienceTokenizer:
    """The tokenizer of the folder; the released one becomes self-contained."""
    try:
        return ScienceTokenizer.from_pretrained(folder)
    except ValueError as error:
        try:
            return convert_released(folder, latex_markers=latex_markers)
        except ValueError as other:
            raise ValueError(f"{error}; nor can it be converted: {other}") from other


def _names(tokenizer: ScienceTokenizer) -> list[str]:
    return list(dict.fromkeys(marker.name for marker in tokenizer.markers))
