"""Whether a paper of the archive and an entry of the register are the same document: surely, perhaps, or not. And whose a paper is.

Names of issuers on paper abbreviate and change case; symbols lose marks to OCR. What number, symbol and date all say is sure; what number,
kind and year alone say is a doubt that a person decides.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from domain.archive.documents import DocumentNumber
from domain.directives.edxml import read_number, symbol_key
from domain.ground.errors import RuleError
from domain.ground.vietnamese import fold


class Likeness(IntEnum):
    """How surely two are one."""

    NONE = 0
    DOUBT = 1  # number, kind and year
    SURE = 2  # number, symbol and date


@dataclass(frozen=True, slots=True)
class Identity:
    """What a document is known by; the date as far as it is known, in ISO form."""

    number: int | None
    suffix: str
    symbol: str
    dated: str
    kind: str

    @property
    def year(self) -> str:
        """The year of the date, empty if there is none."""
        return self.dated[:4]

    @property
    def day(self) -> date | None:
        """The whole date, or None."""
        return date.fromisoformat(self.dated) if len(self.dated) == len("2025-02-05") else None


def identity_of(number: str, symbol: str, dated: str, kind: str) -> Identity:
    """The identity that fields of a paper give; what cannot be read is left out.

    >>> identity_of("06b", "NQ-CĐCS", "2023-01-31", "")
    Identity(number=6, suffix='b', symbol='NQ-CĐCS', dated='2023-01-31', kind='Nghị quyết')
    """
    numbered: tuple[int | None, str, str] = read_number(number, symbol) or (None, "", symbol.strip())
    known = dated if re.fullmatch(r"\d{4}(-\d\d){0,2}", dated) else ""
    return Identity(*numbered, known, kind or (DocumentNumber("", "/", numbered[2]).kind if numbered[2] else ""))


def likeness(one: Identity, other: Identity) -> Likeness:
    """How surely both are the same document of one issuer.

    >>> paper = identity_of("5", "KH - LDLD", "2025-02-05", "Kế hoạch")
    >>> likeness(paper, identity_of("05", "KH-LĐLĐ", "2025-02-05", "")).name
    'SURE'
    >>> likeness(paper, identity_of("5", "", "2025", "Kế hoạch")).name
    'DOUBT'
    """
    if one.number is None or (one.number, one.suffix) != (other.number, other.suffix):
        return Likeness.NONE
    if one.day and one.day == other.day and symbol_key(one.symbol) == symbol_key(other.symbol):
        return Likeness.SURE
    same_kind = fold(one.kind) == fold(other.kind)
    return Likeness.DOUBT if same_kind and one.year and one.year == other.year else Likeness.NONE


_SHORT = {
    "ldld": "lien doan lao dong",
    "tldldvn": "tong lien doan lao dong viet nam",
    "cdcs": "cong doan co so",
    "cd": "cong doan",
}


def body_key(name: str) -> str:
    """What the writings of one body's name share: case, accents and usual abbreviations taken off.

    >>> body_key("LĐLĐ TỈNH BÌNH ĐỊNH") == body_key("Liên đoàn Lao động tỉnh Bình Định")
    True
    """
    words = re.sub(r"[^\w]+", " ", fold(name)).split()
    return " ".join(_SHORT.get(word, word) for word in words)


def is_of_body(written: str, name: str) -> bool:
    """Whether an issuer as it is written on paper is the body of that name, or is that name with the place after it.

    >>> is_of_body("LIÊN ĐOÀN LAO ĐỘNG TỈNH BÌNH ĐỊNH", "Liên đoàn Lao động tỉnh"), is_of_body("LIÊN ĐOÀN LAO ĐỘNG", "LĐLĐ tỉnh")
    (True, False)
    """
    paper, body = body_key(written), body_key(name)
    return bool(body) and (paper == body or paper.startswith(body + " "))


class IssuerIsAnother(RuleError):
    """The paper says that another body issued it than the unit into whose register it is to go."""

    issuer: str
    unit: str


def check_issuer(written: str, name: str) -> None:
    """Whether a paper on which that issuer stands may be the issue of the unit; raises IssuerIsAnother.

    A paper may say less than the whole name, or nothing that could be read: then the person who looks at it knows better.

    >>> check_issuer("LIÊN ĐOÀN LAO ĐỘNG TỈNH", "LĐLĐ tỉnh Gia Lai")
    """
    if written and body_key(written) and not (is_of_body(written, name) or is_of_body(name, written)):
        raise IssuerIsAnother(written, name)


def pairs(papers: Iterable[tuple[int, Identity]], entries: Iterable[tuple[int, Identity]]) -> list[tuple[int, int, Likeness]]:
    """Which papers and entries belong together, each in one pair at most; the sure ones are taken first."""
    by_number: dict[tuple[int | None, str], list[tuple[int, Identity]]] = {}
    for key, entry in entries:
        by_number.setdefault((entry.number, entry.suffix), []).append((key, entry))
    alike = [
        (likeness(paper, entry), paper_id, entry_id)
        for paper_id, paper in papers
        for entry_id, entry in by_number.get((paper.number, paper.suffix), [])
    ]
    taken_papers: set[int] = set()
    taken_entries: set[int] = set()
    found: list[tuple[int, int, Likeness]] = []
    for how, paper_id, entry_id in sorted(alike, key=lambda one: (-one[0], one[1], one[2])):
        if how is not Likeness.NONE and paper_id not in taken_papers and entry_id not in taken_entries:
            taken_papers.add(paper_id)
            taken_entries.add(entry_id)
            found.append((paper_id, entry_id, how))
    return found
