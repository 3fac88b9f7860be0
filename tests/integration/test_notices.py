"""Notices go out once, by mail where an address is set: through a real, if small, mail server."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from small_servers import MailServer, serving

from ingestion.notices import Notice, tell
from ingestion.settings import settings

pytestmark = pytest.mark.integration

NEW = Notice(
    "finding 1", "finding", "H15004 4.1 手术人数 2020: 不一致", 2020, "H15004", "http://reports/2020/index.html"
)


@pytest.fixture
def mail(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    with serving(MailServer()) as server:
        monkeypatch.setenv("HIW_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("HIW_SMTP_PORT", str(server.server_address[1]))
        monkeypatch.setenv("HIW_NOTIFY_TO", "duty@example.org")
        settings.cache_clear()
        yield server
    settings.cache_clear()


def test_what_is_known_is_not_told_again(warehouse: psycopg.Connection, mail: MailServer) -> None:
    assert tell(warehouse, "New findings", [NEW, NEW]) == [NEW]
    assert tell(warehouse, "New findings", [NEW]) == []
    (message,) = mail.messages
    assert "Subject: New findings (1)" in message
    assert "To: duty@example.org" in message
    assert warehouse.execute("select count(*) from audit.notice where sent_at is null").fetchone() == (0,)


def test_a_mail_server_that_is_down_delays_a_notice_only(
    warehouse: psycopg.Connection, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = Notice("late_run x", "late_run", "ingest_submissions x takes too long")
    monkeypatch.setenv("HIW_SMTP_PORT", "9")
    settings.cache_clear()
    assert tell(warehouse, "Too long", [late]) == [late]
    assert mail.messages == []
    monkeypatch.setenv("HIW_SMTP_PORT", str(mail.server_address[1]))
    settings.cache_clear()
    assert tell(warehouse, "New findings", []) == []
    (message,) = mail.messages
    assert "takes too long" in message


def test_mail_over_tls_goes_to_a_server_with_a_trusted_certificate_only(
    warehouse: psycopg.Connection, mail: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path)
    mail.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    mail.tls.load_cert_chain(certificate)
    monkeypatch.setenv("HIW_SMTP_STARTTLS", "true")
    settings.cache_clear()
    notice = Notice("late_run y", "late_run", "ingest_submissions y takes too long")
    assert tell(warehouse, "Too long", [notice]) == [notice]
    assert mail.messages == [], "nobody vouches for the server: it is told nothing"
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert tell(warehouse, "Too long", []) == []
    (message,) = mail.messages
    assert "takes too long" in message


def self_signed(folder: Path) -> Path:
    """Key and certificate of 127.0.0.1 in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)
    )
    return path
