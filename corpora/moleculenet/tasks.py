"""The tasks of MoleculeNet's data sets in words: what a label means, its unit, its target.

Wu et al. 2018, "MoleculeNet: a benchmark for molecular machine learning" (arXiv:1703.00564), tables
1 to 3 and section 3. The assays of Tox21 are those of the challenge of 2014 (Huang et al. 2016,
doi:10.3389/fenvs.2015.00085), the classes of SIDER the system organ classes of MedDRA.
"""

from dataclasses import dataclass
from typing import Final

from tokenization.wrappers import superscript


@dataclass(frozen=True, slots=True)
class Task:
    """One label of a data set.

    `columns` are the names its column has in the released files, the first its own. A number has a
    `quantity` (a noun phrase that calls the compound `its`) and a `unit`; a class has `questions`
    with the answers Yes (1) and No (0). `limits` are what a value in this unit can be: others are
    in another unit; a total energy, in hartree, is near that of the atoms.
    `target` names the protein, `accession` is its UniProt accession.
    """

    columns: tuple[str, ...]
    questions: tuple[str, ...] = ()
    quantity: str = ""
    unit: str = ""
    limits: tuple[float, float] | None = None
    is_total_energy: bool = False
    target: str = ""
    accession: str = ""

    @property
    def name(self) -> str:
        """The name of its column."""
        return self.columns[0]


def _does(phrase: str, subject: str = "compound", found: str = "") -> tuple[str, ...]:
    """Questions about what a compound does, from `inhibit the enzyme aromatase`."""
    return (
        f"Does this {subject} {phrase}?",
        f"Will this {subject} {phrase}?",
        f"Was this {subject} found to {phrase}{found}?",
    )


ESOL: Final = (
    Task(
        (
            "measured log solubility in mols per litre",
            "measured log(solubility:mol/L)",
            "logSolubility",
            "log_solubility",
        ),
        quantity="the base-10 logarithm of its solubility in water in mol/L",
    ),
)
FREESOLV: Final = (
    Task(
        ("expt", "freesolv"),
        quantity="its measured free energy of hydration in water in kcal/mol",
        unit=" kcal/mol",
    ),
)
LIPOPHILICITY: Final = (
    Task(
        ("exp", "lipo"),
        quantity="its octanol/water distribution coefficient at pH 7.4 as a base-10 logarithm "
        "(log D)",
    ),
)
BBBP: Final = (
    Task(
        ("p_np",),
        (
            "Will the chemical compound penetrate the blood-brain barrier?",
            "Does this compound cross the blood-brain barrier?",
            "Can this compound get from the blood into the brain?",
        ),
    ),
)
_BACE: Final = "human beta-secretase 1 (BACE-1)"
BACE: Final = (
    Task(("Class",), _does(f"inhibit {_BACE}"), target=_BACE, accession="P56817"),
    Task(
        ("pIC50",),
        quantity="its pIC50 (the negative base-10 logarithm of the half-maximal inhibitory "
        f"concentration in mol/L) against {_BACE}",
        target=_BACE,
        accession="P56817",
    ),
)
HIV: Final = (
    Task(
        ("HIV_active",),
        (
            "Does this compound inhibit the replication of HIV?",
            "Is this compound active against the replication of the human immunodeficiency virus "
            "(HIV)?",
            "Was this compound found to inhibit the replication of HIV?",
        ),
    ),
)


def _assay(name: str, phrase: str, target: str = "", accession: str = "") -> Task:
    return Task(
        (name,), _does(phrase, found=f" in the Tox21 assay {name}"),
        target=target, accession=accession,
    )  # fmt: skip


