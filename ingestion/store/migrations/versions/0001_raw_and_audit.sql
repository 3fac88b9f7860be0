-- raw: what a source says, word for word, with its locator and the parser's reading beside it. Append-only.
-- audit: who sent what when, and what every step did with it. Append-only.
-- reference: forms as their data files have them, so that SQL can join them.
create schema if not exists raw;
create schema if not exists audit;
create schema if not exists reference;
create schema if not exists gate;

create table audit.landed_file (
    sha256 char(64) primary key,
    size_bytes bigint not null,
    landing_path text not null,
    first_received_at timestamptz not null default now()
);
comment on table audit.landed_file is 'One immutable copy in the landing zone, under its sha256.';

create table audit.submission (
    submission_key bigint generated always as identity primary key,
    submission_id text not null unique,
    hospital_code text not null,
    reporting_year integer not null,
    form text not null,
    revision integer not null,
    revision_kind text not null check (revision_kind in ('full', 'patch')),
    sha256 char(64) not null references audit.landed_file,
    file_name text not null,
    size_bytes bigint not null,
    received_at timestamptz not null,
    unique (hospital_code, reporting_year, form, revision),
    unique (hospital_code, reporting_year, form, sha256)
);
comment on table audit.submission is
'One revision of what a hospital submitted for a form and reporting year. '
'submission_id reads <hospital>-<year>-<form>-r<revision>.';

create table audit.receipt (
    receipt_id bigint generated always as identity primary key,
    received_at timestamptz not null default now(),
    source_path text not null,
    file_name text not null,
    sha256 char(64),
    size_bytes bigint,
    hospital_code text,
    reporting_year integer,
    outcome text not null check (outcome in ('landed', 'duplicate', 'refused')),
    problem jsonb
);
comment on table audit.receipt is
'One drop of one file. The same bytes twice are one submission with two receipts; a refused file has its problem here.';

create table audit.submission_event (
    event_id bigint generated always as identity primary key,
    submission_id text not null references audit.submission (submission_id),
    status text not null check (status in (
        'received', 'unreadable', 'parsed', 'rejected', 'flagged', 'accepted', 'superseded', 'withdrawn', 'published'
    )),
    occurred_at timestamptz not null default clock_timestamp(),
    run_id text,
    detail jsonb
);
create index on audit.submission_event (submission_id, event_id);
comment on table audit.submission_event is 'One change of status of a submission; never overwritten. The newest is the status.';

create view audit.submission_status as
select
    s.submission_key,
    s.submission_id,
    s.hospital_code,
    s.reporting_year,
    s.form,
    s.revision,
    s.revision_kind,
    s.sha256,
    s.file_name,
    s.size_bytes,
    s.received_at,
    e.status,
    e.occurred_at as status_at,
    p.published_at
from audit.submission as s
left join lateral (
    select
        v.status,
        v.occurred_at
    from audit.submission_event as v
    where v.submission_id = s.submission_id and v.status <> 'published'
    order by v.event_id desc
    limit 1
) as e on true
left join lateral (
    select max(v.occurred_at) as published_at
    from audit.submission_event as v
    where v.submission_id = s.submission_id and v.status = 'published'
) as p on true;
comment on view audit.submission_status is
'A submission with its newest status. Being published is a time, not a status: what was accepted stays accepted.';

create table audit.step_outcome (
    outcome_id bigint generated always as identity primary key,
    run_id text not null,
    step text not null check (step in ('land', 'parse', 'load', 'gate', 'build', 'report')),
    subject text not null,
    reporting_year integer,
    submission_id text,
    status text not null check (status in ('done', 'unchanged', 'refused', 'failed')),
    rows_in bigint,
    rows_out bigint,
    rows_refused bigint,
    message text not null,
    problem jsonb,
    started_at timestamptz not null,
    finished_at timestamptz not null default clock_timestamp()
);
comment on table audit.step_outcome is 'One step on one file, submission or year: what came in, went out, was refused, and why.';

create table raw.entry (
    entry_id bigint not null,
    submission_id text not null references audit.submission (submission_id),
    entry_kind text not null check (entry_kind in ('value', 'target', 'work_item', 'claim')),
    ordinal integer not null,
    -- as the source has it
    section_raw text,
    row_raw text,
    label_raw text,
    unit_raw text,
    department_raw text,
    period_raw text,
    value_raw text,
    baseline_raw text,
    -- as the parser reads it; null where it could not be read
    line_code text,
    period text,
    value numeric,
    value_high numeric,
    stated_decimals smallint,
    grade text,
    comparator text,
    unit text,
    baseline_value numeric,
    baseline_high numeric,
    target_kind text,
    is_per_year boolean,
    direction text,
    benchmark text,
    role text,
    subject text,
    notes text [] not null default '{}',
    detail jsonb,
    locator text not null,
    quote text,
    parser_version text not null,
    loaded_at timestamptz not null default clock_timestamp(),
    primary key (submission_id, entry_id)
);
comment on table raw.entry is
'One figure, target, work item or claim of one submission: the words of the source, their locator, and the parser''s reading.';

