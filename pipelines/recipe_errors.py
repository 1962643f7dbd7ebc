"""What a mistake in a recipe says: the field, the value given, and the choices there are."""

import re
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError


class RecipeError(ValueError):
    """A mistake in a recipe or a `--set`: the message names file, field, value and choices."""


#: A name that a message may show for a number.
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")

#: What pydantic says of Python's types, in words of YAML.
_PLAIN = {
    "missing": "this field is needed",
    "tuple_type": "a list is needed here",
    "dict_type": "a section of fields is needed here",
    "model_type": "a section of fields is needed here",
    "too_short": "at least one entry is needed here",
}


def explain(error: ValidationError, model: type[BaseModel], content: Any = None) -> list[str]:
    """One line for each mistake that pydantic found in a recipe of this model.

    With the `content` of the recipe, entries of lists go by their names, as in `--set`.
    """
    lines = []
    details = error.errors()
    for detail in details:
        if detail["type"] == "too_short" and any(_lies_in(other, detail) for other in details):
            continue  # pydantic counts the valid entries only: the mistake is in one of them
        where = ".".join(_named(detail["loc"], content))
        message = detail["msg"].removeprefix("Value error, ")
        given = detail["input"]
        if detail["type"] == "extra_forbidden":
            section = section_of(model, detail["loc"][:-1]) or model
            message = f"no such field; choices: {', '.join(section.model_fields)}"
        else:
            message = _PLAIN.get(detail["type"], message)
        plain = where and not isinstance(given, dict | list | BaseModel)
        shown = f" (given: {given!r:.200})" if plain else ""
        lines.append(f"{where + ': ' if where else ''}{message}{shown}")
    return lines


def _named(location: Sequence[int | str], content: Any) -> Iterator[str]:
    """The parts of a location; an entry of a list by its name, where it has one of its own."""
    for part in location:
        shown = str(part)
        if isinstance(part, int) and isinstance(content, list) and part < len(content):
            names = [entry.get("name") for entry in content if isinstance(entry, dict)]
            content = content[part]
            name = content.get("name") if isinstance(content, dict) else None
            if isinstance(name, str) and _NAME.fullmatch(name) and names.count(name) == 1:
                shown = name
        else:
            content = content.get(part) if isinstance(content, dict) else None
        yield shown


def _lies_in(inner: Mapping[str, Any], outer: Mapping[str, Any]) -> bool:
    place, around = inner["loc"], outer["loc"]
    return len(place) > len(around) and place[: len(around)] == around


def section_of(model: type[BaseModel], location: Sequence[int | str]) -> type[BaseModel] | None:
    """The model of the section at a location, `("sources", 0)`; None where there is none."""
    for part in location:
        if isinstance(part, int) or part not in model.model_fields:
            continue
        below = _models_in(model.model_fields[part].annotation)
        if not below:
            return None
        model = below[0]
    return model


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """The settings models that a field may hold, alone or in a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in (Annotated, Union, types.UnionType, tuple, list, dict):
        return [model for part in get_args(annotation) for model in _models_in(part)]
    return []
