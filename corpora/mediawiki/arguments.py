"""The arguments of a template: by position, by name."""

from collections.abc import Iterable
from typing import Final

#: Stands for an equals sign that is no separator: one that came out of an inner template.
EQUALS: Final = "\x07"


class Arguments:
    """Arguments as MediaWiki counts them: `1=x` is the first by position, names are trimmed.

    >>> given = Arguments(["fr", " text = Sel ", "2=sel"])
    >>> given.at(1), given.at(2), given.get("text"), given.at(3)
    ('fr', 'sel', 'Sel', '')
    """

    __slots__ = ("named",)

    def __init__(self, written: Iterable[str]) -> None:
        self.named: dict[str, str] = {}
        number = 0
        for part in written:
            name, equals, value = part.partition("=")
            # A tag's attribute is no name, nor is a link's query.
            if equals and "<" not in name and "://" not in name:
                name = " ".join(name.replace(EQUALS, "=").split()).lower()
                self.named[name] = value.replace(EQUALS, "=").strip()
            else:
                number += 1
                self.named[str(number)] = part.replace(EQUALS, "=")

    def at(self, position: int) -> str:
        """The argument at a position, from 1; "" where there is none."""
        return self.named.get(str(position), "").strip()

    def get(self, *names: str) -> str:
        """The first of these names that has a value, else ""."""
        for name in names:
            value = self.named.get(name)
            if value and (value := value.strip()):
                return value
        return ""

    def positional(self) -> list[str]:
        """The arguments by position, up to the first that is missing."""
        found: list[str] = []
        while (value := self.named.get(str(len(found) + 1))) is not None:
            found.append(value.strip())
        return found
