from collections.abc import Iterator

import pytest

from domain.ground.errors import NotFound
from storage.archive.places import Catalogue, Fonds, Places, RecordFile
from storage.ground.database import Database


@pytest.fixture
def places(database: Database) -> Iterator[Places]:
    """Two fonds; the first has a catalogue with three record files."""
    with database.writing() as session:
        catalogue = Catalogue(number="01", title="Văn bản đi")
        fonds = Fonds(code="P12", name="Phông Liên đoàn Lao động tỉnh", catalogues=[catalogue])
        session.add_all([fonds, Fonds(code="P03", name="Phông Công đoàn ngành")])
        catalogue.record_files = [RecordFile(number=number, title=f"Hồ sơ {number}") for number in ("003", "001", "002")]
    with database.reading() as session:
        yield Places(session)


def found(places: Places, place: str) -> RecordFile:
    file = places.find(place)
    assert file
    return file


def test_the_place_is_written_as_on_a_slip_and_found_by_it(places: Places) -> None:
    assert [file.place for file in places.record_files()] == ["P12.01.001", "P12.01.002", "P12.01.003"]
    assert found(places, "P12.01.002").title == "Hồ sơ 002"
    assert places.find("P12.01.009") is None


def test_the_code_begins_with_the_agency_where_there_is_one(places: Places) -> None:
    record_file = found(places, "P12.01.001")
    assert record_file.code("A32.01") == "A32.01.P12.01.001"
    assert record_file.code("") == "P12.01.001"


def test_nothing_is_invented_for_a_new_record_file(places: Places) -> None:
    file = found(places, "P12.01.001")
    assert {
        file.retention,
        file.mode,
        file.language,
        file.condition,
        file.reliability,
        file.start_date,
        file.information_sign,
    } == {""}
    assert (file.sheets, file.pages, file.has_insurance_copy) == (None, None, None)


def test_fonds_come_by_code_and_files_in_portions(places: Places) -> None:
    assert [fonds.code for fonds in places.fonds()] == ["P03", "P12"]
    (catalogue,) = places.fonds()[1].catalogues
    assert [file.number for file in places.record_files_of(catalogue, limit=2, offset=1)] == ["002", "003"]
    assert places.count_record_files() == {catalogue.id: 3}


def test_a_code_is_taken_by_another_only(places: Places) -> None:
    fonds = places.fonds()[1]
    assert places.has_fonds("P12")
    assert not places.has_fonds("P12", but=fonds.id)
    assert places.has_catalogue(fonds.id, "01")
    assert not places.has_catalogue(fonds.id, "02")
    file = found(places, "P12.01.001")
    assert places.has_record_file(file.catalogue_id, "001")
    assert not places.has_record_file(file.catalogue_id, "001", but=file.id)


@pytest.mark.parametrize("get", ["get", "get_fonds", "get_catalogue"])
def test_what_does_not_exist_is_not_found(places: Places, get: str) -> None:
    with pytest.raises(NotFound):
        getattr(places, get)(99)
