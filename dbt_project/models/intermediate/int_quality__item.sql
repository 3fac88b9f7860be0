{{ config(meta={'has_scope': true}) }}

-- The primary key of dq_item_score keeps the grain: a test would count all entries again.
-- Items are what must be reported: the required lines of a form; a form without such lines is one item, of which every
-- entry is a record. A line has one record a department that states it, and one at least.
with required as (
    select
        form.form,
        coalesce(line.line_code, '*') as line_code
    from {{ ref('stg_reference__form') }} as form
    left join {{ ref('stg_reference__form_line') }} as line
        on
            form.form = line.form
            and line.requirement = 'required'
),

-- The figure in force: of the newest revision that states it, the first place that does.
stated as (
    select distinct on (
        entry.hospital_code, entry.reporting_year, entry.form, required.line_code, entry.department_raw,
        case when required.line_code = '*' then entry.entry_id end
    )
        entry.hospital_code,
        entry.reporting_year,
        entry.form,
        required.line_code,
        entry.is_stated,
        entry.is_stated and open_finding.entry_id is null as is_valid
    from {{ ref('int_submission__rescored') }} as submission
    inner join {{ ref('stg_raw__parsed_entry') }} as entry on submission.submission_id = entry.submission_id
    left join required as whole
        on
            entry.form = whole.form
            and whole.line_code = '*'
    inner join required
        on
            entry.form = required.form
            and required.line_code = case
                when whole.form is not null then '*'
                when entry.entry_kind = 'value' and entry.period_code = cast(entry.reporting_year as text)
                    then entry.line_code
            end
    left join {{ ref('int_finding__open') }} as open_finding
        on
            submission.submission_key = open_finding.submission_key
            and entry.entry_id = open_finding.entry_id
    where {{ in_list('entry.submission_id', ref('int_submission__rescored')) }}
    order by
        entry.hospital_code asc, entry.reporting_year asc, entry.form asc, required.line_code asc,
        entry.department_raw asc, case when required.line_code = '*' then entry.entry_id end asc,
        submission.revision desc, entry.ordinal asc
),

counted as (
    select
        hospital_code,
        reporting_year,
        form,
        line_code,
        count(*) as records,
        count(*) filter (where is_stated) as complete,
        count(*) filter (where is_valid) as valid_and_complete
    from stated
    group by hospital_code, reporting_year, form, line_code
)

select
    rescored.hospital_key,
    form_year.hospital_code,
    form_year.reporting_year,
    form_year.form,
    required.line_code,
    form_year.is_accepted as is_submitted,
    -- Of a form that never came, or was rejected as a whole, nothing is covered.
    cast(case when form_year.is_accepted then 1 else 0 end as numeric) as coverage,
    coalesce(counted.records, 1) as records,
    coalesce(counted.complete, 0) as complete,
    coalesce(counted.valid_and_complete, 0) as valid_and_complete,
    -- A return has no default codes: a sign that stands for nothing (--, /) is read as an empty cell, not as a value.
    cast(0 as bigint) as defaults,
    cast(0 as numeric) as default_threshold_pct
from {{ ref('int_hospital_year__rescored') }} as rescored
inner join {{ ref('int_quality__form') }} as form_year
    on
        rescored.hospital_code = form_year.hospital_code
        and rescored.reporting_year = form_year.reporting_year
inner join required on form_year.form = required.form
left join counted
    on
        form_year.hospital_code = counted.hospital_code
        and form_year.reporting_year = counted.reporting_year
        and form_year.form = counted.form
        and required.line_code = counted.line_code
