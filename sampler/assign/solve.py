"""Find the cheapest assignment with OR-tools and write down its certificate (docs/spec/assignment.md, 6 to 10).

The solver is not trusted and not part of the definition: the optimum is unique, and `certify` judges it alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sampler.assign.model import VACANCY, build, parse_rules
from sampler.assign.residual import canonical, is_unique, loads, names, residual, vacancies
from sampler.errors import DrawError
from sampler.ticket import assign_key, assign_ticket

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sampler.assign.model import Block, Rules, Rung, Target
    from sampler.assign.residual import TicketRule
    from sampler.canon import Json
    from sampler.roster import Officer, Recusals

ROUNDS: Final = 8
