-- One tenant's cases on the evening before their payment demand: reminder and collection notice sent with proof, their
-- fees booked, the notice's deadline and grace over. `seed_case` (n, case_id, case_key) is filled before.
-- A stored letter's facts are longer than 2 kB in life and lie out of line; so the few bytes here make rows as wide.

create temporary table seed on commit drop as
select n, case_id, case_key, uuidv7() as debtor_id, uuidv7() as claim_id, uuidv7() as second_claim_id,
       uuidv7() as reminder_id, uuidv7() as notice_id, uuidv7() as reminder_entry, uuidv7() as notice_entry,
       (%(creditors)s::uuid[])[n %% 2 + 1] as creditor_id, 'Prøve Skyldner ' || n as name,
       date '2025-12-01' + n %% 10 as due_on, ((n * 7919) %% 1500 + 30) * 1000 as principal_ore
from seed_case;

analyze seed;

insert into debtor (tenant_id, id, identity, kind, name, national_id, orgnr, address_lines, postcode, city, country,
                    email, phone, language, vulnerable, protected_address)
select %(tenant)s, debtor_id, 'name:person|' || name || '|0155|storgata ' || n, 'person', name, null, null,
       jsonb_build_array('Storgata ' || n), '0155', 'Oslo', 'NO', '', '', 'nb', false, false
from seed;

insert into collection_case (tenant_id, id, number, creditor_id, debtor_id, debtor_name, kid, stage, stage_since,
                             next_action_on, waits_for, case_key, link_token, registered_on, closed_because)
select %(tenant)s, case_id, 10000000 + n, creditor_id, debtor_id, name, lpad(n::text, 12, '0'), 30, '2026-01-28',
       %(today)s, '', case_key, md5(case_id::text), '2025-12-20', ''
from seed;

insert into claim (tenant_id, id, creditor_id, case_id, debtor_id, debtor_name, invoice_number, kind, description,
                   principal_ore, invoiced_on, due_on)
select %(tenant)s, claim_id, creditor_id, case_id, debtor_id, name, 'F' || n, 'electricity', 'Strøm november 2025',
       principal_ore, due_on - 14, due_on
from seed
union all
select %(tenant)s, second_claim_id, creditor_id, case_id, debtor_id, name, 'G' || n, 'electricity',
       'Strøm oktober 2025', principal_ore, due_on - 18, due_on - 3
from seed where n %% 3 = 0;

insert into dispatch (tenant_id, id, creditor_id, case_id, step, channel, state, decided_on, expected_sending_on,
                      deadline_on, fee_ore, entry_id, certificate_id, handed_over_on, sent_on, evidence, why, touched_at)
select %(tenant)s, reminder_id, creditor_id, case_id, 'reminder', 'print_post', 'sent', date '2026-01-02',
       date '2026-01-05', date '2026-01-22', 3500, reminder_entry, uuidv7(), date '2026-01-02', date '2026-01-05',
       'LTR;' || reminder_id || ';2026-01-05;1', '', now()
from seed
union all
select %(tenant)s, notice_id, creditor_id, case_id, 'collection_notice', 'print_post', 'sent', '2026-01-28',
       '2026-01-29', date '2026-02-16' + n %% 4, 3500, notice_entry, uuidv7(), '2026-01-28',
       date '2026-01-29' + n %% 2, 'LTR;' || notice_id || ';2026-01-29;1', '', now()
from seed;

insert into stored_letter (tenant_id, id, case_id, dispatch_id, kind, path, sha256, pdf_sha256, pages,
                           template_version, facts, made_at)
select %(tenant)s, uuidv7(), case_id, letter_id, kind, 'letters/' || letter_id, sha256(letter_id::text::bytea),
       sha256(case_id::text::bytea), 1, '1', sha256(''), now()
from (select case_id, reminder_id as letter_id, 'reminder' as kind from seed
      union all select case_id, notice_id, 'collection_notice' from seed) letters;

insert into transfer (tenant_id, id, entry_id, source, leg, kind, creditor_id, case_id, claim_id, debit, credit,
                      component, amount_ore, value_on, booked_at, corrects, reason)
select %(tenant)s, uuidv7(), entry_id, source, 0, kind, creditor_id, case_id, claim_id, 'receivable', 'claims_held',
       component, amount_ore, value_on, now(), null, ''
from (select creditor_id, case_id, claim_id, uuidv7() as entry_id, 'claim:' || claim_id as source,
             'claim_registered' as kind, 'principal' as component, principal_ore as amount_ore,
             date '2025-12-20' as value_on from seed
      union all
      select creditor_id, case_id, second_claim_id, uuidv7(), 'claim:' || second_claim_id, 'claim_registered',
             'principal', principal_ore, '2025-12-20' from seed where n %% 3 = 0
      union all
      select creditor_id, case_id, null, reminder_entry, 'step:' || reminder_entry, 'fee_charged', 'notice_fee', 3500,
             '2026-01-02' from seed
      union all
      select creditor_id, case_id, null, notice_entry, 'step:' || notice_entry, 'fee_charged', 'notice_fee', 3500,
             '2026-01-28' from seed) legs;

insert into reported_fact (tenant_id, id, creditor_id, case_id, name, value, source, reported_on)
select %(tenant)s, uuidv7(), creditor_id, case_id, 'power.active_contract', 'true'::jsonb, 'kundesystem', '2025-12-20'
from seed where n %% 2 = 0;
