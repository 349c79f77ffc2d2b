"""Files that come into the registers: their text is looked at for a mark of secrecy before a byte is kept; the worker looks at the rest."""

from collections.abc import Collection, Sequence

from flask import request
from werkzeug.datastructures import FileStorage

from domain.archive.secrecy import BearsMark
from domain.directives.looks import Look, check_may_leave
from domain.ground.errors import FileRefused
from domain.ground.files import HEAD_BYTES, OFFICE_TYPES, MediaType, Refusal, clean_name, media_type_of, office_type_of
from storage.archive.typed_marks import typed_mark
from storage.directives.files import Sender, keep
from storage.directives.outgoing import OutgoingDocument
from webapp.ground.access import audit, me
from webapp.ground.system import settings, system, writing

LARGEST = 50 * 1024 * 1024  # bytes of a file
PAGES = frozenset(MediaType)  # kinds that have pages, which the worker looks at
_WORD = OFFICE_TYPES["docx"]


def read(file: FileStorage) -> tuple[bytes, str]:
    """What was sent, whole, and its name; raises FileRefused for nothing, and for too much."""
    limit = min(LARGEST, settings().max_upload_mb << 20)
    content = file.stream.read(limit + 1)
    if not content:
        raise FileRefused(Refusal.EMPTY)
    if len(content) > limit:
        raise FileRefused(Refusal.TOO_LARGE)
    return content, clean_name(file.filename or "")


def read_document(file: FileStorage, kinds: Collection[str] = (*PAGES, _WORD)) -> tuple[bytes, str]:
    """A document's file, of these kinds by its content, and its name; nothing is kept yet. Raises FileRefused."""
    content, name = read(file)
    if (media_type_of(content[:HEAD_BYTES]) or office_type_of(content, name)) not in kinds:
        raise FileRefused(Refusal.NOT_A_DOCUMENT)
    return content, name


def take_file(file: FileStorage, kinds: Collection[str] = (*PAGES, _WORD)) -> tuple[str, str]:
    """Keep a document's file, of these kinds by its content; returns its key and its name. Raises FileRefused and BearsMark."""
    content, name = read_document(file, kinds)
    return keep_unmarked(content, name), name


def keep_unmarked(content: bytes, name: str) -> str:
    """Keep a file whose text bears no mark; returns its key. Raises BearsMark, and FileRefused for a Word file that cannot be read."""
    check_unmarked([(content, name)])
    return keep_file(content, name)


def keep_file(content: bytes, name: str) -> str:
    """Keep a file that was checked, and have the worker look through it; returns its key."""
    return keep(system().database, system().objects, content, name, Sender(me(), request.remote_addr or ""))


def check_unmarked(files: Sequence[tuple[bytes, str]]) -> None:
    """Raises BearsMark if the text of one of these files bears a mark; that it came is written down by the rule alone."""
    for content, name in files:
        if rule := typed_mark(content, name):
            with writing() as session:
                audit(session, "marked_file_refused", subject=("person", me().id), facts={"rule": rule})
            raise BearsMark(rule)


def check_may_open(outgoing: OutgoingDocument, look: Look, kept: frozenset[int]) -> None:
    """Raises FileNotLookedThrough: what was set aside is shown to nobody, what waits only to those who keep the register."""
    if look is Look.SET_ASIDE or outgoing.unit_id not in kept:
        check_may_leave(look)
