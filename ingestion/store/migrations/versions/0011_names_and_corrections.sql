-- Names that people confirmed, corrections that people declared, and raw.reading: every entry as it is to be read.
-- raw.entry itself stays what the source says and what the parser made of it.

create function reference.name_key(name text) returns text
language sql immutable parallel safe
return lower(regexp_replace(
    translate(normalize(regexp_replace(name, '<[^<>]{1,20}>', '', 'g'), nfkc), '【】〔〕[]{}', '()()()()'),
    '[[:space:]▲△★☆*·•“”"''‘’《》]+', '', 'g'
));
comment on function reference.name_key(text) is
'A name as it is compared: half-width, lower case, one kind of brackets, without blanks, quotes and marks such as ▲.';

create function reference.label_key(label text) returns text
language sql immutable parallel safe
return reference.name_key(regexp_replace(
    normalize(label, nfkc), '^\s*([A-Z]{1,3}[0-9]+|[0-9]+(\.[0-9]+)*)\s*[.、:)\s]\s*', ''
));
comment on function reference.label_key(text) is 'The name of a line as it is compared, without the code before it.';

create table reference.hospital_name (
    hospital_code text not null,
    name_zh text not null,
    name_key text not null,
    valid_from date,
    valid_to date
);
comment on table reference.hospital_name is
'One name of a registered hospital in one span of time, from seeds hospital and hospital_alias.';

create table reference.alias (
    kind text not null check (kind in ('indicator', 'department')),
    scope text not null,
    name text not null,
    name_key text not null,
    target text not null,
    valid_from date,
    valid_to date
);
comment on table reference.alias is
'One other name of a line (scope: the form, target: the line code) or of a department (scope: the hospital or *, target: '
'its name), from seeds indicator_alias and department_alias.';

create table audit.name_decision (
    decision_id bigint generated always as identity primary key,
    kind text not null check (kind in ('hospital', 'indicator', 'department')),
    scope text not null,
    name text not null,
    name_key text not null,
    target text not null,
    is_refusal boolean not null default false,
    valid_from date,
    valid_to date,
    reason text not null check (length(btrim(reason)) > 0),
    decided_by text not null check (length(btrim(decided_by)) > 0),
    login text not null default session_user,
    decided_at timestamptz not null default clock_timestamp()
);
create index on audit.name_decision (kind, scope, name_key, decision_id);
comment on table audit.name_decision is
'One decision of a person on what a name means, or (is_refusal) that it does not mean it. Append-only: the newest row of '
'a name and target stands. hospital: scope is empty and target the code; indicator: scope is the form and target the '
'line code; department: scope is the hospital and target the department''s name.';

call audit.keep('audit.name_decision', 'decision_id');

create view reference.standing_alias as
with decided as (
    select distinct on (kind, scope, name_key, target) *
    from audit.name_decision
    order by kind asc, scope asc, name_key asc, target asc, decision_id desc
),

known as (
    select
        0 as rank,
        kind,
        scope,
        name_key,
        target,
        valid_from,
        valid_to
    from reference.alias
    union all
    select
        decision_id as rank,
        kind,
        scope,
        name_key,
        target,
        valid_from,
        valid_to
    from decided
    where not is_refusal
)

select
    k.kind,
    k.scope,
    k.name_key,
    k.target,
    coalesce(k.valid_from, '-infinity') as valid_from,
    coalesce(k.valid_to, 'infinity') as valid_to,
    k.rank
from known as k
where not exists (
    select from decided as d
    where
        d.is_refusal and d.kind = k.kind and d.scope = k.scope and d.name_key = k.name_key and d.target = k.target
        and d.decision_id > k.rank
);
comment on view reference.standing_alias is
'What each other name means and from when to when: the seeds, then what people decided since. The newest wins.';

-- One row a year, so that entries find the meaning of a name by equality, and never two.
create table reference.name_in_force (
    kind text not null,
    scope text not null,
    name_key text not null,
    year integer not null,
    target text not null,
    primary key (kind, scope, name_key, year)
);
comment on table reference.name_in_force is
'What another name of a line or department means in a year (as of its last day), from reference.standing_alias.';

create function reference.refresh_names() returns void
language sql
as $refresh$
    delete from reference.name_in_force;
    insert into reference.name_in_force
    select distinct on (a.kind, a.scope, a.name_key, y.year)
        a.kind,
        a.scope,
        a.name_key,
        y.year,
        a.target
    from reference.standing_alias as a
    cross join generate_series(1990, 2060) as y (year)
    where a.kind in ('indicator', 'department') and make_date(y.year, 12, 31) between a.valid_from and a.valid_to
    order by a.kind, a.scope, a.name_key, y.year, a.rank desc;
$refresh$;
comment on function reference.refresh_names() is 'Brings reference.name_in_force up to reference.standing_alias.';

create view reference.standing_hospital_name as
select hospital_code, name_key, coalesce(valid_from, '-infinity') as valid_from, coalesce(valid_to, 'infinity') as valid_to
from reference.hospital_name
union all
select target, name_key, valid_from, valid_to from reference.standing_alias where kind = 'hospital';
comment on view reference.standing_hospital_name is 'Every name that a hospital is known by.';

create table reference.correction (
    correction_id text primary key,
    hospital_code text not null,
    form text not null,
    reporting_year integer not null,
    line_code text,
    label_zh text,
    line_key text not null,
    period text not null,
    department_zh text,
    department_key text not null,
    expect text not null,
    expect_value numeric,
    value numeric,
    reason text not null,
    reporter text not null,
    status text not null check (status in ('proposed', 'approved', 'retired'))
);
create unique index correction_of_a_figure on reference.correction (
    hospital_code, form, reporting_year, line_key, period, department_key
) where status = 'approved';
comment on table reference.correction is
'One declared correction of a figure, from seed correction. It takes effect while it is approved and the source still '
'states what it expects. line_key is the line''s code, or label: and the name where the form has no such line.';

