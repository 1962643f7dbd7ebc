"""Source code of licensed repositories: one document a file, its text exact, in a code fence."""

from corpora.source_code.document import FORMAT

__all__ = ["FORMAT"]
