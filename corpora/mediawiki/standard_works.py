"""Templates that each stand for one work, which articles of science cite time and again: data."""

import re
from typing import Final

#: Name of a template: title, surname of the first author or editor, year.
_WORKS: Final = {
    r"greenwood ?& ?earnshaw(?:1st)?": ("Chemistry of the Elements", "Greenwood", "1984"),
    r"greenwood ?& ?earnshaw2nd": ("Chemistry of the Elements", "Greenwood", "1997"),
    r"rubberbible(?:53rd|62nd|6\dth)": ("CRC Handbook of Chemistry and Physics", "Weast", ""),
    r"rubberbible(?:9[2-9]\w\w|1\d\d\w\w)": ("CRC Handbook of Chemistry and Physics", "Haynes", ""),
    r"rubberbible\w*|crc\d\d\w\w": ("CRC Handbook of Chemistry and Physics", "Lide", ""),
    r"cotton ?& ?wilkinson\w*": ("Advanced Inorganic Chemistry", "Cotton", ""),
    r"holleman ?& ?wiberg\w*": ("Inorganic Chemistry", "Holleman", "2001"),
    r"housecroft\w*": ("Inorganic Chemistry", "Housecroft", ""),
    r"redbook(?:2005)?": ("Nomenclature of Inorganic Chemistry", "Connelly", "2005"),
    r"sibrochure\w*": (
        "The International System of Units (SI)",
        "International Bureau of Weights and Measures",
        "",
    ),
    r"(?:jerry)?march\dth(?:ed)?": ("Advanced Organic Chemistry", "March", ""),
    r"clayden\w*": ("Organic Chemistry", "Clayden", ""),
    r"pgch": ("NIOSH Pocket Guide to Chemical Hazards", "NIOSH", ""),
    r"nubase ?2020": ("The NUBASE2020 evaluation of nuclear properties", "Kondev", "2021"),
    r"nubase ?2016": ("The NUBASE2016 evaluation of nuclear properties", "Audi", "2017"),
    r"nubase ?2012": ("The NUBASE2012 evaluation of nuclear properties", "Audi", "2012"),
    r"nubase ?2003": ("The NUBASE evaluation of nuclear and decay properties", "Audi", "2003"),
}
_PATTERNS: Final = tuple((re.compile(names), work) for names, work in _WORKS.items())
#: Works whose entries are cited by their own titles, and who wrote them.
ENTRIES_OF: Final = {
    "mathworld": "Weisstein", "springer": "", "springereom": "", "eom": "", "planetmath": "",
    "planetmath reference": "", "goldbookref": "IUPAC", "goldbook": "IUPAC", "sep entry": "",
    "scienceworld": "Weisstein", "proofwiki": "", "nlab": "", "mactutor": "O'Connor",
    "scholarpedia": "", "encyclopaedia of mathematics": "",
}  # fmt: skip


def standard_work(name: str) -> tuple[str, str, str] | None:
    """Title, surname and year of the work that a template of this name stands for.

    >>> standard_work("greenwood&earnshaw2nd")
    ('Chemistry of the Elements', 'Greenwood', '1997')
    """
    if "&" not in name and not name.endswith(_ENDINGS) and name not in ("pgch", "redbook"):
        return None
    return next((work for pattern, work in _PATTERNS if pattern.fullmatch(name)), None)


#: How these names end, with or without the number of the edition.
_ENDINGS: Final = ("th", "nd", "rd", "st", "ed", *"0123456789", "rubberbible", "clayden")
