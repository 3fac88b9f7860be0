"""How tables of figures are read: where they stand, what their rows and columns are, whose and of which year they are.

The layouts (``ingestion/forms/layouts``) are made of these. Where a way to lay out a table is recognised:

    find         any table on a sheet, by its header; the header again further down, with more below it
    header       the rows of a header: one, or several with a year above 填报值 and 备注
    columns      what titles say of columns; tables side by side; columns of departments, of numerators and denominators
    upright      the tables below one header, years or departments along it
    turned       a table on its side, years or departments down its rows (turned_rows) and indicators along its header
                 (turned_columns)
    banners      tables stacked under one header, parted by rows such as 内科 or 2023年
    ends         another kind of table below
    year_said    the year of columns that name none: from the title, the sheet, the file
    part_years   tables of a month, a quarter or half a year
    above        the titles above a table
    departments  whose a table is, by its sheet, its titles, its file or a column (department_names)

``year_columns`` is what all of these give: a table with its columns of names and of figures. What its rows are:

    rows         the rows with a name, each as the line of the form that it is
    lines        which line that is, by code and name
    row_units    the unit of each row
    numbered     names with the number of their row right before them
    groups       names that say what they are of only together with their group: 死亡率 of 手术患者
    told_apart   equal names told apart
    figures      the cells of the rows, as entries
"""
