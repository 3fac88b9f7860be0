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

-- Returns, workbooks and tables.
stated_figures as (
    select
        hospital.hospital_code,
        measure.measure_key,
        period.year,
        measure.precedence,
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
    from wanted
    inner join {{ ref('int_measure') }} as measure on wanted.measure_key = measure.measure_key
    inner join {{ ref('fct_indicator_value') }} as fact on measure.indicator_key = fact.indicator_key
    inner join {{ ref('dim_hospital') }} as hospital
        on
            fact.hospital_key = hospital.hospital_key
            and wanted.hospital_code = hospital.hospital_code
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
gathered as (
    select
        hospital_code,
        measure_key,
        year,
        min(entry_id) as entry_id,
        count(distinct concat_ws('|', value, grade, unit)) as figures_found
    from ranked
    where rank_no = 1
    group by hospital_code, measure_key, year
)

select
    ranked.hospital_code,
    ranked.measure_key,
    ranked.year,
    ranked.value,
    ranked.grade,
    ranked.unit,
    coalesce(unit.measured_in, {{ name_key('ranked.unit') }}) as measured_in,
    coalesce(unit.factor, 1) as unit_factor,
    case
        when not ranked.is_whole_hospital then 'reported_by_department_only'
        when gathered.figures_found > 1 then 'ambiguous_figure'
    end as obstacle,
    ranked.is_flagged,
    ranked.indicator_key,
    ranked.submission_key,
    ranked.entry_id,
    ranked.locator
from ranked
inner join gathered
    on
        ranked.hospital_code = gathered.hospital_code
        and ranked.measure_key = gathered.measure_key
        and ranked.year = gathered.year
        and ranked.entry_id = gathered.entry_id
left join {{ ref('stg_reference__unit') }} as unit on {{ name_key('ranked.unit') }} = unit.written
where ranked.rank_no = 1
