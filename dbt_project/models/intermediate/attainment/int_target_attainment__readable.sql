-- Ephemeral: the reading views of attainment take it in, so that none of them stands on another, and each reads with
-- the rights of who asks.
{{ config(materialized='ephemeral') }}

select
    hospital.hospital_code,
    hospital.hospital_name_zh,
    indicator.indicator_code,
    indicator.name_zh as label_zh,
    fact.section_zh as section,
    case when not department.is_whole_hospital then department.department_name_zh end as department_name,
    horizon.period_code as horizon,
    fact.year,
    fact.is_latest,
    fact.kind,
    fact.raw_text,
    fact.unit,
    fact.goal_direction,
    fact.baseline_value,
    fact.baseline_origin,
    fact.goal_value,
    fact.goal_value_far,
    fact.goal_grade,
    fact.actual_value,
    fact.reported_grade,
    fact.expected_value,
    fact.trajectory,
    fact.progress,
    fact.gap,
    fact.required_yearly_rate,
    fact.required_yearly_growth_pct,
    fact.years_judged,
    fact.years_met,
    fact.status,
    case fact.status
        when 'achieved' then '已达成'
        when 'on_track' then '正常推进'
        when 'behind' then '落后'
        when 'missed' then '未达成'
        when 'not_measurable' then '不可衡量'
        else '无数据'
    end as status_zh,
    fact.reason_zh,
    fact.reason_en,
    fact.assumption_zh,
    fact.version_no,
    fact.first_raw_text,
    fact.first_status,
    answer.submission_id as actual_submission_id,
    answer.form as actual_form,
    answering.indicator_code as actual_indicator_code,
    answering.line_code as actual_line_code,
    fact.actual_locator,
    fact.is_actual_flagged,
    fact.valid_from,
    fact.valid_to,
    fact.is_current
from {{ ref('fct_target_attainment') }} as fact
inner join {{ ref('dim_hospital') }} as hospital on fact.hospital_key = hospital.hospital_key
inner join {{ ref('dim_indicator') }} as indicator on fact.indicator_key = indicator.indicator_key
inner join {{ ref('dim_period') }} as horizon on fact.horizon_key = horizon.period_key
inner join {{ ref('dim_department') }} as department on fact.department_key = department.department_key
left join {{ ref('dim_submission') }} as answer on fact.actual_submission_key = answer.submission_key
left join {{ ref('dim_indicator') }} as answering on fact.actual_indicator_key = answering.indicator_key
