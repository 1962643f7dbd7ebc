"""Reader of exoplanets: the NASA Exoplanet Archive's tables and the Open Exoplanet Catalogue.

Formats: https://exoplanetarchive.ipac.caltech.edu/docs/API_PS_columns.html (`ps`, `pscomppars`,
`k2pandc`, and the objects of interest `cumulative` and `toi`, as CSV with comments),
https://github.com/OpenExoplanetCatalogue (XML, and tables made of it). A document a planet, its
characteristics in random order (Galactica, section A.1.3).
"""

from collections import Counter
from typing import Final

from lxml import etree

from corpora.documents import (
    Document,
    Format,
    ReadOptions,
    Record,
    RecordDropped,
    RecordUnreadable,
)
from corpora.exoplanet.framing import InSystem, Rows, find, records
from corpora.exoplanet.nasa_table import planet_of
from corpora.exoplanet.objects_of_interest import kepler_object, tess_object
from corpora.exoplanet.open_catalogue import (
    planet_elements,
    planet_of_element,
    planet_of_row,
)
from corpora.exoplanet.planets import planet_document
from corpora.xml_documents import text_of
from corpora.xml_records import parse_record
from tokenization.marked_text import clean

#: A system of eight planets takes 20 kB.
MAX_SYSTEM_CHARACTERS: Final = 1 << 20


def read(record: Record, options: ReadOptions) -> Document:
    """One planet.

    Raises RecordUnreadable for what is no row or system, RecordDropped for systems without planets.
    """
    cleaned: Counter[str] = Counter()
    payload = record.payload
    if isinstance(payload, RecordUnreadable):
        raise payload
    if isinstance(payload, InSystem):
        system = _system(payload, cleaned)
        planets = planet_elements(system)
        if payload.place >= len(planets):
            raise RecordDropped("no planet")
        planet = planet_of_element(planets[payload.place], system)
    else:
        assert isinstance(payload, Rows)
        rows = [
            {clean(column): clean(value, cleaned) for column, value in cells.items()}
            for cells in payload.cells
        ]
        match payload.table:
            case "planets":
                planet = planet_of(rows, payload.units)
            case "kepler":
                planet = kepler_object(rows[0], payload.units)
            case "tess":
                planet = tess_object(rows[0], payload.units)
            case "open":
                planet = planet_of_row(rows[0])
    return planet_document(record.record_id, planet, options, cleaned)


def _system(payload: InSystem, cleaned: Counter[str]) -> etree._Element:
    text = text_of(payload.system)
    if len(text) > MAX_SYSTEM_CHARACTERS:
        raise RecordUnreadable("too large", f"more than {MAX_SYSTEM_CHARACTERS} characters")
    root = parse_record(text, cleaned)
    system = root if root.tag == "system" else root.find(".//system")
    if system is None:
        raise RecordUnreadable("no planetary system", f"the root is {root.tag!r}"[:80])
    return system


FORMAT: Final = Format(
    name="exoplanet",
    summary="exoplanets of the NASA Exoplanet Archive and the Open Exoplanet Catalogue",
    find=find,
    records=records,
    read=read,
)
