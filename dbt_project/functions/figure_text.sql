-- Two decimals, four below one; a ratio as the form writes it. The space before a unit keeps figure and unit apart.
select
    case
        when value is null then grade
        when unit = '%' then rtrim(to_char(value, 'FM999,999,990.99'), '.') || ' %'
        when unit like '比值（1:X）%' then '1:' || trim_scale(value)
        when unit like '比值（X:1）%' then trim_scale(value) || ':1'
        else
            rtrim(to_char(value, case when abs(value) < 1 then 'FM0.9999' else 'FM999,999,999,999,990.99' end), '.')
            || coalesce(' ' || unit, '')
    end
