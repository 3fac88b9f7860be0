{# Schemas are named as dbt_project.yml says, without the target's prefix: analysts read marts, not dev_marts. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
