"""PubChem compounds in every form PubChem gives them in, and the SDF files and tables of others.

In: SDF (PubChem, ChEBI, DrugBank, ZINC, ChEMBL and others), PUG JSON (`PC_Compounds`), property
tables of PUG REST (`PropertyTable`), CSV and TSV tables with a column of SMILES, files of SMILES,
and `CID-SMILES` of PubChem's FTP folder `Compound/Extras`; compressed or packed. Out: documents of
`corpora.compounds`.
"""

from corpora.documents import Format
from corpora.pubchem.cid_tables import files_beside
from corpora.pubchem.columns import PubChemOptions
from corpora.pubchem.framing import compound_records, find
from corpora.pubchem.reading import read_compound

FORMAT = Format(
    name="pubchem",
    summary="PubChem compounds (SDF, PUG JSON, CSV), other SDF files and tables of SMILES",
    find=find,
    records=compound_records,
    read=read_compound,
    options=PubChemOptions,
    beside=files_beside,
)

__all__ = ["FORMAT"]
