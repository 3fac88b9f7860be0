-- access: who may do what. Roles without a login are the groups; a login is made a member of one of them.
--   hiw_owner     everything, as the role that set the warehouse up
--   hiw_loader    lands, loads and validates: adds to raw and audit, never changes or removes what stands there
--   hiw_analyst   reads the star
--   hiw_auditor   reads the star, what every step did, and the words of the sources
--   hiw_hospital  reads the rows of its own hospitals, and of others only what peers.* tells
create schema if not exists access;
create schema if not exists peers;
create schema if not exists marts;
create schema if not exists quality;
create schema if not exists reference_data;

-- Roles belong to the whole server: another warehouse on it may have made them. Where we may not create roles,
-- the warehouse works without them, for its owner alone.
do $roles$
declare
    wanted text;
begin
    foreach wanted in array array['hiw_owner', 'hiw_loader', 'hiw_analyst', 'hiw_auditor', 'hiw_hospital'] loop
        if not exists (select 1 from pg_roles where rolname = wanted) then
            execute format('create role %I nologin', wanted);
        end if;
    end loop;
exception
    when insufficient_privilege then
        raise notice 'roles are not created: % may not create roles', current_user;
    when unique_violation or duplicate_object then
        null;  -- another warehouse of the same server was faster
end
$roles$;

create table access.hospital_login (
    login name not null,
    hospital_code text not null,
    primary key (login, hospital_code)
);
comment on table access.hospital_login is
'One hospital whose rows a login that is a member of hiw_hospital may read. A login without a row here reads nothing.';

create function access.own_hospital_codes() returns setof text
language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select hospital_code
    from access.hospital_login
    -- Not current_user: within this function that is the function's owner.
    where login = session_user;
end;
comment on function access.own_hospital_codes() is 'Codes of the hospitals whose rows the session''s login may read.';

create function access.minimum_peer_hospitals() returns integer
language sql immutable
return 6;
comment on function access.minimum_peer_hospitals() is
'A group of fewer hospitals is never told of: each of its members would know too much of the others.';

