{#
  After the rows of a table are in. A table with a contract that was made anew gets its place on a cluster (macro
  distribute), then its primary and foreign keys; every table gets its statistics, so that the models that follow are
  planned on what is in it. A post-hook of every model; a view needs none of it.
#}
{% macro finish_table() -%}
    {%- if execute and config.get('materialized') in ('table', 'incremental') -%}
        {%- if config.get('contract').enforced and is_without_keys() -%}
            {{ distribute(this, model.columns.keys() | list, has_citus()) }}
            {%- for constraint in adapter.render_raw_model_constraints(raw_constraints=model['constraints']) %}
                alter table {{ this }} add {{ constraint }};
            {%- endfor -%}
        {%- endif %}
        analyze {{ this }};
    {%- endif -%}
{%- endmacro %}


{# Whether the table of the model has neither primary nor foreign keys yet: it was made in this very run. #}
{% macro is_without_keys() -%}
    {%- set keys = "select 1 from pg_constraint where conrelid = to_regclass('" ~ this ~ "') and contype in ('p', 'f')" -%}
    {{ return(run_query(keys) | length == 0) }}
{%- endmacro %}
