"""`galactica verify`: every artefact of a run read again and compared with what describes it."""

from pipelines.verification.whole_run import Verification, verify_run

__all__ = ["Verification", "verify_run"]
