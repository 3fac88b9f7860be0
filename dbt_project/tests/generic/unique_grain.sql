{# At most one row for each combination of columns; `condition` narrows the rows that are looked at. #}
{% test unique_grain(model, columns, condition="true") %}
    select
        {{ columns | join(', ') }},
        count(*) as rows_found
    from {{ model }}
    where {{ condition }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
