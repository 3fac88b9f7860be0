-- Tamper evidence. Two things, since neither is enough:
--   refusal   tables of record refuse update, delete and truncate from everybody, their owner included. Who may switch
--             triggers off can get around that,
--   a chain   so every record has a link that holds the hash of its content and of the link before it. What is changed
--             behind the triggers' back no longer fits its link, and a changed link no longer fits the next one.
-- Large sets are chained as one: the entries of a submission by their digest, when it is parsed; what a gate run found,
-- by a digest a submission. Links are made when a transaction commits, one transaction after the other.

create table audit.chained_table (
    record_table text primary key,
    key_column text not null
);
comment on table audit.chained_table is 'One table whose every row has a link of its own in the chain.';

create table audit.chain_link (
    link_no bigint primary key,
    record_table text not null,
    record_key text not null,
    content_sha256 text not null,
    previous_sha256 text not null,
    link_sha256 text not null,
    linked_at timestamptz not null,
    unique (record_table, record_key)
);
comment on table audit.chain_link is
'One link of the chain: the hash of a record''s content, and of this and the link before it. `hiw audit verify` computes '
'them again.';

create table audit.gate_run_digest (
    gate_run_id text not null references audit.gate_run,
    submission_id text not null references audit.submission (submission_id),
    dispositions_sha256 text,
    results_sha256 text,
    outcomes_sha256 text,
    primary key (gate_run_id, submission_id)
);
comment on table audit.gate_run_digest is
'One submission in one gate run: hashes over its rows in entry_disposition, validation_result and rule_outcome.';

-- Absent and null are the same, so that a column added by a later release leaves the hashes of older rows as they are.
create function audit.canonical(record jsonb) returns text
language sql immutable parallel safe
return jsonb_strip_nulls(record)::text;
comment on function audit.canonical(jsonb) is 'A record as the text that its hash is taken of: keys in a fixed order, no nulls.';

create function audit.sha256_hex(content text) returns text
language sql immutable parallel safe
return encode(sha256(convert_to(content, 'UTF8')), 'hex');
comment on function audit.sha256_hex(text) is 'sha256 of a text in UTF-8, as 64 hexadecimal digits.';

create function audit.link_sha256(
    link_no bigint, record_table text, record_key text, content_sha256 text, previous_sha256 text, linked_at timestamptz
) returns text
language sql immutable parallel safe
return audit.sha256_hex(concat_ws(
    chr(31), previous_sha256, link_no, record_table, record_key, content_sha256, extract(epoch from linked_at)
));
comment on function audit.link_sha256(bigint, text, text, text, text, timestamptz) is 'What the last column of a link must say.';

-- Times are written in the session's zone; a hash needs one for all.
create function audit.entries_sha256(submission text) returns text
language sql stable
set timezone = 'UTC'
as $function$
    select audit.sha256_hex(concat_ws(
        chr(30),
        (
            select string_agg(audit.canonical(to_jsonb(e)), chr(10) order by e.entry_id)
            from raw.entry as e where e.submission_id = submission
        ),
        (select d.text from raw.document as d where d.submission_id = submission)
    ))
$function$;
comment on function audit.entries_sha256(text) is 'Digest of what a submission says in raw.entry and raw.document.';

create function audit.run_digests(run text) returns setof audit.gate_run_digest
language sql stable
set timezone = 'UTC'
as $function$
    with disposition as (
        select
            submission_id,
            audit.sha256_hex(string_agg(
                concat_ws('|', entry_id, disposition, array_to_string(rules_checked, ' '), array_to_string(rules_failed, ' ')),
                chr(10) order by entry_id
            )) as sha256
        from audit.entry_disposition
        where gate_run_id = run
        group by submission_id
    ),
    result as (
        select
            submission_id,
            audit.sha256_hex(string_agg(content, chr(10) order by content collate "C")) as sha256
        from (
            select v.submission_id, audit.canonical(to_jsonb(v)) as content
            from audit.validation_result as v where v.gate_run_id = run
        ) as r
        group by submission_id
    ),
    outcome as (
        select
            submission_id,
            audit.sha256_hex(string_agg(
                concat_ws('|', rule_id, checked, failed), chr(10) order by rule_id collate "C"
            )) as sha256
        from audit.rule_outcome
        where gate_run_id = run
        group by submission_id
    )
    select run, submission_id, d.sha256, r.sha256, o.sha256
    from disposition as d
    full join result as r using (submission_id)
    full join outcome as o using (submission_id)
