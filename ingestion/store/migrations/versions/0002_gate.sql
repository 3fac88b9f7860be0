-- gate: the batch under validation, laid out so that a rule is one condition on one column. Working tables: emptied
-- and filled by every gate run, unlogged because nothing in them cannot be computed again. What a run decides is
-- written to audit. Null in a column that a rule looks at means that the rule has nothing to say about the row.

create aggregate gate.product (numeric) (
    sfunc = numeric_mul, stype = numeric, combinefunc = numeric_mul, parallel = safe
);

create unlogged table gate.batch_submission (
    submission_id text primary key,
    submission_key bigint not null,
    base_key bigint not null,
    hospital_code text not null,
    form text not null,
    reporting_year integer not null,
    revision integer not null,
    revision_kind text not null,
    sha256 text not null,
    status text not null
);
comment on table gate.batch_submission is
'A submission of the batch: the newest full revision of a hospital and form, and the patches laid over it. '
'base_key is the submission_key of that full revision.';

create unlogged table gate.entry_check (
    check_id bigint generated always as identity primary key,
    submission_id text not null,
    entry_id bigint not null,
    base_key bigint not null,
    form text not null,
    reporting_year integer not null,
    revision_kind text not null,
    entry_kind text not null,
    line_code text,
    period text,
    year integer,
    department_key text not null,
    locator text not null,
    stated text,
    value numeric,
    stated_decimals integer,
    value_type text,
    copy_no bigint,
    is_line_known boolean,
    is_number boolean,
    is_finite boolean,
    percent_bounded numeric,
    percent_open numeric,
    percent_growth numeric,
    count_value numeric,
    count_fraction numeric,
    unit_stated text,
    unit_expected text,
    is_unit_as_expected boolean,
    notes_text text
);
comment on table gate.entry_check is 'One row for each entry of the batch, with what the rules of a single entry look at.';

create unlogged table gate.figure (
    check_id bigint not null,
    base_key bigint not null,
    department_key text not null,
    form text not null,
    line_code text not null,
    year integer not null,
    value numeric not null,
    half_unit numeric not null,
    decimals_unit numeric not null
);
comment on table gate.figure is
'The figures of entry_check that formulas and relations join: one for each line, year and department of a return. '
'decimals_unit is half a unit of the last decimal stated, half_unit the same where the figure may be rounded, else 0.';

create unlogged table gate.formula_check (
    check_id bigint generated always as identity primary key,
    submission_id text not null,
    entry_id bigint not null,
    form text not null,
    reporting_year integer not null,
    line_code text not null,
    period text not null,
    year integer not null,
    locator text not null,
    formula_kind text not null,
    stated text,
    expected text,
    recomputed numeric,
    difference numeric,
    tolerance numeric,
    deviation double precision,
    missing_operands text
);
comment on table gate.formula_check is
'One row for each figure whose line has a formula. deviation is the distance of the stated figure from the recomputed '
'one in units of what rounding explains: above 1 they disagree; null where an operand is missing or a divisor is 0.';

create unlogged table gate.relation_check (
    check_id bigint generated always as identity primary key,
    submission_id text not null,
    entry_id bigint not null,
    form text not null,
    reporting_year integer not null,
    line_code text not null,
    period text not null,
    year integer not null,
    locator text not null,
    relation text not null,
    other_line_code text not null,
    stated text,
    expected text,
    difference numeric,
    tolerance numeric,
    deviation double precision
);
comment on table gate.relation_check is
'One row for each figure whose line must agree with another line (same_as) or not exceed it (at_most). deviation is '
'the disagreement in units of what rounding explains: above 1 the two do not go together.';

create unlogged table gate.completeness_check (
    check_id bigint generated always as identity primary key,
    submission_id text not null,
    entry_id bigint,
    form text not null,
    reporting_year integer not null,
    line_code text not null,
    period text not null,
    year integer not null,
    locator text,
    stated text,
    expected text,
    is_present boolean not null
);
comment on table gate.completeness_check is
'One row for each required line of the form in each full submission: whether a figure for the reporting year stands in it.';

create unlogged table gate.submission_check (
    check_id bigint generated always as identity primary key,
    submission_id text not null,
    entry_id bigint,
    form text not null,
    reporting_year integer not null,
    revision_kind text not null,
    line_code text,
    period text,
    year integer,
    locator text,
    stated text,
    expected text,
    entries bigint not null,
    figures_in_year bigint,
    known_line_pct numeric
);
comment on table gate.submission_check is 'One row for each submission of the batch, with what the rules of a whole submission look at.';

create unlogged table gate.target_check (
    check_id bigint generated always as identity primary key,
    submission_id text not null,
    entry_id bigint not null,
    form text not null,
    reporting_year integer not null,
    line_code text,
    period text,
    year integer,
    locator text not null,
    stated text,
    expected text,
    target_kind text,
    is_readable boolean,
    range_width numeric,
    baseline_stated text,
    is_baseline_readable boolean,
    is_unit_given boolean
);
comment on table gate.target_check is 'One row for each target of a plan in the batch.';

create unlogged table gate.failure (
    rule_id text not null,
    severity text not null,
    check_id bigint not null,
    submission_id text not null,
    entry_id bigint
);
comment on table gate.failure is 'One row of a checked table that failed a rule, as the expectation returned it.';

create unlogged table gate.decision (
    submission_id text primary key,
    status text not null
);
comment on table gate.decision is 'What the run decides for a submission of the batch: accepted, flagged or rejected.';
