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
    (
        r"select\.fast.*: .*dtype=np\.\w+.* -> .*(dtype=None|, \))",
        "numpy finds integers without being told, and they are narrowed later",
    ),
    (r"select\.fast.*units: .*np\.zeros\(1, .* -> .*np\.zeros\(2", "one 0 or two, both are refused"),
    (r"select\.fast.*: .*initial=1.* -> .*initial=2", "only an empty column shows it, and 2 is as lawful as 1"),
    (r"exact\.choose: .*default=2", "only an empty stratum shows it, and 2 is as lawful as 1"),
    (r"exact\.settle: .*strict=", "the two lists are made one from the other"),
    (
        r"exact\.settle: .*(rough = |reserves \+ 2|else [+-][12])",
        "the rough number only preselects: the exact order decides",
    ),
    (r"choose_fast: .*check\(ids, 1, 1\)", "only the ids are judged here; 1 and 2 are both lawful"),
    (r'from_bytes\(.*"big".*-> .*from_bytes\(.*, \)', "big-endian is what Python takes when nothing is said"),
]
