"""Certificates made on the spot, for the tests that speak TLS."""

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Certificate:
    """A certificate made on the spot: the authority to trust (PEM), and the server's own chain and key."""

    authority: Path
    chain: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """The server's side of TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        return context


def make_certificate(
    folder: Path, names: tuple[str, ...] = ("localhost", "127.0.0.1"), *, ended: bool = False
) -> Certificate:
    """Make an authority and a certificate for these names, valid for a day, or until yesterday."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = _named("Test authority")
    until = datetime.now(UTC) + timedelta(days=1)
    root = _unsigned(root_name, root_name, root_key, until)
    root = root.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    until -= timedelta(days=2 if ended else 0)
    leaf = _unsigned(_named(names[0]), root_name, key, until).add_extension(
        x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False
    )
    certificate = Certificate(folder / "authority.pem", folder / "server.pem", folder / "server.key")
    certificate.authority.write_bytes(_pem(root.sign(root_key, hashes.SHA256())))
    certificate.chain.write_bytes(_pem(leaf.sign(root_key, hashes.SHA256())))
    certificate.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _unsigned(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - timedelta(days=2))
        .not_valid_after(until)
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
