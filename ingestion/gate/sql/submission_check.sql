-- Every submission of the batch as it was sent, before any patch was laid over it.
insert into gate.submission_check (
    submission_id, form, reporting_year, revision_kind, locator, stated, expected, entries, figures_in_year,
    known_line_pct, hospital_stated, hospital_expected, is_hospital_another, is_hospital_known_so, year_stated,
    is_year_as_reported, is_hospital_one
)
with patched as (
    select base_key
    from gate.batch_submission
    group by base_key
    having count(*) > 1
),

sent as (
    -- Nothing was laid over most submissions: entry_check holds all of theirs.
    select
        submission_id,
        entry_kind,
        value is not null and period = reporting_year::text as is_in_year,
        department_key,
        is_line_known
    from gate.entry_check
    where base_key not in (select p.base_key from patched as p)
    union all
    select
        e.submission_id,
        e.entry_kind,
        e.value is not null and e.period = b.reporting_year::text as is_in_year,
        coalesce(e.department_name, '') as department_key,
        l.line_code is not null as is_line_known
    from gate.batch_submission as b
    inner join raw.reading as e on b.submission_id = e.submission_id
    left join reference.form_line as l on b.form = l.form and e.line_code = l.line_code
    where b.base_key in (select p.base_key from patched as p)
),

own as (
    select
        submission_id,
        count(*) as entries,
        count(*) filter (where is_in_year) as figures_in_year,
        -- Departments may count what the form does not ask for.
        100.0 * count(*) filter (where entry_kind = 'value' and department_key = '' and is_line_known)
        / nullif(count(*) filter (where entry_kind = 'value' and department_key = ''), 0) as known_line_pct
    from sent
    group by submission_id
),

titled as (
    -- What the document says of itself.
    select
        b.submission_id,
        b.hospital_code,
        t.title,
        (t.title ->> 'year')::integer as year_stated,
        coalesce(t.title ->> 'hospital_locator', t.title ->> 'year_locator') as locator
    from gate.batch_submission as b
    cross join lateral (
        select v.detail -> 'title' as title
        from audit.submission_event as v
        where v.submission_id = b.submission_id and v.status = 'parsed'
        order by v.event_id desc
        limit 1
    ) as t
),

stated as (
    -- Every hospital that it names, the first one first.
    select
        t.submission_id,
        t.hospital_code,
        n.name_no,
        n.name,
        n.locator,
        reference.name_key(n.name) as hospital_key
    from titled as t
    cross join lateral (
        select
            1 as name_no,
            t.title ->> 'hospital_name' as name,
            t.title ->> 'hospital_locator' as locator
        where t.title ->> 'hospital_name' is not null
        union all
        select
            1 + o.name_no as name_no,
            o.other ->> 0 as name,
            o.other ->> 1 as locator
        from jsonb_array_elements(t.title -> 'others') with ordinality as o (other, name_no)
    ) as n
),

known as (
    -- Whose each name is; a name with or without what its province or a branch adds is the same hospital.
    select
        t.submission_id,
        t.name_no,
        t.name,
        t.locator,
        coalesce(bool_or(n.hospital_code = t.hospital_code and (
            t.hospital_key like '%' || n.name_key || '%' or n.name_key like '%' || t.hospital_key || '%'
        )), false) or t.name = t.hospital_code as is_own,
        bool_or(
            n.hospital_code != t.hospital_code and (t.hospital_key = n.name_key or t.name = n.hospital_code)
        ) as is_anothers,
        bool_or(n.hospital_code = t.hospital_code) as is_registered,
        min(h.name_zh) filter (where h.hospital_code = t.hospital_code and h.valid_to is null) as hospital_expected
    from stated as t
    cross join reference.standing_hospital_name as n
    left join reference.hospital_name as h on n.hospital_code = h.hospital_code
    group by t.submission_id, t.hospital_code, t.name_no, t.name, t.locator
),

named as (
    select
        submission_id,
        case
            when count(*) = 1 then min(name)
            else string_agg(name || ' (' || locator || ')', ', ' order by name_no)
        end as hospital_stated,
        min(hospital_expected) as hospital_expected,
        case when count(*) > 1 then min(locator) filter (where not is_own) end as other_locator,
        count(*) = 1 or bool_and(is_own) as is_one,
        bool_and(is_own) as is_own,
        bool_or(is_anothers) as is_anothers,
        bool_or(is_registered) as is_registered
    from known
    group by submission_id
)

select
    b.submission_id,
    b.form,
    b.reporting_year,
    b.revision_kind,
    coalesce(n.other_locator, t.locator) as locator,
    coalesce(o.entries, 0)::text as stated,
    b.reporting_year::text as expected,
    coalesce(o.entries, 0) as entries,
    case when f.entry_kind = 'value' then coalesce(o.figures_in_year, 0) end as figures_in_year,
    case when exists (select from reference.form_line as l where l.form = b.form) then round(o.known_line_pct, 1) end
        as known_line_pct,
    n.hospital_stated,
    n.hospital_expected,
    case when n.is_one then n.is_registered and n.is_anothers and not n.is_own end as is_hospital_another,
    -- A code that nobody registered may be a new one of the hospital that the document names: asked about, not refused.
    case
        when not n.is_one then null
        when n.is_registered and not n.is_anothers then n.is_own
        when n.is_anothers and not n.is_registered then false
    end as is_hospital_known_so,
    t.year_stated,
    t.year_stated = b.reporting_year as is_year_as_reported,
    n.is_one as is_hospital_one
from gate.batch_submission as b
left join own as o on b.submission_id = o.submission_id
left join reference.form as f on b.form = f.form
left join titled as t on b.submission_id = t.submission_id
left join named as n on b.submission_id = n.submission_id
