"""`frist sim sms|email|digipost` play the other side until they are stopped."""

import json
import os
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from plugins.digipost.agreement import Agreement


@contextmanager
def played(*words: str) -> Iterator[str]:
    """The command in a process of its own; gives where it says that it listens."""
    command = [sys.executable, "-c", "from saas.cli import main; main()", "sim", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip().rpartition(" ")[2]
        finally:
            process.send_signal(signal.SIGTERM)


@pytest.mark.long
def test_a_gateway_takes_a_message() -> None:
    message = {"source": "Fjord", "destination": "+4799999999", "userData": "Hei", "platformId": "0",
               "platformPartnerId": "0", "deliveryReportGates": ["gate1"], "ignoreResponse": False}  # fmt: skip
    with played("sms", "--port", "0") as address:
        answer = httpx.post(f"{address}/sms/send", json=message, auth=("sim", "sim-password"))
    assert answer.json()["resultCode"] == 1005


@pytest.mark.long
def test_a_mail_server_keeps_what_it_takes_and_sends_back_what_it_is_told(tmp_path: Path) -> None:
    raw = (b"From: a@fjord.example\r\nTo: kari@example.no\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n"
           b"Message-ID: <1@fjord.example>\r\nSubject: Hei\r\n\r\nHei\r\n")  # fmt: skip
    where = ["--bounces", str(tmp_path / "bounces"), "--keep", str(tmp_path / "keep"), "--returns", "kari@example.no"]
    with played("email", "--port", "0", *where) as address:
        host, _, port = address.partition(":")
        with smtplib.SMTP(host, int(port)) as smtp:
            smtp.sendmail("a@fjord.example", ["kari@example.no"], raw)
    assert [file.read_bytes() for file in (tmp_path / "keep").iterdir()] == [raw]
    assert len(list((tmp_path / "bounces/new").iterdir())) == 1


@pytest.mark.long
def test_a_digipost_writes_an_agreement_with_itself_that_nobody_else_can_read(tmp_path: Path) -> None:
    file = tmp_path / "digipost.json"
    with played("digipost", "--port", "0", "--agreement", str(file)) as address:
        given = Agreement().load(json.loads(file.read_text()))
        assert httpx.post(f"{address}/_sim/takes", json={}).json() == {"done": {}}
    assert given["base_url"] == address
    assert file.stat().st_mode & 0o077 == 0
