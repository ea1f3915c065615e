"""Selection: the m smallest keys of a stratum (docs/spec/draw.md, 9).

`exact` is the rule, in integers, and needs the standard library only; `fast` gives the same choice with numpy.
"""
