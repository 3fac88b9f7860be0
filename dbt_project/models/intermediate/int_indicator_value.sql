with told as (
    -- A narrative may state the same of the same thing more than once; each statement stands.
    select
        submission_id,
        entry_id,
        row_number() over (
            partition by submission_id, {{ name_key('label_raw') }}, period_code, department_name, subject, role
            order by ordinal, entry_id
        ) as statement_no
    from {{ ref('int_entry__restated') }}
    where
        entry_kind = 'claim'
        and statement_kind = 'value'
        and is_newest
)

select
    entry.submission_id,
    entry.entry_id,
    entry.hospital_code,
    entry.form,
    entry.reporting_year,
    entry.revision,
    entry.ordinal,
    line.line_code,
    -- What is measured: the line of the form or, where the form has no such line, the label.
    coalesce(line.line_code, 'label:' || coalesce({{ name_key('entry.label_raw') }}, '')) as measure,
    entry.period_code,
    coalesce({{ name_key('entry.department_name') }}, '') as department_name_key,
    entry.value,
    entry.value_stated,
    entry.correction_id,
    entry.value_high,
    entry.stated_decimals,
    entry.grade,
    entry.comparator,
    coalesce(line.unit, entry.unit) as unit,
    entry.value_raw,
    entry.role,
    entry.direction,
    entry.subject as subject_zh,
    told.statement_no,
    entry.is_flagged,
    entry.is_cleared,
    entry.known_from,
    entry.let_in_at,
    entry.held_back_at,
    entry.read_from,
    entry.read_to,
    entry.locator,
    entry.quote
from {{ ref('int_entry__restated') }} as entry
left join {{ ref('stg_reference__form_line') }} as line
    on
        entry.form = line.form
        and entry.line_code = line.line_code
left join told
    on
        entry.submission_id = told.submission_id
        and entry.entry_id = told.entry_id
where entry.statement_kind = 'value'
