"""OneSmallStep: scientific problems made from templates, with worked and checked solutions.

Galactica (section A.1.6, Table 3) trains on problems of some fifty templates over astronomy,
chemistry, electronics, mathematics, physics and statistics, whose variables are sampled. The set
was not published; these templates are the project's own, and biology is among them. Each answer is
computed twice, by two paths; where a person would need a computer, a program stands in the solution
with what it printed.
"""

from corpora.compressed_streams import find_streamed
from corpora.documents import Format
from corpora.onesmallstep.source import SUFFIXES, problem_records, read_problem
from corpora.onesmallstep.specification import Options

FORMAT = Format(
    name="onesmallstep",
    summary="Generated problems of science: a file (YAML, JSON) says how many, of which templates",
    find=find_streamed(*SUFFIXES),
    records=problem_records,
    read=read_problem,
    options=Options,
)

__all__ = ["FORMAT"]
