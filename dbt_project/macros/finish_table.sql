{#
  After the rows of a table are in. A table with a contract that was made anew gets its place on a cluster (macro
  distribute), then its primary and foreign keys; every table gets its statistics where its rows
  have changed, so that the models that follow are planned on what is in it. What people read is opened to those who may, before it takes the place of what was there.
  A post-hook of every model.
#}
{% macro finish_table() -%}
    {%- set is_table = config.get('materialized') in ('table', 'incremental') -%}
    {%- set is_new = execute and not (is_table and config.get('contract').enforced and not is_without_keys()) -%}
    {%- if is_new and is_table and config.get('contract').enforced -%}
        {{ distribute(this, model.columns.keys() | list, has_citus()) }}
        {{ lock_dimensions() }}
        {%- for constraint in adapter.render_raw_model_constraints(raw_constraints=model['constraints']) %}
            alter table {{ this }} add {{ constraint }};
        {%- endfor -%}
    {%- endif %}
    {%- if is_new and this.schema in ('marts', 'quality') %}
        {{ secure_relation(this) }}
    {%- endif %}
    {%- if execute and is_table %}
        {{ analyze_if_changed() }}
    {%- endif -%}
{%- endmacro %}


{#
  Statistics where they are none yet or a tenth of the table has changed since, the measure of autovacuum: a build of
  what has changed does not read the rest of the table for them.
#}
{% macro analyze_if_changed() -%}
    do $analyze$
    begin
        if (
            select
                reltuples < 0
                or pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
                + pg_stat_get_xact_tuples_deleted(oid) + pg_stat_get_mod_since_analyze(oid) > 50 + reltuples / 10
            from pg_class
            where oid = to_regclass('{{ this }}')
        ) then
            analyze {{ this }};
        end if;
    end
    $analyze$;
{%- endmacro %}


{# The dimensions that the keys of the model lead to, always in one order: tables that take their keys at once queue. #}
{% macro lock_dimensions() -%}
    {%- set foreign_keys = model.constraints | selectattr('type', 'equalto', 'foreign_key') | list -%}
    {%- set dimensions = foreign_keys | map(attribute='to') | unique | sort -%}
    {%- if dimensions -%}
        lock table {{ dimensions | join(', ') }} in share row exclusive mode;
    {%- endif -%}
{%- endmacro %}


{# Whether the table of the model has neither primary nor foreign keys yet: it was made in this very run. #}
{% macro is_without_keys() -%}
    {%- set keys = "select 1 from pg_constraint where conrelid = to_regclass('" ~ this ~ "') and contype in ('p', 'f')" -%}
    {{ return(run_query(keys) | length == 0) }}
{%- endmacro %}
