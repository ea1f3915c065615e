"""Who visits what: the cheapest assignment, found by any solver, judged without one (docs/spec/assignment.md)."""