-- The bodies of the functions below are text: they do not hold on to tables that every build makes anew.
create function access.indicator_peers() returns table (
    level text,
    indicator_code text,
    line_code text,
    name_zh text,
    unit text,
    year integer,
    hospitals bigint,
    lower_quartile numeric,
    median numeric,
    upper_quartile numeric
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $function$
begin
    return query
    select
        left(hospital.level_code, 1),
        indicator.indicator_code,
        indicator.line_code,
        min(indicator.name_zh),
        fact.unit,
        period.year,
        count(distinct hospital.hospital_code),
        percentile_cont(0.25) within group (order by fact.value::float8)::numeric,
        percentile_cont(0.50) within group (order by fact.value::float8)::numeric,
        percentile_cont(0.75) within group (order by fact.value::float8)::numeric
    from marts.fct_indicator_value as fact
    inner join marts.dim_hospital as hospital using (hospital_key)
    inner join marts.dim_indicator as indicator using (indicator_key)
    inner join marts.dim_period as period using (period_key)
    inner join marts.dim_department as department using (department_key)
    where
        fact.is_current
        and not fact.is_cleared
        and fact.value is not null
        and period.period_kind = 'year'
        and department.is_whole_hospital
        -- A local indicator is the word of one plan: its name alone would tell whose it is.
        and indicator.indicator_kind <> 'local'
    group by left(hospital.level_code, 1), indicator.indicator_code, indicator.line_code, fact.unit, period.year
    having count(distinct hospital.hospital_code) >= access.minimum_peer_hospitals();
end
$function$;
comment on function access.indicator_peers() is
'Quartiles of each line, year and hospital level, over groups of at least access.minimum_peer_hospitals() hospitals.';

create view peers.v_indicator_peer as
select * from access.indicator_peers();
comment on view peers.v_indicator_peer is
'Grain: one line of a form in one year among the hospitals of one level: how many reported it, and its quartiles. '
'Groups of fewer than access.minimum_peer_hospitals() hospitals are not shown.';

create procedure access.secure_star()
language plpgsql
set search_path = pg_catalog, pg_temp
as $procedure$
declare
    item record;
    own_rows text;
    is_ready boolean := (
        select count(*) = 3 from pg_roles where rolname in ('hiw_analyst', 'hiw_auditor', 'hiw_hospital')
    );
begin
    if not is_ready then
        return;
    end if;
    for item in
        select
            class.oid,
            namespace.nspname as schema_name,
            class.relname as table_name,
            class.relkind = 'v' as is_view,
            exists (
                select 1 from pg_attribute as a
                where a.attrelid = class.oid and a.attname = 'hospital_key' and not a.attisdropped
            ) as has_hospital_key,
            exists (
                select 1 from pg_attribute as a
                where a.attrelid = class.oid and a.attname = 'hospital_code' and not a.attisdropped
            ) as has_hospital_code
        from pg_class as class
        inner join pg_namespace as namespace on class.relnamespace = namespace.oid
        where
            namespace.nspname in ('marts', 'quality')
            and class.relkind in ('r', 'v')
            and pg_has_role(current_user, class.relowner, 'usage')
    loop
        execute format('grant select on %I.%I to hiw_analyst, hiw_auditor', item.schema_name, item.table_name);
        if item.is_view then
            -- A view reads with the rights of who asks: row-level security reaches through it.
            execute format('alter view %I.%I set (security_invoker = true)', item.schema_name, item.table_name);
            if item.schema_name = 'marts' then
                execute format('grant select on %I.%I to hiw_hospital', item.schema_name, item.table_name);
            end if;
            continue;
        end if;
        own_rows := case
            when item.schema_name <> 'marts' then null
            when item.has_hospital_code then 'hospital_code in (select access.own_hospital_codes())'
            when item.has_hospital_key then 'hospital_key in (select h.hospital_key from marts.dim_hospital as h)'
            when item.table_name in ('dim_period', 'dim_rule') then 'true'
            when item.table_name = 'dim_indicator' then
                'indicator_kind <> ''local'' '
                'or indicator_key in (select f.indicator_key from marts.fct_indicator_value as f) '
                'or indicator_key in (select f.indicator_key from marts.fct_indicator_target as f)'
        end;
        execute format('alter table %I.%I enable row level security', item.schema_name, item.table_name);
        execute format('drop policy if exists reads_all on %I.%I', item.schema_name, item.table_name);
        execute format(
            'create policy reads_all on %I.%I for select to hiw_analyst, hiw_auditor using (true)',
            item.schema_name, item.table_name
        );
        execute format('drop policy if exists reads_own on %I.%I', item.schema_name, item.table_name);
        if own_rows is not null then
            execute format(
                'create policy reads_own on %I.%I for select to hiw_hospital using (%s)',
                item.schema_name, item.table_name, own_rows
            );
            execute format('grant select on %I.%I to hiw_hospital', item.schema_name, item.table_name);
        end if;
    end loop;
end
$procedure$;
comment on procedure access.secure_star() is
'Grants, policies and view options of marts and quality. Run after a build: a rebuilt table starts without any, and is '
'closed to everybody but its owner until then. A table of marts that names no hospital is closed to hospital users.';

do $grants$
begin
    if not exists (select 1 from pg_roles where rolname = 'hiw_hospital') then
        return;
    end if;
    revoke all on all functions in schema access from public;
    revoke all on all procedures in schema access from public;
    grant usage on schema access to hiw_hospital, hiw_analyst, hiw_auditor;
    grant execute on function access.own_hospital_codes() to hiw_hospital;
    grant execute on function access.minimum_peer_hospitals() to hiw_hospital, hiw_analyst, hiw_auditor;
    grant execute on function access.indicator_peers() to hiw_hospital, hiw_analyst, hiw_auditor;
    grant usage on schema peers to hiw_hospital, hiw_analyst, hiw_auditor;
    grant select on peers.v_indicator_peer to hiw_hospital, hiw_analyst, hiw_auditor;

    grant usage on schema marts to hiw_hospital, hiw_analyst, hiw_auditor;
    grant usage on schema quality to hiw_analyst, hiw_auditor;

    -- The calendar of submissions and the register of hospitals are public lists.
    grant usage on schema reference_data to hiw_analyst, hiw_auditor;
    grant select on all tables in schema reference_data to hiw_analyst, hiw_auditor;
    alter default privileges in schema reference_data grant select on tables to hiw_analyst, hiw_auditor;

    grant usage on schema raw, audit, reference to hiw_auditor, hiw_loader;
    grant select on all tables in schema raw, audit, reference to hiw_auditor, hiw_loader;
    alter default privileges in schema raw grant select on tables to hiw_auditor, hiw_loader;
    alter default privileges in schema audit grant select on tables to hiw_auditor, hiw_loader;
    alter default privileges in schema reference grant select on tables to hiw_auditor, hiw_loader;

    grant insert on all tables in schema raw, audit to hiw_loader;
    alter default privileges in schema raw grant insert on tables to hiw_loader;
    alter default privileges in schema audit grant insert on tables to hiw_loader;
    -- Rules are kept as their files have them; which migration stands is the owner's affair.
    grant update on audit.rule to hiw_loader;
    revoke insert on audit.alembic_version from hiw_loader;
    -- Forms are kept as their data files have them.
    grant insert, update, delete on all tables in schema reference to hiw_loader;
    alter default privileges in schema reference grant insert, update, delete on tables to hiw_loader;
end
$grants$;

-- The gate's working tables are emptied with their counters, which only an owner may.
do $ownership$
declare
    item record;
begin
    if not exists (select 1 from pg_roles where rolname = 'hiw_loader') then
        return;
    end if;
    grant usage, create on schema gate to hiw_loader;
    for item in
        select class.relname as table_name
        from pg_class as class
        inner join pg_namespace as namespace on class.relnamespace = namespace.oid
        where namespace.nspname = 'gate' and class.relkind = 'r'
    loop
        execute format('alter table gate.%I owner to hiw_loader', item.table_name);
    end loop;
    execute format('grant hiw_loader to %I', current_user);
exception
    when insufficient_privilege then
        raise notice 'the gate''s tables stay with %: only it can validate', current_user;
end
$ownership$;

do $owner$
begin
    if exists (select 1 from pg_roles where rolname = 'hiw_owner') then
        execute format('grant %I to hiw_owner', current_user);
    end if;
exception
    when insufficient_privilege or invalid_grant_operation then
        raise notice 'hiw_owner is not made a member of %', current_user;
end
$owner$;
