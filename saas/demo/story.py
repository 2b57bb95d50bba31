"""The story of the demo: 200 invoices, and what became of each of them, night by night.

Every act goes through the use cases, plugins, queue, print folder and bank files that a real tenant's would. Killed
midway it goes on from the day the sandbox clocks stand on; told once, it is not told again.
"""

import sys
import textwrap
from collections.abc import Callable
from datetime import date, timedelta

from saas.cases.night import run_night
from saas.demo import bank, logins, scenes, totals, weeks
from saas.demo.make_invoices import INVOICES
from saas.demo.stage import START, Player, Stage, set_up, take_in
from saas.dispatch.ask import enqueue_hand_over
from saas.kernel import clock
from saas.kernel.queue import rq_queue
from saas.kernel.servers import Servers
from saas.payments.inbox import import_bank_file
from saas.payments.placing import place_payments
from saas.payments.settlement.daily import settle_day
from tenants.resolve import open_tenant
from tenants.sandbox import move_clock
from workers.jobs import collect_receipts
from workers.run import run_workers
from workers.schedule import look_after

WIDTH = 116
SUNDAY = 6


def tell(
    servers: Servers,
    *,
    nights: int = 120,
    invoices: bytes | None = None,
    suffix: str = "",
    say: Callable[[str], None] | None = None,
) -> None:
    """Tell the story of `nights` nights, then the totals and how to log in. Exits with 1 when any total differs.

    `invoices` in place of the shipped file, `suffix` behind the tenants' slugs and `say` in place of the screen are
    for tests.
    """
    if not _Teller(servers, nights, invoices or INVOICES.read_bytes(), suffix, say or _print).tell():
        sys.exit(1)


def _print(line: str) -> None:
    """On the screen; a long line goes on below, a little further in."""
    indent = " " * (len(line) - len(line.lstrip()))
    print(textwrap.fill(line, WIDTH, subsequent_indent=f"{indent}    ", replace_whitespace=False), flush=True)


class _Teller:
    def __init__(self, servers: Servers, nights: int, invoices: bytes, suffix: str, say: Callable[[str], None]) -> None:
        self.servers, self.say, self.began = servers, say, clock.monotonic()
        self.last_day = START + timedelta(days=nights)
        self.stage: Stage = set_up(servers, invoices, suffix)

    def tell(self) -> bool:
        """Returns whether all totals agree."""
        stands_on = min(_today(player) for player in self.stage.players)
        self._introduce(stands_on)
        if stands_on < self.last_day:
            self._take_in()
            logins.let_people_in(self.stage)
            self._walk(stands_on)
        for player in self.stage.players:
            player.world.open_envelopes()  # all of them, when the story was told before
        weeks.say_outcomes(self.stage, self.say)
        agreed = all([totals.compare(self.stage, player, self.say) for player in self.stage.players])
        logins.say_logins(self.stage, self.say)
        took = clock.monotonic() - self.began
        self.say("")
        self.say(f"All totals agree. {took:.0f} s." if agreed else "Totals marked with ≠ do not agree.")
        return agreed

    # --- the opening ---

    def _introduce(self, stands_on: date) -> None:
        self.say("")
        self.say(f"Frist: the story of {len(self.stage.rows)} invoices")
        self.say("")
        for player in self.stage.players:
            if player.licence:
                creditors = " and ".join(player.creditor_names)
                self.say(f"{player.name} (licence {player.licence}) collects for {creditors}.")
            else:
                self.say(f"{player.name} has no licence and collects only its own claims.")
        if stands_on >= self.last_day:
            self.say(f"The story is told: the sandbox clocks stand on {stands_on:%-d %B %Y}. This is how it ended.")
            self.say("For a new one remove the folder FRIST_HOME (.frist here) and run it again.")
        elif stands_on > START:
            self.say(f"It was interrupted, and goes on from where the sandbox clocks stand: {stands_on:%-d %B %Y}.")

    def _take_in(self) -> None:
        self.say("")
        self.say(f"{START:%-d %B %Y}: {len(self.stage.rows)} invoices come in from the shipped file")
        for player in self.stage.players:
            for creditor in player.creditors:
                report = take_in(self.stage, player, creditor)
                counts = report.counts
                if not report.registered:
                    self.say(f"  {creditor}: taken in before")
                    continue
                self.say(
                    f"  {creditor}: {counts['accepted']} accepted on {report.new_cases} cases, "
                    f"{counts['duplicate']} known already, {counts['rejected']} turned away"
                )
                for verdict in report.verdicts:
                    if verdict.outcome != "accepted":
                        why = "; ".join(" ".join(texts) for texts in verdict.errors.values())
                        self.say(f"      line {verdict.row}: {why or 'the same claim as an earlier line'}")

    # --- the walk ---

    def _walk(self, day: date) -> None:
        self._watch()
        while day <= self.last_day:
            for player in self.stage.players:
                if _today(player) <= day:  # one of them may be a day ahead when the story was interrupted
                    self._day(player, day)
                    run_night(player.tenant_id, on=day, hand_over=enqueue_hand_over)
            self._work()
            if day.weekday() == SUNDAY or day == self.last_day:
                self._watch()
                weeks.say_week(self.stage, day, self.say)
            day += timedelta(days=1)

    def _day(self, player: Player, day: date) -> None:
        """Letters are posted, receipts and the bank's file come in, people ask, creditors are paid."""
        tenant_id = player.tenant_id
        with open_tenant(tenant_id) as tenant:
            move_clock(tenant, day, actor="cli")
            now = clock.now(tenant)
        player.print_house.work(day, player.slug)
        collect_receipts(str(tenant_id))
        player.world.open_envelopes()
        file = player.world.bank_file(day)
        if file is not None:
            import_bank_file(tenant_id, file.read_bytes(), file.name, now)
            place_payments(tenant_id, now)
        if day in scenes.SCENES:
            with open_tenant(tenant_id) as tenant:
                scenes.play(tenant, day, lambda line: self.say(f"  {line}"))
        bank.morning(player, day, file, totals.payments_in(file) if file else ())
        settle_day(tenant_id, day, bank.order_folder(player), now=now)

    def _work(self) -> None:
        """Let a worker empty the queue."""
        if rq_queue(self.servers.redis).count:
            run_workers(self.servers.redis, 1, burst=True)

    def _watch(self) -> None:
        """Ask again for whatever was promised and not done, by an interrupted story or a job that failed."""
        for player in self.stage.players:
            look_after(player.tenant_id, self.servers.redis)
        self._work()


def _today(player: Player) -> date:
    with open_tenant(player.tenant_id) as tenant:
        return clock.today(tenant)
