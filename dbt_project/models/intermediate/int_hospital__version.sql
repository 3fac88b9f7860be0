-- Joined by every fact; a table, so that the planner knows how many there are.
{{ config(materialized='table') }}

with registered as (
    select
        hospital_code,
        hospital_name_zh,
        hospital_name_en,
        level_code,
        level_zh,
        region_code,
        region_zh,
        hospital_type_zh,
        valid_from,
        valid_to,
        true as is_confirmed
    from {{ ref('hospital') }}
),

-- A code that nobody registered: accepted and shown as such, never refused and never given a name.
unregistered as (
    select distinct submission.hospital_code
    from {{ ref('stg_audit__submission') }} as submission
    left join registered on submission.hospital_code = registered.hospital_code
    where registered.hospital_code is null
),

versions as (
    select *
    from registered
    union all
    select
        hospital_code,
        hospital_code || '（未登记）' as hospital_name_zh,
        hospital_code || ' (not registered)' as hospital_name_en,
        cast(null as text) as level_code,
        cast(null as text) as level_zh,
        cast(null as text) as region_code,
        cast(null as text) as region_zh,
        cast(null as text) as hospital_type_zh,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to,
        false as is_confirmed
    from unregistered
),

-- Versions cover all time without a gap, so that every day and every figure finds exactly one: the first also serves
-- what came before it, each serves until the next.
ordered as (
    select
        *,
        lead(valid_from) over by_start as next_valid_from,
        case when lag(hospital_code) over by_start is null then date '0001-01-01' else valid_from end as applies_from,
        coalesce(lead(valid_from) over by_start, date '9999-12-31') as applies_to
    from versions
    window by_start as (partition by hospital_code order by valid_from asc nulls first)
)

select
    {{ hash_key(['hospital_code', 'valid_from']) }} as hospital_key,
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
    coalesce(valid_to, next_valid_from) as valid_to,
    {{ today_in_china() }} >= applies_from and {{ today_in_china() }} < applies_to as is_current,
    applies_from,
    applies_to
from ordered
