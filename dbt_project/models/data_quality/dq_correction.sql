{{ config(materialized='incremental', incremental_strategy='mirror', unique_key='correction_id') }}

select
    correction_id,
    hospital_code,
    form,
    reporting_year,
    line_code,
    label_zh,
    period,
    department_zh,
    expect as expected_stated,
    value as corrected_value,
    stated_now,
    submission_id,
    locator,
    reason,
    reporter,
    status,
    state
from {{ source('reference', 'correction_state') }}
