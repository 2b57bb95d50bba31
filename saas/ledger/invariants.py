"""What must always hold of the book, each from its definition, in plain SQL that gives a row of words per breach.

Shares no code with what posts or reads balances, so that the same mistake is not made on both sides. In the words of a
breach `{123}` is an amount in øre and `{code}` an account or a component.
"""

from dataclasses import dataclass

_FAMILY = """
with family as (
  select c.id, coalesce(c.joined_into, c.id) as head, coalesce(h.number, c.number)::text as number
  from collection_case c left join collection_case h on h.tenant_id = c.tenant_id and h.id = c.joined_into
  where c.tenant_id = %(tenant)s
), moved as (
  select t.*, coalesce(f.head, t.case_id) as head, coalesce(f.number, t.case_id::text, 'ingen') as number
  from transfer t left join family f on f.id = t.case_id where t.tenant_id = %(tenant)s
)
"""

# An entry that was taken back names what it was; what it did counts with the payment it was done for.
_OF_PAYMENTS = """
with undone as (
  select distinct entry_id, source from transfer
  where tenant_id = %(tenant)s and entry_id in (
    select corrects from transfer where tenant_id = %(tenant)s and source like 'undone:%%')
), moved as (
  select split_part(source, ':', 1) as did, split_part(source, ':', 2) as id, debit, credit, amount_ore
  from (
    select coalesce(o.source, t.source) as source, t.debit, t.credit, t.amount_ore
    from transfer t left join undone o on o.entry_id = t.corrects and t.source like 'undone:%%'
    where t.tenant_id = %(tenant)s and 'unplaced' in (t.debit, t.credit)
  ) sources
), told as (
  select id,
         coalesce(sum(case when debit in ('client_bank', 'in_transit', 'at_creditor') then amount_ore
                           when credit in ('client_bank', 'in_transit', 'at_creditor') then -amount_ore end)
                  filter (where did in ('payment', 'direct')), 0)
           as came_ore,
         coalesce(sum(case when debit = 'unplaced' then amount_ore when credit = 'unplaced' then -amount_ore end)
                  filter (where did = 'placed' or (did = 'direct' and 'at_creditor' not in (debit, credit))), 0)
           as placed_ore,
         coalesce(sum(case when debit = 'unplaced' then amount_ore when credit = 'unplaced' then -amount_ore end)
                  filter (where did = 'reversed'), 0) as gone_ore
  from moved where did in ('payment', 'direct', 'placed', 'reversed') group by id
), paid as (
  select p.id, p.file_id, p.amount_ore, p.state, coalesce(t.came_ore, 0) as came_ore,
         coalesce(t.placed_ore, 0) as placed_ore, coalesce(t.gone_ore, 0) as gone_ore
  from payment p left join told t on t.id = p.id::text where p.tenant_id = %(tenant)s
)
"""


@dataclass(frozen=True, slots=True)
class Invariant:
    """Something that must always hold: its name, what it means in words for people, and what finds each breach."""

    name: str
    words: str
    query: str
    upon: str = ""

    @property
    def statement(self) -> str:
        """The whole statement: what the query is upon, and the query."""
        return self.upon + self.query


