"""Selection: the m smallest keys of a stratum (docs/spec/draw.md, 5).

In integers and with the standard library only, so that a replay needs no numpy: 50,000 units take a fifth of a second.
"""
