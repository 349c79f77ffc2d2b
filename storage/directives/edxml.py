"""edXML envelopes (QCVN 102:2016/BTTTT with amendment 1:2022): read in the sandbox, and taken into the register as evidence.

Expat reads them as a stream, so that the limits hold before anything is kept: a document type or an entity is refused where it begins,
and what is attached is decoded as it comes. Prefixes are not looked at, for senders declare what they like.
"""

import binascii
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn
from xml.parsers import expat

from domain.archive.secrecy import bears_mark
from domain.directives.edxml import (
    Attachment,
    Business,
    Envelope,
    EnvelopeRefused,
    Named,
    Problem,
    kind_of,
    read_day,
    read_document_id,
    read_number,
)
from domain.ground.clock import VIETNAM
from domain.ground.errors import FileRefused
from domain.ground.files import Refusal
from storage.ground.sandbox import believing_nothing, read_made, run_limited
from storage.ground.walls import Files

MAX_BYTES = 150 * 1024 * 1024  # of the file
MAX_ATTACHED_BYTES = 64 * 1024 * 1024  # of all that is attached, decoded
MAX_ATTACHMENTS = 50
_MAX_DEPTH, _MAX_ELEMENTS, _MAX_TEXT = 24, 20_000, 10_000  # levels, elements, letters of one field
_CPU_S, _MEMORY_BYTES, _IN_SANDBOX = 30, 1024**3, "storage.directives.edxml:parse_file"
_CHUNK = 1 << 16


def read_envelope(content: bytes) -> Envelope:
    """What the envelope says, with what is attached; raises EnvelopeRefused."""
    if len(content) > MAX_BYTES:
        raise EnvelopeRefused(Problem.TOO_LARGE)
    with tempfile.TemporaryDirectory(prefix="khonggiay-") as folder:
        source = Path(folder) / "envelope.xml"
        source.write_bytes(content)
        try:
            args, files = [str(source), folder], Files([], [folder])
            found = run_limited(_IN_SANDBOX, args, cpu_s=_CPU_S, memory_bytes=_MEMORY_BYTES, files=files)
            with believing_nothing():
                attached = [
                    Attachment(str(name), read_made(Path(folder) / str(number)))
                    for number, name in enumerate(found["attached"][:MAX_ATTACHMENTS])
                ]
                return _envelope(found, tuple(attached))
        except FileRefused as refused:
            raise EnvelopeRefused(_problem(refused)) from refused


def _problem(refused: FileRefused) -> Problem:
    if refused.detail in set(Problem):
        return Problem(refused.detail)
    return Problem.TIMED_OUT if refused.reason == Refusal.TIMED_OUT else Problem.TOO_LARGE


def _envelope(found: dict[str, Any], attached: tuple[Attachment, ...]) -> Envelope:
    """The values of the texts; raises EnvelopeRefused for what is missing."""
    numbered, dated = read_number(found["number"], found["notation"]), read_day(found["date"])
    by_id = read_document_id(found["document_id"])
    if numbered is None and by_id.number is not None:
        numbered = by_id.number, by_id.suffix, by_id.symbol
    if numbered is None:
        raise EnvelopeRefused(Problem.NO_NUMBER)
    if (dated := dated or by_id.dated) is None:
        raise EnvelopeRefused(Problem.NO_DATE)
    if found["business"] not in ("", "0", "1", "2", "3"):
        raise EnvelopeRefused(Problem.UNKNOWN_BUSINESS)
    if not found["subject"]:
        raise EnvelopeRefused(Problem.NO_ABSTRACT)
    if any(bears_mark(text) for text in (found["subject"], found["reason"], *found["attached"])):
        raise EnvelopeRefused(Problem.BEARS_MARK)
    number, suffix, symbol = numbered
    return Envelope(
        named=Named(found["document_id"], number, suffix, symbol, dated),
        business=Business(int(found["business"] or 0)),
        targets=tuple(read_document_id(text) for text in found["targets"]),
        organ_id=found["organ_id"],
        organ_name=found["organ_name"],
        kind=kind_of(found["type_name"], symbol),
        abstract=found["subject"],
        signer=found["signer"],
        signer_title=found["signer_title"],
        recipients=tuple(dict.fromkeys(found["recipients"])),
        is_paper_too={"0": False, "1": True}.get(found["paper"]),
        sent_at=_moment(found["sent_at"]),
        reason=found["reason"],
        attachments=attached,
    )


def _moment(text: str) -> datetime | None:
    """The moment of "yyyy/MM/dd HH:mm:ss", Vietnamese time; None for anything else."""
    try:
        return datetime.strptime(text.strip().replace("-", "/"), "%Y/%m/%d %H:%M:%S").replace(tzinfo=VIETNAM)
    except ValueError:
        return None


# In the sandbox


def parse_file(path: str, folder: str) -> dict[str, Any]:
    """The texts of an envelope; what is attached lies in the folder, named 0, 1, ..."""
    reader = _Reader(Path(folder))
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse_declaration
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    try:
        with open(path, "rb") as stream:
            while chunk := stream.read(_CHUNK):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise FileRefused(Refusal.NOT_A_DOCUMENT, Problem.NOT_XML) from error
    finally:
        reader.close()
    return _texts(reader.root, reader.names)


def _refuse_declaration(*_declared: object) -> None:
    _refuse(Problem.HAS_DTD)


def _refuse(problem: Problem) -> NoReturn:
    raise FileRefused(Refusal.NOT_A_DOCUMENT, problem)


