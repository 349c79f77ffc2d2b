"""Digital signatures of PDFs through pyHanko: signing with the organisation's key, and finding what a file bears.

All run in the sandbox: a foreign file is parsed there, and a key is never held by the program that serves pages. The only module
that knows pyHanko. Nothing is fetched from any network but time stamps of our own statements, from the authority of the settings; so
revocation is not looked up, and the page says so.
"""

import asyncio
import hashlib
import logging
import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from domain.directives.signatures import Change, Signature, SigningUnavailable
from domain.ground.errors import FileRefused
from domain.ground.files import Refusal
from storage.ground.sandbox import believing_nothing, read_made, run_limited
from storage.ground.walls import Files

_HERE = "storage.directives.signatures"
_CPU_S, _MEMORY_BYTES = 30, 1024**3
_LARGEST_STAMP, _PATIENCE_S = 1 << 20, 30  # bytes of an authority\'s answer, and seconds until it comes
_POINTS_A_MM = 72 / 25.4
BOX_MM = (118, 276, 195, 293)  # box 14 of NĐ 30: the top right corner of the first page, above the text
FIELD = "ChuKySoCoQuan"
_LONGEST, _MOST = 300, 40  # of an attribute in the name of a certificate, in characters; and how many attributes


def sign(pdf: bytes, *, key: Path, password: str, stamp: bytes, reason: str) -> bytes:
    """The PDF with a PAdES signature; `stamp`, a PDF of one page, is what is seen of it. Raises SigningUnavailable, and FileRefused
    for a PDF that cannot be signed."""
    with _files(pdf, stamp) as (source, picture):
        try:
            _called("sign_file", [source, picture, str(key.absolute()), password, reason], Files([key], [Path(source).parent]))
        except FileRefused as refused:
            if refused.reason == Refusal.CRASHED and refused.detail:  # of the key; all else is said of the file
                raise SigningUnavailable("expired" if refused.detail == "expired" else "unreadable") from refused
            raise
        return read_made(Path(source))


def sign_statement(statement: bytes, *, key: Path, password: str) -> bytes:
    """A detached CMS signature of the statement, DER; raises SigningUnavailable."""
    with _files(statement) as (source,):
        try:
            _called("sign_beside", [source, str(key.absolute()), password], Files([source, key], [Path(source).parent]))
        except FileRefused as refused:
            raise SigningUnavailable("expired" if refused.detail == "expired" else "unreadable") from refused
        return read_made(Path(source + ".p7s"))


def time_stamp(statement: bytes, url: str) -> bytes:
    """The answer of the time-stamping authority about the statement (RFC 3161, DER), once it was found to be about it.

    Raises OSError where the authority cannot be reached, FileRefused for any other answer.
    """
    digest = hashlib.sha256(statement).hexdigest()
    question, nonce = _called("question_of", [digest], Files())
    headers = {"Content-Type": "application/timestamp-query"}
    with urlopen(Request(url, bytes.fromhex(question), headers), timeout=_PATIENCE_S) as answer:  # noqa: S310 - http(s), by the settings
        answered = bytes(answer.read(_LARGEST_STAMP))
    with _files(answered) as (source,):
        _called("check_answer", [source, digest, nonce], Files([source]))
    return answered


def signer_of(key: Path, password: str) -> str:
    """The name in the certificate of the key; raises SigningUnavailable."""
    try:
        return str(_called("name_of_key", [str(key.absolute()), password], Files([key])))
    except FileRefused as refused:
        raise SigningUnavailable("expired" if refused.detail == "expired" else "unreadable") from refused


def signatures_of(pdf: bytes, roots: Path | None) -> list[Signature]:
    """The signatures in a PDF, judged by the certificates in the folder `roots`; raises FileRefused for what is no whole PDF."""
    return signatures_of_all([pdf], roots)[0]


