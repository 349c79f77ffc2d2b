import re
from typing import Any

import pytest

from domain.indicators.indicators import Op, Source
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.indicators.plans import Plans, seed_plan
from tests.cast import Cast
from tests.webapp.conftest import ClientOf

PLAN = {
    "code": "KH-2031", "name": "Kế hoạch chuyển đổi số đến năm 2035", "valid_from": "2031-01-01", "due_days": "10", "remind_days": "5",
}  # fmt: skip
INDICATOR = {
    "code": "CT15", "name": "Hồ sơ được ký số", "op": "ge", "source": "reported", "numerator": "hồ sơ ký số", "denominator": "mọi hồ sơ",
    "is_bounded": "y", "reporters": ["upper", "direct"], "targets-0-year": "2031", "targets-0-percent": "62,5",
    "targets-0-sentence": "62,5% hồ sơ được ký số", "targets-1-year": "", "milestones-0-name": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def plan(database: Database, cast: Cast) -> int:
    with database.writing() as session:
        seed_plan(session)
        session.flush()
        return Plans(session).all()[0].id


def entries(database: Database) -> list[tuple[str, dict[str, Any]]]:
    with database.reading() as session:
        return [(entry.act, entry.facts) for entry in session.query(AuditEntry) if entry.act.startswith(("plan", "indicator"))]


def test_everybody_with_a_role_reads_the_plan_and_only_the_province_office_changes_it(client_of: ClientOf, plan: int) -> None:
    page = client_of("member").get(f"/indicators/plans/{plan}").text
    assert "từ 60 % trở lên" in page
    assert "Thêm chỉ tiêu" not in page
    assert "Thêm chỉ tiêu" in client_of("clerk").get(f"/indicators/plans/{plan}").text
    assert client_of("member").get(f"/indicators/plans/{plan}/edit").status_code == 403
    assert client_of("unit_clerk").get(f"/indicators/plans/{plan}/edit").status_code == 403
    assert client_of("unit_clerk").post("/indicators/plans/new", data=PLAN).status_code == 404
    assert client_of("stranger").get(f"/indicators/plans/{plan}").status_code == 403


def test_a_new_plan_with_an_indicator_and_a_target_is_made_without_code(client_of: ClientOf, database: Database) -> None:
    address = client_of("clerk").post("/indicators/plans/new", data=PLAN).location
    assert client_of("clerk").post(f"{address}/indicators/new", data=INDICATOR).status_code == 303
    with database.reading() as session:
        made = Plans(session).find("KH-2031")
        assert made
        one = made.indicator("CT15")
        assert [(target.year, target.hundredths, target.sentence) for target in one.targets] == [
            (2031, 6250, "62,5% hồ sơ được ký số")
        ]
        assert (one.op, one.source, one.reporter_names) == (Op.GE, Source.REPORTED, ["direct", "upper"])
    assert "từ 62,5 % trở lên" in client_of("clerk").get(address).text
    assert [act for act, _facts in entries(database)] == ["plan_created", "indicator_created"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"numerator": ""}, "Hãy ghi tử số và mẫu số là gì"),
        ({"reporters": []}, "Hãy chọn ít nhất một loại đơn vị báo cáo."),
        ({"targets-0-percent": "120"}, "Mục tiêu không đúng."),
        ({"targets-0-year": "31"}, "Năm không đúng."),
        ({"targets-1-year": "2031", "targets-1-percent": "70"}, "Mỗi năm chỉ có một mục tiêu."),
        ({"source": "system"}, "Nguồn số liệu này không dùng được"),
        ({"op": "milestone"}, "Hãy ghi ít nhất một mốc."),
        ({"code": "CT05"}, "Mã này đã có."),
    ],
)
def test_a_wrong_indicator_is_said_and_what_was_typed_is_kept(
    client_of: ClientOf, plan: int, more: dict[str, Any], said: str
) -> None:
    answer = client_of("clerk").post(f"/indicators/plans/{plan}/indicators/new", data=INDICATOR | more)
    assert answer.status_code == 422
    assert said in answer.text
    assert "Hồ sơ được ký số" in answer.text


