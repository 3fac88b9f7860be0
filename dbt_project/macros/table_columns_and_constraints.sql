{#
  The columns of a contract with their NOT NULLs, in place of dbt's own macro, which puts primary and foreign keys
  there too. They are added when the rows are in (macro finish_table): one index build and one join a key, where
  dbt's order looks every row up by itself, minutes on millions of rows.
#}
{% macro postgres__get_table_columns_and_constraints() -%}
    ({{ adapter.render_raw_columns_constraints(raw_columns=model['columns']) | join(', ') }})
{%- endmacro %}
