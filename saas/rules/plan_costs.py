"""What out-of-court costs may come to when an instalment plan (avdragsordning) is agreed."""

from dataclasses import dataclass
from datetime import date

from saas.rules.facts import DEFAULT_POLICY, Because, CaseFacts, Policy
from saas.rules.fees import CostCap, cap_of, last_demand, missed_deadline, total_cost_cap
from saas.rules.law import Law
from saas.rules.money import NO_MONEY, Ore
from saas.rules.plan_default import Instalment
from saas.rules.regime import need_known_costs
from saas.rules.steps import Conclusion, heavy_gate, unpaid_claims
from saas.rules.words import Kroner, say

MOST_INSTALMENTS_WITHOUT_SURCHARGE = 4  # INKF § 2-4
_SURCHARGE_THOUSANDTHS = 1_500  # 1.5 × inkassosats, INKF § 2-4


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """An agreed plan, as far as its costs go."""

    agreed_on: date
    instalments: tuple[Instalment, ...]  # in date order, at least one
    told_before_acceptance: bool  # the debtor was told of the surcharge and the heavy fee before saying yes
    brought_on: date | None = None  # brought before forliksråd, tingrett or namsmyndighet


@dataclass(frozen=True, slots=True)
class PlanCap:
    """The highest total of out-of-court costs under a plan; notice fees count inside it (B23)."""

    cap: CostCap  # §§ 2-2, 2-3, with uplift and VAT where they apply
    surcharge_ore: Ore  # § 2-4, without either
    conclusions: tuple[Conclusion, ...]
    lost: Because | None = None  # extra costs that fell away because the debtor was not told

    @property
    def total_ore(self) -> Ore:
        """Cap and surcharge together."""
        return Ore(self.cap.cap_ore + self.surcharge_ore)


_NOT_TOLD = Because(
    "plan_costs_not_told",
    say(
        "Du fikk ikke vite om de ekstra kostnadene før du sa ja til avdragsordningen. De kan derfor ikke kreves, og en "
        "saksbehandler vurderer om resten av kostnadene også faller bort."
    ),
    ("B14", "B19"),
)


def plan_cost_cap(facts: CaseFacts, plan: PlanFacts, on: date, law: Law, policy: Policy = DEFAULT_POLICY) -> PlanCap:
    """The cap under an instalment plan (INKF § 2-4; B14, B23, W16).

    More than four instalments raise it by 1.5 × inkassosats, unless the creditor brings or brought the case before
    forliksråd, tingrett or namsmyndighet. Neither the uplift for businesses (§ 2-1) nor VAT (§§ 2-2, 2-3) is added to
    that. A plan running past the heavy date may carry the heavy fee. Both only when the debtor was told before
    accepting; a heavy fee reached before the plan was agreed stands. `on` picks the inkassosats. Raises UnknownLaw.
    """
    need_known_costs(policy, on)
    was_heavy, runs_past = _was_heavy(facts, plan, policy), _runs_past_heavy(facts, plan, policy)
    wants_surcharge = _has_surcharge(plan, on)
    told = plan.told_before_acceptance
    heavy = was_heavy or (runs_past and told)
    cap = total_cost_cap(facts, on, law, heavy=heavy)
    surcharge_ore = NO_MONEY
    if wants_surcharge and told:
        surcharge_ore = cap_of(cap.rate.hundredths, _SURCHARGE_THOUSANDTHS, 0)
    not_told = not told and (wants_surcharge or (runs_past and not was_heavy))
    conclusions = (_heavy_words(heavy, facts), _surcharge_words(plan, on, surcharge_ore), _cap_words(cap))
    return PlanCap(cap, surcharge_ore, conclusions, _NOT_TOLD if not_told else None)


def _has_surcharge(plan: PlanFacts, on: date) -> bool:
    brought = plan.brought_on is not None and plan.brought_on <= on
    return len(plan.instalments) > MOST_INSTALMENTS_WITHOUT_SURCHARGE and not brought


def _heavy_on(facts: CaseFacts, policy: Policy) -> date | None:
    """The day the heavy fee can begin: only after a demand that followed a missed deadline (INKF § 2-3; B10)."""
    demand = last_demand(facts.notices)
    if demand is None or not missed_deadline(facts.notices, demand.sent_on, unpaid_claims(facts)):
        return None
    return heavy_gate(demand.deadline_on, facts.held_days_since_demand, policy.grace_banking_days)


def _was_heavy(facts: CaseFacts, plan: PlanFacts, policy: Policy) -> bool:
    heavy_on = _heavy_on(facts, policy)
    return heavy_on is not None and heavy_on <= plan.agreed_on


def _runs_past_heavy(facts: CaseFacts, plan: PlanFacts, policy: Policy) -> bool:
    heavy_on = _heavy_on(facts, policy)
    return heavy_on is not None and plan.instalments[-1].due_on >= heavy_on


def _heavy_words(heavy: bool, facts: CaseFacts) -> Conclusion:
    demand = last_demand(facts.notices)
    if not heavy or demand is None:
        return Conclusion("B14", say("Lavt salær er taket for denne avdragsordningen."))
    words = say("Planen går mer enn 28 dager forbi fristen {deadline_on}: høyt salær.", deadline_on=demand.deadline_on)
    return Conclusion("B14", words)


def _surcharge_words(plan: PlanFacts, on: date, surcharge_ore: Ore) -> Conclusion:
    count = len(plan.instalments)
    if surcharge_ore:
        words = say(
            "{count} avdrag er mer enn fire: taket øker med {surcharge}.", count=count, surcharge=Kroner(surcharge_ore)
        )
        return Conclusion("B14", words)
    if plan.brought_on is not None and plan.brought_on <= on and count > MOST_INSTALMENTS_WITHOUT_SURCHARGE:
        return Conclusion("B14", say("Saken ble brakt inn {day}, så tillegget faller bort.", day=plan.brought_on))
    return Conclusion("B14", say("{count} avdrag gir ikke noe tillegg.", count=count))


def _cap_words(cap: CostCap) -> Conclusion:
    words = say("Taket før tillegg er {cap}. Purregebyrer regnes med i taket.", cap=Kroner(cap.cap_ore))
    return Conclusion("B23", words)
