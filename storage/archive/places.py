"""The archival place of papers: fonds, catalogue, record file, with the fields of TT 05/2025 that belong to a place."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Select, UniqueConstraint, func, or_, select
from sqlalchemy.orm import Mapped, contains_eager, mapped_column, relationship, selectinload

from domain.ground.errors import existing
from storage.ground.database import Numbered, Records
from storage.people.searched import Candidate, Candidates, Searched, begins, searched_by


class Fonds(Searched, Numbered):
    """Phông: all the papers of one body."""

    __tablename__ = "fonds"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    history: Mapped[str] = mapped_column(default="")
    years: Mapped[str] = mapped_column(default="")  # ArchivesTime, free text such as 1989-2025

    catalogues: Mapped[list["Catalogue"]] = relationship(back_populates="fonds", order_by="Catalogue.number")

    @classmethod
    def searched_as(cls, values: Mapping[str, Any]) -> str:
        """By code and name."""
        return searched_by(values["code"], values["name"])


class Catalogue(Searched, Numbered):
    """Mục lục: one list of the record files of a fonds."""

    __tablename__ = "catalogues"
    __table_args__ = (UniqueConstraint("fonds_id", "number"),)

    fonds_id: Mapped[int] = mapped_column(ForeignKey("fonds.id"), index=True)
    number: Mapped[str]
    title: Mapped[str] = mapped_column(default="")

    fonds: Mapped[Fonds] = relationship(back_populates="catalogues")
    record_files: Mapped[list["RecordFile"]] = relationship(back_populates="catalogue", order_by="RecordFile.number")

    @classmethod
    def searched_as(cls, values: Mapping[str, Any]) -> str:
        """By number and title."""
        return searched_by(values["number"], values.get("title") or "")


class RecordFile(Searched, Numbered):
    """Hồ sơ: the papers of one matter. Values that are not on the paper stay empty; none is invented."""

    __tablename__ = "record_files"
    __table_args__ = (UniqueConstraint("catalogue_id", "number"),)

    catalogue_id: Mapped[int] = mapped_column(ForeignKey("catalogues.id"), index=True)
    number: Mapped[str]  # hồ sơ số (FileNotation)
    title: Mapped[str]
    warehouse: Mapped[str] = mapped_column(default="")
    shelf: Mapped[str] = mapped_column(default="")
    box: Mapped[str] = mapped_column(default="")
    retention: Mapped[str] = mapped_column(default="")  # code 01..07 of TT 05/2025
    mode: Mapped[str] = mapped_column(default="")  # 01 open, 02 restricted; 03 secret never enters this system
    language: Mapped[str] = mapped_column(default="")  # 01 Vietnamese, 02 another
    start_date: Mapped[str] = mapped_column(default="")  # dd/MM/yyyy, MM/yyyy or yyyy
    end_date: Mapped[str] = mapped_column(default="")
    keywords: Mapped[str] = mapped_column(default="")
    sheets: Mapped[int | None]  # numberOfPaper
    pages: Mapped[int | None]  # numberOfPage; of the papers, as counted by a person
    condition: Mapped[str] = mapped_column(default="")  # 01 good, 02 fair, 03 damaged
    reliability: Mapped[str] = mapped_column(default="")  # 01 born electronic, 02 digitised, 03 mixed
    information_sign: Mapped[str] = mapped_column(default="")  # inforSign
    has_insurance_copy: Mapped[bool | None]  # riskRecovery; None: nobody has said
    description: Mapped[str] = mapped_column(default="")

    catalogue: Mapped[Catalogue] = relationship(back_populates="record_files", lazy="joined")

    @classmethod
    def searched_as(cls, values: Mapping[str, Any]) -> str:
        """By number and title; its fonds and catalogue are searched by their own."""
        return searched_by(values["number"], values["title"])

    @property
    def place(self) -> str:
        """The place as written on a slip: fonds code . catalogue . file."""
        return f"{self.catalogue.fonds.code}.{self.catalogue.number}.{self.number}"

    def code(self, agency: str) -> str:
        """The code of the file (`arcFileCode`): that of the agency that keeps it, if it has one, and the place."""
        return f"{agency}.{self.place}" if agency else self.place


class CandidateRecordFiles(Candidates[RecordFile]):
    """Record files, by number and title and by those of their catalogue and fonds, in the order of their places."""

    model, kind = RecordFile, "record_files"

    def named(self, text: str) -> RecordFile | None:
        """The record file of a place as `RecordFile.place` writes it, or None."""
        fonds, _dot, rest = text.strip().partition(".")
        number, _dot, file = rest.partition(".")
        of_fonds = select(Catalogue.id).join(Catalogue.fonds).where(Fonds.code == fonds, Catalogue.number == number)
        return self._only(RecordFile.catalogue_id.in_(of_fonds), RecordFile.number == file)

    def shown(self, rows: Sequence[RecordFile]) -> list[Candidate]:
        """Each with its place."""
        return [
            Candidate(str(row.id), f"{row.number} – {row.title}", f"{row.place}, {row.catalogue.fonds.name}") for row in rows
        ]

    def _holds(self, syllable: str) -> ColumnElement[bool]:
        above = or_(begins(Catalogue.searched, syllable), begins(Fonds.searched, syllable))
        there = select(Catalogue.id).join(Catalogue.fonds).where(above)
        return or_(begins(RecordFile.searched, syllable), RecordFile.catalogue_id.in_(there))

    def _order(self, wanted: Sequence[str]) -> list[Any]:  # noqa: ARG002 - people's candidates need them
        place = select(Fonds.searched + Catalogue.searched).join(Catalogue.fonds)
        return [place.where(Catalogue.id == RecordFile.catalogue_id).scalar_subquery(), RecordFile.searched]


class Places(Records):
    """All places."""

    def fonds(self) -> list[Fonds]:
        """Every fonds with its catalogues, by code."""
        return list(self.session.scalars(select(Fonds).options(selectinload(Fonds.catalogues)).order_by(Fonds.code)))

    def get_fonds(self, fonds_id: int) -> Fonds:
        """The fonds; raises NotFound."""
        return existing(self.session.get(Fonds, fonds_id), "fonds", fonds_id)

    def get_catalogue(self, catalogue_id: int) -> Catalogue:
        """The catalogue; raises NotFound."""
        return existing(self.session.get(Catalogue, catalogue_id), "catalogue", catalogue_id)

    def record_files(self) -> list[RecordFile]:
        """Every record file, by place."""
        return list(self.session.scalars(_in_order()))

    def record_files_of(self, catalogue: Catalogue, *, limit: int, offset: int = 0) -> list[RecordFile]:
        """The record files of a catalogue, by number; a portion of them."""
        return list(self.session.scalars(_in_order().where(Catalogue.id == catalogue.id).limit(limit).offset(offset)))

    def count_record_files(self) -> dict[int, int]:
        """How many record files each catalogue has; one without is left out."""
        rows = select(RecordFile.catalogue_id, func.count()).group_by(RecordFile.catalogue_id)
        return {row[0]: row[1] for row in self.session.execute(rows)}

    def get(self, record_file_id: int) -> RecordFile:
        """The record file; raises NotFound."""
        return existing(self.session.get(RecordFile, record_file_id), "record_file", record_file_id)

    def find(self, place: str) -> RecordFile | None:
        """The record file of a place as `RecordFile.place` writes it, or None."""
        return next((file for file in self.record_files() if file.place == place), None)

    def has_fonds(self, code: str, *, but: int | None = None) -> bool:
        """Whether a fonds bears that code, another than `but`."""
        return self._is_there(select(Fonds.id).where(Fonds.code == code), but)

    def has_catalogue(self, fonds_id: int, number: str, *, but: int | None = None) -> bool:
        """Whether a catalogue of the fonds bears that number, another than `but`."""
        return self._is_there(select(Catalogue.id).where(Catalogue.fonds_id == fonds_id, Catalogue.number == number), but)

    def has_record_file(self, catalogue_id: int, number: str, *, but: int | None = None) -> bool:
        """Whether a record file of the catalogue bears that number, another than `but`."""
        named = select(RecordFile.id).where(RecordFile.catalogue_id == catalogue_id, RecordFile.number == number)
        return self._is_there(named, but)

    def _is_there(self, ids: Select[int], but: int | None) -> bool:
        return any(found != but for found in self.session.scalars(ids))


def _in_order() -> Select[RecordFile]:
    placed = select(RecordFile).join(RecordFile.catalogue).join(Catalogue.fonds)
    with_place = placed.options(contains_eager(RecordFile.catalogue).contains_eager(Catalogue.fonds))
    return with_place.order_by(Fonds.code, Catalogue.number, RecordFile.number)