def signatures_of_all(pdfs: Sequence[bytes], roots: Path | None) -> list[list[Signature]]:
    """`signatures_of` each of these, in one sandbox."""
    with _files(*pdfs) as sources:
        found = _called(
            "find_in_files", [sources, str(roots.absolute()) if roots else ""], Files([*sources, *([roots] if roots else [])])
        )
    with believing_nothing():
        return [[_signature(one) for one in signatures] for signatures in found]


def _called(function: str, args: Sequence[Any], files: Files) -> Any:
    return run_limited(f"{_HERE}:{function}", args, cpu_s=_CPU_S, memory_bytes=_MEMORY_BYTES, files=files)


def _signature(found: dict[str, Any]) -> Signature:
    """What came out of the sandbox, as a value."""
    return Signature(
        signer=str(found["signer"]),
        issuer=str(found["issuer"]),
        at=_moment(found["at"]),
        valid_until=datetime.fromisoformat(found["valid_until"]),
        is_intact=Change(found["change"]) in (Change.NONE, Change.SIGNED_AGAIN),
        is_trusted=bool(found["is_trusted"]),
        valid_from=_moment(found["valid_from"]),
        stamped_at=_moment(found["stamped_at"]),
        change=Change(found["change"]),
        subject={str(name): str(value) for name, value in found["subject"].items()},
        chain=tuple(str(name) for name in found["chain"]),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


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
    page = ImportedPdfPage(stamp)
    style = StaticStampStyle(background=page, border_width=0, background_opacity=1)
    try:
        source = IncrementalPdfFileWriter(open(path, "rb"), strict=False)  # noqa: SIM115 - read until the end below
        signed = PdfSigner(about, signer=signer, stamp_style=style, new_field_spec=field).sign_pdf(source)
    except MemoryError:
        raise
    except Exception as error:  # a file that other readers open may have this one raise anything
        raise FileRefused(Refusal.TRUNCATED) from error
    Path(path).write_bytes(signed.getvalue())


def sign_beside(path: str, key: str, password: str) -> None:
    """Write the detached signature of the file beside it."""
    signer = _signer(key, password)
    signed = asyncio.run(signer.async_sign_general_data(Path(path).read_bytes(), "sha256", detached=True))
    Path(path + ".p7s").write_bytes(signed.dump())


def question_of(digest: str) -> tuple[str, str]:
    """A question for a time-stamping authority about a SHA-256, and its nonce; both in hexadecimal digits."""
    from asn1crypto import tsp

    nonce = secrets.randbits(63)
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": bytes.fromhex(digest)}
    question = tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "nonce": nonce, "cert_req": True})
    return question.dump().hex(), f"{nonce:x}"


