"""Selection: the m smallest keys of a stratum (docs/spec/draw.md, 9).

`exact` is the rule, in integers, and needs the standard library only; `fast` gives the same choice with numpy, for
many strata at once and in mergeable parts; `lanes` gives the same tickets compiled, where numba is installed.
"""
