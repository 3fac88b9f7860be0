{{ config(materialized='incremental', incremental_strategy='mirror', unique_key='submission_key') }}

select
    submission.submission_key,
    submission.submission_id,
    submission.hospital_code,
    submission.reporting_year,
    submission.form,
    form.title_zh as form_title_zh,
    form.title_en as form_title_en,
    submission.revision,
    submission.revision_kind,
    submission.status,
    submission.status_at,
    submission.received_at,
    submission.accepted_at,
    submission.file_name,
    submission.sha256,
    submission.size_bytes
from {{ ref('stg_audit__submission') }} as submission
left join {{ ref('stg_reference__form') }} as form on submission.form = form.form
