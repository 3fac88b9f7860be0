{{ config(materialized='table') }}

select
    submission.submission_id,
    submission.submission_key,
    submission.hospital_code,
    submission.reporting_year,
    reviewed.hospital_key
from {{ ref('int_hospital_year__reviewed') }} as reviewed
inner join {{ ref('stg_audit__submission') }} as submission
    on
        reviewed.hospital_code = submission.hospital_code
        and reviewed.reporting_year = submission.reporting_year
