"""What a source of generated problems is: a small YAML or JSON file, and options over it.

templates: [physics, escape_velocity]   # subjects and names of templates; all where not given
problems: 5000
seed: 7
"""

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from corpora.documents import RecordUnreadable
from corpora.strict_yaml import parse_yaml

MAX_FILE_BYTES: Final = 64 * 1024
MAX_PROBLEMS: Final = 10_000_000

_NOT_A_SPECIFICATION: Final = "not a specification"


class Options(BaseModel):
    """What a recipe may say instead of the file: which templates, how many problems, the seed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    templates: list[str] | None = None
    problems: Annotated[int, Field(ge=1, le=MAX_PROBLEMS)] | None = None
    seed: int | None = None

    @field_validator("templates", mode="before")
    @classmethod
    def _of_one_text(cls, value: object) -> object:
        """`physics, escape_velocity` is a list too, as an option on a command line."""
        return [name.strip() for name in value.split(",")] if isinstance(value, str) else value


def read_specification(data: bytes) -> Options:
    """The options that a file states. Raises RecordUnreadable for what is none.

    >>> read_specification(b"problems: 10").problems
    10
    """
    if len(data) > MAX_FILE_BYTES:
        raise RecordUnreadable("record too large", f"the limit is {MAX_FILE_BYTES} bytes")
    if not data.strip():
        raise RecordUnreadable("empty file")
    try:
        value = parse_yaml(data.decode("utf-8-sig"))
    except ValueError as error:
        detail = " ".join(str(error).split())[:300]
        raise RecordUnreadable(_NOT_A_SPECIFICATION, detail) from None
    if not isinstance(value, dict):
        raise RecordUnreadable(_NOT_A_SPECIFICATION, f"{type(value).__name__}, not keys and values")
    try:
        return Options.model_validate(value)
    except ValidationError as error:
        detail = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
        )
        known = ", ".join(Options.model_fields)
        raise RecordUnreadable(_NOT_A_SPECIFICATION, f"{detail} (keys: {known})") from None


def chosen_templates(
    names: list[str] | None, subjects: Mapping[str, Mapping[str, object]]
) -> list[str]:
    """The templates that names of subjects and templates stand for, each once, in a fixed order.

    Raises RecordUnreadable, with the choices, for a name that is neither.
    """
    templates = [name for group in subjects.values() for name in group]
    if names is None:
        return templates
    chosen: set[str] = set()
    for name in names:
        if name in subjects:
            chosen.update(subjects[name])
        elif name in templates:
            chosen.add(name)
        else:
            known = ", ".join([*subjects, *templates])
            raise RecordUnreadable(
                _NOT_A_SPECIFICATION, f"no template or subject {name[:80]!r}; choices: {known}"
            )
    if not chosen:
        raise RecordUnreadable(_NOT_A_SPECIFICATION, "an empty list of templates")
    return [name for name in templates if name in chosen]
