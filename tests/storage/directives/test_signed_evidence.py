"""What really signed PDFs prove of a document's issue: signed by test chains, found in the sandbox, weighed by the rules."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from domain.directives.evidence import EvidenceKind, Reason, facts_of_pdf, proof_of, reasons_of
from domain.directives.signatures import Change
from domain.ground.errors import FileRefused
from domain.ground.official_papers import Header, OfficialPaper, Paragraph, Title
from storage.directives.signatures import signatures_of
from tests.signing import BODY, ORGANISATION, PERSON, Authority
from webapp.ground.printing.pdf import to_pdf


@pytest.fixture(scope="module")
def pdf() -> bytes:
    blocks = Header("TỔNG LIÊN ĐOÀN", "LIÊN ĐOÀN", "Số: 05/KH-LĐLĐ"), Title("KẾ HOẠCH", "Công tác"), Paragraph("Nội dung.")
    return to_pdf(OfficialPaper("Kế hoạch", blocks))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def judged(content: bytes, authority: Authority) -> tuple[str, list[Reason], list[str]]:
    """The proven level, why, and what each signature is worth."""
    facts = facts_of_pdf(signatures_of(content, authority.roots))
    pieces = [(EvidenceKind.PDF, facts)]
    return proof_of(pieces).level().code, reasons_of(pieces), [one["worth"] for one in facts["signatures"]]


def test_a_person_and_then_the_organisation_make_an_original(pdf: bytes, authority: Authority) -> None:
    signed = authority.signs(authority.signs(pdf, PERSON), BODY)
    assert judged(signed, authority) == ("L3", [Reason.BY_BOTH, Reason.NOT_EXCHANGED], ["proves", "proves"])
    first, second = signatures_of(signed, authority.roots)
    assert (first.change, second.change) == (Change.SIGNED_AGAIN, Change.NONE)
    assert (first.ownership.owner.value, first.ownership.rule) == ("person", "personal_number")
    assert (second.ownership.owner.value, second.ownership.rule) == ("organisation", "organisation_number")
    assert second.chain == ("Gốc thử nghiệm", "Nơi cấp thử nghiệm", ORGANISATION)


def test_the_organisation_alone_makes_a_signed_copy(pdf: bytes, authority: Authority) -> None:
    assert judged(authority.signs(pdf, BODY), authority) == ("L2", [Reason.BY_ORGANISATION], ["proves"])


def test_a_person_alone_proves_no_more_than_a_copy(pdf: bytes, authority: Authority) -> None:
    assert judged(authority.signs(pdf, PERSON), authority) == ("L1", [Reason.BY_PERSON], ["proves"])


def test_an_unsigned_file_is_a_copy(pdf: bytes, authority: Authority) -> None:
    assert judged(pdf, authority) == ("L1", [Reason.FILE_SEEN, Reason.BY_NOBODY], [])


def test_a_byte_changed_after_signing_refutes(pdf: bytes, authority: Authority) -> None:
    signed = authority.signs(authority.signs(pdf, PERSON), BODY)
    place = signed.index(b"/Title")
    level, why, worths = judged(signed[:place] + b"/Titel" + signed[place + 6 :], authority)
    assert (level, why, worths) == ("L1", [Reason.REFUTED], ["broken", "broken"])


def test_a_note_added_after_signing_refutes(pdf: bytes, authority: Authority) -> None:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(BytesIO(authority.signs(authority.signs(pdf, PERSON), BODY)))
    page = writer.find_page_for_modification(0)[0].get_object()
    page["/Rotate"] = generic.NumberObject(90)
    writer.mark_update(page.container_ref)
    out = BytesIO()
    writer.write(out)
    assert judged(out.getvalue(), authority) == ("L1", [Reason.REFUTED], ["changed_after", "changed_after"])


def test_a_signature_made_after_the_certificate_ran_out_proves_nothing(pdf: bytes, authority: Authority) -> None:
    old = authority.signs(authority.signs(pdf, PERSON, since_days=20, days=10), BODY)
    assert judged(old, authority) == ("L2", [Reason.BY_ORGANISATION], ["not_in_time", "proves"])


def test_a_certificate_that_ran_out_since_takes_nothing_from_its_signature(pdf: bytes, authority: Authority) -> None:
    (found,) = signatures_of(authority.signs(pdf, BODY, days=2), authority.roots)
    assert found.state(datetime.now(UTC) + timedelta(days=10)).value == "expired"
    assert facts_of_pdf([found])["by_organisation"]


def test_an_unknown_root_proves_nothing(pdf: bytes, authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path)
    signed = other.signs(other.signs(pdf, PERSON), BODY)
    assert judged(signed, authority) == ("L1", [Reason.FILE_SEEN, Reason.BY_NOBODY], ["unknown_root", "unknown_root"])


def test_a_certificate_that_says_not_whose_it_is_proves_nothing(pdf: bytes, authority: Authority) -> None:
    from cryptography.x509.oid import NameOID

    signed = authority.signs(pdf, {NameOID.COMMON_NAME: "Nguyễn Văn A"})
    assert judged(signed, authority) == ("L1", [Reason.FILE_SEEN, Reason.BY_NOBODY], ["unknown_owner"])


def test_a_time_stamp_below_our_roots_is_the_better_clock(pdf: bytes, authority: Authority) -> None:
    (found,) = signatures_of(authority.signs(pdf, BODY, stamped=True), authority.roots)
    assert found.stamped_at is not None
    assert found.moment == found.stamped_at
    assert abs((found.stamped_at - datetime.now(UTC)).total_seconds()) < 60


def test_a_time_stamp_of_strangers_is_none(pdf: bytes, authority: Authority, tmp_path: Path) -> None:
    (found,) = signatures_of(Authority(tmp_path).signs(pdf, BODY, stamped=True), authority.roots)
    assert found.stamped_at is None


def test_two_files_with_one_signature_each_make_no_original(pdf: bytes, authority: Authority) -> None:
    pieces = [
        (EvidenceKind.PDF, facts_of_pdf(signatures_of(authority.signs(pdf, name), authority.roots))) for name in (PERSON, BODY)
    ]
    assert proof_of(pieces).level().code == "L2"


def hostile(signed: bytes) -> dict[str, bytes]:
    locked = BytesIO()
    with pikepdf.new() as empty:
        empty.add_blank_page()
        empty.save(locked, encryption=pikepdf.Encryption(owner="a", user="b"))
    loop = signed + b"\nstartxref\n" + str(len(signed) + 1).encode() + b"\n%%EOF"
    deep = b"%PDF-1.7\n1 0 obj\n" + b"[" * 200_000 + b"]" * 200_000 + b"\nendobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF"
    return {
        "cut": signed[: len(signed) // 2], "locked": locked.getvalue(), "loop": loop, "deep": deep,
        "prev to itself": b"%PDF-1.4\nxref\n0 1\n0000000000 65535 f \ntrailer<</Prev 9 /Size 1>>\nstartxref\n9\n%%EOF",
    }  # fmt: skip


def test_a_hostile_file_is_refused_and_nothing_falls_over(pdf: bytes, authority: Authority) -> None:
    for name, content in hostile(authority.signs(pdf, BODY)).items():
        with pytest.raises(FileRefused) as refused:
            signatures_of(content, authority.roots)
        assert refused.value.reason == ("encrypted" if name == "locked" else "truncated"), name


def test_a_bomb_in_the_cross_reference_stream_is_refused(authority: Authority) -> None:
    import zlib

    bomb = zlib.compress(b"\0" * 1_500_000_000, 9)
    head = b"%PDF-1.5\n1 0 obj<</Type/XRef/Size 9/W[1 2 1]/Filter/FlateDecode/Length " + str(len(bomb)).encode()
    content = head + b">>stream\n" + bomb + b"\nendstream\nendobj\nstartxref\n9\n%%EOF"
    with pytest.raises(FileRefused) as refused:
        signatures_of(content, authority.roots)
    assert refused.value.reason in ("out_of_memory", "timed_out", "truncated")
