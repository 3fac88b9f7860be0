{#
  A statement that needs tables to itself while people read the star: it waits for each of them for at most half a
  second, then gives back all it has got and begins again. So whoever reads is never the one on whom a deadlock is
  broken: a server looks for one after a second (deadlock_timeout). Fails after so many attempts, some minutes.
#}
{% macro give_way(statement, attempts=240) -%}
    do $give_way$
    begin
        for attempt in 1..{{ attempts }} loop
            begin
                set local lock_timeout = '500ms';
                {{ statement }}
                set local lock_timeout = 0;
                return;
            exception
                when lock_not_available then
                    if attempt = {{ attempts }} then
                        raise;
                    end if;
            end;
            perform pg_sleep(0.5 * random());
        end loop;
    end
    $give_way$
{%- endmacro %}


{#
  Before a build of everything, in which tables are made beside the old ones and take their places: without foreign
  keys, those that are replaced at the same time do not wait for each other's dimensions. finish_table adds them again.
#}
{% macro drop_foreign_keys() -%}
    {%- set keys = run_query(
        "select format('alter table %s drop constraint %I;', conrelid::regclass, conname) from pg_constraint"
        " where contype = 'f' and connamespace in (select oid from pg_namespace where nspname in ('marts', 'quality'))"
        " and conparentid = 0 order by conrelid, conname"
    ).columns[0].values() -%}
    {{ give_way(keys | join('\n')) if keys else 'select 1' }}
{%- endmacro %}


{#
  In place of dbt's own: one drop at a time, and giving way to readers. What depends on a replaced table (views, policies)
  goes with it, and two tables that share such dependents would wait for each other. Policies of other tables that asked
  the former table ask the new one from here on: not earlier, as a dimension is read for long by whatever is being built.
#}
{% macro postgres__drop_relation(relation) -%}
    {%- call statement('drop_relation', auto_begin=False) -%}
        {{ give_way(drop_with_what_is_left(relation), 2400) }}
    {%- endcall -%}
{%- endmacro %}


{% macro drop_with_what_is_left(relation) -%}
    declare
        statement text;
    begin
        if to_regclass('{{ relation }}') is not null then
            perform pg_advisory_xact_lock(hashtext('one drop at a time'));
            for statement in
                select
                    format(
                        'alter policy %I on %s using (%s)', policy.polname, policy.polrelid::regclass,
                        replace(pg_get_expr(policy.polqual, policy.polrelid), '__dbt_backup', '')
                    )
                from pg_depend as said
                inner join pg_policy as policy on said.classid = 'pg_policy'::regclass and said.objid = policy.oid
                where
                    said.refclassid = 'pg_class'::regclass
                    and said.refobjid = to_regclass('{{ relation }}')
                    and policy.polrelid != said.refobjid
            loop
                execute statement;
            end loop;
            {{ get_drop_sql(relation) }};
        end if;
    end;
{%- endmacro %}


{# Before a build: what a build that was killed left behind, so that no model has to drop it while others wait. #}
{% macro drop_leftovers() -%}
    {%- set leftovers = run_query(
        "select format('drop %s if exists %s cascade;', case relkind when 'v' then 'view' else 'table' end, oid::regclass)"
        " from pg_class where relkind in ('r', 'v') and relname ~ '__dbt_(tmp|backup)$'"
        " and relnamespace in (select oid from pg_namespace"
        " where nspname in ('staging', 'intermediate', 'marts', 'quality'))"
    ).columns[0].values() -%}
    {{ give_way(leftovers | join('\n')) if leftovers else 'select 1' }}
{%- endmacro %}
