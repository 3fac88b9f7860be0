{# Whether a stated figure is the exact one rounded to the decimals it is stated with. #}
{% macro within_rounding(stated, exact, decimals) -%}
    abs({{ stated }} - {{ exact }}) <= power(cast(10 as numeric), -coalesce({{ decimals }}, 0)) / 2
{%- endmacro %}
