{{ config(materialized='table') }}

-- What a hospital owes for a year by the calendar, and what came, by the day it came first.
with calendar as (
    select
        hospital.hospital_code,
        calendar.reporting_year,
        calendar.form,
        calendar.due_on
    from {{ ref('submission_calendar') }} as calendar
    inner join {{ ref('int_hospital__version') }} as hospital
        on
            calendar.owed_by_level in ('*', left(hospital.level_code, 1))
            and make_date(calendar.reporting_year, 12, 31) >= hospital.applies_from
            and make_date(calendar.reporting_year, 12, 31) < hospital.applies_to
),

received as (
    select
        hospital_code,
        reporting_year,
        form,
        min(received_at) as first_received_at,
        bool_or(status in ('accepted', 'flagged', 'published')) as is_accepted
    from {{ ref('stg_audit__submission') }}
    where status != 'withdrawn'
    group by hospital_code, reporting_year, form
)

select
    coalesce(calendar.hospital_code, received.hospital_code) as hospital_code,
    coalesce(calendar.reporting_year, received.reporting_year) as reporting_year,
    coalesce(calendar.form, received.form) as form,
    calendar.form is not null as is_owed,
    received.form is not null as is_received,
    coalesce(received.is_accepted, false) as is_accepted,
    coalesce(
        cast(received.first_received_at at time zone 'Asia/Shanghai' as date) <= calendar.due_on, false
    ) as is_on_time
from calendar
full join received
    on
        calendar.hospital_code = received.hospital_code
        and calendar.reporting_year = received.reporting_year
        and calendar.form = received.form
-- A file that holds no known form is a receipt, not a form; it is told of elsewhere.
where
    coalesce(calendar.form, received.form) != 'unrecognised'
    -- Nobody is blamed for what is not due yet.
    and (received.form is not null or calendar.due_on < {{ today_in_china() }})
