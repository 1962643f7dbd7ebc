"""Publication: a run's documents as a Hugging Face dataset folder."""

from typing import Final

from pipelines.publication.folder import publish_run
from pipelines.publication.spelling import PublishedSpelling, publish_text, restore_text

__all__: Final = ["PublishedSpelling", "publish_run", "publish_text", "restore_text"]
