"""Whose a certificate is, a person's or an organisation's, by the name in it.

No field says so outright. What does, in the order in which it decides, is the table RULES, each rule with its source; where none applies,
it is unknown and said to be. Names of attributes are those of X.500 as asn1crypto writes them: common_name, organization_name, user_id.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.ground.vietnamese import fold

Subject = Mapping[str, str]


class Owner(StrEnum):
    """Whose a certificate is."""

    PERSON = "person"
    ORGANISATION = "organisation"
    UNKNOWN = "unknown"


SIGNERS = frozenset({Owner.PERSON, Owner.ORGANISATION})  # whose signature can prove something


@dataclass(frozen=True, slots=True)
class OwnerRule:
    """If the name in a certificate is so, it is that owner's."""

    name: str
    owner: Owner
    source: str
    holds: Callable[[Subject], bool]


@dataclass(frozen=True, slots=True)
class Ownership:
    """Whose a certificate is, and the name of the rule that says so; empty if none does."""

    owner: Owner
    rule: str = ""


_PERSONAL_NUMBER = re.compile(r"(CCCD|CMND|CMT|CMTND|CC|HC|PASSPORT)\s*[:=]|(PAS|IDC|PNO)[A-Z]{2}-", re.IGNORECASE)
_ORGANISATION_NUMBER = re.compile(r"(MST|MNS|MQHNS|MSDN|BHXH)\s*[:=]|(VAT|NTR)[A-Z]{2}-", re.IGNORECASE)
_BODIES = re.compile(
    r"(tong )?(lien doan|cong doan|cong ty|lien hiep)\b|(uy ban|van phong|hoi dong|bo noi vu|cdcs|ldld|ubnd|hdnd)\b"
    r"|so (noi vu|y te|giao duc|tai chinh|xay dung)\b|(tinh|thanh|huyen|thi|dang) uy\b|doan (chu tich|thanh nien)\b"
    r"|ban (chap hanh|thuong vu|tuyen giao|to chuc|chinh sach|tai chinh|nu cong|kiem tra|dan van|quan ly)\b"
    r"|truong (dai hoc|cao dang|tieu hoc|trung hoc|thpt|thcs|mam non)\b"
)
_PERSONAL_NAME = re.compile(r"[^\W\d_]+(?:[ '’.-]+[^\W\d_]+){1,5}")


def _words(text: str) -> str:
    return " ".join(fold(text).split())


def _numbers(subject: Subject) -> list[str]:
    return [subject.get(name, "") for name in ("user_id", "serial_number", "unique_identifier", "organization_identifier")]


def _has_personal_number(subject: Subject) -> bool:
    return any(_PERSONAL_NUMBER.match(number) for part in _numbers(subject) for number in re.split(r"[;,]\s*", part))


def _has_personal_attributes(subject: Subject) -> bool:
    return any(subject.get(name) for name in ("given_name", "surname", "title"))


def _has_organisation_number(subject: Subject) -> bool:
    if subject.get("organization_identifier"):
        return True
    return any(_ORGANISATION_NUMBER.match(number) for part in _numbers(subject) for number in re.split(r"[;,]\s*", part))


def _is_named_after_organisation(subject: Subject) -> bool:
    common = _words(subject.get("common_name", ""))
    bodies = [_words(subject.get(name, "")) for name in ("organization_name", "organizational_unit_name")]
    return bool(common) and any(body and (body == common or body in common) for body in bodies)


def _is_named_like_a_body(subject: Subject) -> bool:
    return bool(_BODIES.match(_words(subject.get("common_name") or subject.get("organization_name", ""))))


def _is_somebody_of_a_body(subject: Subject) -> bool:
    return bool(subject.get("organization_name") and _PERSONAL_NAME.fullmatch(subject.get("common_name", "")))


RULES = (
    OwnerRule(
        "personal_number", Owner.PERSON, "ETSI EN 319 412-1, 5.1.3; UID of public authorities in Vietnam", _has_personal_number
    ),
    OwnerRule("personal_attributes", Owner.PERSON, "RFC 3739, 3.1.2; ETSI EN 319 412-2, 4.2.4", _has_personal_attributes),
    OwnerRule(
        "organisation_number",
        Owner.ORGANISATION,
        "ETSI EN 319 412-3, 4.2.1; UID of public authorities in Vietnam",
        _has_organisation_number,
    ),
    OwnerRule("named_after_organisation", Owner.ORGANISATION, "ETSI EN 319 412-3, 4.2.1", _is_named_after_organisation),
    OwnerRule("named_like_a_body", Owner.ORGANISATION, "names of bodies: NĐ 30/2020/NĐ-CP, Phụ lục I", _is_named_like_a_body),
    OwnerRule(
        "somebody_of_a_body", Owner.PERSON, "RFC 3739, 3.1.2: the body to which a person belongs", _is_somebody_of_a_body
    ),
)


def ownership(subject: Subject) -> Ownership:
    """Whose a certificate with this name is; the first rule that applies decides.

    >>> ownership({"common_name": "Nguyễn Văn A", "organization_name": "LĐLĐ tỉnh", "user_id": "CCCD:052080000001"}).owner.value
    'person'
    >>> ownership({"common_name": "Liên đoàn Lao động tỉnh Mẫu"}).rule, ownership({"common_name": "Nguyễn Văn A"}).owner.value
    ('named_like_a_body', 'unknown')
    """
    return next((Ownership(rule.owner, rule.name) for rule in RULES if rule.holds(subject)), Ownership(Owner.UNKNOWN))
