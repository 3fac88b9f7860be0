-- What people decide of findings. A decision is about a finding as it was seen: rule, figure, what is stated and what
-- was expected. It outlives re-validation, and a resubmission that states the same again; it ends with the figure.

create function audit.finding_id(
    hospital_code text, reporting_year integer, form text, rule_id text, kind text, line_code text, label text,
    period text, department text, stated text, expected text
) returns text
language sql immutable parallel safe
return left(encode(sha256(convert_to(concat_ws(
    chr(31), hospital_code, reporting_year, form, rule_id, coalesce(line_code, 'label:' || label, ''), coalesce(period, ''),
    coalesce(department, ''), coalesce(stated, ''),
    -- What others report moves with every submission of theirs; a decision on a figure does not.
    case when kind = 'peer' then '' else coalesce(expected, '') end
), 'UTF8')), 'hex'), 16);
comment on function audit.finding_id(text, integer, text, text, text, text, text, text, text, text, text) is
'Name of a finding: the same rule on the same figure, stated and expected as before, has the same id in every gate run '
'and revision; a figure that changes has another.';

create table audit.verification (
    verification_id bigint generated always as identity primary key,
    finding_id text not null,
    submission_id text not null references audit.submission (submission_id),
    rule_id text not null references audit.rule,
    hospital_code text not null,
    reporting_year integer not null,
    form text not null,
    line_code text,
    period text,
    stated text,
    expected text,
    is_withdrawal boolean not null default false,
    reason text not null check (length(btrim(reason)) > 0),
    decided_by text not null check (length(btrim(decided_by)) > 0),
    login text not null default session_user,
    source text not null check (source in ('cli', 'airflow')),
    decided_at timestamptz not null default clock_timestamp()
);
create index on audit.verification (finding_id, verification_id);
create index on audit.verification (reporting_year, hospital_code);
comment on table audit.verification is
'One statement of a hospital that a flagged figure is right, with its reason; or, where is_withdrawal, that this no longer '
'holds. Append-only: the newest row of a finding stands. decided_by is the person, login the database login.';

create table audit.waiver (
    waiver_id bigint generated always as identity primary key,
    finding_id text not null,
    submission_id text not null references audit.submission (submission_id),
    rule_id text not null references audit.rule,
    hospital_code text not null,
    reporting_year integer not null,
    form text not null,
    line_code text,
    period text,
    stated text,
    expected text,
    is_withdrawal boolean not null default false,
    expires_on date,
    reason text not null check (length(btrim(reason)) > 0),
    decided_by text not null check (length(btrim(decided_by)) > 0),
    login text not null default session_user,
    source text not null check (source in ('cli', 'airflow')),
    decided_at timestamptz not null default clock_timestamp(),
    check (is_withdrawal = (expires_on is null))
);
create index on audit.waiver (finding_id, waiver_id);
create index on audit.waiver (reporting_year, hospital_code);
comment on table audit.waiver is
'One decision of an auditor that one rule does not count for one entry, with reason and last day; or, where '
'is_withdrawal, that it counts again. Append-only: the newest row of a finding stands. An entry that the rule held back '
'is released by the next gate run, not by this row.';

create view audit.standing_verification as
select * from (
    select distinct on (finding_id) *
    from audit.verification
    order by finding_id asc, verification_id desc
) as newest
where not is_withdrawal;
comment on view audit.standing_verification is 'The verification that stands for a finding, one row each.';

create view audit.standing_waiver as
select * from (
    select distinct on (finding_id) *
    from audit.waiver
    order by finding_id asc, waiver_id desc
) as newest
where not is_withdrawal and expires_on >= current_date;
comment on view audit.standing_waiver is 'The waiver that stands today for a finding, one row each: neither withdrawn nor expired.';

create index on audit.validation_result (gate_run_id, submission_id);

create view audit.finding as
with newest as (
    select
        s.*,
        (
            select o.gate_run_id
            from audit.rule_outcome as o
            inner join audit.gate_run as g using (gate_run_id)
            where o.submission_id = s.submission_id
            order by g.finished_at desc, g.gate_run_id desc
            limit 1
        ) as gate_run_id
    from audit.submission_status as s
    where s.status not in ('superseded', 'withdrawn')
),

found as (
    select distinct
        audit.finding_id(
            n.hospital_code, n.reporting_year, n.form, v.rule_id, r.kind, coalesce(v.line_code, e.line_code), e.label_raw,
            coalesce(v.period, e.period), e.department_raw, v.stated, v.expected
        ) as finding_id,
        n.hospital_code,
        n.reporting_year,
        n.form,
        n.submission_id,
        n.revision,
        v.gate_run_id,
        v.rule_id,
        r.severity,
        r.kind,
        v.outcome,
        coalesce(v.line_code, e.line_code) as line_code,
        coalesce(l.label_zh, e.label_raw) as label,
        coalesce(v.period, e.period) as period,
        e.department_raw as department,
        v.entry_id,
        v.stated,
        v.expected,
        v.difference,
        coalesce(v.locator, e.locator) as locator,
        r.title_zh,
        r.title_en,
        r.remedy_zh,
        r.remedy_en,
        coalesce(l.ordinal, e.ordinal) as ordinal
    from newest as n
    inner join audit.validation_result as v on n.gate_run_id = v.gate_run_id and n.submission_id = v.submission_id
    inner join audit.rule as r on v.rule_id = r.rule_id
    left join raw.entry as e on v.submission_id = e.submission_id and v.entry_id = e.entry_id
    left join reference.form_line as l on n.form = l.form and coalesce(v.line_code, e.line_code) = l.line_code
)

select
    f.*,
    case
        when w.finding_id is not null then 'waived'
        when c.finding_id is not null then 'verified'
        else 'open'
    end as disposition,
    coalesce(w.reason, c.reason) as reason,
    coalesce(w.decided_by, c.decided_by) as decided_by,
    coalesce(w.decided_at, c.decided_at) as decided_at,
    w.expires_on
from found as f
left join audit.standing_waiver as w on f.finding_id = w.finding_id
left join audit.standing_verification as c on f.finding_id = c.finding_id;
comment on view audit.finding is
'One finding of the newest gate run over each submission that is not superseded, and what people decided of it.';

alter table gate.failure add column is_waived boolean not null default false;
comment on column gate.failure.is_waived is 'An auditor''s waiver stands for it: it flags the entry, but does not hold it back.';

do $grants$
begin
    if exists (select 1 from pg_roles where rolname = 'hiw_auditor') then
        grant insert on audit.waiver to hiw_auditor;
    end if;
end
$grants$;
