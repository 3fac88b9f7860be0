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
  In place of dbt's own: one drop at a time. What depends on a replaced table (views, policies) goes with it, and two
  tables that share such dependents would wait for each other.
#}
{% macro postgres__drop_relation(relation) -%}
    {%- call statement('drop_relation', auto_begin=False) -%}
        select pg_advisory_xact_lock(hashtext('one drop at a time'));
        {{ get_drop_sql(relation) }}
    {%- endcall -%}
{%- endmacro %}