$function$;
comment on function audit.run_digests(text) is 'What audit.gate_run_digest must say of a gate run.';

create function audit.run_sha256(run text) returns text
language sql stable
as $function$
    select audit.sha256_hex(coalesce(string_agg(audit.canonical(to_jsonb(d)), chr(10) order by d.submission_id collate "C"), ''))
    from audit.gate_run_digest as d where d.gate_run_id = run
$function$;
comment on function audit.run_sha256(text) is 'Digest of the digests of a gate run.';

-- The lock is held until the transaction is over: links follow each other, and so do the transactions that make them.
create function audit.append_link(record_table text, record_key text, content_sha256 text) returns void
language plpgsql
as $function$
declare
    last_no bigint;
    last_sha256 text;
    moment timestamptz;
begin
    perform pg_advisory_xact_lock(7215007);
    select l.link_no, l.link_sha256 into last_no, last_sha256
    from audit.chain_link as l order by l.link_no desc limit 1;
    last_no := coalesce(last_no, 0) + 1;
    last_sha256 := coalesce(last_sha256, repeat('0', 64));
    moment := clock_timestamp();
    insert into audit.chain_link values (
        last_no, record_table, record_key, content_sha256, last_sha256,
        audit.link_sha256(last_no, record_table, record_key, content_sha256, last_sha256, moment), moment
    );
end
$function$;
comment on function audit.append_link(text, text, text) is 'Add a link to the chain, after the newest.';

create function audit.link_record() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
declare
    content jsonb := to_jsonb(new);
