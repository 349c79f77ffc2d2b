"""Keys for tests: a root, and an organisation's certificate below it, as files."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

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


def _certificate(subject, issuer, public, signing, start, days, *, is_root):  # type: ignore[no-untyped-def]
    usage = x509.KeyUsage(
        digital_signature=not is_root, content_commitment=not is_root, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=is_root, crl_sign=is_root, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(signing, hashes.SHA256())
    )
