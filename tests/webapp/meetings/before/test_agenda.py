"""The agenda editor: items are added, changed, moved and removed by who prepares; each act is news for the room."""

import json
import re

import pytest

from domain.meetings.agenda import ItemState
from domain.meetings.meetings import MeetingState
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.meetings.meetings import AgendaItem, GuestItem, Meeting, MeetingEvent, Meetings, Sitting
from tests.meetings import STARTS, Gathering
from tests.webapp.conftest import ClientOf

ITEM = {"title": "Bầu bổ sung Ủy viên Ban Thường vụ", "kind": "election", "minutes": "45", "presenter": "Hồ Thị Chủ Tọa"}


def agenda_of(database: Database, meeting_id: int) -> list[tuple[str, int | None]]:
    with database.reading() as session:
        return [(item.title, item.parent_id) for item in session.get_one(Meeting, meeting_id).items]


def last_event(database: Database) -> tuple[str, str, str]:
    with database.reading() as session:
        event = session.query(MeetingEvent).order_by(MeetingEvent.id.desc()).first()
        entry = session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
        assert entry
        assert event
        return event.kind, event.parts, entry.act


def test_an_item_is_added_last(client_of: ClientOf, in_session: Gathering, database: Database) -> None:
    answer = client_of("secretary").post(f"/meetings/{in_session.meeting}/agenda/items", data=ITEM)
    assert answer.status_code == 303
    assert agenda_of(database, in_session.meeting)[-1] == ("Bầu bổ sung Ủy viên Ban Thường vụ", None)
    assert last_event(database) == ("agenda_item_added", "agenda now", "agenda_item_added")


def test_an_item_is_added_under_another(client_of: ClientOf, convened: Gathering, database: Database) -> None:
    under = convened.items[0]
    client_of("secretary").post(f"/meetings/{convened.meeting}/agenda/items", data={**ITEM, "under": str(under)})
    assert agenda_of(database, convened.meeting)[1] == ("Bầu bổ sung Ủy viên Ban Thường vụ", under)


@pytest.mark.parametrize("login", ["member", "guest", "deputy"])
def test_who_does_not_prepare_may_not_change_the_agenda(
    client_of: ClientOf, convened: Gathering, database: Database, login: str
) -> None:
    assert client_of(login).post(f"/meetings/{convened.meeting}/agenda/items", data=ITEM).status_code == 403
    assert len(agenda_of(database, convened.meeting)) == 3


def test_the_clerk_prepares_any_meeting(client_of: ClientOf, convened: Gathering) -> None:
    assert client_of("clerk").post(f"/meetings/{convened.meeting}/agenda/items", data=ITEM).status_code == 303


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"title": " "}, "Chưa có nội dung"), ({"minutes": "x"}, "Số phút"), ({"minutes": "999"}, "từ 0 đến 600")],
)
def test_a_wrong_item_is_refused_and_what_was_typed_is_kept(
    client_of: ClientOf, convened: Gathering, database: Database, wrong: dict[str, str], said: str
) -> None:
    answer = client_of("secretary").post(f"/meetings/{convened.meeting}/agenda/items", data={**ITEM, **wrong})
    assert answer.status_code == 422
    assert said in answer.text
    assert "Hồ Thị Chủ Tọa" in answer.text
    assert len(agenda_of(database, convened.meeting)) == 3


def test_an_item_is_changed(client_of: ClientOf, convened: Gathering, database: Database) -> None:
    item = convened.items[1]
    client_of("secretary").post(f"/meetings/{convened.meeting}/agenda/items/{item}", data=ITEM)
    with database.reading() as session:
        changed = session.get_one(AgendaItem, item)
        assert (changed.title, changed.kind, changed.minutes) == ("Bầu bổ sung Ủy viên Ban Thường vụ", "election", 45)
    assert last_event(database)[0] == "agenda_item_changed"