INVARIANTS = (
    Invariant(
        "entries_are_whole",
        "Hver føring har én årsak, er hel og flytter like mye inn på en konto som ut av en annen.",
        """
with entries as materialized (
  select entry_id, source, kind, creditor_id, case_id, value_on, corrects, reason, count(*) as legs,
         min(leg) as first_leg, max(leg) as last_leg
  from transfer where tenant_id = %(tenant)s group by 1, 2, 3, 4, 5, 6, 7, 8
)
select 'Årsaken ' || source || ' har ' || count(*) || ' føringer.'
from (select distinct source, entry_id from entries) sources group by source having count(*) > 1
union all
select 'Føring ' || entry_id || ' har flere årsaker, saker eller valuteringsdager.'
from entries group by entry_id having count(*) > 1
union all
select 'Føring ' || entry_id || ' mangler en postering.'
from entries group by entry_id having max(last_leg) + 1 <> sum(legs) or min(first_leg) <> 0
union all
select 'Føring ' || entry_id || ' har en postering som ikke flytter noe mellom to kontoer.' from transfer
where tenant_id = %(tenant)s and (amount_ore <= 0 or debit = credit)
""",
    ),
    Invariant(
        "claims_mirror_receivables",
        "Det skyldnerne skylder, er lik kravene til inndriving: sak for sak, del for del.",
        """
select 'Sak ' || number || ', {' || component || '}: {' || receivable || '} kr utestående, {' || held
       || '} kr til inndriving.'
from (
  select head, number, component,
         coalesce(sum(amount_ore) filter (where debit = 'receivable'), 0)
           - coalesce(sum(amount_ore) filter (where credit = 'receivable'), 0) as receivable,
         coalesce(sum(amount_ore) filter (where credit = 'claims_held'), 0)
           - coalesce(sum(amount_ore) filter (where debit = 'claims_held'), 0) as held
  from moved where 'receivable' in (debit, credit) or 'claims_held' in (debit, credit) group by head, number, component
) sums where receivable <> held
""",
        _FAMILY,
    ),
    Invariant(
        "nobody_owes_less_than_nothing",
        "Ingen skylder mindre enn null av noe: verken på en faktura eller på en sak.",
        """
select 'Sak ' || number || ', {' || component || '}' || coalesce(' på krav ' || claim_id, '') || ': {' || left_ore
       || '} kr står igjen.'
from (
  select head, number, component, case when component in ('principal', 'interest') then claim_id end as claim_id,
         sum(case when debit = 'receivable' then amount_ore else -amount_ore end) as left_ore
  from moved where 'receivable' in (debit, credit) group by 1, 2, 3, 4
) sums where left_ore < 0
""",
        _FAMILY,
    ),
    Invariant(
        "receivables_belong_to_a_case",
        "Alt noen skylder, hører til en sak og er en navngitt del av den.",
        """
select 'Føring ' || entry_id || ' flytter noe skyldig uten sak, eller penger.' from transfer
where tenant_id = %(tenant)s and 'receivable' in (debit, credit) and (case_id is null or component = 'money')
""",
    ),
    Invariant(
        "client_account_is_somebodys",
        "Pengene på klientkontoen og på vei dit er lik det som er oppdragsgiveres, skyldneres, ikke plassert, vårt og "
        "bestilt hos banken.",
        """
select 'På klientkontoen og på vei er {' || held || '} kr. Av dem er {' || owned || '} kr noens.'
from (
  select coalesce(sum(amount_ore) filter (where debit in ('client_bank', 'in_transit')), 0)
           - coalesce(sum(amount_ore) filter (where credit in ('client_bank', 'in_transit')), 0) as held,
         coalesce(sum(amount_ore) filter (where credit in (
             'unplaced', 'owed_creditor', 'owed_debtor', 'earned', 'ordered')), 0)
           - coalesce(sum(amount_ore) filter (where debit in (
             'unplaced', 'owed_creditor', 'owed_debtor', 'earned', 'ordered')), 0) as owned
  from transfer where tenant_id = %(tenant)s
) sums where held <> owned
""",
    ),
    Invariant(
        "money_at_the_creditor_passes_through",
        "Det som er betalt rett til oppdragsgiver, går ut igjen i samme føring og rører aldri klientkontoen.",
        """
select 'Føring ' || entry_id || ' lar {' || left_ore || '} kr stå hos oppdragsgiver, eller rører klientkontoen.'
from (
  select entry_id,
         sum(case when debit = 'at_creditor' then amount_ore when credit = 'at_creditor' then -amount_ore else 0 end)
           as left_ore,
         bool_or('client_bank' in (debit, credit) or 'in_transit' in (debit, credit)) as touches_bank
  from transfer where tenant_id = %(tenant)s and entry_id in (
    select entry_id from transfer where tenant_id = %(tenant)s and 'at_creditor' in (debit, credit))
  group by entry_id
) entries where left_ore <> 0 or touches_bank
""",
    ),
    Invariant(
        "claims_are_booked_once",
        "Hvert krav er bokført én gang, med sitt beløp.",
        """
select 'Krav ' || c.id || ' er på {' || c.principal_ore || '} kr og bokført med {' || coalesce(sum(t.amount_ore), 0)
       || '} kr.'
from claim c left join transfer t on t.tenant_id = c.tenant_id and t.claim_id = c.id and t.component = 'principal'
  and t.kind = 'claim_registered' and t.debit = 'receivable' and t.credit = 'claims_held'
where c.tenant_id = %(tenant)s group by c.id, c.principal_ore having c.principal_ore <> coalesce(sum(t.amount_ore), 0)
""",
    ),
    Invariant(
        "payments_are_booked_once",
        "Hver innbetaling er bokført én gang, med sitt beløp.",
        """
select 'Innbetaling ' || id || ' er på {' || amount_ore || '} kr og bokført med {' || came_ore || '} kr.'
from paid where came_ore <> amount_ore and not (state = 'new' and came_ore = 0)
union all
select 'Boken har {' || t.came_ore || '} kr fra innbetaling ' || t.id || ', som ikke finnes.'
from told t where t.came_ore <> 0 and t.id not in (select id::text from paid)
""",
        _OF_PAYMENTS,
    ),
    Invariant(
        "placed_means_all_of_it",
        "Av en plassert innbetaling er alt ført på saken eller gått tilbake. Av de andre er ingenting ført på en sak.",
        """
select 'Innbetaling ' || id || ' på {' || amount_ore || '} kr: {' || placed_ore || '} kr er ført på en sak, {'
       || gone_ore || '} kr er gått tilbake.'
from paid
where case state when 'placed' then placed_ore + gone_ore <> amount_ore or placed_ore = 0
                 when 'reversed' then placed_ore <> 0 or gone_ore <> amount_ore
                 else placed_ore <> 0 end
""",
        _OF_PAYMENTS,
    ),
    Invariant(
        "unplaced_waits_for_a_person",
        "Det som ikke er plassert, er nøyaktig de innbetalingene som venter.",
        """
select '{' || booked || '} kr er ikke plassert. Innbetalingene som venter, er {' || waiting || '} kr.'
from (
  select (select coalesce(sum(case when credit = 'unplaced' then amount_ore else -amount_ore end), 0) from transfer
          where tenant_id = %(tenant)s and 'unplaced' in (debit, credit)) as booked,
         (select coalesce(sum(came_ore - gone_ore), 0) from paid where state in ('new', 'unmatched')) as waiting
) sums where booked <> waiting
""",
        _OF_PAYMENTS,
    ),
    Invariant(
        "bank_files_are_booked",
        "Det hver bankfil sier den har, er bokført: alle innbetalinger, hele summen.",
        """
select 'Bankfil ' || f.name || ' sier ' || f.payments || ' innbetalinger på {' || f.sum_ore || '} kr. Vi har '
       || count(p.id) || ' på {' || coalesce(sum(case p.state when 'new' then p.amount_ore else p.came_ore end), 0)
       || '} kr, og ' || coalesce(e.held, 0) || ' på {' || coalesce(e.held_ore, 0) || '} kr fra andre filer.'
from bank_file f
left join (
  select (body ->> 'file')::uuid as id, (body ->> 'skipped')::bigint as held,
         (body ->> 'skipped_ore')::bigint as held_ore
  from (select convert_from(body, 'utf8')::jsonb as body from history_event
        where tenant_id = %(tenant)s and kind = 'bank_file.imported' and case_id is null) told
) e on e.id = f.id
left join paid p on p.file_id = f.id
where f.tenant_id = %(tenant)s
group by f.id, f.name, f.payments, f.sum_ore, e.held, e.held_ore
having count(p.id) + coalesce(e.held, 0) <> f.payments
  or coalesce(sum(case p.state when 'new' then p.amount_ore else p.came_ore end), 0) + coalesce(e.held_ore, 0)
     <> f.sum_ore
""",
        _OF_PAYMENTS,
    ),
    # Money goes out in the order of the entries' ids, which rise with time: a payout or a draw may not exceed what was
    # there then. What is taken back later is made up from what comes in next.
    Invariant(
        "no_creditor_is_overpaid",
        "Ingen oppdragsgiver har på noe tidspunkt fått utbetalt mer enn det som var drevet inn for den.",
        """
select 'Oppdragsgiver ' || coalesce(c.name, creditor_id::text) || ' fikk utbetalt {' || -ore
       || '} kr mer enn det som var drevet inn.'
from (
  select tenant_id, creditor_id, pays, sum(ore) over (partition by creditor_id order by entry_id) as ore
  from (
    select tenant_id, creditor_id, entry_id, bool_or(debit = 'owed_creditor' and credit in ('client_bank', 'ordered'))
             as pays,
           sum(case when credit = 'owed_creditor' then amount_ore else -amount_ore end) as ore
    from transfer where tenant_id = %(tenant)s and 'owed_creditor' in (debit, credit) group by 1, 2, 3
  ) entries
) runs left join creditor c using (tenant_id, creditor_id) where pays and ore < 0
""",
    ),
    Invariant(
        "no_more_drawn_than_earned",
        "Vi har aldri tatt ut mer enn vi hadde tjent. Kommer vårt under null på annen måte, er det etterfylling.",
        """
select 'Etter uttak ' || source || ' var opptjent {' || ore || '} kr.'
from (
  select source, pays, sum(ore) over (order by entry_id) as ore
  from (
    select entry_id, source, bool_or(debit = 'earned' and credit in ('client_bank', 'ordered')) as pays,
           sum(case when credit = 'earned' then amount_ore else -amount_ore end) as ore
    from transfer where tenant_id = %(tenant)s and 'earned' in (debit, credit) group by entry_id, source
  ) entries
) runs where pays and ore < 0
""",
    ),
    Invariant(
        "no_more_repaid_than_overpaid",
        "Ingen skyldner har fått tilbake mer enn det som var betalt for mye på saken.",
        """
select 'Sak ' || number || ': {' || -ore || '} kr mer er betalt tilbake enn det som var betalt for mye.'
from (
  select number, pays, sum(ore) over (partition by head order by entry_id) as ore
  from (
    select head, number, entry_id, bool_or(debit = 'owed_debtor' and credit in ('client_bank', 'in_transit', 'ordered'))
             as pays,
           sum(case when credit = 'owed_debtor' then amount_ore else -amount_ore end) as ore
    from moved where 'owed_debtor' in (debit, credit) group by head, number, entry_id
  ) entries
) runs where pays and ore < 0
""",
        _FAMILY,
    ),
    Invariant(
        "payouts_are_booked_as_ordered",
        "Hver utbetaling er bokført slik den ble bestilt, og gjort ferdig slik banken har svart.",
        """
select 'Utbetaling ' || p.id || ' på {' || p.paid_ore || '} kr er bokført med {' || coalesce(t.paid, 0)
       || '} kr, provisjon {' || p.commission_ore || '} kr med {' || coalesce(t.commission, 0)
       || '} kr, andel av salær {' || p.fee_share_ore || '} kr med {' || coalesce(t.fee_share, 0)
       || '} kr. Banken: ' || p.state || ', bokført med {' || coalesce(t.done, 0) || '} kr.'
from payout p left join (
  select split_part(source, ':', 2) as id,
         sum(case when credit in ('ordered', 'client_bank') then amount_ore
                  when debit in ('ordered', 'client_bank') then -amount_ore end)
           filter (where source like 'payout:%%') as paid,
         sum(case when credit = 'earned' then amount_ore when debit = 'earned' then -amount_ore end)
           filter (where source like 'commission:%%' or (source like 'payout:%%' and debit = 'owed_creditor'))
           as commission,
         sum(case when debit = 'earned' then amount_ore else -amount_ore end)
           filter (where source like 'fee_share:%%') as fee_share,
         sum(case when credit in ('client_bank', 'owed_creditor', 'earned') then amount_ore else -amount_ore end)
           filter (where (source like 'carried_out:%%' and 'client_bank' in (debit, credit))
             or (source like 'rejected:%%' and 'ordered' in (debit, credit))
             or (source like 'payout:%%' and 'client_bank' in (debit, credit))) as done
  from transfer
  where tenant_id = %(tenant)s
    and split_part(source, ':', 1) in ('payout', 'commission', 'fee_share', 'carried_out', 'rejected')
  group by 1
) t on t.id = p.id::text
where p.tenant_id = %(tenant)s
  and (coalesce(t.paid, 0), coalesce(t.commission, 0), coalesce(t.fee_share, 0), p.collected_ore, coalesce(t.done, 0))
      <> (p.paid_ore, p.commission_ore, p.fee_share_ore, p.paid_ore + p.commission_ore - p.fee_share_ore,
          case p.state when 'ordered' then 0 else p.paid_ore end)
""",
    ),
    Invariant(
        "provider_payouts_are_booked",
        "Hvert oppgjør fra en betalingsleverandør er bokført med det som kom og det leverandøren tok.",
        """
select 'Oppgjør ' || p.reference || ' fra ' || p.provider || ' på {' || p.gross_ore || '} kr er bokført med {'
       || coalesce(t.gross, 0) || '} kr.'
from provider_payout p left join (
  select split_part(source, ':', 2) as id,
         sum(case when credit = 'in_transit' then amount_ore else -amount_ore end) as gross,
         sum(case when debit in ('earned', 'owed_creditor') then amount_ore
                  when credit in ('earned', 'owed_creditor') then -amount_ore else 0 end) as fee
  from transfer
  where tenant_id = %(tenant)s and split_part(source, ':', 1) in ('provider_payout', 'provider_fee')
    and 'in_transit' in (debit, credit) group by 1
) t on t.id = p.id::text
where p.tenant_id = %(tenant)s and (coalesce(t.gross, 0), coalesce(t.fee, 0)) <> (p.gross_ore, p.fee_ore)
""",
    ),
    Invariant(
        "payouts_are_in_the_bank_once",
        "Et oppgjør som både leverandøren og banken har fortalt om, står på klientkontoen én gang: som i banken.",
        """
select 'Oppgjør ' || coalesce(p.reference, t.id) || ' på {' || coalesce(p.gross_ore - p.fee_ore, 0)
       || '} kr er tatt tilbake med {' || t.ore || '} kr fordi banken har fortalt om det.'
from (
  select split_part(source, ':', 2) as id,
         sum(case when credit = 'client_bank' then amount_ore else -amount_ore end) as ore
  from transfer where tenant_id = %(tenant)s and source like 'in_bank:%%' group by 1
) t left join provider_payout p on p.tenant_id = %(tenant)s and p.id::text = t.id
where t.ore is distinct from p.gross_ore - p.fee_ore
union all
select 'Banken har fortalt om oppgjør på {' || banks || '} kr. Det som er tatt tilbake for dem, er {' || told
       || '} kr.'
from (
  select (select coalesce(sum(amount_ore), 0) from payment
          where tenant_id = %(tenant)s and state = 'placed' and matched_by = 'provider_payout') as banks,
         (select coalesce(sum(case when credit = 'client_bank' then amount_ore else -amount_ore end), 0) from transfer
          where tenant_id = %(tenant)s and source like 'in_bank:%%') as told
) sums where banks <> told
""",
    ),
    Invariant(
        "repayments_are_booked",
        "Det som betales tilbake til skyldnere, er bokført når det er bestilt, og gjort ferdig når banken har svart.",
        """
select 'Tilbakebetaling ' || r.id || ' på {' || r.amount_ore || '} kr er bokført med {' || coalesce(t.ore, 0)
       || '} kr, og {' || coalesce(t.done, 0) || '} kr er ute av klientkontoen.'
from repayment r left join (
  select split_part(coalesce(o.source, t.source), ':', 2) as id,
         sum(case when t.debit = 'owed_debtor' then t.amount_ore when t.credit = 'owed_debtor' then -t.amount_ore end)
           as ore,
         sum(case when t.credit in ('client_bank', 'in_transit') then t.amount_ore
                  when t.debit in ('client_bank', 'in_transit') then -t.amount_ore end) as done
  from transfer t
  left join (select distinct entry_id, source from transfer
             where tenant_id = %(tenant)s and source like 'repayment:%%') o on o.entry_id = t.corrects
  where t.tenant_id = %(tenant)s
    and split_part(coalesce(o.source, t.source), ':', 1) in ('repayment', 'carried_out')
  group by 1
) t on t.id = r.id::text
where r.tenant_id = %(tenant)s and (coalesce(t.ore, 0), coalesce(t.done, 0))
  <> (case when r.state in ('ordered', 'paid') then r.amount_ore else 0 end,
      case when r.state = 'paid' then r.amount_ore else 0 end)
""",
    ),
    Invariant(
        "corrections_answer_something",
        "Hver retting sier hvilken føring den retter, på samme sak, og retter aldri mer enn den.",
        """
, linked as materialized (
  select * from moved m where m.corrects is not null or m.entry_id in (
    select corrects from transfer where tenant_id = %(tenant)s and corrects is not null)
), sizes as materialized (
  select entry_id, corrects, head, component, debit, credit, sum(amount_ore) as ore
  from linked group by 1, 2, 3, 4, 5, 6
), taken as (  -- what stands of each correction
  select c.corrects, c.component, c.debit, c.credit, sum(c.ore) - coalesce(sum(u.ore), 0) as ore
  from (select entry_id, corrects, component, debit, credit, sum(ore) as ore from sizes
        where corrects is not null group by 1, 2, 3, 4, 5) c
  left join (select corrects, component, debit, credit, sum(ore) as ore from sizes
             where corrects is not null group by 1, 2, 3, 4) u
    on u.corrects = c.entry_id and u.component = c.component and u.debit = c.credit and u.credit = c.debit
  group by 1, 2, 3, 4
), entries as (
  select entry_id, component, debit, credit, sum(ore) as ore from sizes group by 1, 2, 3, 4
)
select distinct 'Føring ' || c.entry_id || ' retter ' || c.corrects || ', som ikke er i boken på samme sak.'
from sizes c
where c.corrects is not null and not exists (
  select from sizes o where o.entry_id = c.corrects and o.head is not distinct from c.head)
union all
select 'Føring ' || t.corrects || ' på {' || coalesce(o.ore, 0) || '} kr, {' || t.component || '}, er rettet med {'
       || t.ore || '} kr.'
from taken t left join entries o
  on o.entry_id = t.corrects and o.component = t.component and o.debit = t.credit and o.credit = t.debit
where t.ore > coalesce(o.ore, 0) and t.corrects in (select entry_id from entries)
""",
        _FAMILY,
    ),
    Invariant(
        "written_off_within_policy",
        "Det som er ettergitt, er en liten rest innenfor grensen som gjaldt da, eller renter av noen få dager etter at"
        " alt et brev ba om, var betalt.",
        """
select 'Føring ' || entry_id || ' ettergir {' || ore || '} kr. Grensen var '
       || coalesce('{' || allowed_ore || '} kr.', 'ingen.')
from (
  select entry_id, sum(amount_ore) as ore,
         case when reason ~ '^remainder_within_limit:[0-9]+$' then split_part(reason, ':', 2)::bigint
              when reason ~ '^printed_sum_paid:[0-9]+$' then split_part(reason, ':', 2)::bigint / 50 end as allowed_ore,
         reason like 'printed_sum_paid:%%' as as_printed
  from transfer where tenant_id = %(tenant)s and kind = 'written_off' and corrects is null group by entry_id, reason
) entries where allowed_ore is null or ore > allowed_ore or (allowed_ore > %(most_written_off)s and not as_printed)
""",
    ),
    Invariant(
        "consumers_owe_no_compensation",
        "Ingen forbruker er belastet standardkompensasjon.",
        """
select 'Sak ' || m.number || ' mot en forbruker er belastet {' || sum(case when m.debit = 'receivable' then m.amount_ore
       else -m.amount_ore end) || '} kr i standardkompensasjon.'
from moved m
join collection_case c on c.tenant_id = %(tenant)s and c.id = m.head
join debtor d on d.tenant_id = c.tenant_id and d.id = c.debtor_id and d.kind = 'person'
where m.component = 'compensation' and 'receivable' in (m.debit, m.credit) and 'claims_held' in (m.debit, m.credit)
group by m.head, m.number having sum(case when m.debit = 'receivable' then m.amount_ore else -m.amount_ore end) <> 0
""",
        _FAMILY,
    ),
    Invariant(
        "own_collection_costs_no_agency_fee",
        "Den som driver inn egne krav uten bevilling, tar ikke salær, rente på salær eller provisjon.",
        """
select 'Føring ' || t.entry_id || ' tar salær, rente på salær eller provisjon uten bevilling.'
from transfer t join tenant_settings s on s.tenant_id = t.tenant_id
where t.tenant_id = %(tenant)s and coalesce(s.licence_number, '') = ''
  and (t.component in ('collection_fee', 'fee_interest') or 'earned' in (t.debit, t.credit))
""",
    ),
    Invariant(
        "sums_are_the_transfers",
        "Summene som saldoene leses av, er lik posteringene lagt sammen på nytt.",
        """
with sides as materialized (
  select value_on, creditor_id, account, component, sum(ore) as ore
  from transfer cross join lateral (values (debit, amount_ore), (credit, -amount_ore)) both_sides(account, ore)
  where tenant_id = %(tenant)s group by 1, 2, 3, 4
), days as materialized (
  select * from sides
  union all
  select value_on, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid, account, component, sum(ore)
  from sides group by 1, 3, 4
), moved as (
  select 'day' as period, value_on as period_on, creditor_id, account, component, ore from days
  union all
  select 'month', date_trunc('month', value_on)::date, creditor_id, account, component, sum(ore)
  from days group by 2, 3, 4, 5
), kept as (
  select period, period_on, creditor_id, account, component, sum(ore) as ore
  from ledger_sum where tenant_id = %(tenant)s group by 1, 2, 3, 4, 5
)
select case period when 'day' then 'Dagen ' else 'Måneden fra ' end || to_char(period_on, 'DD.MM.YYYY') || ', konto {'
       || account || '}, {' || component || '}: summen er {' || coalesce(k.ore, 0) || '} kr, posteringene {'
       || coalesce(m.ore, 0) || '} kr.'
from moved m full join kept k using (period, period_on, creditor_id, account, component)
where coalesce(m.ore, 0) <> coalesce(k.ore, 0)
""",
    ),
)