_AR, _ER = "the androgen receptor", "the estrogen receptor alpha"
TOX21: Final = (
    _assay("NR-AR", f"activate {_AR}", _AR, "P10275"),
    _assay("NR-AR-LBD", f"activate {_AR} through its ligand-binding domain", _AR, "P10275"),
    _assay("NR-AhR", "activate the aryl hydrocarbon receptor",
           "the aryl hydrocarbon receptor", "P35869"),
    _assay("NR-Aromatase", "inhibit the enzyme aromatase", "aromatase", "P11511"),
    _assay("NR-ER", f"activate {_ER}", _ER, "P03372"),
    _assay("NR-ER-LBD", f"activate {_ER} through its ligand-binding domain", _ER, "P03372"),
    _assay("NR-PPAR-gamma",
           "activate the peroxisome proliferator-activated receptor gamma (PPAR-gamma)",
           "the peroxisome proliferator-activated receptor gamma", "P37231"),
    _assay("SR-ARE", "activate the antioxidant response element (a sign of oxidative stress)",
           "the transcription factor NRF2", "Q16236"),
    _assay("SR-ATAD5", "raise the level of the protein ATAD5 (a sign of DNA damage)",
           "ATAD5", "Q96QE3"),
    _assay("SR-HSE", "activate the heat shock response element",
           "the heat shock factor protein 1", "Q00613"),
    _assay("SR-MMP", "lower the membrane potential of mitochondria"),
    _assay("SR-p53", "activate the p53 pathway (a sign of DNA damage)",
           "the cellular tumor antigen p53", "P04637"),
)  # fmt: skip

#: The system organ classes of SIDER, and how a question names those that are no noun of their own.
_ORGAN_CLASSES: Final = {
    "Hepatobiliary disorders": "",
    "Metabolism and nutrition disorders": "",
    "Product issues": "issues of the product itself, such as its quality or contamination,",
    "Eye disorders": "",
    "Investigations": "abnormal results of laboratory tests or other investigations",
    "Musculoskeletal and connective tissue disorders": "",
    "Gastrointestinal disorders": "",
    "Social circumstances": "changes of social circumstances",
    "Immune system disorders": "",
    "Reproductive system and breast disorders": "",
    "Neoplasms benign, malignant and unspecified (incl cysts and polyps)":
        "neoplasms (benign, malignant or unspecified, including cysts and polyps)",
    "General disorders and administration site conditions": "",
    "Endocrine disorders": "",
    "Surgical and medical procedures": "a need for surgical or medical procedures",
    "Vascular disorders": "",
    "Blood and lymphatic system disorders": "",
    "Skin and subcutaneous tissue disorders": "",
    "Congenital, familial and genetic disorders": "congenital, familial or genetic disorders",
    "Infections and infestations": "infections or infestations",
    "Respiratory, thoracic and mediastinal disorders": "",
    "Psychiatric disorders": "",
    "Renal and urinary disorders": "",
    "Pregnancy, puerperium and perinatal conditions":
        "conditions of pregnancy, of the puerperium or of the perinatal period",
    "Ear and labyrinth disorders": "",
    "Cardiac disorders": "",
    "Nervous system disorders": "",
    "Injury, poisoning and procedural complications": "",
}  # fmt: skip


def _side_effect(organ_class: str, words: str) -> Task:
    effect = words or organ_class[0].lower() + organ_class[1:]
    return Task(
        (organ_class,),
        (
            f"Does this drug cause {effect} as a side effect?",
            f"Do the recorded side effects of this drug include {effect.rstrip(',')}?",
            f"Have patients who took this drug been reported to have {effect.rstrip(',')}?"
            if not words
            else f"Is this drug known to cause {effect.rstrip(',')}?",
        ),
    )


SIDER: Final = tuple(_side_effect(*item) for item in _ORGAN_CLASSES.items())
CLINTOX: Final = (
    Task(
        ("FDA_APPROVED",),
        (
            "Is this compound a drug approved by the FDA?",
            "Has the U.S. Food and Drug Administration approved this compound as a drug?",
        ),
    ),
    Task(
        ("CT_TOX",),
        (
            "Did this compound fail clinical trials because of its toxicity?",
            "Was this compound found to be too toxic in clinical trials?",
        ),
    ),
)

_DFT: Final = ", calculated with B3LYP/6-31G(2df,p)"
_HARTREE: Final = " hartree"