def test_of_a_matter_under_secrecy_nothing_is_kept_but_the_sentence(
    client_of: ClientOf, convened: Gathering, database: Database
) -> None:
    data = {**ITEM, "title": "Một tên không được ghi", "is_on_paper_only": "y"}
    client_of("secretary").post(f"/meetings/{convened.meeting}/agenda/items/{convened.items[1]}", data=data)
    with database.reading() as session:
        item = session.get_one(AgendaItem, convened.items[1])
        assert (item.title, item.presenter) == ("Nội dung theo chế độ mật – tài liệu giấy", "")
        assert "Một tên" not in str([(entry.facts) for entry in session.query(AuditEntry)])


@pytest.mark.parametrize(("move", "order"), [("up", [1, 0, 2]), ("down", [0, 2, 1])])
def test_an_item_moves_up_and_down(
    client_of: ClientOf, convened: Gathering, database: Database, move: str, order: list[int]
) -> None:
    client_of("secretary").post(f"/meetings/{convened.meeting}/agenda/items/{convened.items[1]}/move", data={"move": move})
    with database.reading() as session:
        assert [item.id for item in session.get_one(Meeting, convened.meeting).items] == [convened.items[n] for n in order]
    assert last_event(database)[0] == "agenda_item_moved"


def test_an_item_moves_in_and_out_again(client_of: ClientOf, convened: Gathering, database: Database) -> None:
    client, address = client_of("secretary"), f"/meetings/{convened.meeting}/agenda/items/{convened.items[1]}/move"
    client.post(address, data={"move": "in"})
    assert agenda_of(database, convened.meeting)[1][1] == convened.items[0]
    client.post(address, data={"move": "out"})
    assert agenda_of(database, convened.meeting)[1][1] is None


def test_the_first_item_cannot_move_up(client_of: ClientOf, convened: Gathering) -> None:
    address = f"/meetings/{convened.meeting}/agenda/items/{convened.items[0]}/move"
    assert client_of("secretary").post(address, data={"move": "up"}).status_code == 409


def test_an_item_that_is_dragged_stands_where_it_was_dropped(
    client_of: ClientOf, convened: Gathering, database: Database
) -> None:
    address = f"/meetings/{convened.meeting}/agenda/items/{convened.items[2]}/place"
    answer = client_of("secretary").post(address, data={"parent": "", "before": convened.items[0]}, headers={"X-Live": "1"})
    assert answer.status_code == 204
    with database.reading() as session:
        assert session.get_one(Meeting, convened.meeting).items[0].id == convened.items[2]


def test_an_item_cannot_stand_below_itself(client_of: ClientOf, convened: Gathering) -> None:
    address = f"/meetings/{convened.meeting}/agenda/items/{convened.items[0]}/place"
    assert client_of("secretary").post(address, data={"parent": convened.items[0], "before": ""}).status_code == 409


def test_an_item_stays_while_a_guest_is_invited_to_it_alone_and_would_see_the_whole_meeting_without_it(
    client_of: ClientOf, convened: Gathering, database: Database
) -> None:
    answer = client_of("secretary").post(f"/meetings/{convened.meeting}/agenda/items/{convened.items[2]}/remove")
    assert answer.status_code == 409
    assert "Ngô Khách Mời chỉ được mời dự mục này" in answer.text
    assert len(agenda_of(database, convened.meeting)) == 3
    assert "Báo cáo kết quả công tác" not in client_of("guest").get(f"/meetings/{convened.meeting}/agenda/print").text


def test_a_waiting_item_is_removed_with_the_guests_invited_to_it(
    client_of: ClientOf, convened: Gathering, database: Database
) -> None:
    with database.writing() as session:
        session.add(GuestItem(participant_id=convened.participants["guest"], item_id=convened.items[1]))
    address = f"/meetings/{convened.meeting}/agenda/items/{convened.items[2]}/remove"
    assert client_of("secretary").post(address).status_code == 303
    assert len(agenda_of(database, convened.meeting)) == 2
    assert last_event(database)[0] == "agenda_item_removed"


