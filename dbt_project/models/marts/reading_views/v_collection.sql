-- What hospitals owe by the calendar against what came: the same as `hiw status`, for all years of the warehouse. From
-- marts alone: a view shows each reader no more than the rows that are open to him there.
with received_years as (
    -- Before anything has come: the last year that was due, with what is missing.
    select
        coalesce(min(submission.reporting_year), max(due.reporting_year)) as first_year,
        coalesce(max(submission.reporting_year), max(due.reporting_year)) as last_year
    from (
        select
            coalesce(
                max(reporting_year) filter (where due_on <= {{ today_in_china() }}), min(reporting_year)
            ) as reporting_year
        from {{ ref('submission_calendar') }}
    ) as due
    left join {{ ref('dim_submission') }} as submission on true
),

hospital as (
    select *
    from {{ ref('dim_hospital') }}
    where is_current
),

-- What it owes for a year goes by its level when the year ended; its first version also serves what came before.
version as (
    select
        hospital_code,
        level_code,
        case when lag(hospital_code) over by_start is null then '-infinity' else valid_from end as applies_from,
        coalesce(lead(valid_from) over by_start, 'infinity') as applies_to
    from {{ ref('dim_hospital') }}
    window by_start as (partition by hospital_code order by valid_from asc nulls first)
),

owed as (
    select
        calendar.reporting_year,
        version.hospital_code,
        calendar.form,
        calendar.due_on
    from {{ ref('submission_calendar') }} as calendar
    inner join received_years
        on calendar.reporting_year between received_years.first_year and received_years.last_year
    inner join version
        on
            calendar.owed_by_level in ('*', left(version.level_code, 1))
            and make_date(calendar.reporting_year, 12, 31) >= version.applies_from
            and make_date(calendar.reporting_year, 12, 31) < version.applies_to
),

-- A form has come when its first revision came: what is corrected later is not late.
came as (
    select
        hospital_code,
        reporting_year,
        form,
        coalesce(min(received_at) filter (where status != 'unreadable'), min(received_at)) as received_at,
        max(revision) filter (where status in ('accepted', 'flagged', 'published')) as standing_revision
    from {{ ref('dim_submission') }}
    where status != 'withdrawn'
    group by hospital_code, reporting_year, form
),

received as (
    select distinct on (submission.hospital_code, submission.reporting_year, submission.form)
        submission.hospital_code,
        submission.reporting_year,
        submission.form,
        submission.submission_id,
        submission.revision,
        submission.status,
        submission.file_name,
        submission.sha256,
        came.received_at,
        came.standing_revision,
        lifecycle.parsed,
        lifecycle.accepted,
        lifecycle.flagged,
        lifecycle.quarantined
    from {{ ref('dim_submission') }} as submission
    inner join {{ ref('fct_submission_lifecycle') }} as lifecycle
        on submission.submission_key = lifecycle.submission_key
    inner join came
        on
            submission.hospital_code = came.hospital_code
            and submission.reporting_year = came.reporting_year
            and submission.form = came.form
    where submission.status not in ('superseded', 'withdrawn')
    order by
        submission.hospital_code asc, submission.reporting_year asc, submission.form asc, submission.revision desc
)

select
    coalesce(owed.reporting_year, received.reporting_year) as reporting_year,
    coalesce(owed.hospital_code, received.hospital_code) as hospital_code,
    hospital.hospital_name_zh,
    hospital.hospital_name_en,
    hospital.level_code,
    hospital.level_zh,
    hospital.region_zh,
    coalesce(owed.form, received.form) as form,
    owed.due_on,
    received.received_at,
    case
        when received.submission_id is null and owed.due_on >= {{ today_in_china() }} then 'expected'
        when received.submission_id is null then 'missing'
        when received.status = 'unreadable' or received.form = 'unrecognised' then 'not read'
        when owed.due_on is null then 'unasked'
        when cast(received.received_at at time zone 'Asia/Shanghai' as date) > owed.due_on then 'late'
        else 'on time'
    end as arrival,
    received.status,
    received.submission_id,
    received.revision,
    received.standing_revision,
    received.file_name,
    received.sha256,
    received.parsed,
    received.accepted,
    received.flagged,
    received.quarantined
from owed
full join received
    on
        owed.hospital_code = received.hospital_code
        and owed.reporting_year = received.reporting_year
        and owed.form = received.form
left join hospital on coalesce(owed.hospital_code, received.hospital_code) = hospital.hospital_code
