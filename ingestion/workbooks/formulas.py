"""A line's formula as a spreadsheet formula, so that a workbook shows the figure while its lines are typed."""

from __future__ import annotations

from collections.abc import Callable, Collection

from ingestion.forms.formula import Formula

Address = Callable[[str, int], str]
"""Cell of a line code and year offset (0 this year, -1 the year before)."""


def excel_formula(formula: Formula, address: Address, optional: Collection[str] = (), decimals: int = 2) -> str:
    """``formula`` over cells, rounded to ``decimals``; empty until it can be computed.

    A quotient shows once all its lines are there and no divisor is 0. A sum shows once its required lines are there;
    those in ``optional`` count as 0 while they are empty, because a form lets them be. It never shows an error.
    """
    cells = [address(term.line_code, term.year_offset) for term in formula.terms]
    if formula.kind == "sum":
        needed = [c for c, term in zip(cells, formula.terms, strict=True) if term.line_code not in optional]
        guard = f"COUNT({','.join(needed)})<{len(needed)}" if needed else f"COUNT({','.join(cells)})=0"
        signs = ("+" if term.coefficient == 1 else "-" for term in formula.terms)
        total = "".join(f"{sign}N({cell})" for sign, cell in zip(signs, cells, strict=True)).removeprefix("+")
        return (
            f'=IF({guard},"",ROUND({_times(total if formula.multiplier == 1 else f"({total})", formula)},{decimals}))'
        )
    guard = f"COUNT({','.join(cells)})<{len(cells)}"
    if formula.kind == "growth":
        now, before = cells
        return f'=IF({guard},"",IF({before}=0,"",ROUND({_times(f"({now}-{before})/{before}", formula)},{decimals})))'
    quotient = cells[0]
    for cell, term in zip(cells[1:], formula.terms[1:], strict=True):
        quotient += ("*" if term.coefficient == 1 else "/") + cell
    divisors = [c for c, term in zip(cells, formula.terms, strict=True) if term.coefficient == -1]
    computed = f"ROUND({_times(quotient, formula)},{decimals})"
    # Two IFs, because an empty text times a number is an error that OR would not step around.
    return f'=IF({guard},"",IF({"*".join(divisors)}=0,"",{computed}))' if divisors else f'=IF({guard},"",{computed})'


def _times(expression: str, formula: Formula) -> str:
    return expression if formula.multiplier == 1 else f"{expression}*{formula.multiplier}"
