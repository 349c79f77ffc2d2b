"""Digital signatures of the demo: some directives as PDFs that a person and the organisation really signed, with certificates on trial.

The chain is made when the demo is loaded, its keys are forgotten at once, and every name in it says that it is a trial. Its root is written
into a folder of the installation that nothing trusts but `khonggiay run --demo`.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.directives.directives import Direction
from domain.directives.evidence import EvidenceKind, facts_of_pdf
from domain.directives.issuance import Channel
from domain.ground.clock import now
from domain.people.units import UnitKind
from storage.directives.evidence import Evidence, record
from storage.directives.files import Sender, keep
from storage.directives.issuing import keep_file
from storage.directives.outgoing import OutgoingDocument
from storage.directives.signatures import signatures_of_all
from storage.ground.database import Database
from storage.ground.objects import Objects
from storage.ground.settings import Settings
from storage.people.people import People
from storage.people.units import Unit
from webapp.directives.outgoing.paper import paper_of
from webapp.ground.printing.pdf import to_pdf

_ROOT = "Gốc THỬ NGHIỆM, không có giá trị pháp lý"
_TRIAL = "thử nghiệm"  # a common name has room for 64 bytes
_CLERK = "vanthu"
_CONTENT = "Văn bản mẫu, {abstract}.\nCác đơn vị căn cứ tình hình thực tế để triển khai và báo cáo kết quả về Văn phòng."
_DAYS = 3650


def roots_of(settings: Settings) -> Path:
    """The folder of the roots that only the demo trusts."""
    return settings.data_dir / "demo-roots"


def sign_directives(settings: Settings, database: Database, objects: Objects) -> None:
    """Sign the last directive of each month that the province sent through this system; what is signed already stays as it is."""
    with database.reading() as session, session.no_autoflush:
        clerk = People(session).named(_CLERK)
        papers = {one.id: (one.written_number, one.signer, one.unit.name, _pdf_of(one)) for one in _to_be_signed(session)}
        session.expunge_all()
    if not papers:
        return
    authority = _Authority()
    authority.write_root(roots_of(settings))
    with ThreadPoolExecutor(1) as apart:  # signing begins a loop of its own
        signed = list(apart.map(lambda one: authority.signed(*one[1:]), papers.values()))
    found = [facts_of_pdf(signatures) for signatures in signatures_of_all(signed, roots_of(settings))]
    for (outgoing_id, (number, *_rest)), pdf, facts in zip(papers.items(), signed, found, strict=True):
        name = f"{number.replace('/', '-')}.pdf"
        key = keep(database, objects, pdf, name, Sender(clerk))
        with database.writing() as session:
            outgoing = session.get_one(OutgoingDocument, outgoing_id)
            outgoing.content = _CONTENT.format(abstract=outgoing.abstract)
            keep_file(outgoing, key, name)
            record(session, outgoing, EvidenceKind.PDF, facts=facts, sha256=key, name=name, by=clerk)


def _to_be_signed(session: Session) -> Sequence[OutgoingDocument]:
    sent = (
        select(OutgoingDocument)
        .join(OutgoingDocument.unit)
        .where(Unit.kind == UnitKind.PROVINCE, OutgoingDocument.channel == Channel.SYSTEM)
        .where(OutgoingDocument.direction == Direction.DOWN)
        .order_by(OutgoingDocument.dated, OutgoingDocument.id)
    )
    last = {(one.dated.year, one.dated.month): one for one in session.scalars(sent) if one.dated}
    signed = set(session.scalars(select(Evidence.outgoing_id).where(Evidence.kind == EvidenceKind.PDF)))
    return [one for one in last.values() if one.id not in signed]


def _pdf_of(outgoing: OutgoingDocument) -> bytes:
    outgoing.content = _CONTENT.format(abstract=outgoing.abstract)
    return to_pdf(paper_of(outgoing))


class _Authority:
    """A root on trial, by which a person and an organisation sign."""

    def __init__(self) -> None:
        self._key, self._start = ec.generate_private_key(ec.SECP256R1()), now() - timedelta(days=365)
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _ROOT)])
        self._root = self._certificate(self._name, self._key.public_key(), is_root=True)

    def write_root(self, folder: Path) -> None:
        """Put the root into the folder, beside those of former trials."""
        folder.mkdir(parents=True, exist_ok=True)
        written = folder / f"goc-thu-nghiem-{self._root.serial_number:x}.pem"
        written.write_bytes(self._root.public_bytes(serialization.Encoding.PEM))

    def signed(self, person: str, organisation: str, pdf: bytes) -> bytes:
        """The PDF, signed by both."""
        by_person = self._sign(pdf, "ChuKyCaNhan", f"{person} ({_TRIAL})", organisation, "CCCD:000000000000")
        return self._sign(by_person, "ChuKyCoQuan", f"{organisation} ({_TRIAL})", organisation, "MST:0000000000")

    def _sign(self, pdf: bytes, field: str, name: str, organisation: str, number: str) -> bytes:
        from asn1crypto.keys import PrivateKeyInfo
        from asn1crypto.x509 import Certificate
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
        from pyhanko_certvalidator.registry import SimpleCertificateStore

        key = ec.generate_private_key(ec.SECP256R1())
        parts = (NameOID.COMMON_NAME, name), (NameOID.ORGANIZATION_NAME, organisation), (NameOID.USER_ID, number)
        subject = x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])
        leaf = self._certificate(subject, key.public_key(), is_root=False).public_bytes(serialization.Encoding.DER)
        form = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        root = Certificate.load(self._root.public_bytes(serialization.Encoding.DER))
        store = SimpleCertificateStore.from_certs([root])
        signer = SimpleSigner(Certificate.load(leaf), PrivateKeyInfo.load(key.private_bytes(*form)), store)
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        about = PdfSignatureMetadata(field_name=field, md_algorithm="sha256")
        made: BytesIO = PdfSigner(about, signer=signer).sign_pdf(writer)
        return made.getvalue()

    def _certificate(self, subject: x509.Name, public: ec.EllipticCurvePublicKey, *, is_root: bool) -> x509.Certificate:
        usage = x509.KeyUsage(
            digital_signature=not is_root, content_commitment=not is_root, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=is_root, crl_sign=is_root, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._start)
            .not_valid_after(self._end)
            .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
            .add_extension(usage, critical=True)
        )
        return builder.sign(self._key, hashes.SHA256())

    @property
    def _end(self) -> datetime:
        return self._start + timedelta(days=_DAYS)
