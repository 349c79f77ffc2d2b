"""All fields of a document, proposed from its pages."""

from collections.abc import Sequence

from domain.reading import Field, PageReading


def propose(pages: Sequence[PageReading]) -> dict[str, Field]:
    """TODO."""
    return {}
