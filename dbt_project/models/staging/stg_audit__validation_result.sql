-- The gate's table has no key of its own: a finding is what it says.
select distinct
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
