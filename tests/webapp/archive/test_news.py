from webapp.archive.news import Rooms


def test_the_first_look_at_a_room_is_no_news() -> None:
    rooms = Rooms()
    rooms.enter("ledger", "a")
    assert [rooms.has_changed("ledger", state) for state in (1, 1, 2, 2)] == [False, False, True, False]


def test_a_room_is_forgotten_with_its_last_listener() -> None:
    rooms = Rooms()
    rooms.enter("ledger", "a")
    rooms.enter("ledger", "b")
    rooms.leave("a")
    assert rooms.names() == ["ledger"]
    rooms.leave("b")
    assert rooms.names() == []
