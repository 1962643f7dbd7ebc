"""One XML record to a clean tree, whatever it declares about itself."""

from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from corpora.documents import RecordUnreadable
from corpora.xml_records import parse_record


def read(text: str) -> bytes:
    return etree.tostring(parse_record(text, Counter()))


@pytest.mark.parametrize("place", ["http://bees.example/hive.dtd", "hive.dtd", "{folder}/hive.dtd"])
def test_an_external_dtd_is_neither_loaded_nor_missed(place: str, tmp_path: Path) -> None:
    (tmp_path / "hive.dtd").write_text("<!ELEMENT hive", encoding="ascii")
    doctype = f'<!DOCTYPE hive SYSTEM "{place.format(folder=tmp_path)}">'
    assert read(f"{doctype}<hive><bee/></hive>") == b"<hive><bee/></hive>"


def test_an_xml_id_that_is_no_name_or_stands_twice_is_kept() -> None:
    hive = '<hive><bee xml:id="1"/><bee xml:id="b"/><bee xml:id="b"/></hive>'
    assert read(hive) == hive.encode()
    with pytest.raises(RecordUnreadable, match="mismatch"):
        read(hive.replace('xml:id="1"/>', 'xml:id="1">'))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<hive xmlns="urn:a"><bee/></hive>', b"<hive><bee/></hive>"),
        ('<hive n="1" xmlns = "urn:a"\nm="2"><bee/></hive>', b'<hive n="1" m="2"><bee/></hive>'),
        ('<!-- <hive xmlns="urn:a"> --><hive xmlns="urn:a"><bee/></hive>', b"<hive><bee/></hive>"),
        ("<hive n=\" xmlns='urn:a' \"><bee/></hive>", b"<hive n=\" xmlns='urn:a' \"><bee/></hive>"),
        ('<h:hive xmlns:h="urn:a" xmlns="urn:b"><bee/></h:hive>', b"<hive><bee/></hive>"),
        ('<hive xmlns="urn:a"><bee xmlns="urn:b&amp;c"/></hive>', b"<hive><bee/></hive>"),
    ],
)
def test_names_come_without_namespaces(text: str, expected: bytes) -> None:
    tree = parse_record(text, Counter())
    assert [element.tag for element in tree.iter()] == ["hive", "bee"]
    etree.cleanup_namespaces(tree)
    assert etree.tostring(tree) == expected
