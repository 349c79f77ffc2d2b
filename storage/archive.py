"""The archival place of papers: fonds, catalogue, record file, with the fields of TT 05/2025 that belong to a place."""

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from domain.errors import NotFound
from storage.database import Base


class Fonds(Base):
    """Phông: all the papers of one body."""

    __tablename__ = "fonds"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    history: Mapped[str] = mapped_column(default="")
    years: Mapped[str] = mapped_column(default="")  # ArchivesTime, free text such as 1989-2025

    catalogues: Mapped[list["Catalogue"]] = relationship(back_populates="fonds", order_by="Catalogue.number")


class Catalogue(Base):
    """Mục lục: one list of the record files of a fonds."""

    __tablename__ = "catalogues"
    __table_args__ = (UniqueConstraint("fonds_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fonds_id: Mapped[int] = mapped_column(ForeignKey("fonds.id"), index=True)
    number: Mapped[str]
    title: Mapped[str] = mapped_column(default="")

    fonds: Mapped[Fonds] = relationship(back_populates="catalogues")
    record_files: Mapped[list["RecordFile"]] = relationship(back_populates="catalogue", order_by="RecordFile.number")


class RecordFile(Base):
    """Hồ sơ: the papers of one matter. Values that are not on the paper stay empty; none is invented (domain D.3)."""

    __tablename__ = "record_files"
    __table_args__ = (UniqueConstraint("catalogue_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
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

    @property
    def place(self) -> str:
        """The place as written on a slip: fonds code . catalogue . file."""
        return f"{self.catalogue.fonds.code}.{self.catalogue.number}.{self.number}"


class Places:
    """All places."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def fonds(self) -> list[Fonds]:
        """Every fonds, by code."""
        return list(self.session.scalars(select(Fonds).order_by(Fonds.code)))

    def record_files(self) -> list[RecordFile]:
        """Every record file, by place."""
        placed = select(RecordFile).join(Catalogue).join(Fonds)
        return list(self.session.scalars(placed.order_by(Fonds.code, Catalogue.number, RecordFile.number)))

    def get(self, record_file_id: int) -> RecordFile:
        """The record file; raises NotFound."""
        record_file = self.session.get(RecordFile, record_file_id)
        if record_file is None:
            raise NotFound("record_file", record_file_id)
        return record_file

    def find(self, place: str) -> RecordFile | None:
        """The record file of a place as `RecordFile.place` writes it, or None."""
        return next((file for file in self.record_files() if file.place == place), None)
