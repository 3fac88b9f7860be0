{#
  One Wilson score limit (Wilson 1927), as a proportion between 0 and 1: the end of the interval around `proportion`
  that `denominator` cases give; `z` is the quantile of the normal distribution, `side` is '+' or '-'. With the pooled
  proportion of a peer group as centre and a hospital's own cases it is a control limit of a funnel plot.
  At 0 and at 1 the interval ends there: the formula would leave a crumb of two equal numbers, and a hospital without a
  case outside of it. Null where there is no case. Double precision: a figure to draw and to compare, not one that was stated.
#}
{% macro wilson_limit(proportion, denominator, z, side) -%}
    case
        when {{ proportion }} = {{ 0 if side == '-' else 1 }} and {{ denominator }} > 0 then {{ 0 if side == '-' else 1 }}
        else (
            {{ proportion }} + {{ z }} ^ 2 / (2 * {{ denominator }})
            {{ side }} {{ z }} * sqrt(
                greatest({{ proportion }} * (1 - {{ proportion }}), 0) / {{ denominator }}
                + {{ z }} ^ 2 / (4 * {{ denominator }} ^ 2)
            )
        ) / (1 + {{ z }} ^ 2 / {{ denominator }})
    end
{%- endmacro %}
