{#
  On a Citus cluster, the statement that spreads a table which has just been made and is still without keys: facts and
  reports by hospital, so that all that is known of one hospital lies together, every other table as a copy on each
  node. Empty on plain Postgres, where no such function exists. `columns` are the names of the table's columns.
#}
{% macro distribute(relation, columns, has_citus) -%}
    {%- if has_citus -%}
        {%- if 'hospital_key' in columns and not relation.identifier.startswith('dim_') -%}
            select create_distributed_table('{{ relation.schema }}.{{ relation.identifier }}', 'hospital_key');
        {%- else -%}
            select create_reference_table('{{ relation.schema }}.{{ relation.identifier }}');
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{# Whether the Citus extension is present in the warehouse. #}
{% macro has_citus() -%}
    {{ return(execute and run_query("select 1 from pg_extension where extname = 'citus'") | length > 0) }}
{%- endmacro %}
