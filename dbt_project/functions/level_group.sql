-- The first character of a level's code is the level, as in submission_calendar.owed_by_level.
select
    case left(level_code, 1)
        when '1' then '一级 Primary'
        when '2' then '二级 Secondary'
        when '3' then '三级 Tertiary'
        else case when level_code is null then '未登记 Not registered' else '未定级 Not graded' end
    end
