-- One hospital restates one year: ten figures are raised, and a gate run looks at the whole year again and finds the
-- same as before in every other hospital. Parameters: hospital, year.
insert into audit.submission (
    submission_id, hospital_code, reporting_year, form, revision, revision_kind, sha256, file_name, size_bytes, received_at
)
select
    replace(submission_id, '-r1', '-r2'), hospital_code, reporting_year, form, 2, 'full',
    encode(sha256('late'), 'hex'), 'return.xlsx', 20000, now()
from audit.submission
where hospital_code = %(hospital)s and reporting_year = %(year)s and form = 'secondary_national_return';

insert into raw.entry (
    entry_id, submission_id, entry_kind, ordinal, label_raw, unit_raw, period_raw, value_raw, line_code, period, value,
    stated_decimals, unit, locator, parser_version
)
select
    entry.entry_id, replace(entry.submission_id, '-r1', '-r2'), entry_kind, ordinal, label_raw, unit_raw, period_raw,
    value_raw, line_code, period, case when ordinal <= 12 then value + 1 else value end, stated_decimals, unit, locator,
    parser_version
from raw.entry as entry
inner join audit.submission as submission on entry.submission_id = submission.submission_id
where
    submission.hospital_code = %(hospital)s and submission.reporting_year = %(year)s
    and submission.form = 'secondary_national_return' and submission.revision = 1;

insert into audit.gate_run (
    gate_run_id, reporting_year, batch_fingerprint, parsed, accepted, flagged, quarantined, submissions, rejected,
    started_at, finished_at
)
values ('late', %(year)s, 'late', 0, 0, 0, 0, 0, 0, now(), now());

insert into audit.entry_disposition (gate_run_id, submission_id, entry_id, disposition, rules_checked, rules_failed)
select
    'late',
    case
        when submission.hospital_code = %(hospital)s then replace(disposition.submission_id, '-r1', '-r2')
        else disposition.submission_id
    end,
    disposition.entry_id, disposition.disposition, disposition.rules_checked, disposition.rules_failed
from audit.entry_disposition as disposition
inner join audit.submission as submission on disposition.submission_id = submission.submission_id
where submission.reporting_year = %(year)s and submission.form = 'secondary_national_return';

insert into audit.rule_outcome (gate_run_id, rule_id, submission_id, checked, failed)
select distinct 'late', rule.rule_id, disposition.submission_id, 148, 0
from audit.entry_disposition as disposition
cross join (values ('not-a-number'), ('formula-ratio')) as rule (rule_id)
where disposition.gate_run_id = 'late';

insert into audit.validation_result (
    gate_run_id, rule_id, submission_id, entry_id, line_code, period, outcome, stated, expected, locator
)
select
    'late', 'formula-ratio', disposition.submission_id, disposition.entry_id, entry.line_code, entry.period, 'failed',
    entry.value_raw, '1', entry.locator
from audit.entry_disposition as disposition
inner join raw.entry as entry
    on disposition.submission_id = entry.submission_id and disposition.entry_id = entry.entry_id
where disposition.gate_run_id = 'late' and disposition.disposition = 'flagged';

insert into audit.submission_event (submission_id, status)
select submission_id, case revision when 1 then 'superseded' else status.status end
from audit.submission
cross join (values (1, 'received'), (2, 'parsed'), (3, 'accepted')) as status (place, status)
where
    hospital_code = %(hospital)s and reporting_year = %(year)s and form = 'secondary_national_return'
    and (revision = 2 or status.place = 3)
order by revision, status.place;
