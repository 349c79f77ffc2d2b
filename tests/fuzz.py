"""Our parsers of foreign bytes under a fuzzer that follows their branches: `make fuzz`, or this file with a name and libFuzzer's options.

A parser may refuse; any other error, a hang or a swollen memory is a finding, kept as a file named crash-…, timeout-… or oom-….
"""

import base64
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from tests import hostile

atheris: Any = import_module("atheris")  # installed by `make fuzz` alone

with atheris.instrument_imports(include=["domain", "search", "storage"]):
    from domain.directives.edxml import read_day, read_document_id, read_number
    from domain.ground.errors import RuleError
    from domain.ground.legacy import Encoding, decoded_from, guessed
    from search.parse import parse
    from storage.archive.typed_marks import find_in_word
    from storage.directives.edxml import parse_file
    from storage.ground.spreadsheets import read_in_sandbox, table_of

FOLDER = Path(tempfile.mkdtemp())


def _file(content: bytes) -> str:
    path = FOLDER / "0"
    path.write_bytes(content)
    return str(path)


def spreadsheet(content: bytes) -> None:
    found = read_in_sandbox(base64.b64encode(content).decode())
    if not isinstance(found, str):
        [table_of(one) for one in found]


def envelope(content: bytes) -> None:
    parse_file(_file(content), str(FOLDER))


def word(content: bytes) -> None:
    find_in_word(_file(content))


def names(content: bytes) -> None:
    number, _, notation = content.decode("utf-8", "replace").partition("\n")
    read_document_id(number)
    read_number(number, notation)
    read_day(number)


def question(content: bytes) -> None:
    parse(content.decode("utf-8", "replace"))


def old_text(content: bytes) -> None:
    text = content.decode("latin-1")
    guessed([text])
    for encoding in Encoding:
        decoded_from(text, encoding)


PARSERS: dict[str, tuple[Callable[[bytes], None], list[bytes]]] = {
    "spreadsheet": (
        spreadsheet,
        [*hostile.WORKBOOKS.values(), hostile.workbook("", "5"), b"a;b\n1;2\n", "số,ngày\n".encode("utf-16")],
    ),
    "envelope": (
        envelope,
        [b"<edXMLEnvelope><edXMLHeader/><edXMLBody/></edXMLEnvelope>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ),
    "word": (word, [hostile.workbook("", "5").replace(b"xl/workbook.xml", b"word/docume.xml")]),
    "names": (names, ["000.00.00.H41,2025/12/30,12/KH-LĐLĐ\n12/KH-LĐLĐ".encode(), b"2025-12-30"]),
    "question": (question, ['"kế hoạch" OR (năm AND NOT quý*)'.encode()]),
    "old_text": (old_text, ["Céng ®oµn".encode("latin-1"), "Coâng ñoaøn".encode("latin-1")]),
}


def main() -> None:
    name, *options = sys.argv[1:]
    parser, seeds = PARSERS[name]
    corpus = FOLDER / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(seeds):
        (corpus / str(number)).write_bytes(seed)

    def once(content: bytes) -> None:
        with suppress(RuleError):
            parser(content)

    atheris.Setup([sys.argv[0], *options, str(corpus)], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
