"""The contracts between modules that are our own, beside those of import-linter; pyproject.toml names them."""

import re
from pathlib import Path

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

ROOT = Path(__file__).parents[1]
_PAGE = re.compile(r"^bp\b.*= Blueprint\(", re.MULTILINE)


class Pages(Contract):
    """No module of `package` imports a page. A page is whatever declares a blueprint `bp`: asked of the code, so none is left out."""

    type_name = "pages"
    package = fields.StringField()

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002 - as import-linter calls it
        """Every import of a page, with its lines."""
        pages = sorted(filter(is_page, graph.find_descendants(str(self.package))))
        arrows = [(importer, page) for page in pages for importer in sorted(graph.find_modules_that_directly_import(page))]
        found = [line for importer, page in arrows for line in graph.get_import_details(importer=importer, imported=page)]
        return ContractCheck(kept=not found, metadata={"imports": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """One line for each import."""
        for one in check.metadata["imports"]:
            output.print_error(f"- {one['importer']} -> {one['imported']} (l.{one['line_number']})", bold=False)
        output.new_line()


def is_page(module: str) -> bool:
    """Whether the module is a page."""
    file = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    return file.is_file() and _PAGE.search(file.read_text(encoding="utf-8")) is not None
