with named as (
    select
        hospital_code,
        {{ name_key('department_name') }} as department_name_key,
        min(department_name) as department_name_zh
    from {{ ref('stg_raw__parsed_entry') }}
    where {{ name_key('department_name') }} <> ''
    group by hospital_code, {{ name_key('department_name') }}
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
