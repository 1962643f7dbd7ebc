"""One record of any form as a document: which reader it goes to."""

from corpora.documents import Document, ReadOptions, Record, RecordUnreadable
from corpora.pubchem.columns import Row, read_row
from corpora.pubchem.pug_json import PugObject, read_pug_object
from corpora.pubchem.sdf import read_sdf
from corpora.terminated_records import RawRecord


def read_compound(record: Record, options: ReadOptions) -> Document:
    """One compound as a document of `corpora.compounds`.

    Raises RecordUnreadable and RecordDropped as the reader of its form does.
    """
    match record.payload:
        case RawRecord() as raw:
            return read_sdf(record, raw)
        case PugObject() as found:
            return read_pug_object(record, found)
        case Row() as row:
            return read_row(record, row)
        case RecordUnreadable() as fault:
            raise fault
        case other:
            raise AssertionError(f"no payload of a compound: {type(other)}")
