-- Corrections by time. reference.correction says how the seed stands; what it said before is a record, so that what was
-- known at a moment stays what it was, whatever is approved or retired since.

create table audit.correction_event (
    event_id bigint generated always as identity primary key,
    correction_id text not null,
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
    status text not null check (status in ('proposed', 'approved', 'retired', 'removed')),
    -- Of one statement, not of one row: where one correction takes the place of another, there is no moment between.
    occurred_at timestamptz not null default statement_timestamp(),
    is_carried_over boolean not null default false,
    login text not null default session_user
);
create index on audit.correction_event (correction_id, event_id);
comment on table audit.correction_event is
'One change of a declared correction: its row of seed correction as it was read then; never overwritten. removed: the row '
'is no longer in the seed. is_carried_over: written when the warehouse came to the release that keeps changes; it had '
'that status by then, since when is not known.';

call audit.keep('audit.correction_event', 'event_id');

create function audit.keep_corrections() returns void
language sql
as $keep$
    with newest as (
        select distinct on (correction_id) *
        from audit.correction_event
        order by correction_id asc, event_id desc
    )

    insert into audit.correction_event (
        correction_id, hospital_code, form, reporting_year, line_code, label_zh, line_key, period, department_zh,
        department_key, expect, expect_value, value, reason, reporter, status
    )
    select
        k.correction_id, k.hospital_code, k.form, k.reporting_year, k.line_code, k.label_zh, k.line_key, k.period,
        k.department_zh, k.department_key, k.expect, k.expect_value, k.value, k.reason, k.reporter, k.status
    from reference.correction as k
    left join newest as n on k.correction_id = n.correction_id
    where to_jsonb(n) - '{event_id,occurred_at,is_carried_over,login}'::text[] is distinct from to_jsonb(k)
    union all
    select
        n.correction_id, n.hospital_code, n.form, n.reporting_year, n.line_code, n.label_zh, n.line_key, n.period,
        n.department_zh, n.department_key, n.expect, n.expect_value, n.value, n.reason, n.reporter, 'removed'
    from newest as n
    where
        n.status <> 'removed'
        and not exists (select from reference.correction as k where k.correction_id = n.correction_id)
    order by 1
$keep$;
comment on function audit.keep_corrections() is
'Write down what has changed in reference.correction since the newest events of its corrections.';

create view reference.correction_span as
select
    event_id,
    correction_id,
    hospital_code,
    form,
    reporting_year,
    line_key,
    period,
    department_key,
    expect,
    expect_value,
    value,
    reason,
    reporter,
    occurred_at as approved_at,
    ended_at,
    ended_as
from (
    select
        v.*,
        lead(v.occurred_at) over same_correction as ended_at,
        lead(v.status) over same_correction as ended_as
    from audit.correction_event as v
    window same_correction as (partition by v.correction_id order by v.event_id)
) as event
where status = 'approved';
comment on view reference.correction_span is
'One span of time in which a correction was approved as it reads here: until it was retired, removed, or its row changed '
'(ended_at, ended_as); null while it stands.';

-- By the figure and the guard of raw.reading, at every moment instead of today.
create view raw.corrected_entry as
with applied as (
    select
        r.submission_id,
        r.entry_id,
        r.value_stated,
        c.correction_id,
        c.value,
        c.reason,
        c.reporter,
        c.approved_at,
        c.ended_at,
        c.ended_as,
        lag(c.ended_at, 1, '-infinity') over in_time as ended_before,
        lead(c.approved_at) over in_time as approved_next
    from reference.correction_span as c
    inner join audit.submission as s
        on c.hospital_code = s.hospital_code and c.form = s.form and c.reporting_year = s.reporting_year
    inner join raw.reading as r on s.submission_id = r.submission_id
    where
        r.entry_kind = 'value'
        and r.period = c.period
        and coalesce(r.line_code, 'label:' || reference.label_key(r.label_raw)) = c.line_key
        and coalesce(reference.name_key(r.department_name), '') = c.department_key
        and (btrim(r.value_raw) = c.expect or r.value_stated = c.expect_value)
    window in_time as (partition by r.submission_id, r.entry_id order by c.approved_at)
),

span as (
    select
        submission_id,
        entry_id,
        correction_id,
        value,
        reason,
        reporter,
        approved_at as read_from,
        ended_at as read_to,
        ended_as
    from applied
    union all
    -- Before each correction, and after the last one that ended: as the source states it.
    select submission_id, entry_id, null, null, null, null, ended_before, approved_at, 'approved'
    from applied
    where ended_before < approved_at
    union all
    select submission_id, entry_id, null, null, null, null, ended_at, null, null
    from applied
    where ended_at is not null and approved_next is null
)

select
    span.submission_id,
    span.entry_id,
    span.read_from,
    span.read_to,
    span.ended_as,
    span.correction_id,
    span.reason,
    span.reporter,
    e.value_raw,
    case when span.correction_id is not null then span.value else e.value end as value,
    case
        when span.correction_id is not null then scale(trim_scale(span.value))::smallint else e.stated_decimals
    end as stated_decimals,
    case
        when span.correction_id is not null and span.value is not null then '=' else e.comparator
    end as comparator,
    span.correction_id is null and 'cleared' = any(e.notes) as is_cleared
from span
inner join raw.entry as e on span.submission_id = e.submission_id and span.entry_id = e.entry_id;
comment on view raw.corrected_entry is
'One entry that a correction ever changed, for each span of time in which it was read one way: as the source states it '
'(correction_id null) or as a correction had it. The spans of an entry follow each other without a gap, from -infinity on; '
'read_to is null for the one that is read today. Names mean what they mean today.';

-- What the release before kept of a correction is how it stands, and when data files were last read.
insert into audit.correction_event (
    correction_id, hospital_code, form, reporting_year, line_code, label_zh, line_key, period, department_zh,
    department_key, expect, expect_value, value, reason, reporter, status, occurred_at, is_carried_over
)
select
    k.correction_id, k.hospital_code, k.form, k.reporting_year, k.line_code, k.label_zh, k.line_key, k.period,
    k.department_zh, k.department_key, k.expect, k.expect_value, k.value, k.reason, k.reporter, k.status,
    coalesce((select max(f.read_at) from reference.data_files as f), statement_timestamp()), true
from reference.correction as k
order by k.correction_id;
