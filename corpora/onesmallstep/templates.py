"""The templates by subject and by name. A new one is a function in a module of its subject."""

from typing import Final

from corpora.onesmallstep import (
    algebra,
    calculus,
    chance,
    electronics,
    estimation,
    heat_and_light,
    mechanics,
    orbits,
    physical_chemistry,
    physiology,
    populations,
    starlight,
    stoichiometry,
)
from corpora.onesmallstep.problems import Template

SUBJECTS: Final[dict[str, dict[str, Template]]] = {
    "astronomy": {**orbits.TEMPLATES, **starlight.TEMPLATES},
    "biology": {**populations.TEMPLATES, **physiology.TEMPLATES},
    "chemistry": {**stoichiometry.TEMPLATES, **physical_chemistry.TEMPLATES},
    "electronics": electronics.TEMPLATES,
    "mathematics": {**algebra.TEMPLATES, **calculus.TEMPLATES},
    "physics": {**mechanics.TEMPLATES, **heat_and_light.TEMPLATES},
    "statistics": {**chance.TEMPLATES, **estimation.TEMPLATES},
}
TEMPLATES: Final[dict[str, Template]] = {
    name: template for group in SUBJECTS.values() for name, template in group.items()
}
