{#
  A bigint key from business keys: the first 64 bits of an md5, so that the same thing has the same key in every
  build and on every server. The unit separator between the parts keeps ('a', 'bc') apart from ('ab', 'c').
#}
{% macro hash_key(parts) -%}
    ('x' || left(md5(
        {%- for part in parts %}
        coalesce(cast({{ part }} as text), ''){% if not loop.last %} || chr(31) ||{% endif %}
        {%- endfor %}
    ), 16))::bit(64)::bigint
{%- endmacro %}
