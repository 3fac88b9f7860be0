create table audit.dbt_run (
    invocation_id text primary key,
    command text not null,
    dbt_version text not null,
    started_at timestamptz not null,
    finished_at timestamptz not null default clock_timestamp(),
    nodes integer not null,
    failed integer not null
);
comment on table audit.dbt_run is
'One run of dbt that built tables of the star, with its invocation id, as dbt''s artifacts and logs have it. Written by '
'the dbt project itself when a run ends (macro record_run).';
call audit.keep('audit.dbt_run', 'invocation_id');
