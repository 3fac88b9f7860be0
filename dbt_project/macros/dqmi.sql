{#
  Arithmetic of the Data Quality Maturity Index (DQMI) of the English national health service, as its methodology
  publishes it (Appendix 1). Records, valid and complete ones, and defaults are counts; the threshold is the percentage
  of records that may carry a default value. An item scores between 0 and 1.
#}
{% macro dqmi_excess_defaults(defaults, threshold_pct, records) -%}
    greatest(coalesce({{ defaults }} - {{ threshold_pct }} / 100.0 * {{ records }}, 0), 0)
{%- endmacro %}

{% macro dqmi_item_score(valid_and_complete, excess_defaults, records) -%}
    (({{ valid_and_complete }} - {{ excess_defaults }}) / cast(nullif({{ records }}, 0) as numeric))
{%- endmacro %}

{# Percent, from 0 to 100. Both arguments are shares, the means over items. #}
{% macro dqmi(mean_item_score, mean_coverage) -%}
    (100 * {{ mean_item_score }} * {{ mean_coverage }})
{%- endmacro %}
