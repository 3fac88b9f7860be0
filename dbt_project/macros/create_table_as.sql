{#
  How a table is made, in place of dbt-postgres' own macro. The same columns and constraints, but primary and
  foreign keys are added after the rows are in: one index build and one join a key, where the adapter's order
  checks every row by itself (minutes on millions of rows). Then the table is analysed, so that the models
  that follow are planned on what is in it.
#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {%- set enforced = config.get('contract').enforced -%}
    {%- if enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif %}
    create {% if temporary %}temporary{% elif config.get('unlogged', default=false) %}unlogged{% endif %} table
    {{ relation }}
    {% if enforced and not temporary -%}
        ({{ adapter.render_raw_columns_constraints(raw_columns=model['columns']) | join(', ') }});
        insert into {{ relation }} ({{ get_column_names() }})
        {{ get_select_subquery(sql) }};
        {% for constraint in adapter.render_raw_model_constraints(raw_constraints=model['constraints']) -%}
            alter table {{ relation }} add {{ constraint }};
        {% endfor %}
    {%- else -%}
        as ({{ sql }});
    {%- endif %}
    {% if not temporary -%}
        analyze {{ relation }};
    {%- endif %}
{%- endmacro %}

{# Column names of the contract, in its order. #}
{% macro get_column_names() -%}
    {{ model['columns'].values() | map(attribute='name') | join(', ') }}
{%- endmacro %}
