{#
  The product of a formula's operands, as an aggregate over the rows of the terms: SQL has sum(), but no product().
  Terms that do not meet `condition` count as 1. Takes up to six terms; a test on the formulas holds them to that.
#}
{% macro product_of_terms(condition) -%}
    {%- for number in range(1, 7) -%}
        coalesce(max(value) filter (where term_no = {{ number }} and {{ condition }}), 1)
        {%- if not loop.last %} * {% endif -%}
    {%- endfor -%}
{%- endmacro %}
