-- What those who run the warehouse need to know of it.

alter table audit.receipt add column source_changed_at timestamptz;
comment on column audit.receipt.source_changed_at is
'When the dropped file had last been changed, as its store says: path, size and this moment tell a file that was '
'replaced from one that was taken in already.';
create index on audit.receipt (source_path);

create table audit.warehouse_release (
    release text not null,
    migration text not null,
    since timestamptz not null default clock_timestamp(),
    primary key (release, migration)
);
comment on table audit.warehouse_release is 'One release of the project that brought the warehouse to a migration.';

create table audit.notice (
    notice_id bigint generated always as identity primary key,
    notice_key text not null unique,
    kind text not null check (kind in ('finding', 'missing', 'failed', 'late_run')),
    reporting_year integer,
    hospital_code text,
    message text not null,
    link text,
    noticed_at timestamptz not null default clock_timestamp(),
    sent_at timestamptz
);
comment on table audit.notice is
'One thing that somebody is told of once: a finding, a submission that is missing, a step that failed, a run that takes '
'too long. What has a notice is known, and nobody is told of it again. sent_at is null where no address is set.';

create table audit.run_summary (
    summary_id bigint generated always as identity primary key,
    run_id text not null,
    reporting_year integer not null,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    seconds numeric not null,
    step_seconds jsonb not null,
    slowest_step text,
    slowest_subject text,
    counts jsonb not null,
    new_findings bigint not null,
    known_findings bigint not null,
    gone_findings bigint not null,
    failed_steps bigint not null,
    unique (run_id, reporting_year)
);
comment on table audit.run_summary is
'One publication of a reporting year: what came in and went out, how long each step took since the publication before, '
'and which findings are new against the gate run before it.';
