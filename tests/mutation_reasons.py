"""Why a surviving mutant may live: a pattern of "function: was -> planted", and the reason."""

REASONS: list[tuple[str, str]] = [
    (r'from_bytes\(.*"big".*-> .*from_bytes\(.*, \)', "big-endian is what Python takes when nothing is said"),
]
