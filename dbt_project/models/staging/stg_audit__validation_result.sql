select
    gate_run_id,
    rule_id,
    submission_id,
    entry_id,
    line_code,
    period,
    outcome,
    stated,
    expected,
    difference,
    locator
from {{ source('audit', 'validation_result') }}
