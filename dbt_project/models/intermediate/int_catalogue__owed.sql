-- '*' in the calendar is every level.
select distinct
    calendar.owed_by_level,
    form.catalogue
from {{ ref('submission_calendar') }} as calendar
inner join {{ ref('stg_reference__form') }} as form on calendar.form = form.form
where form.catalogue is not null
