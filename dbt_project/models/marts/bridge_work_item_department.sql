select
    item.hospital_key,
    item.submission_key,
    item.entry_id,
    department.department_key,
    lead.lead_no,
    lead.department_name_zh
from {{ ref('fct_work_item') }} as item
inner join {{ ref('stg_raw__entry') }} as entry
    on
        item.submission_key = entry.submission_key
        and item.entry_id = entry.entry_id
cross join
    lateral jsonb_array_elements_text(
        coalesce(entry.detail -> 'lead_departments', cast('[]' as jsonb))
    ) with ordinality as lead (department_name_zh, lead_no)
left join {{ ref('dim_department') }} as department
    on
        entry.hospital_code = department.hospital_code
        and {{ name_key('lead.department_name_zh') }} = department.department_name_key
