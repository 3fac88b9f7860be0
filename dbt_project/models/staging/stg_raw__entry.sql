select
    entry.entry_id,
    entry.submission_id,
    {{ hash_key(['submission.submission_id']) }} as submission_key,
    submission.hospital_code,
    submission.form,
    submission.reporting_year,
    submission.revision,
    entry.entry_kind,
    -- Whether it says how something is or how it shall be: a claim of a narrative says either.
    case
        when entry.entry_kind = 'claim' and entry.role = 'target' then 'target'
        when entry.entry_kind = 'claim' then 'value'
        else entry.entry_kind
    end as statement_kind,
    entry.ordinal,
    entry.section_raw,
    entry.row_raw,
    entry.label_raw,
    entry.department_raw,
    entry.department_name,
    entry.value_raw,
    entry.baseline_raw,
    entry.line_code,
    coalesce(entry.period, 'unknown') as period_code,
    case when corrected.entry_id is null then entry.value else corrected.value end as value,
    entry.value_stated,
    corrected.correction_id,
    entry.value_high,
    case when corrected.entry_id is null then entry.stated_decimals else corrected.stated_decimals end
        as stated_decimals,
    entry.grade,
    case when corrected.entry_id is null then entry.comparator else corrected.comparator end as comparator,
    coalesce(entry.unit, entry.unit_raw) as unit,
    entry.baseline_value,
    entry.baseline_high,
    entry.target_kind,
    coalesce(entry.is_per_year, false) as is_per_year,
    entry.direction,
    entry.benchmark,
    entry.role,
    entry.subject,
    entry.detail,
    entry.locator,
    entry.quote,
    coalesce(corrected.is_cleared, 'cleared' = any(entry.notes)) as is_cleared,
    disposition.is_flagged,
    disposition.gate_run_id,
    entry.is_line_by_alias,
    entry.parser_version,
    entry.loaded_at,
    -- What was held back is known from its release on, not from the acceptance of the rest; what is held back later is
    -- known until then. What a correction says is known from its approval on, until it ends.
    greatest(submission.accepted_at, disposition.released_at, corrected.read_from) as known_from,
    greatest(submission.accepted_at, disposition.released_at) as let_in_at,
    disposition.held_back_at,
    corrected.read_from,
    corrected.read_to,
    disposition.is_newest and corrected.read_to is null as is_newest
from {{ source('raw', 'reading') }} as entry
inner join {{ ref('stg_audit__submission') }} as submission on entry.submission_id = submission.submission_id
inner join {{ ref('stg_audit__entry_disposition') }} as disposition
    on
        entry.submission_id = disposition.submission_id
        and entry.entry_id = disposition.entry_id
left join {{ ref('stg_raw__corrected_entry') }} as corrected
    on
        disposition.submission_id = corrected.submission_id
        and disposition.entry_id = corrected.entry_id
        and coalesce(disposition.released_at, '-infinity') = corrected.released_at
where
    submission.accepted_at is not null
    and disposition.is_let_in
