"""Calls out of the house: https, to public addresses only, never redirected, short (`saas/outgoing.py`)."""

import socket

import pytest

from saas import outgoing
from saas.outgoing import LOOPBACK_SETTING, CallFailed, NotCalled, call, check_url
from tests.plugins.outside import outside


@pytest.fixture
def party(monkeypatch):
    monkeypatch.setenv(LOOPBACK_SETTING, "1")
    with outside() as found:
        yield found


@pytest.mark.parametrize(
    "url",
    ["", "x", "https://", "ftp://a.example/", "http://a.example/", "https://user:pw@a.example/", "https://a.example:x/",
     "https://a.example/\n", "https://a.example/ b", "https://bøk.example/", "javascript:alert(1)", "//a.example/",
     "https://[::1", "file:///etc/passwd"],
)  # fmt: skip
def test_what_is_no_https_address_is_not_called(url, monkeypatch):
    monkeypatch.delenv(LOOPBACK_SETTING, raising=False)
    with pytest.raises(NotCalled):
        check_url(url)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
     "224.0.1.1", "255.255.255.255", "198.18.0.1", "[::1]", "[::]", "[fe80::1]", "[fd00::1]", "[::ffff:10.0.0.1]",
     "[::ffff:127.0.0.1]", "[64:ff9b::a00:1]", "[2002:a00:1::]", "[ff02::1]", "2130706433", "0x7f000001", "0177.0.0.1",
     "127.1", "localhost"],
)  # fmt: skip
def test_an_inner_address_is_not_called_however_it_is_written(host, monkeypatch):
    monkeypatch.delenv(LOOPBACK_SETTING, raising=False)
    with pytest.raises((NotCalled, CallFailed)) as wrong:
        call("GET", f"https://{host}/")
    assert wrong.type is NotCalled or str(wrong.value) == "unknown host"


@pytest.mark.parametrize("inner", ["10.0.0.1", "127.0.0.1", "::1", "169.254.169.254"])
def test_a_name_with_one_inner_address_among_public_ones_is_not_called(inner, monkeypatch):
    monkeypatch.delenv(LOOPBACK_SETTING, raising=False)
    told = [(0, 0, 0, "", (address, 443)) for address in ("93.184.215.14", inner)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: told)
    with pytest.raises(NotCalled):
        call("GET", "https://rebinding.example/")


def test_the_address_that_was_checked_is_the_one_that_is_called(party, monkeypatch):
    """A name that leads elsewhere the second time it is asked about gains nothing."""
    port = int(party.address.rpartition(":")[2])
    asked = []

    def told_once(host, *_, **__):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))] if len(asked) == 1 else real(host, *_)

    real = socket.getaddrinfo
    monkeypatch.setattr(outgoing.socket, "getaddrinfo", lambda host, *a, **k: (
        told_once(host, *a, **k) if host == "kunde.example" else real(host, *a, **k)))  # fmt: skip
    assert call("POST", f"http://kunde.example:{port}/frist?a=1", content=b"x").is_ok
    assert asked == ["kunde.example"]
    (path, headers, body), = party.heard  # fmt: skip
    assert (path, headers["host"], body) == ("/frist?a=1", f"kunde.example:{port}", b"x")


def test_a_redirect_is_an_answer_and_is_not_followed(party):
    party.answers, party.headers = [(302, b"")], {"Location": f"{party.address}/inner"}
    answer = call("POST", party.address)
    assert (answer.status, answer.is_ok, len(party.heard)) == (302, False, 1)


def test_an_answer_too_large_is_a_failure(party):
    party.answers = [(200, b"x" * (outgoing.LARGEST_ANSWER + 1))]
    with pytest.raises(CallFailed, match="large"):
        call("GET", party.address)


def test_nobody_there_and_nobody_answering_are_failures(monkeypatch):
    monkeypatch.setenv(LOOPBACK_SETTING, "1")
    monkeypatch.setattr(outgoing, "SECONDS", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        with pytest.raises(CallFailed):
            call("GET", f"http://127.0.0.1:{port}/")
        silent.listen()
        with pytest.raises(CallFailed, match="Timeout"):
            call("GET", f"http://127.0.0.1:{port}/")


def test_a_certificate_of_nobody_we_trust_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.setenv(LOOPBACK_SETTING, "1")
    with outside(_own_certificate(tmp_path)) as party, pytest.raises(CallFailed):
        call("GET", party.address)
    assert party.heard == []


def test_plain_http_leads_only_to_the_machine_itself(monkeypatch):
    monkeypatch.setenv(LOOPBACK_SETTING, "1")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", ("93.184.215.14", 80))])
    with pytest.raises(NotCalled):
        call("GET", "http://public.example/")


def _own_certificate(folder):
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    day = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(day).not_valid_after(day + timedelta(days=3650)).sign(key, hashes.SHA256())
    )  # fmt: skip
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths
