{{ config(materialized='table') }}

select
    submission.submission_id,
    submission.submission_key,
    submission.revision
from {{ ref('int_hospital_year__rescored') }} as rescored
inner join {{ ref('stg_audit__submission') }} as submission
    on
        rescored.hospital_code = submission.hospital_code
        and rescored.reporting_year = submission.reporting_year
where submission.status in ('accepted', 'flagged', 'published')
