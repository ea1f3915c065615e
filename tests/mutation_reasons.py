"""Why a surviving mutant may live: a pattern of "function: was -> planted", and the reason."""

REASONS: list[tuple[str, str]] = [
    (
        r"ticket\.seed: .*key=str\.encode",
        "party ids are ASCII, and UTF-8 keeps the order of code points: the same order",
    ),
    (r"to_bytes\(.*-> .*to_bytes\(4, \)", "big-endian is what Python takes when nothing is said"),
    (r"hmac_sha256: .*SHA256", "the same algorithm under its other name"),
    (r"encode: .*ensure_ascii=None", "None is as false as False"),
    (r"_check: case bool", "True and False are integers within range too: the next case accepts them"),
    (r"_check: .*\[:41\]", "below 2^128 there are at most 40 characters, the sign included"),
    (r"_subproof: .*whole=None", "None is as false as False"),
    (r'from_bytes\(.*"big".*-> .*from_bytes\(.*, \)', "big-endian is what Python takes when nothing is said"),
]
