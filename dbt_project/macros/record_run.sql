{#
  Note the run in audit.dbt_run when it ends, so that a figure can be followed to the run that built it. Only of runs
  that build; a database without the warehouse's migrations has no such table.
#}
{% macro record_run(results) -%}
    {%- if flags.WHICH in ('build', 'run') -%}
        {%- set failed = results | selectattr('status', 'in', ['error', 'fail', 'runtime error']) | list | length %}
        do $record$
        begin
            if to_regclass('audit.dbt_run') is not null then
                insert into audit.dbt_run (invocation_id, command, dbt_version, started_at, nodes, failed)
                values (
                    '{{ invocation_id }}', '{{ flags.WHICH }}', '{{ dbt_version }}',
                    timestamptz '{{ run_started_at }}', {{ results | length }}, {{ failed }}
                )
                on conflict do nothing;
            end if;
        end
        $record$
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}
