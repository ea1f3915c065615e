"""双随机、一公开: risk-weighted inspection draws that nobody can steer and anybody can replay.

The rooms follow the steps of a draw; arrows point inward (pyproject.toml, import-linter).
Outside programs call the commands with ``--json`` and compare codes: module names may move, codes may not.
"""

__version__ = "0.1.0"
SPEC = "draw/v1-draft"
