"""A certificate authority for one fleet, and certificates that it gives: who holds one is of the fleet, and nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFE = timedelta(days=7)
"""How long a member's certificate is good for; what was copied and lost is worthless after it."""
AUTHORITY_LIFE = timedelta(days=90)
"""How long a fleet's authority can give new ones."""
SKEW = timedelta(hours=1)
"""How far a host's clock may be behind: certificates begin this much before they are made."""
LONGEST_NAME = 64


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """A certificate and its private key, both as PEM; whoever has the key is who the certificate names."""

    certificate: str
    key: str = field(repr=False)


def moment() -> datetime:
    """Now, in UTC: what certificates begin and end by."""
    return datetime.now(UTC)


def authority(fleet: str, now: datetime) -> Credentials:
    """A new authority that can vouch for members of one fleet and for no further authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _named(fleet)
    made = (
        _begun(name, name, key.public_key(), (now, now + AUTHORITY_LIFE))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
    )
    return _written(made.sign(key, hashes.SHA256()), key)


def issued(by: Credentials, name: str, now: datetime, addresses: Sequence[str] = ()) -> Credentials:
    """A member's certificate, for both ends of a connection; it never outlives the authority that gave it."""
    parent = x509.load_pem_x509_certificate(by.certificate.encode())
    signing = _private(by.key)
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.DNSName(one) for one in (name, *addresses)]
    both = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    made = (
        _begun(_named(name), parent.subject, key.public_key(), (now, min(now + LIFE, parent.not_valid_after_utc)))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(both), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
    )
    return _written(made.sign(signing, hashes.SHA256()), key)


def ends(certificate: str) -> datetime:
    """When a certificate ends; ValueError where the text is none."""
    return x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc


def complaint(authority_certificate: str, held: Credentials, now: datetime) -> str:
    """What is wrong with credentials for a fleet, in words that follow their owner's name; empty where nothing is."""
    try:
        parent = x509.load_pem_x509_certificate(authority_certificate.encode())
        child = x509.load_pem_x509_certificate(held.certificate.encode())
        key = _private(held.key)
    except (ValueError, TypeError):
        return "holds no certificate and key that can be read"
    if key.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    ) != child.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo):
        return "holds a key that is not its certificate's"
    try:
        child.verify_directly_issued_by(parent)
    except (ValueError, TypeError, InvalidSignature):
        return "holds a certificate of another fleet"
    if now < child.not_valid_before_utc:
        return (
            f"begins only at {child.not_valid_before_utc:%Y-%m-%d %H:%M} UTC, and this clock says {now:%Y-%m-%d %H:%M}"
        )
    if now >= child.not_valid_after_utc:
        return f"ended at {child.not_valid_after_utc:%Y-%m-%d %H:%M} UTC, and this clock says {now:%Y-%m-%d %H:%M}"
    return ""


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, span: tuple[datetime, datetime]
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(span[0] - SKEW)
        .not_valid_after(span[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:LONGEST_NAME])])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs, key_cert_sign=signs, crl_sign=signs, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _private(pem: str) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("no key of an elliptic curve")
    return key


def _written(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Credentials:
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Credentials(certificate=certificate.public_bytes(Encoding.PEM).decode(), key=private.decode())
