{{ config(materialized='table') }}

-- A sum of money or a number of patients says how large a hospital is, not how good: what is compared are the
-- indicators themselves, and the shares, ratios and growths below them.
with relations as (
    select
        term.form,
        term.line_code,
        max(term.formula_kind) as formula_kind,
        max(term.multiplier) as multiplier,
        -- Binomial limits are about cases: a share of money is none, whatever its size.
        bool_and(line.value_type = 'integer') as is_of_cases
    from {{ ref('stg_reference__formula_term') }} as term
    inner join {{ ref('stg_reference__form_line') }} as line
        on
            term.form = line.form
            and term.term_line_code = line.line_code
    group by term.form, term.line_code
)

select
    indicator.indicator_key,
    indicator.direction,
    coalesce(
        relations.formula_kind = 'ratio' and relations.is_of_cases and relations.multiplier = 100, false
    ) as is_proportion
from {{ ref('int_indicator__definition') }} as indicator
left join relations
    on
        indicator.form = relations.form
        and indicator.line_code = relations.line_code
where
    indicator.indicator_kind <> 'local'
    and (indicator.indicator_kind = 'indicator' or relations.formula_kind in ('ratio', 'growth', 'chain'))
