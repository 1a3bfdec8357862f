"""Read taxonomy releases: ESCO's CSV download, and the embedded starter taxonomy."""

from app.taxonomy.notice import source_note
from app.taxonomy.reader import ReadResult, read_taxonomy
from app.taxonomy.starter import STARTER_NAME, read_starter, starter_taxonomy

__all__ = ["STARTER_NAME", "ReadResult", "read_starter", "read_taxonomy", "source_note", "starter_taxonomy"]
