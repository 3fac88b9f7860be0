-- Own names first, then the other names that narratives use for a line: of the seed, and those that people confirmed.
with lines as (
    select
        indicator_key,
        catalogue,
        form,
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
    indicator_key,
    'exact' as known_by,
    cast('-infinity' as date) as known_from,
    cast('infinity' as date) as known_to
from lines
union
select
    {{ name_key('alias.name_zh') }} as name_key,
    lines.indicator_key,
    'alias' as known_by,
    cast(alias.valid_from as date) as known_from,
    cast(alias.valid_to as date) as known_to
from {{ ref('stg_reference__line_alias') }} as alias
inner join lines
    on
        alias.form = lines.form
        and alias.line_code = lines.line_code
where {{ name_key('alias.name_zh') }} <> {{ name_key('lines.name_zh') }}
