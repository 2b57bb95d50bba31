-- A book of three years: 50 creditors, every 12 transfers the life of one case: claim, fees, interest, money in, placed,
-- the commission and the payout, each on its own day.
insert into transfer (tenant_id, id, entry_id, source, leg, kind, creditor_id, case_id, claim_id, debit, credit,
                      component, amount_ore, value_on, booked_at, corrects, reason)
select %(tenant)s, uuidv7(), entry_id, 'bench:' || n, leg - 1, 'bench',
       case when placed then ('00000000-0000-4000-8000-' || lpad((n %% 50)::text, 12, '0'))::uuid
            else '00000000-0000-0000-0000-000000000000' end,
       case when placed then entry_id end, null, debit, credit, component, 10000 + n %% 90000,
       date '2023-03-01' + (n * 7919 %% 1000)::int + days, now(), null, ''
from (select n, uuidv7() as entry_id from generate_series(1, %(entries)s::bigint) n) entries,
     (values (1, 'receivable', 'claims_held', 'principal', 0, true),
             (2, 'receivable', 'claims_held', 'notice_fee', 14, true),
             (3, 'receivable', 'claims_held', 'collection_fee', 45, true),
             (4, 'receivable', 'claims_held', 'interest', 60, true),
             (5, 'client_bank', 'unplaced', 'money', 60, false),
             (6, 'unplaced', 'receivable', 'principal', 60, true),
             (7, 'claims_held', 'owed_creditor', 'principal', 60, true),
             (8, 'unplaced', 'receivable', 'collection_fee', 60, true),
             (9, 'claims_held', 'earned', 'collection_fee', 60, true),
             (10, 'owed_creditor', 'earned', 'principal', 61, true),
             (11, 'owed_creditor', 'client_bank', 'principal', 61, true),
             (12, 'earned', 'client_bank', 'money', 61, false)) legs(leg, debit, credit, component, days, placed)
