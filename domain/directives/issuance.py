"""How a document was issued: six levels from paper to wholly electronic, four readings of "electronic", and what proves a level.

The levels follow NĐ 30/2020/NĐ-CP (articles 5, 18, 25) and QĐ 28/2018/QĐ-TTg. What is not recorded is unknown, and stays so: a level
is therefore a range, from the lowest to the highest that what is recorded allows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from itertools import product
from typing import TypeVar

T = TypeVar("T")


class Level(IntEnum):
    """How electronic the issue of one document was."""

    PAPER = 0  # L0: paper only
    COPY = 1  # L1: an unsigned scan or file was sent too; of value for information only (QĐ 28/2018)
    SIGNED_COPY = 2  # L2: a scan with the organisation's digital signature (NĐ 30, article 25.1c)
    ORIGINAL = 3  # L3: an electronic original: personal and organisation signature (NĐ 30, article 5)
    EXCHANGED = 4  # L4: L3, sent through a document system or the axis
    WHOLLY = 5  # L5: L4, and no paper copy was sent

    @property
    def code(self) -> str:
        """L0 to L5."""
        return f"L{int(self)}"


class Reading(StrEnum):
    """From which level on a document counts as electronic."""

    BROAD = "broad"
    LEGAL = "legal"
    STRICT = "strict"
    FULL = "full"

    @property
    def threshold(self) -> Level:
        """The lowest level that counts.

        >>> Reading.LEGAL.threshold.code
        'L2'
        """
        return _THRESHOLDS[self]


_THRESHOLDS = {
    Reading.BROAD: Level.COPY,
    Reading.LEGAL: Level.SIGNED_COPY,
    Reading.STRICT: Level.ORIGINAL,
    Reading.FULL: Level.WHOLLY,
}


class Form(StrEnum):
    """In which form a document left."""

    PAPER = "paper"
    ELECTRONIC = "electronic"  # and no paper
    BOTH = "both"


class Channel(StrEnum):
    """The way a document went out."""

    SYSTEM = "system"  # this system
    AXIS = "axis"  # the national document axis, edXML
    OFFICE = "office"  # another document system
    EMAIL = "email"
    CHAT = "chat"  # Zalo and the like
    POST = "post"  # post, or by hand


# Only what stands in these sets counts; a new member counts for nothing until it is put into one.
ELECTRONIC = frozenset({Form.ELECTRONIC, Form.BOTH})
BY_WIRE = frozenset({Channel.SYSTEM, Channel.AXIS, Channel.OFFICE, Channel.EMAIL, Channel.CHAT})
EXCHANGES = frozenset({Channel.SYSTEM, Channel.AXIS, Channel.OFFICE})


@dataclass(frozen=True, slots=True, order=True)
class LevelRange:
    """The levels that what is known allows, both ends included."""

    low: Level
    high: Level

    def counts(self, reading: Reading) -> bool | None:
        """Whether the document counts as electronic under the reading; None where that is unknown.

        >>> LevelRange(Level.COPY, Level.ORIGINAL).counts(Reading.LEGAL) is None
        True
        """
        if self.low >= reading.threshold:
            return True
        return False if self.high < reading.threshold else None


UNKNOWN = LevelRange(Level.PAPER, Level.WHOLLY)


@dataclass(frozen=True, slots=True)
class Claim:
    """What the register says of how a document was issued; None where it says nothing."""

    form: Form | None = None
    is_signed_by_person: bool | None = None
    is_signed_by_organisation: bool | None = None
    channel: Channel | None = None

    def range(self) -> LevelRange:
        """The levels that the claim allows. "On paper" without a channel says that nothing else was sent.

        >>> Claim(Form.PAPER).range() == LevelRange(Level.PAPER, Level.PAPER)
        True
        >>> [level.code for level in (Claim(Form.ELECTRONIC, channel=Channel.EMAIL).range().low, Claim().range().high)]
        ['L1', 'L5']
        """
        found = [_level(*manner) for form in _all_of(self.form, Form) for manner in self._completed(form)]
        return LevelRange(min(found), max(found))

    def _completed(self, form: Form) -> Iterator[tuple[Form, bool, bool, Channel | None]]:
        """Every manner of issue that the claim allows, if the form is this one."""
        is_paper_only = form not in ELECTRONIC and self.channel not in BY_WIRE
        channels = [self.channel] if self.channel or is_paper_only else list(Channel)
        signed_by_person = _all_of(self.is_signed_by_person, (True, False))
        signed_by_organisation = _all_of(self.is_signed_by_organisation, (False,) if is_paper_only else (True, False))
        yield from product((form,), signed_by_person, signed_by_organisation, channels)


def _all_of(value: T | None, values: Iterable[T]) -> list[T]:
    return list(values) if value is None else [value]


def _level(form: Form, by_person: bool, by_organisation: bool, channel: Channel | None) -> Level:
    if form not in ELECTRONIC:
        if by_organisation:
            return Level.SIGNED_COPY
        return Level.COPY if channel in BY_WIRE else Level.PAPER
    if not (by_person and by_organisation):
        return Level.SIGNED_COPY if by_organisation else Level.COPY
    if channel not in EXCHANGES:
        return Level.ORIGINAL
    return Level.WHOLLY if form is Form.ELECTRONIC else Level.EXCHANGED


@dataclass(frozen=True, slots=True)
class Proof:
    """What was checked and found true of a document's issue; nothing here is taken on trust."""

    is_file_seen: bool = False  # an electronic file of the document is here, or a record that one was sent
    is_signed_by_person: bool = False  # a personal signature, intact and below a root of ours
    is_signed_by_organisation: bool = False
    is_exchanged: bool = False  # sent by this system, or an edXML envelope of it was read
    is_without_paper: bool = False  # the envelope, or the act of issuing here, says that no paper went
    is_refuted: bool = False  # its file was changed after it was signed
    is_paper_seen: bool = False  # a receipt, an envelope or the act of issuing here says that paper went too

    def level(self) -> Level:
        """The highest level that is proven.

        >>> Proof(True, True, True).level().code, Proof(True, is_signed_by_organisation=True).level().code
        ('L3', 'L2')
        """
        if self.is_refuted or not (self.is_signed_by_person or self.is_signed_by_organisation):
            return Level.COPY if self.is_file_seen or self.is_exchanged else Level.PAPER
        if not (self.is_signed_by_person and self.is_signed_by_organisation):
            return Level.SIGNED_COPY if self.is_signed_by_organisation else Level.COPY
        if not self.is_exchanged:
            return Level.ORIGINAL
        return Level.WHOLLY if self.is_without_paper else Level.EXCHANGED


def evidenced(claim: LevelRange, proof: Proof) -> LevelRange:
    """The levels that claim and proof allow together: proven from below; what is only claimed is unknown, what is refuted is not.

    Paper that was seen to go refutes a claim that none did.

    >>> both = Claim(Form.ELECTRONIC, True, True, Channel.SYSTEM).range()
    >>> [level.code for level in (evidenced(both, Proof(True)).low, evidenced(both, Proof(True)).high)]
    ['L1', 'L5']
    """
    proven = proof.level()
    highest = min(claim.high, Level.EXCHANGED) if proof.is_paper_seen else claim.high
    return LevelRange(proven, proven if proof.is_refuted else max(proven, highest))
