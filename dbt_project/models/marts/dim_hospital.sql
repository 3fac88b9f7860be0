{{ config(materialized='incremental', incremental_strategy='mirror', unique_key='hospital_key') }}

select
    hospital_key,
    hospital_code,
    hospital_name_zh,
    hospital_name_en,
    level_code,
    level_zh,
    region_code,
    region_zh,
    hospital_type_zh,
    is_confirmed,
    valid_from,
    valid_to,
    is_current
from {{ ref('int_hospital__version') }}
