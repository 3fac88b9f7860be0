{{ config(materialized='incremental', incremental_strategy='restate') }}

select
    item.hospital_key,
    item.submission_key,
    item.entry_id,
    department.department_key,
    min(lead.lead_no) as lead_no,
    min(lead.lead_no) = 1 as is_first
from {{ ref('int_submission__restated') }} as restated
inner join {{ ref('stg_raw__lead_department') }} as lead on restated.submission_id = lead.submission_id
inner join {{ ref('fct_work_item') }} as item
    on
        lead.submission_key = item.submission_key
        and lead.entry_id = item.entry_id
-- A left join into a NOT NULL key: a department that is missing stops the build.
left join {{ ref('dim_department') }} as department
    on
        lead.hospital_code = department.hospital_code
        and {{ name_key('lead.department_raw') }} = department.department_name_key
group by item.hospital_key, item.submission_key, item.entry_id, department.department_key