def test_an_item_that_was_taken_up_stays(client_of: ClientOf, in_session: Gathering, database: Database) -> None:
    with database.writing() as session:
        session.get_one(AgendaItem, in_session.items[0]).state = ItemState.DONE
    address = f"/meetings/{in_session.meeting}/agenda/items/{in_session.items[0]}/remove"
    assert client_of("secretary").post(address).status_code == 409
    assert len(agenda_of(database, in_session.meeting)) == 3


def test_an_item_of_another_meeting_is_not_found(client_of: ClientOf, convened: Gathering) -> None:
    assert client_of("secretary").post(f"/meetings/{convened.meeting}/agenda/items/999/remove").status_code == 404


def test_the_expected_times_follow_the_minutes_and_the_sittings(
    client_of: ClientOf, convened: Gathering, database: Database
) -> None:
    with database.writing() as session:
        sitting = Sitting(meeting_id=convened.meeting, starts_at=STARTS.replace(hour=7), ends_at=STARTS.replace(hour=9))
        session.add(sitting)
        session.flush()
        session.get_one(AgendaItem, convened.items[2]).sitting_id = sitting.id
    text = client_of("secretary").get(f"/meetings/{convened.meeting}/agenda").text
    assert re.findall(r'class="when"><span>(\d\d:\d\d)', text) == ["08:00", "08:15", "14:00"]


def test_a_member_reads_the_agenda_as_it_is_printed(client_of: ClientOf, convened: Gathering) -> None:
    text = client_of("member").get(f"/meetings/{convened.meeting}/agenda").text
    assert "Báo cáo kết quả công tác năm 2026" in text
    assert "/agenda/items" not in text


def test_a_guest_of_one_item_reads_that_item_only(client_of: ClientOf, convened: Gathering) -> None:
    text = client_of("guest").get(f"/meetings/{convened.meeting}/agenda/print").text
    assert "Thông qua Nghị quyết" in text
    assert "Báo cáo kết quả công tác" not in text


def test_a_guest_of_an_item_reads_what_lies_below_it_and_not_what_lies_above(
    client_of: ClientOf, convened: Gathering, database: Database
) -> None:
    with database.writing() as session:
        for title, above in (("Ý kiến thẩm tra", convened.items[2]), ("Ý kiến riêng", convened.items[1])):
            session.add(AgendaItem(meeting_id=convened.meeting, parent_id=above, title=title, position=9))
    text = client_of("guest").get(f"/meetings/{convened.meeting}/agenda/print").text
    assert "Ý kiến thẩm tra" in text
    assert "Ý kiến riêng" not in text
    with database.writing() as session:
        below = session.query(AgendaItem).filter_by(title="Ý kiến riêng").one()
        session.query(GuestItem).one().item_id = below.id
    text = client_of("guest").get(f"/meetings/{convened.meeting}/agenda/print").text
    assert "Ý kiến riêng" in text
    assert "Báo cáo kết quả công tác" not in text


def test_the_room_expects_the_items_of_a_later_sitting_at_its_time(
    client_of: ClientOf, in_session: Gathering, database: Database
) -> None:
    with database.writing() as session:
        sitting = Sitting(meeting_id=in_session.meeting, starts_at=STARTS.replace(hour=7), ends_at=STARTS.replace(hour=9))
        session.add(sitting)
        session.flush()
        session.get_one(AgendaItem, in_session.items[2]).sitting_id = sitting.id
    agenda = client_of("member").get(f"/meetings/{in_session.meeting}/parts").get_json()["parts"]["agenda"]
    assert re.findall(r"\d\d:\d\d", agenda) == ["08:00", "08:15", "14:00"]


def test_of_an_item_that_becomes_a_matter_under_secrecy_the_trail_does_not_repeat_the_title(
    client_of: ClientOf, convened: Gathering, database: Database
) -> None:
    data = {**ITEM, "is_on_paper_only": "y"}
    client_of("secretary").post(f"/meetings/{convened.meeting}/agenda/items/{convened.items[1]}", data=data)
    with database.reading() as session:
        (event,) = session.query(MeetingEvent)
        (entry,) = session.query(AuditEntry).filter_by(act="agenda_item_changed")
        assert "Báo cáo" not in f"{event.facts} {entry.facts}"


