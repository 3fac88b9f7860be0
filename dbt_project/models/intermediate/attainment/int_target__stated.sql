-- Small beside the figures, and read by every model of this folder: a table.
{{ config(materialized='table') }}

with targets as (
    select
        target.hospital_key,
        target.submission_key,
        target.entry_id,
        target.indicator_key,
        target.horizon_key,
        target.department_key,
        hospital.hospital_code,
        hospital.level_code,
        {{ name_key('indicator.name_zh') }} as measure_key,
        coalesce({{ name_key('alias.measure_zh') }}, {{ name_key('target.benchmark') }}) as benchmark_key,
        submission.form,
        submission.reporting_year,
        submission.revision,
        horizon.period_code as horizon_code,
        target.section_zh,
        target.occurrence_no,
        target.kind,
        target.comparator,
        target.value,
        target.value_high,
        target.grade,
        target.unit,
        target.direction,
        target.change_basis,
        target.is_per_year,
        target.baseline_value,
        target.baseline_raw,
        target.raw_text,
        target.valid_from,
        target.valid_to,
        target.is_current,
        horizon.period_kind not in ('unknown', 'other') as has_horizon,
        case
            when horizon.period_kind in ('unknown', 'other') then submission.reporting_year
            else cast(extract(year from horizon.end_date) as integer)
        end as end_year,
        cast(extract(year from horizon.start_date) as integer) as horizon_start_year,
        horizon.period_kind,
        -- The baseline of a column "十三五"末 or 2016-2020 is the state at its end.
        cast(substring(target.baseline_period from '([0-9]{4})$') as integer) as stated_baseline_year
    from {{ ref('fct_indicator_target') }} as target
    inner join {{ ref('dim_hospital') }} as hospital on target.hospital_key = hospital.hospital_key
    inner join {{ ref('dim_submission') }} as submission on target.submission_key = submission.submission_key
    inner join {{ ref('dim_period') }} as horizon on target.horizon_key = horizon.period_key
    inner join {{ ref('dim_indicator') }} as indicator on target.indicator_key = indicator.indicator_key
    left join {{ ref('measure_alias') }} as alias
        on {{ name_key('target.benchmark') }} = {{ name_key('alias.alias_zh') }}
    where
        {{ in_list('target.hospital_key', ref('int_hospital__restated')) }}
        -- A plan with a table is judged on the table; its text tells the same again.
        and submission.form is distinct from 'plan_text'
),

timed as (
    select
        *,
        -- A target for a single year is approached from its baseline or, without one, from the year it was set.
        case
            when not has_horizon then end_year
            when period_kind in ('plan', 'span') then horizon_start_year
            else least(end_year, coalesce(stated_baseline_year + 1, reporting_year))
        end as start_year
    from targets
),

-- The declared assumption that names most of the target goes before one that holds for all.
assumed as (
    select distinct on (timed.hospital_key, timed.submission_key, timed.entry_id, timed.valid_from)
        timed.hospital_key,
        timed.submission_key,
        timed.entry_id,
        timed.valid_from,
        assumption.trajectory,
        assumption.accumulation,
        assumption.note_zh,
        assumption.note_en
    from timed
    inner join {{ ref('trajectory_assumption') }} as assumption
        on
            assumption.hospital_code in ('*', timed.hospital_code)
            and (assumption.measure_zh = '*' or {{ name_key('assumption.measure_zh') }} = timed.measure_key)
            and assumption.kind in ('*', timed.kind)
    order by
        timed.hospital_key asc,
        timed.submission_key asc,
        timed.entry_id asc,
        timed.valid_from asc,
        assumption.hospital_code = '*' asc,
        assumption.measure_zh = '*' asc,
        assumption.kind = '*' asc
)

select
    timed.hospital_key,
    timed.submission_key,
    timed.entry_id,
    timed.indicator_key,
    timed.horizon_key,
    timed.department_key,
    timed.hospital_code,
    timed.measure_key,
    timed.benchmark_key,
    timed.form,
    timed.reporting_year,
    timed.revision,
    timed.horizon_code,
    timed.section_zh,
    timed.occurrence_no,
    timed.kind,
    timed.comparator,
    timed.value,
    timed.value_high,
    timed.grade,
    timed.unit,
    coalesce(unit.measured_in, {{ name_key('timed.unit') }}) as measured_in,
    coalesce(unit.factor, 1) as unit_factor,
    timed.direction,
    timed.change_basis,
    timed.is_per_year,
    timed.baseline_value,
    timed.baseline_raw,
    timed.raw_text,
    timed.valid_from,
    timed.valid_to,
    timed.is_current,
    timed.has_horizon,
    timed.start_year,
    timed.end_year,
    coalesce(timed.stated_baseline_year, timed.start_year - 1) as baseline_year,
    held_to.direction as catalogue_direction,
    assumed.trajectory,
    assumed.accumulation,
    assumed.note_zh as assumption_zh,
    assumed.note_en as assumption_en
from timed
left join {{ ref('int_measure__direction') }} as held_to
    on
        timed.measure_key = held_to.measure_key
        and coalesce(left(timed.level_code, 1), '') = held_to.level_group
left join assumed
    on
        timed.hospital_key = assumed.hospital_key
        and timed.submission_key = assumed.submission_key
        and timed.entry_id = assumed.entry_id
        and timed.valid_from = assumed.valid_from
left join {{ ref('stg_reference__unit') }} as unit on {{ name_key('timed.unit') }} = unit.written
