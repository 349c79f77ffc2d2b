"""Contracts of our own: what they find."""

import pytest
from grimp import ImportGraph

from bin.contracts import Pages


@pytest.mark.parametrize(("imported", "is_kept"), [("webapp.archive.document", False), ("webapp.archive.access", True)])
def test_who_imports_a_page_breaks_the_contract_and_who_imports_what_lies_beside_it_does_not(
    imported: str, is_kept: bool
) -> None:
    graph = ImportGraph()
    for module in ("webapp", "webapp.archive.fields", imported):
        graph.add_module(module)
    graph.add_import(importer="webapp.archive.fields", imported=imported, line_number=9, line_contents="")
    check = Pages("pages", {}, {"package": "webapp"}).check(graph, verbose=False)
    assert check.kept is is_kept
    assert [one["line_number"] for one in check.metadata["imports"]] == ([] if is_kept else [9])
