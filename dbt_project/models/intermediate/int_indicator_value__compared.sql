-- Each figure beside that of the year before, and what stands against comparing them.
with beside as (
    select
        *,
        lag(year) over series as previous_reported_year,
        lag(value) over series as previous_value,
        lag(unit) over series as previous_unit,
        lag(edition) over series as previous_edition
    from {{ ref('int_indicator_value__series') }}
    window series as (partition by hospital_code, form, measure, department_key order by year asc)
),

hospital_changes as (
    select
        successor_code as hospital_code,
        extract(year from effective_on) as year
    from {{ ref('hospital_succession') }}
    union
    select
        predecessor_code as hospital_code,
        extract(year from effective_on) as year
    from {{ ref('hospital_succession') }}
),

department_changes as (
    select
        successor_hospital_code as hospital_code,
        {{ name_key('successor_department_zh') }} as department_name_key,
        extract(year from effective_on) as year
    from {{ ref('department_succession') }}
    where event <> 'renamed'
    union
    select
        hospital_code,
        {{ name_key('department_zh') }} as department_name_key,
        extract(year from effective_on) as year
    from {{ ref('department_succession') }}
    where event <> 'renamed'
),

marked as (
    select
        beside.*,
        declared.reason_zh as declared_zh,
        declared.reason_en as declared_en,
        case
            when beside.previous_reported_year is null then 'first_year'
            when declared.first_year is not null then 'definition_changed'
            when beside.edition <> beside.previous_edition then 'edition_changed'
            when coalesce(beside.unit, '') <> coalesce(beside.previous_unit, '') then 'unit_changed'
            when hospital_changes.year is not null then 'hospital_changed'
            when department_changes.year is not null then 'department_changed'
            when beside.previous_reported_year < beside.year - 1 then 'year_missing'
        end as obstacle
    from beside
    left join {{ ref('definition_break') }} as declared
        on
            beside.form = declared.form
            and beside.measure = declared.line_code
            and beside.year >= declared.first_year
            and beside.previous_reported_year < declared.first_year
    left join hospital_changes
        on
            beside.hospital_code = hospital_changes.hospital_code
            and beside.year >= hospital_changes.year
            and beside.previous_reported_year < hospital_changes.year
    left join department_changes
        on
            beside.department_hospital_code = department_changes.hospital_code
            and beside.department_name_key = department_changes.department_name_key
            and beside.year >= department_changes.year
            and beside.previous_reported_year < department_changes.year
)

select
    hospital_key,
    submission_key,
    entry_id,
    indicator_key,
    period_key,
    department_key,
    hospital_code,
    form,
    year,
    value,
    unit,
    -- A series is comparable from its last break on; a missing year interrupts it, it does not end it.
    max(case when obstacle is not null and obstacle <> 'year_missing' then year end)
        over (partition by hospital_code, form, measure, department_key order by year asc) as series_since_year,
    case when obstacle is null then previous_value end as previous_value,
    case when obstacle is null then value - previous_value end as change,
    case
        when obstacle is null and previous_value > 0
            then trim_scale(round((value - previous_value) * 100 / previous_value, 4))
    end as change_pct,
    obstacle,
    declared_zh,
    declared_en
from marked