create table raw.document (
    submission_id text primary key references audit.submission (submission_id),
    text text not null
);
comment on table raw.document is
'The running text of a narrative submission, as extracted. The locators of its entries (chars a-b) are spans of it, '
'counted in characters from 0; every mention must stand there word for word.';

create table reference.form (
    form text primary key,
    title_zh text not null,
    title_en text not null,
    catalogue text,
    entry_kind text not null
);
comment on table reference.form is 'One form that hospitals submit, from ingestion/forms/<form>/form.yml.';

create table reference.form_line (
    form text not null references reference.form,
    line_code text not null,
    ordinal integer not null,
    label_zh text not null,
    label_en text,
    unit text,
    value_type text not null check (value_type in ('heading', 'integer', 'number', 'percent', 'ratio', 'grade', 'text')),
    indicator_code text,
    is_indicator boolean not null,
    direction text,
    formula text,
    requirement text not null check (requirement in ('required', 'optional', 'none')),
    primary key (form, line_code)
);
comment on table reference.form_line is 'One line of a form, from ingestion/forms/<form>/lines.csv.';

create table reference.formula_term (
    form text not null,
    line_code text not null,
    formula_kind text not null check (formula_kind in ('ratio', 'sum', 'growth', 'chain')),
    multiplier numeric not null,
    term_no integer not null,
    term_line_code text not null,
    year_offset integer not null default 0,
    coefficient integer not null,
    primary key (form, line_code, term_no),
    foreign key (form, line_code) references reference.form_line
);
comment on table reference.formula_term is
'One operand of a line''s formula. ratio and chain multiply (coefficient 1) and divide (-1); sum adds (1) and '
'subtracts (-1); growth is (term - term a year before) / term a year before. The result is times the multiplier.';

create table reference.line_relation (
    form text not null,
    line_code text not null,
    relation text not null check (relation in ('same_as', 'at_most')),
    other_line_code text not null,
    primary key (form, line_code, relation, other_line_code),
    foreign key (form, line_code) references reference.form_line
);
comment on table reference.line_relation is 'Two lines of a form that must agree (same_as), or of which one bounds the other (at_most).';

create table audit.rule (
    rule_id text primary key,
    severity text not null check (severity in ('reject', 'quarantine', 'flag', 'inform')),
    kind text not null check (kind in (
        'structure', 'domain', 'arithmetic', 'cross-line', 'cross-form', 'cross-year', 'peer'
    )),
    title_zh text not null,
    title_en text not null,
    remedy_zh text not null,
    remedy_en text not null,
    since_year integer,
    until_year integer
);
comment on table audit.rule is 'One validation rule, from expectations/rules/*.yml.';

create table audit.gate_run (
    gate_run_id text primary key,
    reporting_year integer not null,
    batch_fingerprint text not null,
    parsed bigint not null,
    accepted bigint not null,
    flagged bigint not null,
    quarantined bigint not null,
    submissions bigint not null,
    rejected bigint not null,
    docs_path text,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    check (accepted + quarantined = parsed)
);
comment on table audit.gate_run is
'One validation of the whole batch of a reporting year. gate_run_id is derived from the batch, so that validating an '
'unchanged batch again is the same run. accepted counts flagged entries too.';

create table audit.rule_outcome (
    gate_run_id text not null references audit.gate_run,
    rule_id text not null references audit.rule,
    submission_id text not null references audit.submission (submission_id),
    checked bigint not null,
    failed bigint not null,
    primary key (gate_run_id, rule_id, submission_id)
);
comment on table audit.rule_outcome is 'How many entries of a submission a rule looked at in a gate run, and how many failed it.';

create table audit.validation_result (
    gate_run_id text not null references audit.gate_run,
    rule_id text not null references audit.rule,
    submission_id text not null references audit.submission (submission_id),
    entry_id bigint,
    line_code text,
    period text,
    outcome text not null check (outcome in ('failed', 'not_evaluable')),
    stated text,
    expected text,
    difference numeric,
    locator text
);
create index on audit.validation_result (submission_id, entry_id);
comment on table audit.validation_result is
'One entry (or, where entry_id is null, one expected entry or whole submission) that failed a rule in a gate run.';

create table audit.entry_disposition (
    gate_run_id text not null references audit.gate_run,
    submission_id text not null,
    entry_id bigint not null,
    disposition text not null check (disposition in ('accepted', 'flagged', 'quarantined')),
    rules_checked text [] not null default '{}',
    rules_failed text [] not null default '{}',
    primary key (gate_run_id, submission_id, entry_id),
    foreign key (submission_id, entry_id) references raw.entry
);
comment on table audit.entry_disposition is 'What a gate run decided for one entry; flagged entries load and stay visible as flagged.';
