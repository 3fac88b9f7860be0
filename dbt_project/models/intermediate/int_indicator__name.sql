-- Own names first, then the other names that narratives use for a line.
with lines as (
    select
        indicator_key,
        catalogue,
        line_code,
        indicator_kind,
        name_zh
    from {{ ref('int_indicator__definition') }}
    where
        indicator_kind <> 'local'
        and form is not null
)

select
    {{ name_key('name_zh') }} as name_key,
    indicator_key
from lines
union
select
    {{ name_key('alias.alias_zh') }} as name_key,
    lines.indicator_key
from {{ ref('indicator_alias') }} as alias
inner join lines
    on
        alias.catalogue = lines.catalogue
        and alias.line_code = lines.line_code
