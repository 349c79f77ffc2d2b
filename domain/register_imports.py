"""Bringing existing registers in: what the columns of people's own tables mean, and what each row of them says."""

from enum import StrEnum


class ImportState(StrEnum):
    """How far an import has come."""

    MAPPING = "mapping"  # the columns are being named
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    UNDONE = "undone"
