"""MoleculeNet's tables of molecules and their properties as prompts, train splits only.

ESOL, FreeSolv, Lipophilicity, BBBP, BACE, HIV, Tox21, SIDER, ClinTox, ToxCast, PCBA, MUV, QM7, QM8
and QM9, recognized by their columns, as released by DeepChem and in the forms that others hand on
(Wu et al. 2018, arXiv:1703.00564; Galactica, section 3.2 and table 34).
"""

from typing import Final

from corpora.documents import Format
from corpora.moleculenet.questions import read
from corpora.moleculenet.records import MoleculeNetOptions, files_beside, records
from corpora.table_rows import find

FORMAT: Final = Format(
    name="moleculenet",
    summary="MoleculeNet's tables (ESOL, Tox21, QM9 and others) as questions about molecules",
    find=find,
    records=records,
    read=read,
    options=MoleculeNetOptions,
    beside=files_beside,
)
