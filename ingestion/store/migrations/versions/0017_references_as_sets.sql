-- A gate run writes a row an entry, and a foreign key looks up each of them by itself: half of the time of writing. What is
-- referred to are records, of which nothing is ever changed or removed; so it is enough to look once, when rows are added,
-- and all of a statement's rows can be looked at as one set.

create function audit.check_entry_disposition() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $function$
begin
    if exists (
        select from (select distinct gate_run_id from added) as a
        where not exists (select from audit.gate_run as g where g.gate_run_id = a.gate_run_id)
    ) or exists (
        select from added as a
        where not exists (
            select from raw.entry as e where e.submission_id = a.submission_id and e.entry_id = a.entry_id
        )
    ) then
        raise exception 'audit.entry_disposition: a row of a gate run or an entry that there is not'
            using errcode = 'foreign_key_violation';
    end if;
    return null;
end
$function$;
comment on function audit.check_entry_disposition() is
'Refuse dispositions of a gate run or an entry that there is not: the foreign keys, for all rows of a statement at once.';

create function audit.check_rule_outcome() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $function$
begin
    if exists (
        select from (select distinct gate_run_id from added) as a
        where not exists (select from audit.gate_run as g where g.gate_run_id = a.gate_run_id)
    ) or exists (
        select from (select distinct rule_id from added) as a
        where not exists (select from audit.rule as r where r.rule_id = a.rule_id)
    ) or exists (
        select from (select distinct submission_id from added) as a
        where not exists (select from audit.submission as s where s.submission_id = a.submission_id)
    ) then
        raise exception 'audit.rule_outcome: a row of a gate run, a rule or a submission that there is not'
            using errcode = 'foreign_key_violation';
    end if;
    return null;
end
$function$;
comment on function audit.check_rule_outcome() is
'Refuse outcomes of a gate run, a rule or a submission that there is not: the foreign keys, for all rows of a statement at once.';

alter table audit.entry_disposition
drop constraint entry_disposition_gate_run_id_fkey,
drop constraint entry_disposition_submission_id_entry_id_fkey;
create trigger check_references after insert on audit.entry_disposition
referencing new table as added for each statement execute function audit.check_entry_disposition();
alter table audit.entry_disposition enable always trigger check_references;

alter table audit.rule_outcome
drop constraint rule_outcome_gate_run_id_fkey,
drop constraint rule_outcome_rule_id_fkey,
drop constraint rule_outcome_submission_id_fkey;
create trigger check_references after insert on audit.rule_outcome
referencing new table as added for each statement execute function audit.check_rule_outcome();
alter table audit.rule_outcome enable always trigger check_references;
