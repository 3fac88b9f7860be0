"""Workbooks that we write for people: the entry workbook of a form, and the answer to a submission."""
