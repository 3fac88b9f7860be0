-- The primary key has the entries of a submission in the order of their digest: they need no sorting.
alter function audit.rows_sha256(text) set enable_sort = off;

-- Entries are added for one submission at a time: it is asked for once, and they are not told apart first.
create or replace function raw.check_submission() returns trigger
language plpgsql
as $function$
declare
    first text := (select a.submission_id from added as a limit 1);
    unknown text;
begin
    if exists (select from audit.submission as s where s.submission_id = first)
        and not exists (select from added as a where a.submission_id <> first)
    then
        return null;
    end if;
    select string_agg(n.submission_id, ', ') into unknown
    from (select distinct a.submission_id from added as a) as n
    where not exists (select from audit.submission as s where s.submission_id = n.submission_id);
    if unknown is not null then
        raise exception 'entries of a submission that is not registered: %', unknown using errcode = 'foreign_key_violation';
    end if;
    return null;
end
$function$;
