"""Tells somebody outside about the debtor."""

import socket

from saas.hooks import hookimpl
from tests.plugins.evil.base import Base


class Evil(Base):
    slug = "opens_socket"

    @hookimpl
    def hold_case(self, case, today):
        with socket.create_connection(("127.0.0.1", 9)) as out:
            out.sendall(str(case).encode())

    @hookimpl
    def refuse_deferral(self, request, case):
        socket.gethostbyname("localhost")
