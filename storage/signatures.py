"""Digital signatures of PDFs through pyHanko: signing with the organisation's key, and finding what a file bears.

Both run in the sandbox: a foreign file is parsed there, and a key is never held by the program that serves pages. The only module
that knows pyHanko. Nothing is fetched from any network, so revocation is not looked up; the page says so.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.errors import FileRefused
from domain.intake import Refusal
from domain.signatures import Signature, SigningUnavailable
from storage.sandbox import run_limited

_HERE = "storage.signatures"
_TIMEOUT_S, _MEMORY_BYTES = 30, 1024**3
_POINTS_A_MM = 72 / 25.4
BOX_MM = (118, 276, 195, 293)  # box 14 of NĐ 30: the top right corner of the first page, above the text
FIELD = "ChuKySoCoQuan"


def sign(pdf: bytes, *, key: Path, password: str, stamp: bytes, reason: str) -> bytes:
    """The PDF with a PAdES signature; `stamp`, a PDF of one page, is what is seen of it. Raises SigningUnavailable."""
    with _files(pdf, stamp) as (source, picture):
        try:
            run_limited(
                f"{_HERE}:sign_file", [source, picture, str(key), password, reason], _TIMEOUT_S, memory_bytes=_MEMORY_BYTES
            )
        except FileRefused as refused:
            raise SigningUnavailable(refused.detail or "unreadable") from refused
        return Path(source).read_bytes()


def signer_of(key: Path, password: str) -> str:
    """The name in the certificate of the key; raises SigningUnavailable."""
    try:
        return str(run_limited(f"{_HERE}:name_of_key", [str(key), password], _TIMEOUT_S, memory_bytes=_MEMORY_BYTES))
    except FileRefused as refused:
        raise SigningUnavailable(refused.detail or "unreadable") from refused


def signatures_of(pdf: bytes, roots: Path | None) -> list[Signature]:
    """The signatures in a PDF, judged by the certificates in the folder `roots`; raises FileRefused for what is no whole PDF."""
    with _files(pdf) as (source,):
        found = run_limited(f"{_HERE}:find_in_file", [source, str(roots or "")], _TIMEOUT_S, memory_bytes=_MEMORY_BYTES)
    return [
        Signature(
            signer=str(one["signer"]),
            issuer=str(one["issuer"]),
            at=datetime.fromisoformat(one["at"]) if one["at"] else None,
            valid_until=datetime.fromisoformat(one["valid_until"]),
            is_intact=bool(one["is_intact"]),
            is_trusted=bool(one["is_trusted"]),
        )
        for one in found
    ]


@contextmanager
def _files(*contents: bytes) -> Iterator[list[str]]:
    """Files with these contents, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="khonggiay-") as folder:
        paths = [os.path.join(folder, str(number)) for number in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            Path(path).write_bytes(content)
        yield paths


# In the sandbox


def name_of_key(key: str, password: str) -> str:
    """The common name in the certificate of the key."""
    return _common_name(_signer(key, password).signing_cert.subject)


def sign_file(path: str, stamp: str, key: str, password: str, reason: str) -> None:
    """Sign the file in its place."""
    from pyhanko.pdf_utils.content import ImportedPdfPage
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import PdfSignatureMetadata, PdfSigner
    from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
    from pyhanko.stamp import StaticStampStyle

    signer = _signer(key, password)
    left, bottom, right, top = (round(value * _POINTS_A_MM) for value in BOX_MM)
    field = SigFieldSpec(FIELD, on_page=0, box=(left, bottom, right, top))
    about = PdfSignatureMetadata(field_name=FIELD, reason=reason, subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
    page = ImportedPdfPage(stamp)  # type: ignore[no-untyped-call]
    style = StaticStampStyle(background=page, border_width=0, background_opacity=1)
    source = IncrementalPdfFileWriter(open(path, "rb"), strict=False)  # noqa: SIM115 - read until the end below
    signed = PdfSigner(about, signer=signer, stamp_style=style, new_field_spec=field).sign_pdf(source)
    Path(path).write_bytes(signed.getvalue())


def find_in_file(path: str, roots: str) -> list[dict[str, Any]]:
    """The signatures of the file as JSON values."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    with open(path, "rb") as stream:
        try:
            reader = PdfFileReader(stream, strict=False)
            embedded = list(reader.embedded_signatures)
            return [_found(one, _certificates(roots)) for one in embedded]
        except (PdfError, ValueError, KeyError, IndexError, OSError) as error:
            raise FileRefused(Refusal.TRUNCATED) from error


def _signer(key: str, password: str) -> Any:
    from pyhanko.sign.signers import SimpleSigner

    signer = SimpleSigner.load_pkcs12(key, passphrase=password.encode())  # type: ignore[no-untyped-call]
    if signer is None or signer.signing_cert is None:
        raise FileRefused(Refusal.CRASHED, "unreadable")
    if signer.signing_cert.not_valid_after < datetime.now(signer.signing_cert.not_valid_after.tzinfo):
        raise FileRefused(Refusal.CRASHED, "expired")
    return signer


def _found(embedded: Any, roots: list[Any]) -> dict[str, Any]:
    """What one signature is: whether the bytes are those that were signed, and whether its chain held on the day of signing."""
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    certificate, at = embedded.signer_cert, embedded.self_reported_timestamp
    held_on = min(certificate.not_valid_after, max(certificate.not_valid_before, at or certificate.not_valid_before))
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=held_on, best_signature_time=held_on)
    status = validate_pdf_signature(embedded, signer_validation_context=context)
    return {
        "signer": _common_name(certificate.subject),
        "issuer": _common_name(certificate.issuer),
        "at": at.isoformat() if at else None,
        "valid_until": certificate.not_valid_after.isoformat(),
        "is_intact": bool(status.intact and status.valid and status.docmdp_ok is not False and _covers(status)),
        "is_trusted": bool(status.trusted),
    }


def _covers(status: Any) -> bool:
    """Whether nothing stands in the file beyond what was signed, but what a signed file may bear."""
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    if status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return True
    level = status.modification_level
    return level is not None and level <= ModificationLevel.LTA_UPDATES


def _certificates(folder: str) -> list[Any]:
    from pyhanko.keys import load_certs_from_pemder

    files = sorted(path for path in Path(folder).iterdir() if path.suffix in (".pem", ".crt", ".cer")) if folder else []
    return list(load_certs_from_pemder([str(path) for path in files]))  # type: ignore[no-untyped-call]


def _common_name(name: Any) -> str:
    native = name.native
    said = native.get("common_name") or native.get("organization_name") or name.human_friendly
    return str(said if isinstance(said, str) else said[0])
