"""Servers that keep what they are sent: a mail server, and a collector of OpenTelemetry's metrics."""

from __future__ import annotations

import http.server
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

S = TypeVar("S", bound=socketserver.TCPServer)


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as one message needs, over TLS where ``tls`` is set, and keeps the messages."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.tls: ssl.SSLContext | None = None
        self.messages: list[str] = []


class Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, MailServer)
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            command = line.upper().split()[0]
            if command == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                body = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.messages.append(body.decode())
            if command == b"STARTTLS" and self.server.tls:
                self.wfile.write(b"220 go on\r\n")
                try:
                    self.request = self.server.tls.wrap_socket(self.request, server_side=True)
                except OSError:  # who asks does not trust us
                    return
                self.setup()
                continue
            answers = {b"QUIT": b"221 bye\r\n", b"EHLO": b"250-here\r\n250 STARTTLS\r\n"}
            self.wfile.write(answers.get(command, b"250 fine\r\n"))


class Collector(http.server.ThreadingHTTPServer):
    """Takes metrics in as OTLP over HTTP, and keeps their names."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Export)
        self.names: set[str] = set()


class Export(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        told = ExportMetricsServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        assert isinstance(self.server, Collector)
        self.server.names |= {m.name for r in told.resource_metrics for s in r.scope_metrics for m in s.metrics}
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the names are what is looked at."""


@contextmanager
def serving(server: S) -> Iterator[S]:
    """A server in a thread of its own, until the context ends."""
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
