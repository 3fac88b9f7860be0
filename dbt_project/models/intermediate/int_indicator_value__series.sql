{{ config(meta={'has_scope': true}) }}

-- Figures of calendar years that belong together: one line or local name, one hospital, one department. A department
-- that was only renamed goes on under its new name.
with renamed as (
    select
        old.department_key,
        new.department_key as series_department_key
    from {{ ref('department_succession') }} as succession
    inner join {{ ref('dim_department') }} as old
        on
            succession.hospital_code = old.hospital_code
            and {{ name_key('succession.department_zh') }} = old.department_name_key
    inner join {{ ref('dim_department') }} as new
        on
            succession.successor_hospital_code = new.hospital_code
            and {{ name_key('succession.successor_department_zh') }} = new.department_name_key
    where succession.event = 'renamed'
)

select
    fact.hospital_key,
    hospital.hospital_code,
    fact.submission_key,
    fact.entry_id,
    fact.indicator_key,
    fact.period_key,
    submission.form,
    coalesce(indicator.line_code, indicator.local_name_key) as measure,
    indicator.edition,
    coalesce(renamed.series_department_key, fact.department_key) as department_key,
    department.hospital_code as department_hospital_code,
    department.department_name_key,
    period.year,
    fact.value,
    fact.unit
from {{ ref('fct_indicator_value') }} as fact
inner join {{ ref('dim_hospital') }} as hospital on fact.hospital_key = hospital.hospital_key
inner join {{ ref('dim_submission') }} as submission on fact.submission_key = submission.submission_key
inner join {{ ref('dim_indicator') }} as indicator on fact.indicator_key = indicator.indicator_key
inner join {{ ref('dim_period') }} as period on fact.period_key = period.period_key
left join renamed on fact.department_key = renamed.department_key
inner join {{ ref('dim_department') }} as department
    on coalesce(renamed.series_department_key, fact.department_key) = department.department_key
where
    {{ in_list('fact.hospital_key', ref('int_hospital__restated')) }}
    and fact.is_current
    and not fact.is_cleared
    -- What a text says in passing, once or several times, is no series.
    and fact.role is null
    and fact.value is not null
    and period.period_kind = 'year'
