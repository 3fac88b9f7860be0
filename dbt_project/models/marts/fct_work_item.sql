{{ config(materialized='incremental', incremental_strategy='restate') }}

-- The figures that an item sets out to reach stand in the plan as claims of their own, numbered as their item is.
with stated_targets as (
    select
        submission_id,
        row_raw as item_no,
        jsonb_agg(
            jsonb_strip_nulls(
                jsonb_build_object(
                    'measure', label_raw,
                    'comparator', comparator,
                    'value', value,
                    'value_high', value_high,
                    'grade', grade,
                    'unit', unit,
                    'direction', direction,
                    'period', period_code,
                    'mention', value_raw,
                    'locator', locator
                )
            )
            order by ordinal asc
        ) as targets
    from {{ ref('int_entry__restated') }}
    where
        entry_kind = 'claim'
        and role = 'target'
        and row_raw is not null
        and held_back_at is null
    group by submission_id, row_raw
)

select
    hospital.hospital_key,
    entry.submission_key,
    entry.entry_id,
    period.period_key,
    department.department_key,
    entry.detail ->> 'section_no' as section_no,
    entry.section_raw as section_title_zh,
    entry.row_raw as item_no,
    entry.department_raw as lead_departments,
    coalesce(entry.quote, entry.label_raw) as item_text,
    coalesce(stated_targets.targets, cast('[]' as jsonb)) as targets,
    entry.is_flagged,
    entry.locator,
    entry.known_from as valid_from,
    case when ended.ended_at is not null then greatest(entry.known_from, ended.ended_at) end as valid_to,
    ended.ended_at is null as is_current
from {{ ref('int_entry__restated') }} as entry
inner join {{ ref('int_submission__standing') }} as standing on entry.submission_id = standing.submission_id
cross join lateral (values (least(standing.closed_at, entry.held_back_at))) as ended (ended_at)
left join stated_targets
    on
        entry.submission_id = stated_targets.submission_id
        and entry.row_raw = stated_targets.item_no
left join {{ ref('dim_period') }} as period on entry.period_code = period.period_code
left join {{ ref('int_hospital__version') }} as hospital
    on
        entry.hospital_code = hospital.hospital_code
        and make_date(entry.reporting_year, 12, 31) >= hospital.applies_from
        and make_date(entry.reporting_year, 12, 31) < hospital.applies_to
left join {{ ref('dim_department') }} as department
    on
        entry.hospital_code = department.hospital_code
        and coalesce({{ name_key('entry.department_name') }}, '') = department.department_name_key
where entry.entry_kind = 'work_item'
