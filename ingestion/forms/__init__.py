"""Forms as data: what a form's lines are, how its columns were called each year, how its table is laid out."""
