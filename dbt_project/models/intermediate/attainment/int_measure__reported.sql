-- The one figure that answers for a measure, a hospital and a year: targets are judged on it.
{{ config(materialized='table') }}

with wanted as (
    select
        hospital_code,
        measure_key
    from {{ ref('int_target__stated') }}
    union
    select
        hospital_code,
        measure_key
    from {{ ref('int_work_item__target') }}
),

-- A line of a hospital that may answer: put together first, so that figures are looked up by both.
lines as materialized (
    select
        hospital.hospital_key,
        hospital.hospital_code,
        measure.measure_key,
        measure.precedence,
        measure.indicator_key
    from wanted
    inner join {{ ref('dim_hospital') }} as hospital on wanted.hospital_code = hospital.hospital_code
    inner join {{ ref('int_measure') }} as measure on wanted.measure_key = measure.measure_key
),

-- Returns, workbooks and tables.
stated_figures as (
    select
        lines.hospital_code,
        lines.measure_key,
        period.year,
        lines.precedence,
        period.period_kind,
        department.is_whole_hospital,
        fact.value,
        coalesce(fact.grade, case when fact.value is null then fact.value_raw end) as grade,
        fact.unit,
        fact.is_flagged,
        fact.indicator_key,
        fact.submission_key,
        fact.entry_id,
        fact.locator,
        fact.valid_from
    from lines
    inner join {{ ref('fct_indicator_value') }} as fact
        on
            lines.hospital_key = fact.hospital_key
            and lines.indicator_key = fact.indicator_key
    inner join {{ ref('dim_period') }} as period on fact.period_key = period.period_key
    inner join {{ ref('dim_department') }} as department on fact.department_key = department.department_key
    where
        fact.is_current
        and not fact.is_cleared
        and fact.role is null
        and period.period_kind in ('year', 'as_of')
),

-- Every name under which the lines that a measure may stand for are known: what a report may call it.
called as (
    select distinct
        wanted.hospital_code,
        wanted.measure_key,
        other.measure_key as name_key
    from wanted
    inner join {{ ref('int_measure') }} as own on wanted.measure_key = own.measure_key
    inner join {{ ref('int_measure') }} as other on own.indicator_key = other.indicator_key
),

-- What a report or plan says of the hospital as a whole, where nothing else is reported.
claimed_figures as (
    select
        called.hospital_code,
        called.measure_key,
        claim.year,
        4 as precedence,
        case when claim.is_year_stated then 'year' else 'as_of' end as period_kind,
        true as is_whole_hospital,
        claim.value,
        claim.grade,
        claim.unit,
        false as is_flagged,
        cast(null as bigint) as indicator_key,
        claim.submission_key,
        claim.entry_id,
        claim.locator,
        cast(null as timestamptz) as valid_from
    from {{ ref('int_claim') }} as claim
    inner join called
        on
            claim.hospital_code = called.hospital_code
            and claim.name_key = called.name_key
    where claim.comparator <> 'range'
),

figures as (
    select * from stated_figures
    union all
    select * from claimed_figures
),

ranked as (
    select
        *,
        dense_rank() over (
            partition by hospital_code, measure_key, year
            order by
                is_whole_hospital desc, precedence asc, period_kind = 'year' desc, valid_from desc, submission_key desc
        ) as rank_no
    from figures
),

-- One submission may have several lines of one name; where they differ, none of them is the answer.
answers as (
    select
        *,
        row_number() over (same order by entry_id asc) as place_no,
        min(concat_ws('|', value, grade, unit)) over same <> max(concat_ws('|', value, grade, unit)) over same
            as is_ambiguous
    from ranked
    where rank_no = 1
    window same as (partition by hospital_code, measure_key, year)
)

select
    answers.hospital_code,
    answers.measure_key,
    answers.year,
    answers.value,
    answers.grade,
    answers.unit,
    coalesce(unit.measured_in, {{ name_key('answers.unit') }}) as measured_in,
    coalesce(unit.factor, 1) as unit_factor,
    case
        when not answers.is_whole_hospital then 'reported_by_department_only'
        when answers.is_ambiguous then 'ambiguous_figure'
    end as obstacle,
    answers.is_flagged,
    answers.indicator_key,
    answers.submission_key,
    answers.entry_id,
    answers.locator
from answers
left join {{ ref('stg_reference__unit') }} as unit on {{ name_key('answers.unit') }} = unit.written
where answers.place_no = 1
