{# Whether a figure of a return, itself rounded, lies within what the words of a claim allow; null without a figure. #}
{% macro agrees_with(figure) -%}
    (
        {{ figure }}.value + {{ figure }}.half_step >= claims.lowest * claims.claim_factor
        and {{ figure }}.value - {{ figure }}.half_step <= claims.highest * claims.claim_factor
    )
{%- endmacro %}

{# The verdict of a row of rpt_reconciliation as a sentence; `language` is zh or en. #}
{% macro reconciliation_sentence(language) -%}
    {%- set figure = "coalesce(ranked.return_raw, '') || case when ranked.return_unit not like '比值%' then ranked.return_unit else '' end" -%}
    case ranked.verdict
    {%- if language == 'zh' %}
        when 'absent' then format('材料称%s年“%s”为%s，填报表没有该年的数据', ranked.year, ranked.label_raw, ranked.value_raw)
        else format('材料称%s年“%s”为%s，填报表为%s', ranked.year, ranked.label_raw, ranked.value_raw, {{ figure }})
    end
    || case ranked.verdict
        when 'matched' then '：一致。'
        when 'rounding' then '：在其写法允许的范围内，一致。'
        when 'scale_error' then format(
            '：相差%s倍，疑为单位或小数点之误。',
            trim_scale(greatest(ranked.scale_factor, 1 / ranked.scale_factor))
        )
        when 'period_mismatch' then format('：不符，但与填报表%s年的数据相符，疑为年份之误。', ranked.matching_year)
        when 'contradiction' then '：不符，请核对。'
        else case
            when ranked.matching_year is not null then format('；与填报表%s年的数据相符。', ranked.matching_year)
            else '。'
        end
    end
    || case when ranked.is_year_stated then '' else '（材料未写年份，按填报年度比较）' end
    {%- else %}
        when 'absent' then format(
            'The narrative says %s for %s in %s; the return has no figure for that year',
            ranked.value_raw, ranked.label_raw, ranked.year
        )
        else format(
            'The narrative says %s for %s in %s, the return %s', ranked.value_raw, ranked.label_raw, ranked.year, {{ figure }}
        )
    end
    || case ranked.verdict
        when 'matched' then ': they are the same.'
        when 'rounding' then ': within what its wording allows, they agree.'
        when 'scale_error' then format(
            ': %s times apart, probably a slip of unit or decimal point.',
            trim_scale(greatest(ranked.scale_factor, 1 / ranked.scale_factor))
        )
        when 'period_mismatch' then format(
            ': they differ, but the return has this figure for %s, probably the wrong year.', ranked.matching_year
        )
        when 'contradiction' then ': they differ; one of them is wrong.'
        else case
            when ranked.matching_year is not null
                then format('; it is the figure of the return for %s.', ranked.matching_year)
            else '.'
        end
    end
    || case
        when ranked.is_year_stated then ''
        else ' (The narrative names no year; it is compared with the reporting year.)'
    end
    {%- endif %}
{%- endmacro %}
