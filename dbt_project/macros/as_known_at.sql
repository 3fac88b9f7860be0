{#
  The condition that keeps the rows of a bitemporal fact as they were known at a moment:
    select ... from marts.fct_indicator_value as v where as_known_at("timestamptz '2025-06-30'", 'v')
  A row whose valid_to equals its valid_from was never current and falls out by itself.
#}
{% macro as_known_at(moment, alias) -%}
    ({{ alias }}.valid_from <= {{ moment }} and ({{ alias }}.valid_to is null or {{ moment }} < {{ alias }}.valid_to))
{%- endmacro %}
