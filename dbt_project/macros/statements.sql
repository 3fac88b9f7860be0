{#
  How a statement of a narrative is read as a figure of the hospital: what model int_claim sets beside returns is what
  answers a target.
#}

{# The calendar year that a period names, whole (2024) or as its state (as_of:2024); null for any other period. #}
{% macro calendar_year(period_code) -%}
    cast(substring({{ period_code }} from '^(?:as_of:)?([0-9]{4})$') as integer)
{%- endmacro %}

{# A numbered grade is compared as its number: 七级 is 7. #}
{% macro number_of_grade(grade) -%}
    cast(substring(translate({{ grade }}, '一二三四五六七八九', '123456789') from '^([1-9])级?$') as numeric)
{%- endmacro %}

{#
  Statements of fact about the hospital as a whole; what is planned, how much something changed, and what a part of the
  hospital did have no figure of a return to stand beside. Where a change started is a statement about another year: only
  where that year is named.
#}
{% macro is_statement_of_fact(role, subject, period_code) -%}
    (
        {{ subject }} is null
        and {{ role }} in ('observed', 'end', 'start', 'baseline')
        and ({{ role }} not in ('start', 'baseline') or {{ period_code }} ~ '[0-9]{4}$')
        and ({{ calendar_year(period_code) }} is not null or {{ period_code }} in ('unknown', 'annual'))
    )
{%- endmacro %}
