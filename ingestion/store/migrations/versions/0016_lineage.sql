-- Lineage for everybody who may see a figure: who confirmed the names it was read by, and which build made the star.

create function reference.name_source(
    kind text, scopes text[], name text, meaning text, year integer
) returns jsonb
language sql stable
return (
    select jsonb_build_object(
        'kind', a.kind, 'name', $3, 'means', a.target, 'source', case when a.rank = 0 then 'seed' else 'decision' end,
        'reason', d.reason, 'decided_by', d.decided_by, 'decided_at', d.decided_at
    )
    from reference.standing_alias as a
    left join audit.name_decision as d on a.rank = d.decision_id
    where
        a.kind = $1
        and a.scope = any($2)
        and a.name_key = case $1 when 'indicator' then reference.label_key($3) else reference.name_key($3) end
        and a.target = $4
        and make_date($5, 12, 31) between a.valid_from and a.valid_to
    -- What is said of one hospital goes before what is said of all.
    order by array_position($2, a.scope), a.rank desc
    limit 1
);
comment on function reference.name_source(text, text[], text, text, integer) is
'Why a name means what it was taken for in a year: a seed, or a person''s decision with reason, person and time; null where '
'the name means itself.';

create function reference.name_sources(
    form text, hospital_code text, label text, line_code text, is_line_by_alias boolean, department text,
    department_name text, year integer
) returns jsonb
language sql stable
return (
    select coalesce(jsonb_agg(n.source) filter (where n.source is not null), '[]')
    from (values
        (case when $5 then reference.name_source('indicator', array[$1], $3, $4, $8) end),
        (case when $6 != $7 then reference.name_source('department', array[$2, '*'], $6, $7, $8) end)
    ) as n (source)
);
comment on function reference.name_sources(text, text, text, text, boolean, text, text, integer) is
'Every name of an entry that was taken for another one (its line, its department), each with why; an empty list where none was.';

create view audit.hospital_name_source as
select * from (
    select
        s.submission_id,
        reference.name_source(
            'hospital', array[''], v.detail -> 'title' ->> 'hospital_name', s.hospital_code, s.reporting_year
        ) as source
    from audit.submission as s
    inner join audit.submission_event as v on s.submission_id = v.submission_id and v.status = 'parsed'
    where v.detail -> 'title' ->> 'hospital_name' is not null
) as named
where source is not null;
comment on view audit.hospital_name_source is
'One submission whose file names its hospital by a name that a person confirmed, with why (reference.name_source).';

create function access.newest_build() returns table (invocation_id text, finished_at timestamptz)
language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select r.invocation_id, r.finished_at
    from audit.dbt_run as r
    where r.failed = 0
    order by r.finished_at desc
    limit 1;
end;
comment on function access.newest_build() is 'The newest run of dbt that built the star without a failure, for readers of the star.';

do $grants$
begin
    revoke all on function access.newest_build() from public;
    if exists (select 1 from pg_roles where rolname = 'hiw_hospital') then
        grant execute on function access.newest_build() to hiw_hospital, hiw_analyst, hiw_auditor;
    end if;
end
$grants$;
