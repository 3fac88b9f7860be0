{{ config(materialized='incremental', incremental_strategy='mirror', unique_key='period_key') }}

with plans as (
    select
        period_code,
        'plan' as period_kind,
        name_zh || '（' || replace(period_code, '-', '—') || '年）' as label_zh,
        name_en || ' (' || period_code || ')' as label_en,
        cast(null as integer) as year,
        cast(null as integer) as month,
        make_date(start_year, 1, 1) as start_date,
        make_date(end_year, 12, 31) as end_date
    from {{ ref('plan_period') }}
),

generated as (
    select cast(year as text) as period_code
    from generate_series({{ var('first_year') }}, {{ var('last_year') }}) as years (year)
    union all
    select 'as_of:' || cast(year as text) as period_code
    from generate_series({{ var('first_year') }}, {{ var('last_year') }}) as years (year)
    union all
    select cast(years.year as text) || '-' || to_char(months.month, 'fm00') as period_code
    from generate_series({{ var('first_year') }}, {{ var('last_year') }}) as years (year)
    cross join generate_series(1, 12) as months (month)
    union all
    select 'unknown' as period_code
),

codes as (
    select period_code
    from generated
    union
    select named.period_code
    from {{ ref('int_period__named') }} as named
    left join plans on named.period_code = plans.period_code
    where plans.period_code is null
),

recognised as (
    select
        period_code,
        case
            when period_code ~ '^[0-9]{4}$' then 'year'
            when period_code ~ '^[0-9]{4}-(0[1-9]|1[0-2])$' then 'month'
            when period_code ~ '^[0-9]{4}-[0-9]{4}$' then 'span'
            when period_code ~ '^as_of:[0-9]{4}$' then 'as_of'
            when period_code = 'unknown' then 'unknown'
            else 'other'
        end as period_kind,
        cast(substring(period_code from '^(?:as_of:)?([0-9]{4})(?:-(?:0[1-9]|1[0-2]))?$') as integer) as year,
        cast(substring(period_code from '^[0-9]{4}-(0[1-9]|1[0-2])$') as integer) as month,
        cast(substring(period_code from '^([0-9]{4})-[0-9]{4}$') as integer) as first_year,
        cast(substring(period_code from '^[0-9]{4}-([0-9]{4})$') as integer) as last_year
    from codes
),

others as (
    select
        period_code,
        period_kind,
        case period_kind
            when 'year' then period_code || '年'
            when 'month' then cast(year as text) || '年' || cast(month as text) || '月'
            when 'span' then cast(first_year as text) || '—' || cast(last_year as text) || '年'
            when 'as_of' then '截至' || cast(year as text) || '年'
            when 'unknown' then '未注明'
            else period_code
        end as label_zh,
        case period_kind
            when 'as_of' then 'as of ' || cast(year as text)
            when 'unknown' then 'not stated'
            else period_code
        end as label_en,
        year,
        month,
        case period_kind
            when 'month' then make_date(year, month, 1)
            when 'span' then make_date(first_year, 1, 1)
            when 'year' then make_date(year, 1, 1)
            when 'as_of' then make_date(year, 12, 31)
        end as start_date,
        case period_kind
            when 'month' then cast(make_date(year, month, 1) + interval '1 month - 1 day' as date)
            when 'span' then make_date(last_year, 12, 31)
            when 'year' then make_date(year, 12, 31)
            when 'as_of' then make_date(year, 12, 31)
        end as end_date
    from recognised
),

periods as (
    select * from plans
    union all
    select * from others
)

select
    {{ hash_key(['periods.period_code']) }} as period_key,
    periods.period_kind,
    periods.period_code,
    periods.label_zh,
    periods.label_en,
    periods.year,
    periods.month,
    periods.start_date,
    periods.end_date,
    -- A month and a state belong to their year, a year to its plan.
    case
        when periods.period_kind in ('month', 'as_of') then cast(periods.year as text)
        else parent.period_code
    end as parent_period_code
from periods
left join plans as parent
    on
        periods.period_kind = 'year'
        and periods.start_date between parent.start_date and parent.end_date
