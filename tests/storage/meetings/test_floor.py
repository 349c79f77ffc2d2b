"""The floor as records: requests that arrive once, one speech at a time, time on absolute clocks."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from domain.ground import clock
from domain.ground.errors import NotFound, StepNotAllowed
from domain.meetings.agenda import ItemState
from domain.meetings.meetings import MeetingState
from domain.meetings.speaking import FloorRefused, SpeechKind, SpeechState
from storage.ground.database import Database
from storage.meetings.floor import Asking, Floor, Speech
from storage.meetings.meetings import Meeting, Meetings, Participant
from tests.cast import gather
from tests.meetings import Gathering, gather_meeting

NINE = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
FIVE_MINUTES = timedelta(minutes=5)


OnFloor = Callable[[Callable[[Floor, dict[str, Participant]], Any]], Any]


@pytest.fixture(autouse=True)
def nine(database: Database) -> Iterator[None]:
    clock.fix(NINE)
    yield
    clock.fix(None)


@pytest.fixture
def gathering(database: Database) -> Gathering:
    gathering = gather_meeting(database, gather(database), state=MeetingState.OPEN)
    with database.writing() as session:
        Meetings(session).get(gathering.meeting).items[0].state = ItemState.ON_FLOOR
    return gathering


@pytest.fixture
def floor(database: Database, gathering: Gathering) -> OnFloor:
    """Do something with the floor in a session of its own, which is committed."""

    def do(what: Callable[[Floor, dict[str, Participant]], Any]) -> Any:
        with database.writing() as session:
            meeting = Meetings(session).get(gathering.meeting)
            return what(Floor(session, meeting), {one.person.login: one for one in meeting.participants})

    return do


def ask(floor: OnFloor, login: str, **asking: Any) -> int:
    return floor(lambda f, people: f.ask(people[login], Asking(**asking))[0].id)


def names(floor: OnFloor) -> list[str]:
    return floor(lambda f, _people: [speech.participant.person.login for speech in f.waiting()])


def id_of(speech: Speech | None) -> int | None:
    return speech.id if speech else None


def pass_(seconds: int) -> None:
    clock.fix(clock.now() + timedelta(seconds=seconds))


def test_people_wait_in_the_order_of_asking_with_points_of_order_first(floor: OnFloor) -> None:
    ask(floor, "member")
    ask(floor, "delegate")
    ask(floor, "deputy", kind=SpeechKind.POINT_OF_ORDER)
    assert names(floor) == ["deputy", "member", "delegate"]


def test_the_same_request_of_a_device_arrives_once_even_after_the_speech(floor: OnFloor) -> None:
    first = ask(floor, "member", client_id="a")
    floor(lambda f, _: f.call(f.get(first), FIVE_MINUTES))
    floor(lambda f, _: f.end(f.get(first)))
    assert ask(floor, "member", client_id="a") == first
    assert names(floor) == []


def test_who_asks_twice_stands_in_the_list_once(floor: OnFloor) -> None:
    assert ask(floor, "member", client_id="a") == ask(floor, "member", client_id="b")
    assert names(floor) == ["member"]


def test_two_people_may_have_chosen_the_same_id(floor: OnFloor) -> None:
    assert ask(floor, "member", client_id="a") != ask(floor, "delegate", client_id="a")


def test_when_the_button_was_pressed_is_kept_and_changes_no_order(floor: OnFloor, database: Database) -> None:
    ask(floor, "member")
    late = ask(floor, "delegate", client_id="queued", pressed_at=NINE - timedelta(minutes=3))
    assert names(floor) == ["member", "delegate"]
    with database.reading() as session:
        assert session.get_one(Speech, late).pressed_at == datetime(2026, 11, 25, 1, 57, tzinfo=UTC)


def test_the_chair_moves_a_request_up_and_down(floor: OnFloor) -> None:
    ask(floor, "member")
    second = ask(floor, "delegate")
    assert floor(lambda f, _: f.move(f.get(second), is_up=True))
    assert names(floor) == ["delegate", "member"]
    assert not floor(lambda f, _: f.move(f.get(second), is_up=True))


def test_requests_lapse_with_their_item_and_questions_wait_on(floor: OnFloor, database: Database, gathering: Gathering) -> None:
    ask(floor, "member")
    ask(floor, "delegate", kind=SpeechKind.QUESTION)
    with database.writing() as session:
        items = Meetings(session).get(gathering.meeting).items
        items[0].state = ItemState.DONE
        session.flush()
        items[1].state = ItemState.ON_FLOOR
    assert names(floor) == []
    assert floor(lambda f, _: [speech.participant.person.login for speech in f.questions()]) == ["delegate"]


def test_a_speech_counts_down_pauses_and_is_given_a_minute_more(floor: OnFloor) -> None:
    one = ask(floor, "member")
    floor(lambda f, _: f.call(f.get(one), FIVE_MINUTES))
    assert floor(lambda f, _: f.get(one).ends_ms) == 1795572300000  # 9:05 there
    pass_(120)
    floor(lambda f, _: f.pause(f.get(one)))
    pass_(600)
    assert floor(lambda f, _: (f.get(one).ends_ms, f.get(one).left_ms)) == (None, 180_000)
    floor(lambda f, _: f.extend(f.get(one)))
    floor(lambda f, _: f.resume(f.get(one)))
    pass_(300)
    assert floor(lambda f, _: f.get(one).left_ms) == -60_000
    floor(lambda f, _: f.end(f.get(one)))
    assert floor(lambda f, people: f.spoken()[people["member"].id]) == timedelta(seconds=420)


def test_calling_the_next_ends_the_speech_before(floor: OnFloor) -> None:
    first, second = ask(floor, "member"), ask(floor, "delegate")
    floor(lambda f, _: f.call(f.get(first), FIVE_MINUTES))
    assert floor(lambda f, _: id_of(f.call(f.get(second), FIVE_MINUTES))) == first
    assert floor(lambda f, _: (f.get(first).state, id_of(f.speaking()))) == (SpeechState.ENDED, second)


def test_a_point_of_order_interrupts_a_speech_that_then_goes_on(floor: OnFloor) -> None:
    first, urgent = ask(floor, "member"), ask(floor, "delegate", kind=SpeechKind.POINT_OF_ORDER)
    floor(lambda f, _: f.call(f.get(first), FIVE_MINUTES))
    pass_(60)
    floor(lambda f, _: f.call(f.get(urgent), FIVE_MINUTES))
    assert floor(lambda f, _: (id_of(f.paused()), id_of(f.speaking()))) == (first, urgent)
    with pytest.raises(FloorRefused):
        floor(lambda f, _: f.resume(f.get(first)))
    floor(lambda f, _: f.end(f.get(urgent)))
    floor(lambda f, _: f.resume(f.get(first)))
    assert floor(lambda f, _: (id_of(f.speaking()), f.get(first).left_ms)) == (first, 240_000)


def test_a_point_of_order_is_no_speaking_time(floor: OnFloor) -> None:
    urgent = ask(floor, "delegate", kind=SpeechKind.POINT_OF_ORDER)
    floor(lambda f, _: f.call(f.get(urgent), FIVE_MINUTES))
    pass_(180)
    floor(lambda f, _: f.end(f.get(urgent)))
    assert floor(lambda f, _: f.spoken()) == {}


def test_the_database_knows_one_speaker_at_a_time(floor: OnFloor, database: Database) -> None:
    first, second = ask(floor, "member"), ask(floor, "delegate")
    floor(lambda f, _: f.call(f.get(first), FIVE_MINUTES))
    with pytest.raises(IntegrityError), database.writing() as session:
        session.get_one(Speech, second).state = SpeechState.SPEAKING


def test_a_withdrawn_request_waits_no_more_and_is_not_called(floor: OnFloor) -> None:
    one = ask(floor, "member")
    floor(lambda f, _: f.withdraw(f.get(one)))
    assert names(floor) == []
    with pytest.raises(StepNotAllowed):
        floor(lambda f, _: f.call(f.get(one), FIVE_MINUTES))


def test_a_speech_of_another_meeting_is_not_found(floor: OnFloor, database: Database) -> None:
    one = ask(floor, "member")
    with database.writing() as session:
        another = Meeting(title="Họp Ban Thường vụ", starts_at=NINE, ends_at=NINE)
        session.add(another)
        session.flush()
        with pytest.raises(NotFound):
            Floor(session, another).get(one)
