{# Dates of the calendar and of the register are dates in China, whatever the clock of the server says. #}
{% macro today_in_china() -%}
    cast(current_timestamp at time zone 'Asia/Shanghai' as date)
{%- endmacro %}
