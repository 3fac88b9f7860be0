select entry.*
from {{ ref('int_submission__restated') }} as restated
inner join {{ ref('stg_raw__entry') }} as entry on restated.submission_id = entry.submission_id
