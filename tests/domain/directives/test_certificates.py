"""Whose a certificate is, by the names that certificates in Vietnam carry."""

import pytest

from domain.directives.certificates import RULES, SIGNERS, Owner, ownership

UNION = "Liên đoàn Lao động tỉnh Mẫu"


@pytest.mark.parametrize(
    ("subject", "owner", "rule"),
    [
        # persons
        (
            {"common_name": "Nguyễn Văn A", "organization_name": UNION, "user_id": "CCCD:052080000001"},
            "person",
            "personal_number",
        ),
        ({"common_name": "Nguyễn Văn A", "user_id": "CMND:211234567"}, "person", "personal_number"),
        ({"common_name": "Công ty A", "user_id": "MST:4100000001; CCCD:052080000001"}, "person", "personal_number"),
        ({"common_name": "Nguyễn Văn A", "serial_number": "IDCVN-052080000001"}, "person", "personal_number"),
        ({"common_name": "Nguyễn Văn A", "title": "Chủ tịch", "organization_name": UNION}, "person", "personal_attributes"),
        ({"common_name": UNION, "given_name": "A", "surname": "Nguyễn"}, "person", "personal_attributes"),
        ({"common_name": "Trương Thị Mỹ Hạnh", "organization_name": UNION}, "person", "somebody_of_a_body"),
        ({"common_name": "Đoàn Văn B", "organization_name": "Sở Y tế"}, "person", "somebody_of_a_body"),
        # organisations
        ({"common_name": UNION, "user_id": "MST:4100000001"}, "organisation", "organisation_number"),
        ({"common_name": "X", "organization_identifier": "VATVN-4100000001"}, "organisation", "organisation_number"),
        ({"common_name": UNION, "organization_name": UNION.upper()}, "organisation", "named_after_organisation"),
        (
            {"common_name": "VĂN PHÒNG", "organization_name": UNION, "organizational_unit_name": "Văn phòng"},
            "organisation",
            "named_after_organisation",
        ),
        ({"common_name": "LIEN DOAN LAO DONG TINH MAU", "organization_name": "TLDLDVN"}, "organisation", "named_like_a_body"),
        ({"common_name": "Ủy ban nhân dân tỉnh Mẫu"}, "organisation", "named_like_a_body"),
        # neither can be said
        ({"common_name": "Nguyễn Văn A"}, "unknown", ""),
        ({"common_name": "server01.example", "organization_name": UNION}, "unknown", ""),
        ({}, "unknown", ""),
    ],
)
def test_the_first_rule_that_applies_decides(subject: dict[str, str], owner: str, rule: str) -> None:
    found = ownership(subject)
    assert (found.owner.value, found.rule) == (owner, rule)


def test_every_rule_names_its_source() -> None:
    assert all(rule.source for rule in RULES)
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_every_owner_but_an_unknown_one_can_sign() -> None:
    assert sorted([*SIGNERS, Owner.UNKNOWN]) == sorted(Owner)
