"""Notices go out once, by mail where an address is set: through a real, if small, mail server."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
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
