{{ config(materialized='incremental', incremental_strategy='mirror', unique_key='rule_key') }}

select
    {{ hash_key(['rule_id']) }} as rule_key,
    rule_id,
    severity,
    kind,
    title_zh,
    title_en,
    remedy_zh,
    remedy_en,
    since_year,
    until_year
from {{ ref('stg_audit__rule') }}
