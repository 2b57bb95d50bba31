"""What the Digipost of a tenant can take: a bare client on as many connections as the lanes have lines together.

`python -m tests.bench.hand_over_limit TENANT LINES LETTERS`. Messages are made and signed before the clock starts,
of the very size of the tenant's letters; then each connection sends the next one and reads the answer, and that is all.
Waits for a line before each of two rounds (before the lanes and after them) and prints a line of JSON after each.
"""

import sys
from dataclasses import dataclass, replace
from hashlib import sha256
from http.client import HTTPConnection
from threading import Lock, Thread
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import sqlalchemy as sa

from plugins.digipost.agreement import Terms, terms_of
from plugins.digipost.ids import letter_id
from plugins.digipost.keys import open_key
from plugins.digipost.messages import identity_of, message
from plugins.digipost.multipart import XML, multipart
from plugins.digipost.signing import signed_headers
from saas.cases.models import Case
from saas.cases.outgoing import outgoing
from saas.cases.ways import Ways
from saas.dispatch.models import Dispatch
from saas.hooks import Account, OutgoingLetter
from saas.kernel import clock
from saas.kernel.servers import open_servers
from tenants.resolve import open_tenant
from tests.bench.letters import a_round

MESSAGES = "/messages"


@dataclass(frozen=True, slots=True)
class Ready:
    """One request as it goes out."""

    headers: dict[str, str]
    body: bytes


def a_letter_of(tenant_id: UUID) -> tuple[Account, OutgoingLetter]:
    """The tenant's agreement, and a letter it has ready."""
    with open_tenant(tenant_id) as tenant:
        row = tenant.session.scalars(sa.select(Dispatch).where(Dispatch.batch_id.is_not(None)).limit(1)).one()
        case = tenant.session.get_one(Case, (tenant_id, row.case_id))
        ways = Ways(tenant, [case], clock.now(tenant))
        return ways.accounts[row.channel], outgoing(tenant, [row], lambda _: ways.party(case))[0]


def requests(account: Account, like: OutgoingLetter, letters: int) -> list[Ready]:
    """As many requests as letters, no two the same."""
    terms, key = terms_of(account), open_key(account.secrets["certificate"], account.secrets["password"])
    made = []
    for _ in range(letters):
        name = str(uuid4())
        pdf = like.pdf + f"\n% {name}".encode()
        letter = replace(like, dispatch_id=name, pdf=pdf, sha256=sha256(pdf).hexdigest())
        body, content_type = multipart(_said(letter, terms), [(letter_id(name), "pdf", pdf)])
        signed = signed_headers(key, terms.broker_id, "POST", MESSAGES, "", body, clock.wall_now())
        made.append(Ready(signed | {"Accept": XML, "Content-Type": content_type, "MIME-Version": "1.0"}, body))
    return made


def _said(letter: OutgoingLetter, terms: Terms) -> bytes:
    identity = identity_of(letter.recipient, terms.identify_by)
    assert identity is not None
    return message(letter, letter_id(letter.dispatch_id), identity, terms, now=clock.wall_now())


def send_all(base_url: str, waiting: list[Ready], lines: int) -> int:
    """Send them over so many connections at a time. Raises AssertionError when one was not taken."""
    address, taken, lock = urlsplit(base_url).netloc, list[int](), Lock()

    def line() -> None:
        connection = HTTPConnection(address)
        while True:
            with lock:
                if not waiting:
                    break
                ready = waiting.pop()
            connection.putrequest("POST", MESSAGES, skip_accept_encoding=True)
            for name, value in ready.headers.items():
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(ready.body)))
            connection.endheaders(ready.body)
            answer = connection.getresponse()
            answer.read()
            taken.append(answer.status)
        connection.close()

    count, threads = len(waiting), [Thread(target=line) for _ in range(lines)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == [201] * count, f"{count} letters, and Digipost said {set(taken)}"
    return count


def main() -> None:
    """Two rounds, each of as many letters."""
    tenant_id, lines, letters = UUID(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    servers = open_servers(migrated=False)
    account, like = a_letter_of(tenant_id)
    for _ in range(2):
        waiting = requests(account, like, letters)
        print("ready", flush=True)
        a_round(lambda waiting=waiting: send_all(account.base_url, waiting, lines))  # type: ignore[misc]
    servers.release()


if __name__ == "__main__":
    main()
