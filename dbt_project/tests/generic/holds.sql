{# Every row satisfies `condition`; one that gives null fails too. #}
{% test holds(model, condition) %}
    select *
    from {{ model }}
    where ({{ condition }}) is not true
{% endtest %}
