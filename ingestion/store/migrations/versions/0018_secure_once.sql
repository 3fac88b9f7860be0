create procedure access.secure_relation(relation regclass)
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
    select
        namespace.nspname as schema_name,
        class.relname as table_name,
        class.relkind = 'v' as is_view,
        class.relrowsecurity as is_secured,
        coalesce(class.reloptions @> array['security_invoker=true'], false) as is_invoker,
        exists (
            select 1 from pg_attribute as a
            where a.attrelid = class.oid and a.attname = 'hospital_key' and not a.attisdropped
        ) as has_hospital_key,
        exists (
            select 1 from pg_attribute as a
            where a.attrelid = class.oid and a.attname = 'hospital_code' and not a.attisdropped
        ) as has_hospital_code,
        exists (select 1 from pg_policy as p where p.polrelid = class.oid and p.polname = 'reads_all') as is_read_by_all,
        (
            select coalesce(obj_description(p.oid, 'pg_policy'), '')
            from pg_policy as p
            where p.polrelid = class.oid and p.polname = 'reads_own'
        ) as own_rows_now
    into item
    from pg_class as class
    inner join pg_namespace as namespace on class.relnamespace = namespace.oid
    where
        class.oid = relation
        and namespace.nspname in ('marts', 'quality')
        and class.relkind in ('r', 'v')
        and pg_has_role(current_user, class.relowner, 'usage');
    if not found or not is_ready then
        return;
    end if;
    execute format('grant select on %s to hiw_analyst, hiw_auditor', relation);
    if item.is_view then
        if not item.is_invoker then
            -- A view reads with the rights of who asks: row-level security reaches through it.
            execute format('alter view %s set (security_invoker = true)', relation);
        end if;
        if item.schema_name = 'marts' then
            execute format('grant select on %s to hiw_hospital', relation);
        end if;
        return;
    end if;
    own_rows := case
        when item.schema_name <> 'marts' then null
        when item.has_hospital_code then 'hospital_code in (select access.own_hospital_codes())'
        when item.has_hospital_key and to_regclass('marts.dim_hospital') is not null then
            'hospital_key in (select h.hospital_key from marts.dim_hospital as h)'
        when item.table_name in ('dim_period', 'dim_rule', 'dim_date') then 'true'
        when
            item.table_name = 'dim_indicator'
            and to_regclass('marts.fct_indicator_value') is not null
            and to_regclass('marts.fct_indicator_target') is not null
            then
                'indicator_kind <> ''local'' '
                'or indicator_key in (select f.indicator_key from marts.fct_indicator_value as f) '
                'or indicator_key in (select f.indicator_key from marts.fct_indicator_target as f)'
    end;
    if not item.is_secured then
        execute format('alter table %s enable row level security', relation);
    end if;
    if not item.is_read_by_all then
        execute format(
            'create policy reads_all on %s for select to hiw_analyst, hiw_auditor using (true)', relation
        );
    end if;
    if item.own_rows_now is distinct from own_rows then
        execute format('drop policy if exists reads_own on %s', relation);
        if own_rows is not null then
            execute format('create policy reads_own on %s for select to hiw_hospital using (%s)', relation, own_rows);
            -- What the policy was made from: the server keeps its own wording, which cannot be compared.
            execute format('comment on policy reads_own on %s is %L', relation, own_rows);
        end if;
    end if;
    if own_rows is not null then
        execute format('grant select on %s to hiw_hospital', relation);
    end if;
end
$procedure$;
comment on procedure access.secure_relation(regclass) is
'Grants, policies and view options of one table or view of marts or quality. Takes no lock on one that has them. A '
'table of marts that names no hospital is closed to hospital users.';
revoke all on procedure access.secure_relation(regclass) from public;

create or replace procedure access.secure_star()
language plpgsql
set search_path = pg_catalog, pg_temp
as $procedure$
declare
    relation regclass;
begin
    for relation in
        select class.oid
        from pg_class as class
        where class.relnamespace in (select n.oid from pg_namespace as n where n.nspname in ('marts', 'quality'))
            and class.relkind in ('r', 'v')
        order by class.oid
    loop
        call access.secure_relation(relation);
    end loop;
end
$procedure$;
comment on procedure access.secure_star() is
'Grants, policies and view options of marts and quality, where they are missing: a policy goes with a table that it '
'reads, and a login''s roles may be made after the star.';

do $revoke$
begin
    if exists (select 1 from pg_roles where rolname = 'hiw_analyst')
        and exists (select 1 from pg_namespace where nspname = 'intermediate')
    then
        revoke all on all tables in schema intermediate from hiw_analyst, hiw_auditor;
        revoke usage on schema intermediate from hiw_analyst, hiw_auditor;
    end if;
end
$revoke$;
