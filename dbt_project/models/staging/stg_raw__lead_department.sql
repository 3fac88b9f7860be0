select
    entry.submission_id,
    entry.entry_id,
    submission.submission_key,
    submission.hospital_code,
    cast(lead.ordinality as integer) as lead_no,
    lead.department as department_raw
from {{ source('raw', 'entry') }} as entry
inner join {{ ref('stg_audit__submission') }} as submission on entry.submission_id = submission.submission_id
cross join
    lateral jsonb_array_elements_text(entry.detail -> 'lead_departments')
    with ordinality as lead (department, ordinality)
where
    entry.entry_kind = 'work_item'
    and jsonb_typeof(entry.detail -> 'lead_departments') = 'array'
    and {{ name_key('lead.department') }} <> ''
