create table reference.data_files (
    fingerprint text primary key,
    read_at timestamptz not null default now()
);
comment on table reference.data_files is
'The one state of the data files (forms, units) that schema reference holds: a hash over them all.';
comment on table reference.form is 'One form that hospitals submit, from ingestion/forms/<form>/form.yml.';

create procedure access.open_calendar()
language plpgsql
set search_path = pg_catalog, pg_temp
as $procedure$
begin
    if
        exists (select 1 from pg_roles where rolname = 'hiw_hospital')
        and to_regclass('reference_data.submission_calendar') is not null
    then
        grant usage on schema reference_data to hiw_hospital;
        grant select on reference_data.submission_calendar to hiw_hospital;
    end if;
end
$procedure$;
comment on procedure access.open_calendar() is
'Lets users of a hospital read when which form is due; the other lists of the schema name other hospitals. Run after a '
'build, as a seed may have been made anew.';
revoke all on procedure access.open_calendar() from public;
