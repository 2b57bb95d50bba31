-- The limit of the night (baseline; changing it needs a decision record): what one set-based statement can do.
-- It takes a chunk of due cases and writes the same rows to the same tables as the night does, in the same numbers and
-- widths: the case's move, the fee's transfer, certificate and event, the letter in the outbox, the link and the head
-- of the chain. Ciphertext and hashes are stand-ins cut from noise, which cannot be compressed either. It reads no
-- facts, decides nothing, encrypts nothing and hashes nothing.
with due as materialized (
  select id as case_id, creditor_id from collection_case
  where tenant_id = %(tenant)s and next_action_on <= %(today)s
  order by next_action_on, id limit %(chunk)s for update skip locked
), numbered as (
  select case_id, creditor_id, (row_number() over ())::int as position from due
), made as materialized (
  select case_id, creditor_id, position - 1 as position, uuidv7() as certificate_id, uuidv7() as entry_id,
         uuidv7() as dispatch_id, uuidv7() as event_id,
         substring(%(noise)b::bytea from position * 101 for %(certificate_bytes)s) as certificate,
         substring(%(noise)b::bytea from position * 89 for %(event_bytes)s) as event,
         substring(%(noise)b::bytea from position * 83 for 32) as digest
  from numbered
), moved as (
  update collection_case c
  set stage = 40, stage_since = %(today)s, next_action_on = %(again)s, waits_for = ''
  from due where c.tenant_id = %(tenant)s and c.id = due.case_id
), certified as (
  insert into certificate (tenant_id, id, case_id, step, decided_on, body, sha256)
  select %(tenant)s, certificate_id, case_id, 'payment_demand', %(today)s, certificate, digest from made
), charged as (
  insert into transfer (tenant_id, id, entry_id, source, leg, kind, creditor_id, case_id, claim_id, debit, credit,
                        component, amount_ore, value_on, booked_at, corrects, reason)
  select %(tenant)s, uuidv7(), entry_id, 'step:' || certificate_id, 0, 'fee_charged', creditor_id, case_id, null,
         'receivable', 'claims_held', 'collection_fee', 23000, %(today)s, now(), null, 'payment_demand'
  from made
), queued as (
  insert into dispatch (tenant_id, id, creditor_id, case_id, step, channel, state, decided_on, expected_sending_on,
                        deadline_on, fee_ore, entry_id, certificate_id, evidence, why, touched_at)
  select %(tenant)s, dispatch_id, creditor_id, case_id, 'payment_demand', 'print_post', 'queued', %(today)s,
         %(today)s + 1, %(today)s + 18, 23000, entry_id, certificate_id, '', '', now()
  from made
), link as materialized (
  select uuidv7() as id, count(*)::int as events, min(digest) as root from made having count(*) > 0
), told as (
  insert into history_event (tenant_id, id, link_id, position, case_id, kind, happened_at, actor, body, leaf)
  select %(tenant)s, event_id, link.id, position, case_id, 'step.decided', now(), 'night', event, digest
  from made cross join link
), head as (
  insert into history_head as h (tenant_id, seq, sha) select %(tenant)s, 1, link.root from link
  on conflict (tenant_id) do update set seq = h.seq + 1, sha = excluded.sha
  returning h.seq, h.sha
), linked as (
  insert into history_link (tenant_id, id, seq, events, root, previous, sha, sealed_at)
  select %(tenant)s, link.id, head.seq, link.events, link.root, link.root, head.sha, now() from link cross join head
)
select count(*) from due
