"""Signing a PDF and finding out what the signatures in one are worth."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pytest

from domain.directives.signatures import SignatureState, SigningUnavailable, verdict
from domain.ground.errors import FileRefused
from domain.ground.official_papers import Header, OfficialPaper, Paragraph, Title
from storage.directives.signatures import sign, signatures_of, signer_of
from tests.signing import ORGANISATION, PASSWORD, Keys, make_keys
from webapp.ground.printing.pdf import stamp, to_pdf

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def pdf() -> bytes:
    blocks = Header("TỔNG LIÊN ĐOÀN", "LIÊN ĐOÀN", "Số: 05/BB-BCH"), Title("BIÊN BẢN", "Hội nghị"), Paragraph("Nội dung.")
    return to_pdf(OfficialPaper("Biên bản", blocks))


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def signed(pdf: bytes, keys: Keys) -> bytes:
    picture = stamp(["Ký bởi: Liên đoàn"], width_mm=77, height_mm=17)
    return sign(pdf, key=keys.pkcs12, password=PASSWORD, stamp=picture, reason="Biên bản đã khóa")


def worth(content: bytes, roots: Path | None, moment: datetime = NOW) -> SignatureState:
    return verdict(signatures_of(content, roots), moment)


def test_what_was_signed_is_intact_and_says_by_whom(signed: bytes, pdf: bytes, keys: Keys) -> None:
    (found,) = signatures_of(signed, keys.roots)
    assert (found.signer, found.issuer) == (ORGANISATION, "Gốc thử nghiệm")
    assert worth(signed, keys.roots) is SignatureState.INTACT
    assert signed.startswith(pdf), "what was there stays as it was; the signature is added after it"


def test_the_signature_says_when_it_was_made(pdf: bytes, keys: Keys) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    content = sign(pdf, key=keys.pkcs12, password=PASSWORD, stamp=stamp(["Ký"], width_mm=77, height_mm=17), reason="Biên bản")
    (found,) = signatures_of(content, keys.roots)
    assert found.at is not None
    assert before <= found.at <= datetime.now(UTC)


def test_a_changed_letter_is_found(signed: bytes, keys: Keys) -> None:
    place = signed.index(b"/Title")
    changed = signed[:place] + b"/Titel" + signed[place + 6 :]
    assert worth(changed, keys.roots) is SignatureState.ALTERED


def test_a_signer_below_no_root_of_ours_is_unknown(signed: bytes, tmp_path: Path) -> None:
    assert worth(signed, make_keys(tmp_path).roots) is SignatureState.UNKNOWN_ROOT
    assert worth(signed, None) is SignatureState.UNKNOWN_ROOT


def test_a_certificate_that_no_longer_holds_is_said_to_be_expired(signed: bytes, keys: Keys) -> None:
    assert worth(signed, keys.roots, NOW + timedelta(days=400)) is SignatureState.EXPIRED


def test_a_file_without_a_signature_is_unsigned(pdf: bytes, keys: Keys) -> None:
    assert worth(pdf, keys.roots) is SignatureState.UNSIGNED


@pytest.mark.parametrize("content", [b"%PDF-1.7 cut", b"no pdf at all", b""])
def test_what_is_no_whole_pdf_is_refused(content: bytes, keys: Keys) -> None:
    with pytest.raises(FileRefused):
        signatures_of(content, keys.roots)


def test_a_pdf_that_a_viewer_mends_and_the_signer_does_not_read_is_refused_with_its_reason(pdf: bytes, keys: Keys) -> None:
    without_table = pdf[: pdf.rindex(b"startxref")] + b"startxref\n99999999\n%%EOF\n"
    with pikepdf.open(io.BytesIO(without_table)) as mended:
        assert len(mended.pages) == 1
    picture = stamp(["Ký"], width_mm=77, height_mm=17)
    with pytest.raises(FileRefused):
        sign(without_table, key=keys.pkcs12, password=PASSWORD, stamp=picture, reason="Biên bản")


def test_a_wrong_password_a_missing_file_and_an_expired_key_sign_nothing(pdf: bytes, keys: Keys, tmp_path: Path) -> None:
    old = make_keys(tmp_path, valid_from=NOW - timedelta(days=20), days=10)
    for key, password, problem in (
        (keys.pkcs12, "sai", "unreadable"),
        (tmp_path / "khong-co.p12", PASSWORD, "unreadable"),
        (old.pkcs12, PASSWORD, "expired"),
    ):
        with pytest.raises(SigningUnavailable) as refused:
            sign(pdf, key=key, password=password, stamp=b"", reason="")
        assert refused.value.problem == problem


def test_the_name_in_the_certificate_is_known_before_signing(keys: Keys) -> None:
    assert signer_of(keys.pkcs12, PASSWORD) == ORGANISATION