@dataclass(slots=True)
class _Node:
    """An element: its name without prefix and in small letters, its text, the elements in it."""

    name: str
    text: str = ""
    children: list["_Node"] = field(default_factory=list)

    def all(self, *names: str) -> Iterator["_Node"]:
        """The elements of these names anywhere below, in order."""
        for child in self.children:
            if child.name in names:
                yield child
            yield from child.all(*names)

    def first(self, *names: str) -> "_Node":
        """The first of them; an empty one if there is none."""
        return next(self.all(*names), _Node(""))

    def value(self, *path: str) -> str:
        """The text of the element that a path leads to, step by step from child to child; empty if there is none."""
        found = self
        for name in path:
            found = next((child for child in found.children if child.name == name), _Node(""))
        return " ".join(found.text.split())


class _Reader:
    """Builds the tree within its limits; what is attached goes to files as it is decoded."""

    def __init__(self, folder: Path) -> None:
        self.root = _Node("")
        self.names: list[str] = []  # of attachments
        self._folder = folder
        self._open = [self.root]
        self._count = self._attached_bytes = 0
        self._decoder: _Base64 | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._count += 1
        if len(self._open) > _MAX_DEPTH:
            _refuse(Problem.TOO_DEEP)
        if self._count > _MAX_ELEMENTS or len(attributes) > _MAX_DEPTH:
            _refuse(Problem.TOO_MANY)
        node = _Node(name.rpartition(":")[2].lower())
        self._open[-1].children.append(node)
        self._open.append(node)
        if node.name == "contenttransferencoded":
            self._begin_attachment()

    def text(self, data: str) -> None:
        """Letters inside the innermost element."""
        if self._decoder:
            self._attached_bytes += self._decoder.feed(data)
            if self._attached_bytes > MAX_ATTACHED_BYTES:
                _refuse(Problem.TOO_LARGE)
            return
        node = self._open[-1]
        if len(node.text) + len(data) > _MAX_TEXT:
            _refuse(Problem.TOO_LONG)
        node.text += data

    def end(self, _name: str) -> None:
        """The innermost element ends."""
        node = self._open.pop()
        if node.name == "contenttransferencoded" and self._decoder:
            self._decoder.close()
            self._decoder = None
        elif node.name == "attachment" and (content := node.first("contenttransferencoded")).text:
            self.names[int(content.text)] = node.value("attachmentname") or node.value("description")

    def close(self) -> None:
        """Close the file of an attachment that was cut off."""
        if self._decoder:
            self._decoder.file.close()

    def _begin_attachment(self) -> None:
        if self._decoder or len(self.names) == MAX_ATTACHMENTS:
            _refuse(Problem.TOO_MANY)
        self._open[-1].text = str(len(self.names))  # which file it became
        self._decoder = _Base64(self._folder / self._open[-1].text)
        self.names.append("")


class _Base64:
    """Decodes what comes in pieces into a file."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("wb")
        self._rest = ""
        self._is_over = False

    def feed(self, data: str) -> int:
        """Take a piece; returns how many bytes it made."""
        letters = self._rest + "".join(data.split())
        whole = len(letters) - len(letters) % 4
        self._rest = letters[whole:]
        return self._write(letters[:whole])

    def close(self) -> None:
        """No more comes."""
        if self._rest:
            _refuse(Problem.BAD_ATTACHMENT)
        self.file.close()

    def _write(self, letters: str) -> int:
        if letters and self._is_over:
            _refuse(Problem.BAD_ATTACHMENT)
        self._is_over = letters.endswith("=")
        try:
            return self.file.write(binascii.a2b_base64(letters, strict_mode=True)) if letters else 0
        except (binascii.Error, ValueError) as error:
            raise FileRefused(Refusal.NOT_A_DOCUMENT, Problem.BAD_ATTACHMENT) from error


def _texts(root: _Node, names: list[str]) -> dict[str, Any]:
    """What is needed of the tree, as JSON values."""
    header = root.first("messageheader")
    if not header.children:
        _refuse(Problem.NOT_EDXML)
    traces = root.first("traceheaderlist")
    business = root.first("bussiness", "business")
    signer = header.first("signerinfo")
    titles = [signer.value("competence"), signer.value("position")]
    recipients = [node.value("organname") for node in header.all("to")]
    recipients += [node.value() for node in header.first("toplaces").all("place")]
    return {
        "document_id": header.value("documentid"),
        "number": header.value("code", "codenumber"),
        "notation": header.value("code", "codenotation"),
        "date": header.value("promulgationinfo", "promulgationdate"),
        "organ_id": header.value("from", "organid"),
        "organ_name": header.value("from", "organname"),
        "type_name": header.value("documenttype", "typename"),
        "subject": header.value("subject"),
        "signer": signer.value("fullname"),
        "signer_title": ", ".join(title for title in titles if title),
        "recipients": [text for text in recipients if text],
        "business": business.value("bussinessdoctype") or business.value("businessdoctype"),
        "reason": business.value("bussinessdocreason") or business.value("businessdocreason"),
        "paper": business.value("paper"),
        "targets": _targets(header, business),
        "sent_at": traces.first("traceheader").value("timestamp"),
        "attached": names,
    }


def _targets(header: _Node, business: _Node) -> list[str]:
    """The documents that are revoked, updated or replaced: named by the business, else by what the envelope answers."""
    replaced = [node.value("documentid") for node in business.all("replacementinfo")]
    own = [business.value("documentid")]
    answered = [node.value("documentid") for node in header.all("responsefor")]
    return next((found for found in ([text for text in texts if text] for texts in (replaced, own, answered)) if found), [])
