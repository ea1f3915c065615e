"""Which units are drawn: the rule in integers (exact) and a fast path held to it (fast)."""
