"""An outside party on this machine: a real HTTP server that notes what it gets and answers as the test says."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread


@dataclass
class Outside:
    """What it heard, and what it says next (the last answer again and again)."""

    address: str = ""
    answers: list[tuple[int, bytes]] = field(default_factory=lambda: [(200, b"")])
    headers: dict[str, str] = field(default_factory=dict)
    heard: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def outside(certificate: tuple[Path, Path] | None = None) -> Iterator[Outside]:
    """The party, listening; with a certificate and its key by https."""
    party = Outside()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            party.heard.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status, answer = party.answers[0] if len(party.answers) == 1 else party.answers.pop(0)
            self.send_response(status)
            for name, value in party.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    party.address = f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield party
    server.shutdown()
    server.server_close()
