-- An accepted history as the earlier steps leave it: for every year a full return of each hospital with a figure for
-- each line, one gate run over them, findings on every hundredth figure, and in the last year a plan of sixteen targets.
-- Parameters: first and last hospital number, first and last year. The records' own triggers (chain, refusal) are off.
create temporary table new_submission as
select
    format('B%%s-%%s-%%s-r1', lpad(hospital::text, 5, '0'), year, form.form) as submission_id,
    'B' || lpad(hospital::text, 5, '0') as hospital_code,
    hospital,
    year as reporting_year,
    form.form,
    make_timestamptz(year + 1, 4, 1, 9, 0, 0, 'Asia/Shanghai') as received_at
from generate_series(%(first_hospital)s, %(last_hospital)s) as hospital
cross join generate_series(%(first_year)s, %(last_year)s) as year
cross join (values ('secondary_national_return'), ('plan_annex')) as form (form)
where form.form = 'secondary_national_return' or year = %(last_year)s;

insert into audit.submission (
    submission_id, hospital_code, reporting_year, form, revision, revision_kind, sha256, file_name, size_bytes, received_at
)
select
    submission_id, hospital_code, reporting_year, form, 1, 'full', encode(sha256(submission_id::bytea), 'hex'),
    'return.xlsx', 20000, received_at
from new_submission;

insert into audit.submission_event (submission_id, status, occurred_at)
select submission_id, status.status, received_at + status.after
from new_submission
cross join (values ('received', interval '0'), ('parsed', interval '1 minute'), ('accepted', interval '1 day'))
    as status (status, after)
order by received_at, submission_id, status.after;

-- A figure of a line has the line's size, the hospital's share of it and some growth from year to year; what a share
-- is of is larger than the part, or the funnels would be empty.
insert into raw.entry (
    entry_id, submission_id, entry_kind, ordinal, label_raw, unit_raw, period_raw, value_raw, line_code, period, value,
    stated_decimals, unit, locator, parser_version
)
select
    line.ordinal, said.submission_id, 'value', line.ordinal, line.label_zh, line.unit, said.reporting_year || '年',
    said.figure::text, line.line_code, said.reporting_year::text, said.figure,
    case when line.value_type = 'integer' then 0 else 2 end, line.unit, '医院!D' || (line.ordinal + 1), 'bench'
from (
    select
        submission.submission_id,
        submission.reporting_year,
        line.line_code,
        case line.value_type
            when 'percent' then round((20 + 60 * spread.share)::numeric, 2)
            when 'integer' then floor(size.figure * (0.5 + spread.share))::numeric
            else round((size.figure * (0.5 + spread.share))::numeric, 2)
        end as figure
    from new_submission as submission
    inner join reference.form_line as line on submission.form = line.form
    left join (
        select part.form, part.term_line_code as line_code, min(whole.term_line_code) as whole_line_code
        from reference.formula_term as part
        inner join reference.formula_term as whole using (form, line_code)
        where part.formula_kind = 'ratio' and part.coefficient = 1 and whole.coefficient = -1
        group by part.form, part.term_line_code
    ) as share_of on line.form = share_of.form and line.line_code = share_of.line_code
    cross join lateral (
        select (1000 + abs(hashtext(coalesce(share_of.whole_line_code, line.line_code))) %% 30000)
            * case when share_of.whole_line_code is null then 1 else 0.2 end as figure
    ) as size
    cross join lateral (
        select (
            abs(hashtext(submission.hospital_code || line.line_code)) %% 1000 + 20 * (submission.reporting_year %% 10)
        ) / 1200.0 as share
    ) as spread
) as said
inner join reference.form_line as line
    on line.form = 'secondary_national_return' and said.line_code = line.line_code
where line.value_type <> 'heading';

insert into raw.entry (
    entry_id, submission_id, entry_kind, ordinal, section_raw, label_raw, unit_raw, value_raw, baseline_raw, period,
    value, baseline_value, target_kind, comparator, is_per_year, unit, locator, parser_version
)
select
    line.place, submission.submission_id, 'target', line.place, '质量', line.label_zh, line.unit, '不低于60', '40',
    '2021-2025', 60, 40, 'level', '>=', false, line.unit, '表!B' || line.place, 'bench'
from new_submission as submission
cross join (
    select label_zh, unit, row_number() over (order by ordinal) as place
    from reference.form_line
    where form = 'secondary_national_return' and value_type = 'percent'
) as line
where submission.form = 'plan_annex' and line.place <= 16;

insert into audit.gate_run (
    gate_run_id, reporting_year, batch_fingerprint, parsed, accepted, flagged, quarantined, submissions, rejected,
    started_at, finished_at
)
select
    format('G%%s-%%s', reporting_year, %(first_hospital)s), reporting_year, md5(reporting_year::text), 0, 0, 0, 0, 0, 0,
    max(received_at) + interval '23 hours', max(received_at) + interval '1 day'
from new_submission
group by reporting_year;

insert into audit.entry_disposition (gate_run_id, submission_id, entry_id, disposition, rules_checked, rules_failed)
select
    format('G%%s-%%s', submission.reporting_year, %(first_hospital)s), entry.submission_id, entry.entry_id,
    case when is_odd then 'flagged' else 'accepted' end, '{not-a-number,formula-ratio}',
    case when is_odd then array['formula-ratio'] else '{}' end
from new_submission as submission
inner join raw.entry as entry on submission.submission_id = entry.submission_id
cross join lateral (
    select entry.entry_kind = 'value' and abs(hashtext(entry.submission_id || entry.entry_id)) %% 100 = 0 as is_odd
) as finding;

insert into audit.rule_outcome (gate_run_id, rule_id, submission_id, checked, failed)
select format('G%%s-%%s', reporting_year, %(first_hospital)s), rule.rule_id, submission_id, 148, 0
from new_submission
cross join (values ('not-a-number'), ('formula-ratio')) as rule (rule_id);

insert into audit.validation_result (
    gate_run_id, rule_id, submission_id, entry_id, line_code, period, outcome, stated, expected, locator
)
select
    disposition.gate_run_id, 'formula-ratio', disposition.submission_id, disposition.entry_id, entry.line_code,
    entry.period, 'failed', entry.value_raw, '1', entry.locator
from new_submission as submission
inner join audit.entry_disposition as disposition on submission.submission_id = disposition.submission_id
inner join raw.entry as entry
    on disposition.submission_id = entry.submission_id and disposition.entry_id = entry.entry_id
where disposition.disposition = 'flagged';

drop table new_submission;
