-- Loading entries costs little more than copying them: what is done with each of them is done with all at once.

-- 1. The digest of a submission's entries made JSON of every row. Rows as text say the same at a fifth of the cost. The
-- event of a submission says which digest its entries have ("digest": "rows"), and is itself chained; entries that were
-- loaded before have no such word and keep the digest of their JSON.

-- The columns are named, so that one added by a later release leaves the digests of older rows as they are. What texts of
-- times and numbers depend on is set.
create function audit.rows_sha256(submission text) returns text
language sql stable
set timezone = 'UTC'
set datestyle = 'ISO'
set intervalstyle = 'postgres'
as $function$
    select audit.sha256_hex(concat_ws(
        chr(30),
        (
            select string_agg(
                row(
                    e.entry_id, e.entry_kind, e.ordinal, e.locator, e.section_raw, e.row_raw, e.label_raw, e.unit_raw,
                    e.department_raw, e.period_raw, e.value_raw, e.baseline_raw, e.line_code, e.period, e.value,
                    e.value_high, e.stated_decimals, e.grade, e.comparator, e.unit, e.baseline_value, e.baseline_high,
                    e.target_kind, e.is_per_year, e.direction, e.benchmark, e.role, e.subject, e.notes, e.detail, e.quote,
                    e.parser_version, e.loaded_at
                )::text,
                chr(10) order by e.entry_id
            )
            from raw.entry as e where e.submission_id = submission
        ),
        (select d.text from raw.document as d where d.submission_id = submission)
    ))
$function$;
comment on function audit.rows_sha256(text) is
'Digest of what a submission says in raw.entry and raw.document, of its rows as text.';

create function audit.parsed_sha256(event jsonb) returns text
language sql stable
return case event #>> '{detail,digest}'
    when 'rows' then audit.rows_sha256(event ->> 'submission_id') else audit.entries_sha256(event ->> 'submission_id')
end;
comment on function audit.parsed_sha256(jsonb) is
'Digest of the entries that an event of audit.submission_event tells of, in the way that the event says.';

create or replace function audit.link_record() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
declare
    content jsonb := to_jsonb(new);
begin
    if tg_table_name = 'submission_event' and content ->> 'status' = 'parsed' then
        perform audit.append_link(
            'raw.entry', content ->> 'event_id' || ' ' || (content ->> 'submission_id'), audit.parsed_sha256(content)
        );
    elsif tg_table_name = 'gate_run' then
        insert into audit.gate_run_digest select * from audit.run_digests(content ->> 'gate_run_id');
        perform audit.append_link(
            'audit.gate_run_digest', content ->> 'gate_run_id', audit.run_sha256(content ->> 'gate_run_id')
        );
    end if;
    perform audit.append_link(
        tg_table_schema || '.' || tg_table_name, content ->> tg_argv[0], audit.sha256_hex(audit.canonical(content))
    );
    return null;
end
$function$;

create or replace function audit.record_contents() returns table (
    record_table text, record_key text, content_sha256 text
)
language plpgsql stable
set timezone = 'UTC'
as $function$
declare
    item record;
begin
    for item in select * from audit.chained_table as t order by t.record_table loop
        return query execute format(
            'select %L, to_jsonb(t) ->> %L, audit.sha256_hex(audit.canonical(to_jsonb(t))) from %s as t',
            item.record_table, item.key_column, item.record_table
        );
    end loop;
    return query
    select 'raw.entry', e.event_id || ' ' || e.submission_id, audit.parsed_sha256(to_jsonb(e))
    from audit.submission_event as e where e.status = 'parsed';
    return query
    select 'audit.gate_run_digest', g.gate_run_id, audit.run_sha256(g.gate_run_id) from audit.gate_run as g;
end
$function$;

-- 2. A foreign key asks for the submission of every single row. The same is asked once a statement; and as no submission
-- is ever changed or removed (audit.refuse_change), what was true when rows were added stays true.
create function raw.check_submission() returns trigger
language plpgsql
as $function$
declare
    unknown text := (
        select string_agg(n.submission_id, ', ')
        from (select distinct a.submission_id from added as a) as n
        where not exists (select from audit.submission as s where s.submission_id = n.submission_id)
    );
begin
    if unknown is not null then
        raise exception 'entries of a submission that is not registered: %', unknown using errcode = 'foreign_key_violation';
    end if;
    return null;
end
$function$;
comment on function raw.check_submission() is 'Refuse entries of a submission that is not registered.';

alter table raw.entry drop constraint entry_submission_id_fkey;
create trigger check_submission after insert on raw.entry
referencing new table as added for each statement execute function raw.check_submission();
alter table raw.entry enable always trigger check_submission;
