"""The draw of a frame that is read in parts: counts first, then the few units that can be drawn (docs/guide/scale.md).

Everything is columns and sums, so that parts may be cut, ordered and shared among processes in any way: a census of
parts adds up, the design is made of the census alone (the same functions as in `sampler.draw`), and what parts keep
of their units joins into the choice.
"""

from sampler.stream.census import Batch, Census, Place
from sampler.stream.designing import Design, Kinds, Lookup, design
from sampler.stream.keeping import Rule, choose, rule, short

__all__ = ["Batch", "Census", "Design", "Kinds", "Lookup", "Place", "Rule", "choose", "design", "rule", "short"]
