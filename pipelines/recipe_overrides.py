"""`--set a.b=c`: single fields of a recipe changed before it is validated."""

from collections.abc import Sequence
from typing import Any

from corpora.strict_yaml import parse_yaml
from pipelines.recipe_errors import RecipeError


def parse_options(written: Sequence[str]) -> dict[str, Any]:
    """Options of a format as a command line gives them, `name=value` with the value in YAML."""
    return dict(_parse("--option", option, "name=value, as in text=body") for option in written)


def apply_override(content: dict[str, Any], override: str) -> None:
    """Change one field of a recipe's content: `training.epochs=2`, `sources.arxiv.paths.0=raw`.

    The value is YAML. An entry of a list is named by its `name` or its number. A section that the
    recipe leaves out begins empty. Raises RecipeError where the key leads nowhere.
    """
    key, value = _parse("--set", override, "key.path=value, as in training.epochs=1")
    *parents, last = key.split(".")
    if not all((*parents, last)):
        raise RecipeError(f"--set {override}: a name between two full stops is missing")
    if parents[:1] == ["model"] and isinstance(content.get("model"), str):
        content["model"] = {"preset": content["model"]}
    holder: Any = content
    for parent in parents:
        holder = _step(holder, parent, override)
    if isinstance(holder, list):
        holder[_place(holder, last, override)] = value
    elif isinstance(holder, dict):
        holder[last] = value
    else:
        raise RecipeError(f"--set {override}: {'.'.join(parents)} holds no fields")


def _parse(flag: str, written: str, expected: str) -> tuple[str, Any]:
    key, equals, value = written.partition("=")
    if not equals or not key:
        raise RecipeError(f"{flag} {written}: expected {expected}")
    try:
        return key, parse_yaml(value)
    except ValueError as error:
        raise RecipeError(f"{flag} {written}: the value is not valid YAML: {error}") from error


def _step(holder: Any, key: str, override: str) -> Any:
    place: Any = _place(holder, key, override) if isinstance(holder, list) else key
    if not isinstance(holder, list | dict):
        raise RecipeError(f"--set {override}: {key!r} lies inside a value that holds no fields")
    if isinstance(holder, dict) and holder.get(place) is None:
        holder[place] = {}
    if isinstance(holder, list) and isinstance(holder[place], str):
        raise RecipeError(f"--set {override}: {holder[place]!r} holds no fields")
    return holder[place]


def _place(holder: list[Any], key: str, override: str) -> int:
    """Where an entry of a list stands, by its `name` or by its number."""
    for index, item in enumerate(holder):
        if item == key or (isinstance(item, dict) and item.get("name") == key):
            return index
    if key.isdecimal() and int(key) < len(holder):
        return int(key)
    named = [
        str(
            item["name"]
            if isinstance(item, dict) and "name" in item
            else item
            if isinstance(item, str)
            else index
        )
        for index, item in enumerate(holder)
    ]
    choices = ", ".join(named) or "none: give the whole list, as in key=[...]"
    raise RecipeError(f"--set {override}: no entry {key!r}; choices: {choices}")
