"""Compiled SHA-256 and what is built on it: the second door to hashing, held to the first by twins (ADR 0001).

Needs numba (the extra `speed`); nothing imports this package unless numba is there, and every result has the same
bytes without it.
"""
