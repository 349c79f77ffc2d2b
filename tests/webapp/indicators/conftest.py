"""A report on indicators that has been begun, and the leader who signs it."""

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from domain.people.roles import Role
from storage.ground.database import Database
from storage.indicators.plans import Plans, seed_plan
from storage.people.people import Person, Seat, SignIns
from tests.cast import Cast
from tests.webapp.conftest import ClientOf
from webapp.ground.access import COOKIE


@pytest.fixture
def plan(database: Database, cast: Cast) -> int:
    with database.writing() as session:
        seed_plan(session)
        session.flush()
        return Plans(session).all()[0].id


@pytest.fixture
def unit_leaders(app: Flask, database: Database, cast: Cast) -> list[FlaskClient]:
    """The chair of Phù Cát, on two devices."""
    with database.writing() as session:
        leader = Person(login="unit_leader", name="Bùi Chủ Tịch", password_hash="!", roles=frozenset({Role.LEADER}))
        leader.seats = [Seat(unit_id=cast.units["CD-PHUCAT"], title="Chủ tịch", valid_from=date(2020, 1, 1))]
        session.add(leader)
        session.flush()
        token = SignIns(session).start(leader, lasting=timedelta(hours=1), address="127.0.0.1", device="test")
    devices = [app.test_client(), app.test_client()]
    for device in devices:
        device.set_cookie(COOKIE, token)
    return devices


@pytest.fixture
def unit_leader(unit_leaders: list[FlaskClient]) -> FlaskClient:
    """The chair of Phù Cát."""
    return unit_leaders[0]


@pytest.fixture
def begun(client_of: ClientOf, cast: Cast, plan: int) -> int:
    """The report of Phù Cát for the first half of 2026, begun by its clerk."""
    data = {"plan": plan, "unit": cast.units["CD-PHUCAT"], "period": "2026-H1"}
    answer = client_of("unit_clerk").post("/indicators/reports/begin", data=data)
    assert answer.status_code == 303
    return int(answer.location.rpartition("/")[2])
