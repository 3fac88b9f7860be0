{#
  The condition that keeps the rows of a bitemporal fact as they were known at a moment:
    select ... from marts.fct_indicator_value as v where as_known_at("timestamptz '2025-06-30'", 'v')
  A row whose valid_to equals its valid_from was never current and falls out by itself.
#}
{% macro as_known_at(moment, alias) -%}
    ({{ alias }}.valid_from <= {{ moment }} and ({{ alias }}.valid_to is null or {{ moment }} < {{ alias }}.valid_to))
{%- endmacro %}

{#
  A function of the fact's schema that gives the rows known at a moment, for people who ask in SQL:
    select * from marts.indicator_value_as_known_at('2025-06-30')
  A post-hook: a table that is made anew takes the functions that give its rows with it. It reads with the rights of
  who asks.
#}
{% macro as_known_function(name) -%}
    {% if should_full_refresh() -%}
        drop function if exists {{ this.schema }}.{{ name }};
    {%- endif %}
    create or replace function {{ this.schema }}.{{ name }}(moment timestamptz) returns setof {{ this }}
    language sql stable
    begin atomic
        select fact.* from {{ this }} as fact where {{ as_known_at('moment', 'fact') }};
    end;
    comment on function {{ this.schema }}.{{ name }}(timestamptz) is
    'Rows of {{ this.identifier }} as they were known at a moment, before what was accepted later. 返回在某一时刻已知的记录，之后接收的修订不计。';
{%- endmacro %}
