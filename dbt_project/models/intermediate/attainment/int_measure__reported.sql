-- The one figure that answers for a measure, a hospital and a year, as it was known: targets are judged on it.
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

-- Returns, workbooks and tables, as each figure was known.
stated_figures as (
    select
        lines.hospital_code,
        lines.measure_key,
        period.year,
        lines.precedence,
        period.period_kind = 'year' as is_year_stated,
        department.is_whole_hospital,
        fact.value,
        coalesce(fact.grade, case when fact.value is null then fact.value_raw end) as grade,
        fact.unit,
        fact.is_flagged,
        fact.indicator_key,
        fact.submission_key,
        submission.reporting_year,
        fact.entry_id,
        fact.locator,
        fact.let_in_at,
        fact.valid_from,
        fact.valid_to
    from lines
    inner join {{ ref('fct_indicator_value') }} as fact
        on
            lines.hospital_key = fact.hospital_key
            and lines.indicator_key = fact.indicator_key
    inner join {{ ref('dim_period') }} as period on fact.period_key = period.period_key
    inner join {{ ref('dim_department') }} as department on fact.department_key = department.department_key
    inner join {{ ref('dim_submission') }} as submission on fact.submission_key = submission.submission_key
    where
        not fact.is_cleared
        and fact.role is null
        and period.period_kind in ('year', 'as_of')
),

-- Every name under which the lines that a measure may stand for are known: what a report may call it.
called as (
    select distinct
        wanted.hospital_code,
        wanted.measure_key,
        spoken.indicator_key
    from wanted
    inner join {{ ref('int_measure') }} as own on wanted.measure_key = own.measure_key
    inner join {{ ref('int_measure') }} as other on own.indicator_key = other.indicator_key
    inner join {{ ref('dim_indicator') }} as spoken on other.measure_key = spoken.local_name_key
),

-- What a report or plan says of the hospital as a whole, where nothing else is reported: as model int_claim reads it.
claimed_figures as (
    select
        called.hospital_code,
        called.measure_key,
        coalesce({{ calendar_year('period.period_code') }}, submission.reporting_year) as year,
        4 as precedence,
        {{ calendar_year('period.period_code') }} is not null as is_year_stated,
        true as is_whole_hospital,
        coalesce(fact.value, {{ number_of_grade('fact.grade') }}) as value,
        fact.grade,
        fact.unit,
        fact.is_flagged,
        cast(null as bigint) as indicator_key,
        fact.submission_key,
        submission.reporting_year,
        fact.entry_id,
        fact.locator,
        fact.let_in_at,
        fact.valid_from,
        fact.valid_to
    from called
    inner join {{ ref('dim_hospital') }} as hospital on called.hospital_code = hospital.hospital_code
    inner join {{ ref('fct_indicator_value') }} as fact
        on
            hospital.hospital_key = fact.hospital_key
            and called.indicator_key = fact.indicator_key
    inner join {{ ref('dim_period') }} as period on fact.period_key = period.period_key
    inner join {{ ref('dim_submission') }} as submission on fact.submission_key = submission.submission_key
    where
        {{ is_statement_of_fact('fact.role', 'fact.subject_zh', 'period.period_code') }}
        and fact.comparator <> 'range'
        -- What a plan says without a year is where it starts from; it is no answer to its own targets.
        and (submission.form <> 'plan_text' or {{ calendar_year('period.period_code') }} is not null)
),

-- What was never known to anybody answers nothing.
figures as (
    select *
    from stated_figures
    where valid_to is null or valid_from < valid_to
    union all
    select *
    from claimed_figures
    where valid_to is null or valid_from < valid_to
),

moments as (
    select
        hospital_code,
        measure_key,
        year,
        moment as known_from,
        lead(moment) over (partition by hospital_code, measure_key, year order by moment asc) as known_to
    from (
        select
            hospital_code,
            measure_key,
            year,
            valid_from as moment
        from figures
        union
        select
            hospital_code,
            measure_key,
            year,
            valid_to as moment
        from figures
        where valid_to is not null
    ) as changes
),

ranked as (
    select
        figures.*,
        moments.known_from,
        moments.known_to,
        dense_rank() over (
            partition by figures.hospital_code, figures.measure_key, figures.year, moments.known_from
            order by
                figures.is_whole_hospital desc, figures.precedence asc, figures.is_year_stated desc,
                figures.let_in_at desc, figures.reporting_year desc, figures.submission_key desc
        ) as rank_no
    from moments
    inner join figures
        on
            moments.hospital_code = figures.hospital_code
            and moments.measure_key = figures.measure_key
            and moments.year = figures.year
            and {{ as_known_at('moments.known_from', 'figures') }}
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
    window same as (partition by hospital_code, measure_key, year, known_from)
)

select
    answers.hospital_code,
    answers.measure_key,
    answers.year,
    answers.known_from as valid_from,
    answers.known_to as valid_to,
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