def _computed(
    column: str,
    quantity: str,
    unit: str,
    limits: tuple[float, float] | None = None,
    *,
    total: bool = False,
) -> Task:
    return Task((column,), (), quantity + _DFT, unit, limits, total)


#: The energies of free atoms in hartree by the method of QM9 (its file `atomref.txt`).
ATOM_ENERGIES: Final = {1: -0.500273, 6: -37.846772, 7: -54.583861, 8: -75.064579, 9: -99.718730}


#: Ramakrishnan et al. 2014, doi:10.1038/sdata.2014.22, table 3: the units of the released files.
#: The limits are wider than any molecule of the set and tell hartrees from electronvolts.
QM9: Final = (
    _computed("mu", "its dipole moment in debye", " D", (0, 40)),
    _computed("alpha", "its isotropic polarizability in cubic bohr",
              " bohr" + superscript("3"), (3, 400)),
    _computed("homo", "the energy of its highest occupied molecular orbital in hartree",
              _HARTREE, (-0.8, 0.2)),
    _computed("lumo", "the energy of its lowest unoccupied molecular orbital in hartree",
              _HARTREE, (-0.5, 0.5)),
    _computed("gap", "the energy gap between its highest occupied and lowest unoccupied molecular "
              "orbitals in hartree", _HARTREE, (0, 0.9)),
    _computed("r2", "its electronic spatial extent in square bohr",
              " bohr" + superscript("2"), (5, 8000)),
    _computed("zpve", "its zero-point vibrational energy in hartree", _HARTREE, (0, 0.6)),
    _computed("cv", "its heat capacity at constant volume and 298.15 K in cal/(mol K)",
              " cal/(mol K)", (2, 120)),
    _computed("u0", "its internal energy at 0 K in hartree", _HARTREE, total=True),
    _computed("u298", "its internal energy at 298.15 K in hartree", _HARTREE, total=True),
    _computed("h298", "its enthalpy at 298.15 K in hartree", _HARTREE, total=True),
    _computed("g298", "its Gibbs free energy at 298.15 K in hartree", _HARTREE, total=True),
)  # fmt: skip
QM7: Final = (
    Task(
        ("u0_atom",),
        quantity="its energy of formation from free atoms, calculated with the PBE0 functional, "
        "in kcal/mol",
        unit=" kcal/mol",
        limits=(-5000, -50),
    ),
)


def _excited(method: str, name: str) -> tuple[Task, ...]:
    """The energies and oscillator strengths of the first two excitations, by one method."""
    return tuple(
        Task(
            (f"{sign}{number}-{method}",),
            quantity=f"{words}, calculated with {name}{', in hartree' if sign == 'E' else ''}",
            unit=_HARTREE if sign == "E" else "",
            limits=(0, 1.5) if sign == "E" else (-0.1, 10),
        )
        for sign, number, words in (
            ("E", 1, "its first singlet excitation energy"),
            ("E", 2, "its second singlet excitation energy"),
            ("f", 1, "the oscillator strength of its first singlet excitation"),
            ("f", 2, "the oscillator strength of its second singlet excitation"),
        )
    )


#: Ramakrishnan et al. 2015, doi:10.1063/1.4928757.
QM8: Final = (
    *_excited("CC2", "CC2"),
    *_excited("PBE0", "TD-PBE0"),
    *_excited("CAM", "TD-CAM-B3LYP"),
)


def bioassay(column: str) -> Task:
    """A task of PCBA or MUV: the column is named for the number of a PubChem bioassay.

    >>> bioassay("PCBA-1030").questions[0]
    'Is this compound active in the PubChem bioassay AID 1030?'
    """
    assay = f"PubChem bioassay AID {column.rpartition('-')[2]}"
    return Task(
        (column,),
        (
            f"Is this compound active in the {assay}?",
            f"Was this compound found to be active in the {assay}?",
        ),
    )


def toxcast_assay(column: str) -> Task:
    """A task of ToxCast: the column is the name of an assay's end point."""
    return Task(
        (column,),
        (
            f"Is this compound active in the ToxCast assay {column}?",
            f"Was this compound found to be active in the ToxCast assay {column}?",
        ),
    )