def test_a_milestone_rests_on_what_units_report_or_on_facts_of_the_system(
    client_of: ClientOf, database: Database, plan: int
) -> None:
    data = INDICATOR | {"op": "milestone", "source": "system", "milestones-0-name": "Phòng họp", "targets-0-percent": ""}
    refused = client_of("clerk").post(f"/indicators/plans/{plan}/indicators/new", data=data)
    assert "mọi dòng phải chọn số liệu" in refused.text
    kept = client_of("clerk").post(
        f"/indicators/plans/{plan}/indicators/new", data=data | {"milestones-0-fact": "paperless_meetings"}
    )
    assert kept.status_code == 303
    with database.reading() as session:
        one = Plans(session).get(plan).indicator("CT15")
        assert [(part.name, part.fact) for part in one.milestones] == [("Phòng họp", "paperless_meetings")]
        assert one.targets[0].hundredths is None


def test_a_changed_target_stands_in_the_trail_with_what_it_was(client_of: ClientOf, database: Database, plan: int) -> None:
    with database.reading() as session:
        one = Plans(session).get(plan).indicator("CT10")
        address = f"/indicators/plans/{plan}/indicators/{one.id}/edit"
    assert 'value="CT10"' in client_of("clerk").get(address).text
    data = INDICATOR | {
        "code": "CT10",
        "source": "register",
        "targets-0-year": "2025",
        "targets-0-percent": "65",
        "revision": "1",
    }
    assert client_of("clerk").post(address, data=data).status_code == 303
    act, facts = entries(database)[-1]
    assert act == "indicator_changed"
    assert (facts["targets_before"], facts["targets_after"]) == ({"2025": 6000}, {"2025": 6500})


def test_a_plan_is_copied_to_become_another(client_of: ClientOf, database: Database, plan: int) -> None:
    data = {"code": "KH-2031", "name": "Kế hoạch mới"}
    assert client_of("clerk").post(f"/indicators/plans/{plan}/copy", data=data).status_code == 303
    again = client_of("clerk").post(f"/indicators/plans/{plan}/copy", data=data)
    assert again.status_code == 422
    assert "Mã này đã có." in again.text
    with database.reading() as session:
        made = Plans(session).find("KH-2031")
        assert made
        assert len(made.indicators) == 15


def test_a_plan_that_somebody_else_has_changed_is_not_written_over(client_of: ClientOf, database: Database, plan: int) -> None:
    data = PLAN | {"code": "KH-NQ05", "revision": "1"}
    assert client_of("clerk").post(f"/indicators/plans/{plan}/edit", data=data).status_code == 303
    answer = client_of("clerk").post(f"/indicators/plans/{plan}/edit", data=data | {"name": "Tên tôi vừa gõ"})
    assert answer.status_code == 409
    assert "Người khác vừa sửa kế hoạch này nên bản của bạn chưa được lưu" in answer.text
    assert 'value="Tên tôi vừa gõ"' in answer.text
    again = data | {"name": "Tên tôi vừa gõ", "revision": re.findall(r'name="revision" value="(\d+)"', answer.text)[0]}
    assert client_of("clerk").post(f"/indicators/plans/{plan}/edit", data=again).status_code == 303


def test_an_indicator_that_somebody_else_has_changed_is_not_written_over(
    client_of: ClientOf, database: Database, plan: int
) -> None:
    with database.reading() as session:
        one = Plans(session).get(plan).indicator("CT10").id
    address = f"/indicators/plans/{plan}/indicators/{one}/edit"
    data = INDICATOR | {"code": "CT10", "revision": "1"}
    assert client_of("clerk").post(address, data=data).status_code == 303
    answer = client_of("clerk").post(address, data=data | {"name": "Tên tôi vừa gõ"})
    assert answer.status_code == 409
    assert 'value="Tên tôi vừa gõ"' in answer.text
    with database.reading() as session:
        assert Plans(session).get(plan).indicator("CT10").name != "Tên tôi vừa gõ"


def test_an_indicator_nobody_reported_can_be_removed(client_of: ClientOf, database: Database, plan: int) -> None:
    with database.reading() as session:
        one = Plans(session).get(plan).indicator("CT14").id
    assert client_of("clerk").post(f"/indicators/plans/{plan}/indicators/{one}/remove").status_code == 303
    assert entries(database)[-1] == ("indicator_removed", {"code": "CT14"})
