"""Documents on their way: to whom one goes and what refuses that, and what is late."""

from datetime import UTC, date, datetime
from typing import Any, cast

import pytest

from domain.directives.deliveries import (
    AT_ONCE,
    DELIVERABLE,
    IN_INBOX,
    Addressee,
    AddressMissing,
    Lateness,
    PlannedDelivery,
    Reach,
    Sending,
    lateness,
    planned_deliveries,
    unread_since,
)
from domain.directives.directives import OutgoingState
from domain.directives.issuance import Channel
from domain.directives.looks import FileNotLookedThrough, Look
from domain.ground.errors import NotFound, StepNotAllowed

EIGHT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
PHU_CAT, TUY_PHUOC = 3, 4
REACH = Reach(
    Look.CLEAR, units={PHU_CAT: "LĐLĐ Phù Cát", TUY_PHUOC: "LĐLĐ Tuy Phước"}, addresses={PHU_CAT: ["a@x.vn", "b@x.vn"]}
)
OFFICE = Addressee(name="Văn phòng  Tỉnh ủy", address=" vp@tinhuy.vn ")


def planned(
    channel: Channel,
    *to: Addressee,
    state: OutgoingState = OutgoingState.ISSUED,
    reach: Reach = REACH,
    sent_at: datetime | None = None,
) -> tuple[PlannedDelivery, ...]:
    return planned_deliveries(state, Sending(channel, to, date(2026, 12, 1), sent_at), reach, at=EIGHT)


# To whom


def test_a_unit_and_somebody_outside_each_get_a_delivery() -> None:
    assert planned(Channel.POST, Addressee(PHU_CAT), OFFICE) == (
        PlannedDelivery(PHU_CAT, "", "", Channel.POST, EIGHT, date(2026, 12, 1), ()),
        PlannedDelivery(None, "Văn phòng Tỉnh ủy", "vp@tinhuy.vn", Channel.POST, EIGHT, date(2026, 12, 1), ()),
    )


def test_the_same_recipient_gets_it_once_however_it_is_written_and_as_it_was_written_first() -> None:
    other = Addressee(name="văn phòng tỉnh uỷ", address="khac@tinhuy.vn")
    once = planned(Channel.POST, Addressee(TUY_PHUOC), OFFICE, other, Addressee(PHU_CAT), Addressee(TUY_PHUOC))
    assert [(one.unit_id, one.recipient, one.address) for one in once] == [
        (TUY_PHUOC, "", ""), (None, "Văn phòng Tỉnh ủy", "vp@tinhuy.vn"), (PHU_CAT, "", ""),
    ]  # fmt: skip


def test_whoever_has_it_gets_it_no_more_even_a_unit_that_has_ended_since() -> None:
    there = Reach(Look.CLEAR, [Addressee(99), Addressee(name="VĂN PHÒNG TỈNH ỦY")], {PHU_CAT: "LĐLĐ Phù Cát"})
    assert [one.unit_id for one in planned(Channel.POST, OFFICE, Addressee(99), Addressee(PHU_CAT), reach=there)] == [PHU_CAT]


# When, and by which mail


@pytest.mark.parametrize("channel", sorted(AT_ONCE))
def test_it_went_when_the_sender_says_else_now(channel: Channel) -> None:
    assert [one.sent_at for one in planned(channel, Addressee(PHU_CAT))] == [EIGHT]
    assert [one.sent_at for one in planned(channel, Addressee(PHU_CAT), sent_at=FRIDAY)] == [FRIDAY]


def test_every_way_delivers_at_once_but_mail() -> None:
    assert sorted([*AT_ONCE, Channel.EMAIL]) == sorted(Channel)
    assert planned(Channel.EMAIL, Addressee(PHU_CAT), sent_at=FRIDAY)[0].sent_at is None
    assert planned(cast(Any, "courier"), Addressee(PHU_CAT))[0].sent_at is None


def test_a_mail_goes_to_the_address_that_was_given_else_to_those_of_the_unit() -> None:
    given = Addressee(TUY_PHUOC, address="rieng@x.vn")
    assert [one.mailed_to for one in planned(Channel.EMAIL, Addressee(PHU_CAT), given, OFFICE)] == [
        ("a@x.vn", "b@x.vn"), ("rieng@x.vn",), ("vp@tinhuy.vn",),
    ]  # fmt: skip
    assert [one.mailed_to for one in planned(Channel.SYSTEM, Addressee(PHU_CAT))] == [()]


