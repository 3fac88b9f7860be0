{#
  Lets the analysts' group role read whole schemas, where the server has that role. Run at the end of every dbt
  command, because a rebuilt table starts without grants.
#}
{% macro grant_to_analysts(schemas) -%}
    {%- set role = var('analyst_role') -%}
    do $grant$
    declare
        readable text;
    begin
        if exists (select 1 from pg_roles where rolname = '{{ role }}') then
            for readable in
                select nspname from pg_namespace where nspname in ('{{ schemas | join("', '") }}')
            loop
                execute format('grant usage on schema %I to {{ role }}', readable);
                execute format('grant select on all tables in schema %I to {{ role }}', readable);
            end loop;
        end if;
    end
    $grant$
{%- endmacro %}
