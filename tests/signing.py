"""Keys for tests: a root with an organisation's certificate below it, as files; and an authority by which anybody signs a PDF."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes, PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:  # pyhanko takes a second to load
    from pyhanko.sign.timestamps import DummyTimeStamper

PASSWORD = "khoa-ky-so"
ORGANISATION = "Liên đoàn Lao động tỉnh Mẫu"


@dataclass(frozen=True, slots=True)
class Keys:
    """The files of one chain."""

    pkcs12: Path
    roots: Path


def make_keys(folder: Path, *, valid_from: datetime | None = None, days: int = 365) -> Keys:
    """A chain of its own below `folder`; the certificate holds from that moment (yesterday) for so many days."""
    start = valid_from or datetime.now(UTC) - timedelta(days=1)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, name = _name("Gốc thử nghiệm"), _name(ORGANISATION)
    root = _certificate(root_name, root_name, root_key.public_key(), root_key, start - timedelta(days=1), 3650, is_root=True)
    leaf = _certificate(name, root_name, key.public_key(), root_key, start, days, is_root=False)
    roots = folder / "roots"
    roots.mkdir(parents=True, exist_ok=True)
    (roots / "goc.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    packed = pkcs12.serialize_key_and_certificates(
        b"ky so", key, leaf, [root], serialization.BestAvailableEncryption(PASSWORD.encode())
    )
    (folder / "khoa.p12").write_bytes(packed)
    return Keys(folder / "khoa.p12", roots)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    public: CertificatePublicKeyTypes,
    signing: ec.EllipticCurvePrivateKey,
    start: datetime,
    days: int,
    *,
    is_root: bool,
    extra: tuple[x509.ExtensionType, bool] | None = None,
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=not is_root, content_commitment=not is_root, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=is_root, crl_sign=is_root, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(usage, critical=True)
    )
    return (builder.add_extension(*extra) if extra else builder).sign(signing, hashes.SHA256())


PERSON = {
    NameOID.COMMON_NAME: "Nguyễn Văn A", NameOID.ORGANIZATION_NAME: ORGANISATION, NameOID.TITLE: "Chủ tịch",
    NameOID.USER_ID: "CCCD:052080000001", NameOID.COUNTRY_NAME: "VN",
}  # fmt: skip
BODY = {
    NameOID.COMMON_NAME: ORGANISATION, NameOID.ORGANIZATION_NAME: ORGANISATION, NameOID.USER_ID: "MST:4100000001",
    NameOID.COUNTRY_NAME: "VN",
}  # fmt: skip


class Authority:
    """A root, an authority below it, and below that whoever signs. `roots` is a folder with the root alone."""

    def __init__(self, folder: Path) -> None:
        start = datetime.now(UTC) - timedelta(days=1000)
        root_key, self._key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root_name, self._name = _name("Gốc thử nghiệm"), _name("Nơi cấp thử nghiệm")
        root = _certificate(root_name, root_name, root_key.public_key(), root_key, start, 3650, is_root=True)
        below = _certificate(self._name, root_name, self._key.public_key(), root_key, start, 3600, is_root=True)
        self._above = [_as_asn1(below), _as_asn1(root)]
        self.roots = folder / "roots"
        self.roots.mkdir(parents=True)
        (self.roots / "goc.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))

    def signs(
        self,
        pdf: bytes,
        subject: dict[x509.ObjectIdentifier, str],
        *,
        since_days: int = 1,
        days: int = 365,
        stamped: bool = False,
        knows_root: bool = True,
    ) -> bytes:
        """The PDF with one more signature, by whoever bears the name, whose certificate holds since then for so many days."""
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
        from pyhanko_certvalidator.registry import SimpleCertificateStore

        start = datetime.now(UTC) - timedelta(days=since_days)
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(kind, value) for kind, value in subject.items()])
        leaf = _as_asn1(_certificate(name, self._name, key.public_key(), self._key, start, days, is_root=False))
        store = SimpleCertificateStore.from_certs(self._above if knows_root else self._above[:1])
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        count = len(list(writer.prev.embedded_signatures))
        about = PdfSignatureMetadata(field_name=f"ChuKy{count + 1}", md_algorithm="sha256")
        signer = SimpleSigner(leaf, _packed(key), store)
        stamper = self.stamper() if stamped else None
        with ThreadPoolExecutor() as apart:  # signing begins a loop of its own, and Playwright's may run in this thread
            signed = apart.submit(PdfSigner(about, signer=signer, timestamper=stamper).sign_pdf, writer).result()
        return BytesIO(signed.getbuffer()).getvalue()

    def stamper(self) -> "DummyTimeStamper":
        """Whoever stamps times below the authority."""
        from pyhanko.sign.timestamps import DummyTimeStamper
        from pyhanko_certvalidator.registry import SimpleCertificateStore

        key = rsa.generate_private_key(65537, 2048)
        start = datetime.now(UTC) - timedelta(days=1)
        stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True
        certificate = _certificate(
            _name("Dấu thời gian thử nghiệm"), self._name, key.public_key(), self._key, start, 30, is_root=False, extra=stamping
        )
        return DummyTimeStamper(
            _as_asn1(certificate), _packed(key), certs_to_embed=SimpleCertificateStore.from_certs(self._above)
        )


def _packed(key: PrivateKeyTypes) -> PrivateKeyInfo:
    form = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return PrivateKeyInfo.load(key.private_bytes(*form))


def _as_asn1(certificate: x509.Certificate) -> Certificate:
    return Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