# What refuses


@pytest.mark.parametrize("state", OutgoingState)
def test_only_what_is_signed_or_issued_is_sent(state: OutgoingState) -> None:
    if state in (OutgoingState.SIGNED, OutgoingState.ISSUED):
        assert len(planned(Channel.POST, Addressee(PHU_CAT), state=state)) == 1
    else:
        with pytest.raises(StepNotAllowed):
            planned(Channel.POST, Addressee(PHU_CAT), state=state)
    assert {OutgoingState.SIGNED, OutgoingState.ISSUED} == DELIVERABLE


def test_a_unit_finds_in_its_inbox_what_came_by_this_system_or_by_mail() -> None:
    assert {Channel.SYSTEM, Channel.EMAIL} == IN_INBOX


@pytest.mark.parametrize("channel", sorted(IN_INBOX))
@pytest.mark.parametrize("look", [Look.WAITING, Look.UNREADABLE, Look.SET_ASIDE])
def test_a_file_that_was_not_looked_through_fills_no_inbox(channel: Channel, look: Look) -> None:
    with pytest.raises(FileNotLookedThrough) as refused:
        planned(channel, Addressee(99), reach=Reach(look))
    assert refused.value.look is look
    assert planned(channel, reach=Reach(look)) == ()  # it goes to nobody
    assert len(planned(Channel.POST, OFFICE, reach=Reach(look))) == 1  # paper is not the file


def test_a_unit_that_does_not_stand_gets_nothing_and_neither_does_anybody_else() -> None:
    with pytest.raises(NotFound) as refused:
        planned(Channel.EMAIL, Addressee(name="Y"), Addressee(99))
    assert (refused.value.kind, refused.value.key) == ("unit", 99)


@pytest.mark.parametrize(
    ("one", "name"),
    [
        (Addressee(TUY_PHUOC), "LĐLĐ Tuy Phước"),
        (Addressee(name=" Ban  Dân vận"), "Ban Dân vận"),
        (Addressee(PHU_CAT, address="không phải thư"), "LĐLĐ Phù Cát"),
    ],
)
def test_a_mail_needs_an_address_and_the_refusal_names_who_has_none(one: Addressee, name: str) -> None:
    with pytest.raises(AddressMissing) as refused:
        planned(Channel.EMAIL, OFFICE, one)
    assert refused.value.recipient == name


# What is late


@pytest.mark.parametrize(
    ("today", "since"),
    [
        (date(2026, 11, 24), date(2026, 11, 22)),  # what came on Monday may still be read on Tuesday
        (date(2026, 11, 23), date(2026, 11, 19)),  # what came on Friday may still be read on Monday
        (date(2026, 11, 22), date(2026, 11, 19)),
    ],
)
def test_a_document_is_to_be_read_by_the_end_of_the_next_working_day(today: date, since: date) -> None:
    assert unread_since(today, frozenset()) == since


def test_a_holiday_is_no_working_day() -> None:
    assert unread_since(date(2026, 11, 25), frozenset({date(2026, 11, 24)})) == date(2026, 11, 22)
    assert unread_since(date(2027, 1, 4)) == date(2026, 12, 30)  # on New Year's Day, a Friday, nobody reads


SENT, DUE, TODAY = date(2026, 11, 2), date(2026, 11, 20), date(2026, 11, 21)


@pytest.mark.parametrize(
    ("is_read", "is_answered", "sent_on", "due_on", "late"),
    [
        (False, False, SENT, DUE, Lateness.ANSWERING),  # the answer is said before the reading
        (False, False, SENT, None, Lateness.READING),
        (False, True, SENT, DUE, Lateness.READING),
        (True, False, SENT, DUE, Lateness.ANSWERING),
        (True, False, SENT, TODAY, None),  # all of the due day is left
        (True, True, SENT, DUE, None),
        (True, False, SENT, None, None),
        (False, False, None, None, None),  # the mail server has not taken it
        (False, False, date(2026, 11, 20), None, None),
    ],
)
def test_the_answer_is_late_after_its_day_and_the_reading_after_the_next_working_day(
    is_read: bool, is_answered: bool, sent_on: date | None, due_on: date | None, late: Lateness | None
) -> None:
    assert lateness(is_read=is_read, is_answered=is_answered, sent_on=sent_on, due_on=due_on, today=TODAY) is late
