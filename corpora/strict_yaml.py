"""YAML from outside: plain data, in which a key stands once and no alias multiplies."""

import re
from typing import Any, Final

import yaml

#: Values that a document may stand for, aliases written out. Ten nested lists of ten
#: aliases are a hundred bytes and ten thousand million values.
MOST_VALUES: Final = 100_000
#: The longest number: of a hundred thousand digits, or parts of base 60, arithmetic takes minutes.
LONGEST_NUMBER: Final = 100

_NUMBERS: Final = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def parse_yaml(text: str) -> Any:
    """The data of one YAML document.

    Raises ValueError for what is no YAML or no value (a date of month 13), holds a key twice, or
    is larger than what `MOST_VALUES` and `LONGEST_NUMBER` allow.

    >>> parse_yaml("{a: [1, x]}")
    {'a': [1, 'x']}
    """
    try:
        return yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        if "alias" in f"{error.context} {error.problem}" and error.note is None:
            error.note = 'what begins with * is an alias in YAML: write a glob in quotes, "*.xml"'
        raise ValueError(str(error)) from error
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


class _Loader(yaml.SafeLoader):
    """A key stands once: of two, the first would be lost without a word."""

    def get_single_node(self) -> yaml.Node | None:
        node = super().get_single_node()
        if node is not None:
            _count(node, {}, set())
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        written = [key for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        taken = set[str]()
        for key in written:
            if key.value in taken and key.value != "<<":
                message = f"the key {key.value!r} stands twice"
                raise yaml.constructor.ConstructorError(None, None, message, key.start_mark)
            taken.add(key.value)
        return super().construct_mapping(node, deep)


def _count(node: yaml.Node, known: dict[int, int], above: set[int]) -> int:
    """The values that a node stands for, aliases written out; each node is looked at once."""
    if isinstance(node, yaml.ScalarNode):
        if found := _SURROGATE.search(node.value):
            code = f"\\u{ord(found.group()):04x}"
            raise _refused(f"{code} alone is half a character, which no text can hold", node)
        if node.tag in _NUMBERS and len(node.value) > LONGEST_NUMBER:
            raise _refused(f"a number of more than {LONGEST_NUMBER} characters", node)
        return 1
    if id(node) in known:
        return known[id(node)]
    if id(node) in above:
        raise _refused("an alias stands inside what it names", node)
    above.add(id(node))
    if isinstance(node, yaml.MappingNode):
        total = 1 + sum(_count(part, known, above) for pair in node.value for part in pair)
    else:
        total = 1 + sum(_count(part, known, above) for part in node.value)
    above.discard(id(node))
    if total > MOST_VALUES:
        raise _refused(f"it stands for more than {MOST_VALUES:,} values: too many aliases", node)
    known[id(node)] = total
    return total


def _refused(message: str, node: yaml.Node) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, message, node.start_mark)
