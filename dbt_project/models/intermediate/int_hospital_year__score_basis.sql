-- A gate run looks at every submission of its year and finds the same in most of them: their items keep their scores.
{{ config(materialized='table') }}

with said as (
    select
        reviewed.hospital_code,
        reviewed.reporting_year,
        concat_ws('|', 'form', form.form, form.is_accepted) as line
    from {{ ref('int_hospital_year__reviewed') }} as reviewed
    inner join {{ ref('int_quality__form') }} as form
        on
            reviewed.hospital_code = form.hospital_code
            and reviewed.reporting_year = form.reporting_year
    union all
    select
        reviewed.hospital_code,
        reviewed.reporting_year,
        concat_ws('|', 'submission', submission.submission_id, submission.status) as line
    from {{ ref('int_submission__reviewed') }} as reviewed
    inner join {{ ref('stg_audit__submission') }} as submission on reviewed.submission_id = submission.submission_id
    union all
    select
        reviewed.hospital_code,
        reviewed.reporting_year,
        concat_ws('|', 'finding', reviewed.submission_id, finding.entry_id) as line
    from {{ ref('int_submission__reviewed') }} as reviewed
    inner join {{ ref('int_finding__open') }} as finding on reviewed.submission_key = finding.submission_key
)

select
    reviewed.hospital_code,
    reviewed.reporting_year,
    reviewed.hospital_key,
    md5(string_agg(said.line, chr(10) order by said.line)) as basis
from {{ ref('int_hospital_year__reviewed') }} as reviewed
left join said
    on
        reviewed.hospital_code = said.hospital_code
        and reviewed.reporting_year = said.reporting_year
group by reviewed.hospital_code, reviewed.reporting_year, reviewed.hospital_key
