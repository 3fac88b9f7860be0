with lines as (
    select
        form.catalogue,
        line.form,
        line.line_code,
        line.ordinal,
        line.label_zh,
        line.label_en,
        line.unit,
        line.value_type,
        line.indicator_code,
        line.is_indicator,
        line.direction,
        line.formula
    from {{ ref('stg_reference__form_line') }} as line
    inner join {{ ref('stg_reference__form') }} as form on line.form = form.form
),

-- The catalogue's indicators; where a form asks for them, also the line that carries their figure.
indicators as (
    select
        catalogue.catalogue,
        catalogue.edition,
        catalogue.since_year,
        catalogue.until_year,
        'indicator' as indicator_kind,
        catalogue.indicator_code,
        cast(null as text) as parent_indicator_code,
        lines.form,
        coalesce(lines.line_code, catalogue.indicator_number) as line_code,
        lines.ordinal as line_ordinal,
        catalogue.name_zh,
        catalogue.name_en,
        catalogue.dimension_zh,
        catalogue.dimension_en,
        catalogue.category_zh,
        catalogue.is_monitored,
        catalogue.measure_kind,
        lines.value_type,
        catalogue.direction,
        coalesce(lines.unit, catalogue.unit) as unit,
        lines.formula,
        catalogue.numerator_zh,
        catalogue.denominator_zh,
        catalogue.multiplier,
        catalogue.data_source_zh
    from {{ ref('indicator') }} as catalogue
    left join lines
        on
            catalogue.catalogue = lines.catalogue
            and catalogue.indicator_code = lines.indicator_code
            and lines.is_indicator
),

-- Lines below an indicator belong to the edition of that indicator; a form without a catalogue has one edition.
fill_ins as (
    select
        coalesce(lines.catalogue, lines.form) as catalogue,
        coalesce(indicators.edition, 'form') as edition,
        indicators.since_year,
        indicators.until_year,
        case when lines.is_indicator then 'indicator' else 'fill_in' end as indicator_kind,
        coalesce(lines.indicator_code, lines.line_code) as indicator_code,
        case when not lines.is_indicator then lines.indicator_code end as parent_indicator_code,
        lines.form,
        lines.line_code,
        lines.ordinal as line_ordinal,
        lines.label_zh as name_zh,
        lines.label_en as name_en,
        indicators.dimension_zh,
        indicators.dimension_en,
        indicators.category_zh,
        false as is_monitored,
        'quantitative' as measure_kind,
        lines.value_type,
        lines.direction,
        lines.unit,
        lines.formula,
        cast(null as text) as numerator_zh,
        cast(null as text) as denominator_zh,
        cast(null as numeric) as multiplier,
        indicators.data_source_zh
    from lines
    left join indicators
        on
            lines.form = indicators.form
            and lines.indicator_code = indicators.indicator_code
    where
        indicators.line_code is null
        or lines.line_code <> indicators.line_code
),

-- What hospitals measure under names of their own: one definition a name, whoever uses it.
named as (
    select
        label_name_key as name_key,
        min(label_raw) as name_zh,
        case when count(distinct unit) = 1 then min(unit) end as unit
    from {{ ref('int_submission__name') }}
    where is_named
    group by label_name_key
),

locals as (
    select
        'local' as catalogue,
        'local' as edition,
        cast(null as integer) as since_year,
        cast(null as integer) as until_year,
        'local' as indicator_kind,
        'L-' || left(md5(coalesce(name_key, '')), 10) as indicator_code,
        cast(null as text) as parent_indicator_code,
        cast(null as text) as form,
        coalesce(name_key, '') as line_code,
        cast(null as integer) as line_ordinal,
        coalesce(name_zh, '（无名称）') as name_zh,
        cast(null as text) as name_en,
        cast(null as text) as dimension_zh,
        cast(null as text) as dimension_en,
        cast(null as text) as category_zh,
        false as is_monitored,
        cast(null as text) as measure_kind,
        cast(null as text) as value_type,
        cast(null as text) as direction,
        unit,
        cast(null as text) as formula,
        cast(null as text) as numerator_zh,
        cast(null as text) as denominator_zh,
        cast(null as numeric) as multiplier,
        cast(null as text) as data_source_zh
    from named
),

definitions as (
    select * from indicators
    union all
    select * from fill_ins
    union all
    select * from locals
)

select
    {{ hash_key(['catalogue', 'edition', 'form', 'line_code', 'indicator_code']) }} as indicator_key,
    catalogue,
    edition,
    since_year,
    until_year,
    indicator_kind,
    indicator_code,
    parent_indicator_code,
    form,
    -- A local indicator has no line: its name stands in for one in the key only.
    case when indicator_kind <> 'local' then line_code end as line_code,
    case when indicator_kind = 'local' then line_code end as local_name_key,
    line_ordinal,
    name_zh,
    name_en,
    dimension_zh,
    dimension_en,
    category_zh,
    is_monitored,
    measure_kind,
    value_type,
    direction,
    unit,
    formula,
    numerator_zh,
    denominator_zh,
    multiplier,
    data_source_zh
from definitions
