{#
  The form of a name that spellings share: width unified, blanks and the monitoring mark removed, lower case.
  The name itself is kept beside it.
#}
{% macro name_key(name) -%}
    lower(regexp_replace(normalize({{ name }}, nfkc), '[[:space:]▲]+', '', 'g'))
{%- endmacro %}
