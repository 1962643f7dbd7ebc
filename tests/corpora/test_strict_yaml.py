"""YAML that comes from elsewhere: what is read, and what is refused before it costs anything."""

from pathlib import Path

import pytest
import yaml

from corpora.documents import RecordUnreadable
from corpora.onesmallstep.specification import read_specification
from corpora.prompts.templates import read_template, shipped_templates
from corpora.strict_yaml import parse_yaml

_LEVELS = "\n".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]" for n in range(11))

REFUSED = {
    "a: 1\nb: 2\na: 3\n": "the key 'a' stands twice",
    f"a0: &a0 [x]\n{_LEVELS}\n": "more than 100,000 values",
    "a: &a [*a]\n": "an alias stands inside what it names",
    f"a: 1{':59' * 100_000}\n": "a number of more than 100 characters",
    f"a: 1{':59' * 1_000}.5\n": "a number of more than 100 characters",
    f"a: 0x{'f' * 1_000}\n": "a number of more than 100 characters",
    f"a: {'9' * 5_000}\n": "a number of more than 100 characters",
    "[" * 5_000: "nested too deeply",
    "a: 2024-13-45\n": "month must be in 1..12",
    'a: "\\ud800"\n': "half a character",
    "a: !!python/object/apply:os.system [true]\n": "could not determine a constructor",
    "a: {[b]: c}\n": "unhashable key",
    "a: [b\n": "expected ',' or ']'",
}


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_what_is_refused_is_a_message_wherever_it_is_read(text: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=REFUSED[text]):
        parse_yaml(text)
    (tmp_path / "t.yaml").write_text(text)
    with pytest.raises(ValueError, match=rf"(?s)^template t\.yaml: not YAML: .*{REFUSED[text]}"):
        read_template(tmp_path / "t.yaml")
    if len(text) < 5_000:
        with pytest.raises(RecordUnreadable, match=r"^not a specification: ") as raised:
            read_specification(text.encode())
        assert REFUSED[text] in raised.value.detail


def test_what_people_write_is_read_as_ever() -> None:
    text = "a: &a {b: 1.5e3, c: 0x1F}\nd: {<<: *a, c: null}\ne: [*a, yes, 'x', 12:30]\n# end\n"
    assert parse_yaml(text) == yaml.safe_load(text)
    assert len(shipped_templates()) > 30


def test_a_template_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_bytes("about: \xe9t\xe9".encode("latin-1"))
    with pytest.raises(ValueError, match=r"^template t\.yaml: not UTF-8: "):
        read_template(tmp_path / "t.yaml")
