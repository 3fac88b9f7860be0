{{ config(materialized='incremental', incremental_strategy='restate') }}

select
    hospital_key,
    submission_key,
    entry_id,
    indicator_key,
    period_key,
    department_key,
    form,
    year,
    value,
    unit,
    cast(series_since_year as integer) as series_since_year,
    previous_value,
    change,
    change_pct,
    obstacle as no_change_code,
    declared_zh,
    declared_en
from {{ ref('int_indicator_value__compared') }}
