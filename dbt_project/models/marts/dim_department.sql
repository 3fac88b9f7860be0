{{ config(materialized='incremental', incremental_strategy='mirror', unique_key='department_key') }}

with written as (
    select
        hospital_code,
        department_name_key,
        department_name
    from {{ ref('int_submission__name') }}
    union all
    select
        hospital_code,
        {{ name_key('department_raw') }} as department_name_key,
        department_raw as department_name
    from {{ ref('stg_raw__lead_department') }}
),

named as (
    select
        hospital_code,
        department_name_key,
        min(department_name) as department_name_zh
    from written
    where department_name_key <> ''
    group by hospital_code, department_name_key
),

departments as (
    select
        hospital_code,
        department_name_key,
        department_name_zh,
        false as is_whole_hospital
    from named
    union all
    select distinct
        hospital_code,
        '' as department_name_key,
        '全院' as department_name_zh,
        true as is_whole_hospital
    from {{ ref('int_hospital__version') }}
)

select
    {{ hash_key(['hospital_code', 'department_name_key']) }} as department_key,
    hospital_code,
    department_name_key,
    department_name_zh,
    is_whole_hospital
from departments