begin
    if tg_table_name = 'submission_event' and content ->> 'status' = 'parsed' then
        perform audit.append_link(
            'raw.entry', content ->> 'event_id' || ' ' || (content ->> 'submission_id'),
            audit.entries_sha256(content ->> 'submission_id')
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
comment on function audit.link_record() is
'Link a new record, when its transaction commits; its argument is the key column of the table. Runs with the rights of '
'its owner: who writes records does not write links.';

create function audit.refuse_change() returns trigger
language plpgsql
as $function$
begin
    raise exception '%.% is a record: it is added to, never changed or removed (% refused)',
        tg_table_schema, tg_table_name, lower(tg_op) using errcode = 'insufficient_privilege';
end
$function$;
comment on function audit.refuse_change() is 'Refuse update, delete and truncate, whoever asks.';

create procedure audit.keep(target regclass, key_column text default null)
language plpgsql
as $procedure$
declare
    name text := (
        select n.nspname || '.' || c.relname from pg_class as c
        inner join pg_namespace as n on c.relnamespace = n.oid where c.oid = target
    );
begin
    execute format(
        'create trigger refuse_change before update or delete or truncate on %s '
        'for each statement execute function audit.refuse_change()', target
    );
    execute format('alter table %s enable always trigger refuse_change', target);
    if key_column is null then
        return;
    end if;
    insert into audit.chained_table values (name, key_column);
    execute format(
        'create constraint trigger link_record after insert on %s deferrable initially deferred '
        'for each row execute function audit.link_record(%L)', target, key_column
    );
end
$procedure$;
comment on procedure audit.keep(regclass, text) is
'Make a table a table of record: it refuses every change, and, where a key column is named, each of its rows gets a link. '
'A table without one must be part of a digest.';

-- What every link must say of its record, from the records as they are.
create function audit.record_contents() returns table (record_table text, record_key text, content_sha256 text)
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
    select 'raw.entry', e.event_id || ' ' || e.submission_id, audit.entries_sha256(e.submission_id)
    from audit.submission_event as e where e.status = 'parsed';
    return query
    select 'audit.gate_run_digest', g.gate_run_id, audit.run_sha256(g.gate_run_id) from audit.gate_run as g;
end
$function$;
comment on function audit.record_contents() is 'Table, key and hash of every record that has, or should have, a link.';

create function audit.chain_faults() returns table (
    link_no bigint, record_table text, record_key text, fault text, linked_at timestamptz
)
language sql stable
as $function$
    with content as materialized (
        select * from audit.record_contents()
    ),
    link as (
        select
            l.*,
            lag(l.link_sha256, 1, repeat('0', 64)) over (order by l.link_no) as link_before,
            lag(l.link_no, 1, 0::bigint) over (order by l.link_no) as number_before
        from audit.chain_link as l
    ),
    digest as (
        select g.gate_run_id, d.submission_id as found, kept.submission_id as kept,
            array_to_string(array[
                case when d.dispositions_sha256 is distinct from kept.dispositions_sha256 then 'audit.entry_disposition' end,
                case when d.results_sha256 is distinct from kept.results_sha256 then 'audit.validation_result' end,
                case when d.outcomes_sha256 is distinct from kept.outcomes_sha256 then 'audit.rule_outcome' end
            ], ', ') as changed
        from audit.gate_run as g
        cross join lateral (
            select * from audit.run_digests(g.gate_run_id)
        ) as d
        full join audit.gate_run_digest as kept
            on g.gate_run_id = kept.gate_run_id and d.submission_id = kept.submission_id
        where (d.dispositions_sha256, d.results_sha256, d.outcomes_sha256)
            is distinct from (kept.dispositions_sha256, kept.results_sha256, kept.outcomes_sha256)
    )
    select * from (
        select link.link_no, link.record_table, link.record_key, 'links before it are missing' as fault, link.linked_at
        from link where link.link_no <> link.number_before + 1
        union all
        select link.link_no, link.record_table, link.record_key, 'the link before it was changed', link.linked_at
        from link where link.previous_sha256 <> link.link_before and link.link_no = link.number_before + 1
        union all
        select link.link_no, link.record_table, link.record_key, 'the link itself was changed', link.linked_at
        from link
        where link.link_sha256 <> audit.link_sha256(
            link.link_no, link.record_table, link.record_key, link.content_sha256, link.previous_sha256, link.linked_at
        )
        union all
        select link.link_no, link.record_table, link.record_key,
            case when content.record_key is null then 'the record is gone' else 'the record was changed' end,
            link.linked_at
        from link
        left join content using (record_table, record_key)
        where content.content_sha256 is distinct from link.content_sha256
        union all
        select null, content.record_table, content.record_key, 'a record that no link tells of', null
        from content
        left join link using (record_table, record_key)
        where link.link_no is null
        union all
        select link.link_no, digest.changed,
            coalesce(digest.found, digest.kept) || ' in ' || coalesce(digest.gate_run_id, 'no gate run'),
            'rows were changed, added or removed', link.linked_at
        from digest
        left join link on link.record_table = 'audit.gate_run_digest' and link.record_key = digest.gate_run_id
    ) as found
    order by found.link_no nulls last, found.record_table, found.record_key
$function$;
comment on function audit.chain_faults() is 'Everything that does not fit the chain, the earliest link first; no row where all fits.';

-- What stands already, in an order that is the same wherever it is done.
insert into audit.gate_run_digest
select d.* from audit.gate_run as g cross join lateral audit.run_digests(g.gate_run_id) as d;

call audit.keep('audit.landed_file', 'sha256');
call audit.keep('audit.submission', 'submission_id');
call audit.keep('audit.receipt', 'receipt_id');
call audit.keep('audit.submission_event', 'event_id');
call audit.keep('audit.step_outcome', 'outcome_id');
call audit.keep('audit.gate_run', 'gate_run_id');
call audit.keep('audit.verification', 'verification_id');
call audit.keep('audit.waiver', 'waiver_id');
call audit.keep('raw.entry');
call audit.keep('raw.document');
call audit.keep('audit.rule_outcome');
call audit.keep('audit.validation_result');
call audit.keep('audit.entry_disposition');
call audit.keep('audit.gate_run_digest');
call audit.keep('audit.chain_link');

do $backlog$
declare
    item record;
begin
    for item in
        select * from audit.record_contents() as c order by c.record_table collate "C", c.record_key collate "C"
    loop
        perform audit.append_link(item.record_table, item.record_key, item.content_sha256);
    end loop;
end
$backlog$;

do $grants$
begin
    if exists (select 1 from pg_roles where rolname = 'hiw_loader') then
        revoke insert on audit.chain_link, audit.gate_run_digest, audit.chained_table from hiw_loader;
    end if;
    revoke all on function audit.append_link(text, text, text) from public;
    revoke all on procedure audit.keep(regclass, text) from public;
end
$grants$;
