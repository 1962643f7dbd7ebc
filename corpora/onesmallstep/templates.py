"""The templates by subject and by name. A new one is a function in its subject's module."""

from typing import Final

from corpora.onesmallstep import (
    astronomy,
    biology,
    chemistry,
    electronics,
    mathematics,
    physics,
    probability,
)
from corpora.onesmallstep.problems import Template

SUBJECTS: Final[dict[str, dict[str, Template]]] = {
    "astronomy": astronomy.TEMPLATES,
    "biology": biology.TEMPLATES,
    "chemistry": chemistry.TEMPLATES,
    "electronics": electronics.TEMPLATES,
    "mathematics": mathematics.TEMPLATES,
    "physics": physics.TEMPLATES,
    "statistics": probability.TEMPLATES,
}
TEMPLATES: Final[dict[str, Template]] = {
    name: template for group in SUBJECTS.values() for name, template in group.items()
}
