{{ config(materialized='table') }}

select
    submission_id,
    submission_key,
    hospital_code
from {{ ref('int_submission__basis') }}
where hospital_code in (select restated.hospital_code from {{ ref('int_hospital__restated') }} as restated)
