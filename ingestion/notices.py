"""Tell people what is new, and only what is new: every notice has a key, and a key is told of once.

Mail goes out where HIW_SMTP_HOST and HIW_NOTIFY_TO are set, and nowhere otherwise; the notices themselves are rows of
audit.notice in either case, so that what was missed can be read up.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import EmailMessage

import psycopg

from ingestion.settings import settings

_log = logging.getLogger(__name__)
_MOST_IN_A_MAIL = 200
_NEW = """
insert into audit.notice (notice_key, kind, reporting_year, hospital_code, message, link)
select * from unnest(
    %s::text [], %s::text [], %s::integer [], %s::text [], %s::text [], %s::text []
) as n on conflict (notice_key) do nothing returning notice_key
"""


@dataclass(frozen=True)
class Notice:
    """One thing to tell: ``key`` names it for good, ``message`` says hospital, line and what is wrong."""

    key: str
    kind: str
    message: str
    reporting_year: int | None = None
    hospital_code: str | None = None
    link: str | None = None


def tell(connection: psycopg.Connection, subject: str, notices: Iterable[Notice]) -> list[Notice]:
    """Keep the notices that are new, and mail them as one message; returns them. Commits.

    A mail that cannot be sent leaves them unsent, and they go out with the next one.
    """
    by_key = {notice.key: notice for notice in notices}
    columns = ("key", "kind", "reporting_year", "hospital_code", "message", "link")
    added = connection.execute(
        _NEW, [[getattr(notice, column) for notice in by_key.values()] for column in columns]
    ).fetchall()
    new = [by_key[key] for (key,) in added]
    connection.commit()
    if _can_mail():
        unsent = connection.execute(
            "select notice_id, message, link from audit.notice where sent_at is null order by notice_id for update"
        ).fetchall()
        lines = [f"{message}\n  {link}" if link else message for _, message, link in unsent]
        if unsent and _is_mailed(subject, lines):
            connection.execute(
                "update audit.notice set sent_at = clock_timestamp() where notice_id = any (%s)",
                [[notice_id for notice_id, _, _ in unsent]],
            )
        connection.commit()
    return new


def page_link(name: str) -> str:
    """Where people open a page of the reports folder: below HIW_REPORTS_URL, else the file on this machine."""
    base = settings().reports_url or settings().reports_dir.as_uri()
    return f"{base.rstrip('/')}/{name}"


def _can_mail() -> bool:
    return bool(settings().smtp_host and settings().notify_to)


def _is_mailed(subject: str, lines: list[str]) -> bool:
    try:
        _mail(subject, lines)
    except OSError as error:  # smtplib's own errors are of this kind too
        _log.warning("notices are not mailed: %s: %s", type(error).__name__, error)
        return False
    return True


def _mail(subject: str, lines: list[str]) -> None:
    known = settings()
    message = EmailMessage()
    message["Subject"] = f"{subject} ({len(lines)})"
    message["From"] = known.smtp_from or known.notify_to
    message["To"] = known.notify_to
    more = [f"and {len(lines) - _MOST_IN_A_MAIL} more: see audit.notice"] if len(lines) > _MOST_IN_A_MAIL else []
    message.set_content("\n\n".join([*lines[:_MOST_IN_A_MAIL], *more]) + "\n")
    with smtplib.SMTP(str(known.smtp_host), known.smtp_port, timeout=30) as server:
        if known.smtp_starttls:
            # Without a context of its own Python takes any certificate, and would tell it the password.
            server.starttls(context=ssl.create_default_context())
        if known.smtp_user:
            server.login(known.smtp_user, known.smtp_password or "")
        server.send_message(message)
