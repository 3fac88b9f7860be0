-- Claims of narrative submissions: what the gate holds them against, and what reviewers decided of them.

create table audit.claim_decision (
    claim_decision_id bigint generated always as identity primary key,
    sha256 char(64) not null references audit.landed_file,
    start_char integer not null check (start_char >= 0),
    mention text not null check (mention != ''),
    decision text not null check (decision in ('confirm', 'reject', 'withdraw')),
    reason text,
    decided_by text not null check (length(btrim(decided_by)) > 0),
    login text not null default session_user,
    decided_at timestamptz not null default clock_timestamp(),
    check (decision != 'reject' or length(btrim(reason)) > 0)
);
create index on audit.claim_decision (sha256, start_char, mention, claim_decision_id);
comment on table audit.claim_decision is
'One decision of a reviewer on one claim of a document: confirmed, rejected with a reason, or an earlier decision '
'withdrawn. The claim is named by the document''s sha256, the place of its mention and the mention itself, so that the '
'decision holds for every submission of the same bytes. Append-only: the newest row of a claim stands.';

call audit.keep('audit.claim_decision', 'claim_decision_id');

create view audit.standing_claim_decision as
select * from (
    select distinct on (sha256, start_char, mention) *
    from audit.claim_decision
    order by sha256 asc, start_char asc, mention asc, claim_decision_id desc
) as newest
where decision != 'withdraw';
comment on view audit.standing_claim_decision is 'The decision that stands for a claim, one row each.';

create unlogged table gate.claim_check (
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
    kind text not null,
    is_right boolean not null
);
comment on table gate.claim_check is
'One row for each thing that a claim is held against: its mention at its place in the document (mention), the figures '
'beside it in the same document (growth, parts, told_twice), and a reviewer who rejected it (review).';

do $grants$
begin
    if exists (select 1 from pg_roles where rolname = 'hiw_auditor') then
        grant insert on audit.claim_decision to hiw_auditor;
    end if;
end
$grants$;

do $ownership$
begin
    if exists (select 1 from pg_roles where rolname = 'hiw_loader') then
        alter table gate.claim_check owner to hiw_loader;
    end if;
exception
    when insufficient_privilege then
        raise notice 'the gate''s tables stay with %: only it can validate', current_user;
end
$ownership$;