def check_answer(path: str, digest: str, nonce: str) -> None:
    """Whether a time stamp was granted, of that SHA-256 and to that question; raises FileRefused."""
    from asn1crypto.tsp import TimeStampResp

    try:
        answer = TimeStampResp.load(Path(path).read_bytes(), strict=True)
        granted = answer["status"]["status"].native in ("granted", "granted_with_mods")
        said = answer["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed if granted else None
    except (ValueError, KeyError, TypeError) as error:
        raise FileRefused(Refusal.TRUNCATED) from error
    if (
        said is None
        or said["message_imprint"]["hashed_message"].native.hex() != digest
        or said["nonce"].native != int(nonce, 16)
    ):
        raise FileRefused(Refusal.CRASHED, "another stamp")


def find_in_files(paths: list[str], roots: str) -> list[list[dict[str, Any]]]:
    """The signatures of each file as JSON values."""
    return [find_in_file(path, roots) for path in paths]


def find_in_file(path: str, roots: str) -> list[dict[str, Any]]:
    """The signatures of the file as JSON values."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # that a foreign chain fails is an answer, and no event
    trusted = _certificates(roots)
    with open(path, "rb") as stream:
        try:
            reader = PdfFileReader(stream, strict=False)
            if reader.encrypted:
                raise FileRefused(Refusal.ENCRYPTED)
            embedded = list(reader.embedded_signatures)
            return [_found(one, trusted) for one in embedded]
        except (FileRefused, MemoryError):
            raise
        except Exception as error:  # a hostile file has a parser raise anything
            raise FileRefused(Refusal.TRUNCATED) from error


def _signer(key: str, password: str) -> Any:
    from pyhanko.sign.signers import SimpleSigner

    signer = SimpleSigner.load_pkcs12(key, passphrase=password.encode())
    if signer is None or signer.signing_cert is None:
        raise FileRefused(Refusal.CRASHED, "unreadable")
    if signer.signing_cert.not_valid_after < datetime.now(signer.signing_cert.not_valid_after.tzinfo):
        raise FileRefused(Refusal.CRASHED, "expired")
    return signer


def _found(embedded: Any, roots: list[Any]) -> dict[str, Any]:
    """What one signature is: what became of the bytes that were signed, and whether its chain held on the day of signing."""
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    certificate, at = embedded.signer_cert, embedded.self_reported_timestamp
    held_on = min(certificate.not_valid_after, max(certificate.not_valid_before, at or certificate.not_valid_before))
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=held_on, best_signature_time=held_on)
    status = validate_pdf_signature(embedded, signer_validation_context=context, diff_policy=_policy())
    stamp = status.timestamp_validity
    return {
        "signer": _common_name(certificate.subject),
        "issuer": _common_name(certificate.issuer),
        "at": at.isoformat() if at else None,
        "stamped_at": stamp.timestamp.isoformat() if stamp and stamp.valid and stamp.intact and stamp.trusted else None,
        "valid_from": certificate.not_valid_before.isoformat(),
        "valid_until": certificate.not_valid_after.isoformat(),
        "change": _change(status),
        "is_trusted": bool(status.trusted),
        "subject": _attributes(certificate.subject),
        "chain": [_common_name(one.subject) for one in status.validation_path] if status.validation_path else [],
    }


@cache
def _policy() -> Any:
    """What may come after a signature: further signatures, time stamps and what proves them; nobody fills in fields any more."""
    from pyhanko.sign import diff_analysis

    diff: Any = diff_analysis  # its types are not given
    late = diff.ModificationLevel.LTA_UPDATES
    rules = (
        diff.DocInfoRule(),
        diff.XrefStreamRule(),
        diff.ObjectStreamRule(),
        diff.DSSCompareRule(),
        diff.MetadataUpdateRule(),
    )
    fields = diff.FormUpdatingRule(field_rules=[diff.SigFieldCreationRule(), diff.SigFieldModificationRule()])
    return diff.StandardDiffPolicy([diff.CatalogModificationRule(), *(rule.as_qualified(late) for rule in rules)], fields)


def _change(status: Any) -> Change:
    """What stands in the file beyond what was signed."""
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    if not (status.intact and status.valid):
        return Change.BROKEN
    if status.docmdp_ok is False:
        return Change.NOT_ALLOWED
    if status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return Change.NONE
    level = status.modification_level
    return Change.SIGNED_AGAIN if level is not None and level <= ModificationLevel.FORM_FILLING else Change.NOT_ALLOWED


def _certificates(folder: str) -> list[Any]:
    from pyhanko.keys import load_certs_from_pemder

    files = sorted(path for path in Path(folder).iterdir() if path.suffix in (".pem", ".crt", ".cer")) if folder else []
    return list(load_certs_from_pemder([str(path) for path in files]))


def _common_name(name: Any) -> str:
    native = name.native
    said = native.get("common_name") or native.get("organization_name") or name.human_friendly
    return str(said if isinstance(said, str) else said[0])


def _attributes(name: Any) -> dict[str, str]:
    """The attributes of a name, cut where no true one would be so long; several values of one are joined."""
    values = {str(kind): value if isinstance(value, list) else [value] for kind, value in name.native.items()}
    return {kind[:_LONGEST]: "; ".join(str(part) for part in parts)[:_LONGEST] for kind, parts in list(values.items())[:_MOST]}
