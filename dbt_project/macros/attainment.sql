{#
  The arithmetic of attainment: how a target becomes a figure to reach, when it is reached, how far it should be by a
  year. Each macro is an expression; models int_target__year and int_target__judged put them in order.
#}

{# The value of `figure` in the unit of `target`; unchanged where one of both names no unit, null where they differ. #}
{% macro in_unit_of(target, figure) -%}
    case
        when {{ figure }}.measured_in is null or {{ target }}.target_unit is null then {{ figure }}.value
        when {{ figure }}.measured_in = {{ target }}.target_unit
            then trim_scale({{ figure }}.value * {{ figure }}.unit_factor / {{ target }}.unit_factor)
    end
{%- endmacro %}

{#
  The figure that one end of a target (`stated`: its value or value_high) comes to.
    level, ratio, range, grade   the stated figure
    increment                    so many more than the origin
    change, points or unnamed    the origin plus or minus the stated figure
    change, percent              the origin plus or minus that share of it; of a negative origin, of its amount
    change, times                the origin times the figure (翻一番 is 2)
    relative                     the yardstick of the year, which is its origin
  The origin is the baseline, for a yearly target the year before. Needs columns kind, change_basis, direction, origin.
#}
{% macro goal_of(stated) -%}
    case
        when kind = 'increment' then origin + {{ stated }}
        when kind = 'change' and change_basis = 'times' then origin * {{ stated }}
        when kind = 'change'
            then origin + case direction when 'decrease' then -1 else 1 end
                * case change_basis when 'percent' then abs(origin) * {{ stated }} / 100 else {{ stated }} end
        when kind = 'relative' then origin
        else {{ stated }}
    end
{%- endmacro %}

{#
  Which side of the target is success. What the plan says comes first; a bare figure is read by the catalogue's
  direction, then by where the baseline lies; with none of these a figure is to be reached from below, and a range to
  be kept. Gives at_least, at_most or between; `goal_direction_basis` says which of these decided.
#}
{% macro goal_direction() -%}
    case
        when unit_is_rank then 'at_most'
        when kind = 'increment' then 'at_least'
        when kind = 'change'
            then case when (direction = 'decrease') = (comparator in ('<=', '<')) then 'at_least' else 'at_most' end
        when kind = 'relative' then case direction when 'below' then 'at_most' else 'at_least' end
        when comparator in ('>=', '>') then 'at_least'
        when comparator in ('<=', '<') then 'at_most'
        when direction = 'increase' or kind = 'grade' then 'at_least'
        when direction = 'decrease' then 'at_most'
        when catalogue_direction = 'increase' then 'at_least'
        when catalogue_direction = 'decrease' then 'at_most'
        when baseline < goal_low then 'at_least'
        when baseline > coalesce(goal_high, goal_low) then 'at_most'
        when kind = 'range' then 'between'
        else 'at_least'
    end
{%- endmacro %}

{% macro goal_direction_basis() -%}
    case
        when unit_is_rank or kind in ('increment', 'change', 'relative', 'grade') then 'stated'
        when comparator in ('>=', '>', '<=', '<') or direction in ('increase', 'decrease') then 'stated'
        when catalogue_direction in ('increase', 'decrease') then 'catalogue'
        when baseline < goal_low or baseline > coalesce(goal_high, goal_low) then 'baseline'
        else 'assumed'
    end
{%- endmacro %}

{# Whether `figure` is on the good side of the goal; `is_strict` where equal is not enough (高于, 超过). #}
{% macro meets_goal(figure, is_strict="false") -%}
    case goal_direction
        when 'at_least' then {{ figure }} > goal or ({{ figure }} = goal and not {{ is_strict }})
        when 'at_most' then {{ figure }} < goal or ({{ figure }} = goal and not {{ is_strict }})
        when 'between' then {{ figure }} between goal and goal_far
    end
{%- endmacro %}

{# Share of the whole horizon that has passed by the year: 0 at the baseline, 1 at its end. #}
{% macro share_of_horizon() -%}
    case
        when end_year > baseline_year
            then least(1, greatest(0, cast(year - baseline_year as numeric) / (end_year - baseline_year)))
        else 1
    end
{%- endmacro %}

{#
  Where the measure should be by the year.
    linear     an equal step each year
    compound   an equal growth each year; needs baseline and goal above zero, else linear
    step       nothing before the last year, then all of it
  A baseline that meets the goal already is to be kept: the goal itself is expected.
#}
{% macro expected_on_trajectory() -%}
    case
        when is_kept then goal
        when trajectory = 'step' then case when year < end_year then baseline else goal end
        when trajectory = 'compound'
            then case
                -- numeric power of a zero distance is exact; it is the trajectory's start
                when share_of_horizon = 0 then baseline
                when share_of_horizon = 1 then goal
                else round(baseline * power(goal / baseline, share_of_horizon), 6)
            end
        when trajectory = 'linear' then round(baseline + (goal - baseline) * share_of_horizon, 6)
    end
{%- endmacro %}

{# The end of the goal that the figure has to move to: of a range that is to be kept, the nearer one. #}
{% macro nearest_end() -%}
    case when goal_direction = 'between' and actual > goal_far then goal_far else goal end
{%- endmacro %}

{# What is missing in the wanted direction; zero or less once the goal is reached. #}
{% macro gap_to_goal() -%}
    case goal_direction
        when 'at_most' then actual - goal
        when 'between' then greatest(goal - actual, actual - goal_far)
        else goal - actual
    end
{%- endmacro %}

{# Change a year that is needed from this year to the last; null in the last year, and where each year is for itself. #}
{% macro required_yearly_rate() -%}
    case
        when is_per_year or kind = 'relative' then null
        when is_met then 0
        when year < end_year then round(({{ nearest_end() }} - actual) / (end_year - year), 6)
    end
{%- endmacro %}

{# The same as growth in percent a year, of figures above zero. #}
{% macro required_yearly_growth_pct() -%}
    case
        when is_per_year or kind in ('relative', 'grade') then null
        when is_met then 0
        when year < end_year and actual > 0 and {{ nearest_end() }} > 0
            then round((power({{ nearest_end() }} / actual, 1.0 / (end_year - year)) - 1) * 100, 4)
    end
{%- endmacro %}

{#
  Way from the baseline (0) to the goal (1); null where the baseline meets the goal already, as there is no way to go.
  Of a yearly target, the share of the horizon's years that have met it.
#}
{% macro progress_to_goal() -%}
    case
        when is_per_year then round(cast(years_met as numeric) / (end_year - start_year + 1), 4)
        when not is_kept then round((actual - baseline) / nullif(goal - baseline, 0), 4)
    end
{%- endmacro %}
