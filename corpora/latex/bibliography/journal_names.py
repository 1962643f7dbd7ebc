"""Whether words read as the name of a journal, or as a remark, and not as the title of a work."""

import re
from typing import Final

from corpora.latex.tokens import words

_JOINERS: Final = frozenset(
    words("""
    of and the in on for to a an & de la le les et des du der die und für fur di e della i y
""")
)
_JOURNAL_WORDS: Final = re.compile(
    r"\b(?:Journal|Annals|Annales|Annalen|Proceedings|Transactions|Letters|Bulletin|Zeitschrift|"
    r"Comptes|Rendus|Reviews?|Archive?s?|Acta|Physica|Reports|Communications|Gazette|Monthly|"
    r"Magazine|Notices)\b"
)
_ONE_WORD_JOURNALS: Final = frozenset(
    words("""
    Nature Science Cell Lancet Icarus Tetrahedron Synthesis Synlett Biometrika Biometrics
    Bioinformatics Neuron Genetics Genomics Evolution Ecology Neuroimage NeuroImage Mind
    Econometrica Technometrics Automatica Nanoscale Polymer Langmuir Macromolecules Biochemistry
    Chemosphere Geology Carbon Small Chaos eLife Mathematika Topology Heredity Combinatorica
    Algorithmica Chest Blood Brain Cancer Circulation Gut Pediatrics Radiology Nonlinearity
    Metrologia Physics Entropy Sensors Molecules Water Energy Fuel
""")
)
_NOT_A_TITLE: Final = re.compile(
    r"in:?\s(?=[A-Z])|[Ii]n:|In (?=Proc)|"
    r"(?i:see\b|see also|cf\b|also\b|ibid|private\b|personal comm|unpublished|preprint|submitted|"
    r"to appear|to be|in press|in preparation|in prep\b|accepted|ph\.?\s?d\b|thesis|arxiv|http|"
    r"doi\b|edited|eds?\b)"
)


def looks_like_journal(name: str) -> bool:
    """Whether words read as the name of a journal.

    >>> looks_like_journal("Trans. Faraday Soc."), looks_like_journal("On the theory of ions")
    (True, False)
    """
    tokens = name.strip(" ,;:").split()
    content = [token for token in tokens if token.lower() not in _JOINERS]
    if not content or len(tokens) > 14:
        return False
    if " ".join(tokens).rstrip(".") in _ONE_WORD_JOURNALS:
        return True
    if any(token[0].islower() for token in content):
        return False
    if _JOURNAL_WORDS.search(name) or (len(tokens) == 1 and name.isupper()):
        return True
    inner = content[:-1] if len(content) > 1 else content
    return any(re.fullmatch(r"(?![IVX]+\.)(?:[^\W\d_]\.?-?){1,9}\.,?", token) for token in inner)


def names_a_journal(name: str) -> bool:
    """Whether a word of journals is in a short name, in whatever case.

    >>> names_a_journal("Journal of chemical physics"), names_a_journal("Notes on the theory")
    (True, False)
    """
    return len(name.split()) < 8 and _JOURNAL_WORDS.search(name.title()) is not None


def is_untitled_words(text: str) -> bool:
    """Whether a text begins as what stands in place of a title: `in`, `see`, `submitted`.

    >>> is_untitled_words("in preparation (2004)"), is_untitled_words("In vivo imaging of rain")
    (True, False)
    """
    return bool(_NOT_A_TITLE.match(text.lstrip(" (")))
