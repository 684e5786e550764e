"""A serving certificate with its key, and the authority that signed it.

Each certificate has an authority of its own, whose key is thrown away at once: nobody can sign a
second one.  It refuses to know where pairs are kept and when they are changed.
"""

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAME: Final = "modelmonitor-webhook"
SKEW_SECONDS: Final = 300
"""By how much the clock of an API server may be behind: a pair begins so long before it is made."""

_Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Pair:
    """All texts are PEM; `hosts` are the names and addresses that the certificate is good for."""

    authority: bytes
    certificate: bytes
    key: bytes
    made: datetime
    ends: datetime
    hosts: frozenset[str]


def new_pair(hosts: Collection[str], now: datetime, valid_seconds: int) -> Pair:
    """Good from now on, for so long; key: P-256."""
    period = (now - timedelta(seconds=SKEW_SECONDS), now + timedelta(seconds=valid_seconds))
    signing, serving = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _authority(signing, period)
    certificate = _certificate(sorted(hosts), serving, (authority, signing), period)
    return read_pair(_pem(authority), _pem(certificate), _key_pem(serving))


def read_pair(authority: bytes, certificate: bytes, key: bytes) -> Pair:
    """From PEM; ValueError where a text is none, or the key is another's."""
    read = x509.load_pem_x509_certificate(certificate)
    x509.load_pem_x509_certificate(authority)
    if serialization.load_pem_private_key(key, None).public_key() != read.public_key():
        raise ValueError("the key is not the certificate's")
    begins = read.not_valid_before_utc
    made = begins + timedelta(seconds=SKEW_SECONDS)
    return Pair(authority, certificate, key, made, read.not_valid_after_utc, _hosts(read))


def certificate_period(certificate: bytes) -> tuple[datetime, datetime]:
    """When it begins and ends; ValueError where it is no PEM."""
    read = x509.load_pem_x509_certificate(certificate)
    return read.not_valid_before_utc, read.not_valid_after_utc


def _authority(key: _Key, period: tuple[datetime, datetime]) -> x509.Certificate:
    usage = _usage(signs_certificates=True)
    return (
        _begun(f"{NAME}-ca", key, period)
        .issuer_name(_name(f"{NAME}-ca"))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )


def _certificate(
    hosts: Collection[str],
    key: _Key,
    signer: tuple[x509.Certificate, _Key],
    period: tuple[datetime, datetime],
) -> x509.Certificate:
    authority, signing = signer
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key())
    names = x509.SubjectAlternativeName([_host(one) for one in hosts])
    return (
        _begun(NAME, key, period)
        .issuer_name(authority.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(issuer, critical=False)
        .add_extension(names, critical=False)
        .sign(signing, hashes.SHA256())
    )


def _begun(name: str, key: _Key, period: tuple[datetime, datetime]) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(period[0])
        .not_valid_after(period[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _hosts(certificate: x509.Certificate) -> frozenset[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset()
    addresses = (str(one) for one in found.get_values_for_type(x509.IPAddress))
    return frozenset((*found.get_values_for_type(x509.DNSName), *addresses))


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: _Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