create view raw.reading as
with named as (
    select
        e.*,
        s.hospital_code,
        s.form,
        s.reporting_year,
        coalesce(e.line_code, line.target) as line_code_read,
        e.line_code is null and line.target is not null as is_line_by_alias,
        coalesce(own.target, common.target, e.department_raw) as department_name
    from raw.entry as e
    inner join audit.submission as s on e.submission_id = s.submission_id
    cross join lateral (
        select
            coalesce(substring(e.period from '^[0-9]{4}$')::integer, s.reporting_year) as year,
            -- Reckoned only where somebody confirmed a name: most entries have a code, and most names mean themselves.
            case
                when
                    e.line_code is null
                    and e.entry_kind = 'value'
                    and s.form in (select n.scope from reference.name_in_force as n where n.kind = 'indicator')
                    then reference.label_key(e.label_raw)
            end as label_key,
            case
                when
                    e.department_raw is not null
                    and exists (select from reference.name_in_force as n where n.kind = 'department')
                    then reference.name_key(e.department_raw)
            end as department_key
    ) as k
    left join reference.name_in_force as line
        on line.kind = 'indicator' and line.scope = s.form and line.name_key = k.label_key and line.year = k.year
    left join reference.name_in_force as own
        on
            own.kind = 'department' and own.scope = s.hospital_code and own.name_key = k.department_key
            and own.year = k.year
    left join reference.name_in_force as common
        on common.kind = 'department' and common.scope = '*' and common.name_key = k.department_key
            and common.year = k.year
),

keyed as (
    select
        n.*,
        case
            when
                n.entry_kind = 'value'
                and n.hospital_code in (select c.hospital_code from reference.correction as c where c.status = 'approved')
                then coalesce(n.line_code_read, 'label:' || reference.label_key(n.label_raw))
        end as line_key,
        case
            when n.hospital_code in (select c.hospital_code from reference.correction as c where c.status = 'approved')
                then coalesce(reference.name_key(n.department_name), '')
        end as department_key
    from named as n
)

select
    e.submission_id,
    e.entry_id,
    e.entry_kind,
    e.ordinal,
    e.section_raw,
    e.row_raw,
    e.label_raw,
    e.unit_raw,
    e.department_raw,
    e.period_raw,
    e.value_raw,
    e.baseline_raw,
    e.line_code_read as line_code,
    e.is_line_by_alias,
    e.department_name,
    e.period,
    case when c.correction_id is not null then c.value else e.value end as value,
    e.value as value_stated,
    c.correction_id,
    e.value_high,
    case
        when c.correction_id is not null then scale(trim_scale(c.value))::smallint else e.stated_decimals
    end as stated_decimals,
    e.grade,
    case when c.correction_id is not null and c.value is not null then '=' else e.comparator end as comparator,
    e.unit,
    e.baseline_value,
    e.baseline_high,
    e.target_kind,
    e.is_per_year,
    e.direction,
    e.benchmark,
    e.role,
    e.subject,
    case
        when c.correction_id is not null
            then array(select n from unnest(e.notes) as n where n not in ('not_a_number', 'cleared')) || 'corrected'::text
        else e.notes
    end as notes,
    e.detail,
    e.locator,
    e.quote,
    e.parser_version,
    e.loaded_at
from keyed as e
left join reference.correction as c
    on
        c.status = 'approved'
        and c.hospital_code = e.hospital_code
        and c.form = e.form
        and c.reporting_year = e.reporting_year
        and c.line_key = e.line_key
        and c.period = e.period
        and c.department_key = e.department_key
        and (btrim(e.value_raw) = c.expect or e.value = c.expect_value);
comment on view raw.reading is
'One entry as it is to be read: raw.entry, with its line and department as people confirmed their names, and its value as '
'an approved correction has it. What the source states stays beside it (value_raw, value_stated, department_raw).';

create view reference.correction_state as
select
    k.*,
    r.submission_id,
    r.entry_id,
    r.locator,
    r.value_raw as stated_now,
    case
        when k.status <> 'approved' then k.status
        when r.entry_id is null then 'not_found'
        when r.correction_id = k.correction_id then 'applied'
        else 'mended'
    end as state
from reference.correction as k
left join lateral (
    select r.*
    from audit.submission_status as s
    inner join raw.reading as r on s.submission_id = r.submission_id
    where
        s.hospital_code = k.hospital_code
        and s.form = k.form
        and s.reporting_year = k.reporting_year
        and s.status not in ('unreadable', 'rejected', 'withdrawn')
        and r.entry_kind = 'value'
        and r.period = k.period
        and k.line_key = coalesce(r.line_code, 'label:' || reference.label_key(r.label_raw))
        and k.department_key = coalesce(reference.name_key(r.department_name), '')
    order by s.revision desc, r.ordinal asc
    limit 1
) as r on true;
comment on view reference.correction_state is
'How each correction stands against the newest submission: applied; mended (the source no longer states what the '
'correction expects: retire it); not_found (no such figure was sent); proposed; retired.';

-- What the gate looks at of them.
alter table gate.submission_check
add column hospital_stated text,
add column hospital_expected text,
add column is_hospital_another boolean,
add column is_hospital_known_so boolean,
add column year_stated integer,
add column is_year_as_reported boolean;
alter table gate.entry_check add column years_ahead integer;
