"""Find the cheapest assignment with OR-tools and write down its certificate (docs/spec/assignment.md, 6 to 10).

The solver is not trusted and not part of the definition: the optimum is unique, and `certify` judges it alone.
"""

from __future__ import annotations

from typing import Final

ROUNDS: Final = 8
