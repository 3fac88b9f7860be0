{#
  After the rows of a table are in: its primary and foreign keys, where its contract names any, and its statistics,
  so that the models that follow are planned on what is in it. A post-hook of every model; a view needs neither.
#}
{% macro finish_table() -%}
    {%- if config.get('materialized') == 'table' -%}
        {%- if config.get('contract').enforced -%}
            {%- for constraint in adapter.render_raw_model_constraints(raw_constraints=model['constraints']) %}
                alter table {{ this }} add {{ constraint }};
            {%- endfor -%}
        {%- endif %}
        analyze {{ this }};
    {%- endif -%}
{%- endmacro %}