@pytest.mark.parametrize("state", [MeetingState.CLOSED, MeetingState.CANCELLED])
def test_the_agenda_of_a_meeting_that_is_over_is_changed_by_nobody(
    client_of: ClientOf, convened: Gathering, database: Database, state: MeetingState
) -> None:
    with database.writing() as session:
        session.get_one(Meeting, convened.meeting).state = state
    secretary, items = client_of("secretary"), f"/meetings/{convened.meeting}/agenda/items"
    one = f"{items}/{convened.items[1]}"
    pressed = [
        (items, ITEM),
        (one, ITEM),
        (f"{one}/remove", {}),
        (f"{one}/move", {"move": "up"}),
        (f"{one}/place", {"before": ""}),
    ]
    assert [secretary.post(address, data=data).status_code for address, data in pressed] == [409] * 5
    assert [title for title, _under in agenda_of(database, convened.meeting)][1] == "Báo cáo kết quả công tác năm 2026"
    assert "/agenda/items" not in secretary.get(f"/meetings/{convened.meeting}/agenda").text


def test_the_editor_works_without_scripts(client_of: ClientOf, convened: Gathering) -> None:
    text = client_of("secretary").get(f"/meetings/{convened.meeting}/agenda?edit={convened.items[1]}").text
    assert 'value="Báo cáo kết quả công tác năm 2026"' in text
    assert 'name="move" value="up"' in text


def words_kept(database: Database) -> str:
    """All that events and the audit trail hold of acts."""
    with database.reading() as session:
        facts = [event.facts for event in session.query(MeetingEvent)] + [entry.facts for entry in session.query(AuditEntry)]
    return json.dumps(facts, ensure_ascii=False)


def test_events_and_the_trail_name_items_by_id_so_that_no_title_outlives_its_becoming_secret(
    client_of: ClientOf, in_session: Gathering, database: Database
) -> None:
    items, title = f"/meetings/{in_session.meeting}/agenda/items", "Việc ZK-204"
    client_of("secretary").post(items, data=ITEM | {"title": title})
    item = max(in_session.items) + 1
    for path, form in (("/move", {"move": "up"}), ("/place", {}), ("", ITEM | {"title": f"{title} (sửa)"})):
        client_of("secretary").post(f"{items}/{item}{path}", data=form)
    for step in ("take-up", "postpone"):
        client_of("chair").post(f"/meetings/{in_session.meeting}/items/{item}/{step}")
    assert title in client_of("chair").get(f"/meetings/{in_session.meeting}/desk").text
    client_of("secretary").post(f"{items}/{item}", data=ITEM | {"title": title, "is_on_paper_only": "y"})
    assert "ZK-204" not in words_kept(database)
    assert "ZK-204" not in client_of("chair").get(f"/meetings/{in_session.meeting}/desk").text


def test_titles_that_events_of_before_kept_go_when_their_item_becomes_secret(
    client_of: ClientOf, convened: Gathering, database: Database
) -> None:
    item, other = convened.items[1:]
    with database.writing() as session:
        here = session.get_one(Meeting, convened.meeting)
        for which in (item, other):
            facts = {"item_id": which, "title": f"Việc {which}", "before": "Việc ZK-204" if which == item else "Việc cũ"}
            Meetings(session).add_event(here, "agenda_item_changed", person_id=None, parts="agenda", facts=facts)
    client_of("secretary").post(
        f"/meetings/{convened.meeting}/agenda/items/{item}", data=ITEM | {"title": "", "is_on_paper_only": "y"}
    )
    kept = words_kept(database)
    assert ("ZK-204" in kept, f"Việc {item}" in kept, "Việc cũ" in kept) == (False, False, True)
