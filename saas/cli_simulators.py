"""`frist sim …`: outside parties played here."""

import json
import secrets
import threading
from pathlib import Path

import click

from saas.kernel import clock


@click.group()
def sim() -> None:
    """Outside parties played on this machine, for trying things out."""


@sim.command("stripe")
@click.option("--port", default=8420, show_default=True)
@click.option("--key", default="sk_test_sim", show_default=True, help="The secret key it takes.")
@click.option("--webhook", help="Where events are sent: …/webhooks/stripe/<tenant>.")
@click.option("--secret", default="whsec_sim", show_default=True, help="What events are signed with.")
def sim_stripe(port: int, key: str, webhook: str | None, secret: str) -> None:
    """A Stripe on 127.0.0.1 until it is stopped."""
    from saas.simulators.stripe import StripeSim  # a web server and a client, which no other command needs

    with StripeSim(clock.wall_now, keys={key: "acct_sim"}, port=port) as stripe:
        if webhook:
            stripe.listen(webhook, secret)
        _played("Stripe", stripe.base_url)


@sim.command("vipps")
@click.option("--port", default=8421, show_default=True)
@click.option("--msn", default="123456", show_default=True, help="The sales unit it takes.")
@click.option("--key", default="sim", show_default=True, help="The client id, client secret and subscription key.")
@click.option("--webhook", help="Where events are sent, unless it is registered: …/webhooks/vipps/<tenant>.")
@click.option("--secret", default="sim-secret", show_default=True, help="What those events are signed with.")
def sim_vipps(port: int, msn: str, key: str, webhook: str | None, secret: str) -> None:
    """A Vipps on 127.0.0.1 until it is stopped."""
    from saas.simulators.vipps import Keys, VippsSim  # a web server and a client, which no other command needs

    with VippsSim(clock.wall_now, keys=Keys(key, key, key, msn), port=port) as vipps:
        if webhook:
            vipps.listen(webhook, secret)
        _played("Vipps", vipps.base_url)


@sim.command("digipost")
@click.option("--port", default=8422, show_default=True)
@click.option("--broker", default="800001", show_default=True, help="The broker it takes letters from.")
@click.option("--sender", default="900001", show_default=True, help="For whom the broker may send.")
@click.option("--unknown-are", default="DIGIPOST", show_default=True, help="What is said of people it was not told of.")
@click.option("--latency-ms", default=0, show_default=True, help="How long each answer takes.")
@click.option(
    "--agreement",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the settings of an agreement with it, with a key made for this run.",
)
def sim_digipost(
    port: int, broker: str, sender: str, unknown_are: str, latency_ms: int, agreement: Path | None
) -> None:
    """A Digipost on 127.0.0.1 until it is stopped."""
    from saas.simulators.digipost import Broker, DigipostSim  # a web server and keys, which no other command needs

    brokers = [Broker(broker, {sender})]
    with DigipostSim(clock.wall_now, brokers=brokers, unknown_are=unknown_are, port=port) as digipost:
        digipost.faults.latency_ms = latency_ms
        if agreement:
            password = secrets.token_urlsafe(18)
            told = {"broker_id": broker, "sender_id": sender, "base_url": digipost.base_url, "password": password,
                    "certificate": digipost.keys.pkcs12(password)}  # fmt: skip
            agreement.touch(mode=0o600)
            agreement.chmod(0o600)  # it may have been there
            agreement.write_text(json.dumps(told))
        _played("Digipost", digipost.base_url)


@sim.command("sms")
@click.option("--port", default=8423, show_default=True)
@click.option("--user", default="sim", show_default=True)
@click.option("--password", default="sim-password", show_default=True)
@click.option("--gate", default="gate1", show_default=True, help="The gate messages name.")
@click.option("--gate-url", default="", help="Where reports are sent: …/webhooks/sms/<tenant>.")
@click.option("--gate-user", default="frist", show_default=True, help="The user reports show there.")
@click.option("--secret", default="sim-secret-sim-secret", show_default=True, help="The password they show there.")
def sim_sms(port: int, user: str, password: str, gate: str, gate_url: str, gate_user: str, secret: str) -> None:
    """A text-message gateway on 127.0.0.1 until it is stopped."""
    from saas.simulators.sms import Gate, SmsSim  # a web server and a client, which no other command needs

    gates = {gate: Gate(gate_url, gate_user, secret)}
    with SmsSim(clock.wall_now, user=user, password=password, gates=gates, port=port) as gateway:
        gateway.reporter.by_itself = bool(gate_url)
        _played("A text-message gateway", gateway.base_url)


@sim.command("email")
@click.option("--port", default=8424, show_default=True)
@click.option("--bounces", type=click.Path(file_okay=False, path_type=Path), help="The Maildir returns are put into.")
@click.option("--returns", multiple=True, help="An address whose messages come back. May be given more than once.")
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="A folder for what is taken.")
def sim_email(port: int, bounces: Path | None, returns: tuple[str, ...], keep: Path | None) -> None:
    """A mail server on 127.0.0.1 until it is stopped; it delivers nothing to anybody."""
    from saas.simulators.email import EmailSim  # a mail server, which no other command needs

    with EmailSim(clock.wall_now, bounces=bounces, keep=keep, port=port) as server:
        server.returns |= dict.fromkeys(returns, "5.1.1")
        _played("A mail server", f"127.0.0.1:{server.port}")


def _played(name: str, address: str) -> None:
    """Say where, and stay until the process is stopped."""
    click.echo(f"{name} is played at {address}")
    threading.Event().wait()
