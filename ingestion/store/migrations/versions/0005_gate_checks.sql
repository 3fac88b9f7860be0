create table reference.line_limit (
    form text not null,
    line_code text not null,
    low numeric,
    high numeric,
    primary key (form, line_code),
    foreign key (form, line_code) references reference.form_line
);
comment on table reference.line_limit is
'What a line may hold where its type does not say it, from ingestion/forms/<form>/limits.csv; null is an open end.';

alter table reference.line_relation drop constraint line_relation_relation_check;
alter table reference.line_relation add check (relation in ('same_as', 'at_most', 'parts'));
comment on table reference.line_relation is
'Two lines of a form that must agree (same_as), of which one bounds the other (at_most), or of which the other is one '
'of the parts that together cannot exceed the line (parts).';

alter table gate.entry_check
add column quantity_value numeric,
add column is_within_limits boolean,
add column limits_text text;

alter table gate.figure
alter column check_id drop not null,
add column is_prior boolean not null default false;
comment on table gate.figure is
'The figures of entry_check that formulas and relations join: one for each line, year and department of a return. '
'decimals_unit is half a unit of the last decimal stated, half_unit the same where the figure may be rounded, else 0. '
'For years that the return does not state, figures of the hospital''s earlier returns stand in (is_prior): they are '
'operands, never judged themselves.';

alter table gate.formula_check add column scale_slip integer;
alter table gate.relation_check add column scale_slip integer;
alter table gate.completeness_check
alter column is_present drop not null,
add column indicator_code text,
add column is_indicator_present boolean;
alter table gate.target_check
add column gain numeric,
add column step numeric,
add column previous_stated text;

create unlogged table gate.prior_figure (
    hospital_code text not null,
    form text not null,
    department_key text not null,
    line_code text not null,
    year integer not null,
    value numeric not null,
    decimals_unit numeric not null,
    is_count boolean not null,
    stated text,
    reporting_year integer not null
);
comment on table gate.prior_figure is
'The figures that the earlier returns of the batch''s hospitals stated and the gate took in: one for each line, year '
'and department, from the newest of those returns.';

create unlogged table gate.trend_check (
    check_id bigint generated always as identity primary key,
    submission_id text not null,
    entry_id bigint not null,
    form text not null,
    reporting_year integer not null,
    line_code text not null,
    period text not null,
    year integer not null,
    locator text not null,
    stated text,
    expected text,
    value_type text not null,
    factor double precision not null,
    size numeric not null,
    own_changes bigint not null,
    own_score double precision,
    peer_changes bigint not null,
    peer_score double precision,
    scale_slip integer not null
);
comment on table gate.trend_check is
'One row for each figure of the reporting year beside that of the year before, both above 0: by what factor it changed, '
'and how far that lies from how the figure changed before and from how it changed at other hospitals, in robust '
'standard deviations (1.4826 times the median absolute deviation, of logarithms).';

create unlogged table gate.peer_check (
    check_id bigint generated always as identity primary key,
    submission_id text not null,
    entry_id bigint not null,
    form text not null,
    reporting_year integer not null,
    line_code text not null,
    period text not null,
    year integer not null,
    locator text not null,
    stated text,
    expected text,
    value_type text not null,
    peers bigint not null,
    factor double precision,
    size numeric not null,
    score double precision
);
comment on table gate.peer_check is
'One row for each rate, ratio or mean of the reporting year: how far it lies from the median of all hospitals that sent '
'in the same form, as a factor and in robust standard deviations.';

create unlogged table gate.statement_check (
    check_id bigint generated always as identity primary key,
    submission_id text not null,
    entry_id bigint not null,
    form text not null,
    reporting_year integer not null,
    line_code text,
    period text not null,
    year integer not null,
    locator text not null,
    stated text,
    expected text,
    kind text not null,
    difference numeric,
    tolerance numeric,
    deviation double precision,
    scale_slip integer
);
comment on table gate.statement_check is
'One row for each figure that another submission of the hospital states too: a claim of a narrative or a figure of '
'another form beside the national return, or an earlier year''s figure beside what the return of that year said.';

do $ownership$
declare
    item text;
begin
    if exists (select 1 from pg_roles where rolname = 'hiw_loader') then
        foreach item in array array['prior_figure', 'trend_check', 'peer_check', 'statement_check'] loop
            execute format('alter table gate.%I owner to hiw_loader', item);
        end loop;
    end if;
exception
    when insufficient_privilege then
        raise notice 'the gate''s tables stay with %: only it can validate', current_user;
end
$ownership$;

create function gate.plain_name(label text) returns text
language sql immutable parallel safe
return regexp_replace(
    regexp_replace(normalize(label, nfkc), '^[\s0-9.]+[.、．\s]*', ''), '[▲\s、,，.。:：()（）"“”]', '', 'g'
);
comment on function gate.plain_name(text) is 'A name without numbering, marks and blanks, for comparison.';
