"""Stack Exchange: `Posts.xml` of the data dump, one document a question with its best answers.

In: `Posts.xml`, compressed (`.gz`, `.bz2`, `.xz`, `.zst`) or inside the `.7z` of a site; any size.
Out: the title, the question, the accepted answer and then the best ones by score. Left out, with a
count: closed questions, those of negative score, those without an answer, and what is neither a
question nor an answer (descriptions of tags, for example).
"""

from corpora.documents import Format
from corpora.stackexchange.dump_files import find_dumps
from corpora.stackexchange.questions import read_question
from corpora.stackexchange.threads import question_records

FORMAT = Format(
    name="stackexchange",
    summary="Posts.xml of the Stack Exchange data dump, or the .7z of a site",
    find=find_dumps,
    records=question_records,
    read=read_question,
)

__all__ = ["FORMAT"]
