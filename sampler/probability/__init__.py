"""Inclusion probabilities of Pareto order sampling, and the parameters that give wanted ones (docs/spec/draw.md, 8).

The only module of the draw that estimates. What it estimates is checked: probabilities must sum to m, targets must
be met, and verifiers repeat both from the sealed L.

>>> inclusion([2**31], [4], 1)
[0.25]
"""

from __future__ import annotations

from sampler.probability.fixed_point import solve
from sampler.probability.pareto import inclusion, pi_e12

__all__ = ["inclusion", "pi_e12", "solve"]
