{{ config(materialized='incremental', incremental_strategy='restate') }}

-- A yearly item takes a target up where its words name the measure.
with items as (
    select
        hospital.hospital_code,
        {{ name_key('item.item_text') }} as item_key
    from {{ ref('fct_work_item') }} as item
    inner join {{ ref('dim_hospital') }} as hospital on item.hospital_key = hospital.hospital_key
    where item.is_current
)

select
    stated.hospital_key,
    stated.submission_key,
    stated.entry_id,
    stated.indicator_key,
    stated.horizon_key,
    stated.department_key,
    stated.section_zh,
    stated.raw_text,
    stated.baseline_raw,
    stated.start_year,
    stated.end_year
from {{ ref('int_target__stated') }} as stated
where
    stated.is_current
    and stated.end_year > stated.start_year
    and not exists (
        select 1
        from {{ ref('int_measure__reported') }} as reported
        where
            stated.hospital_code = reported.hospital_code
            and stated.measure_key = reported.measure_key
            and reported.year between stated.start_year and stated.end_year
            and reported.valid_to is null
            and reported.obstacle is null
    )
    and not exists (
        select 1
        from items
        where
            stated.hospital_code = items.hospital_code
            and stated.measure_key <> ''
            and position(stated.measure_key in items.item_key) > 0
    )
