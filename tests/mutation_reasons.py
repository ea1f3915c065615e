"""Why a surviving mutant may live: a pattern of "function: was -> planted", and the reason.

Only mutants that no test can tell from the original, or whose difference is time or a last rounding alone,
stand here.
"""

STRICT = "the columns were just made one from the other, or their lengths compared"
WHOLE = "numpy keeps whole numbers whole without being told, and doubles hold them exactly"
EQUAL = "the two sides are equal by accident of rounding only, and either branch is right then"
WIDER = "keeps a few more candidates: the exact order decides among them, so only time is lost"

REASONS: list[tuple[str, str]] = [
    (
        r"ticket\.seed: .*key=str\.encode",
        "party ids are ASCII, and UTF-8 keeps the order of code points: the same order",
    ),
    (r"to_bytes\(.*-> .*to_bytes\(4, \)", "big-endian is what Python takes when nothing is said"),
    (r'from_bytes\(.*"big".*-> .*from_bytes\(.*, \)', "big-endian is what Python takes when nothing is said"),
    (r"hmac_sha256: .*SHA256", "the same algorithm under its other name"),
    (r"encode: .*ensure_ascii=None", "None is as false as False"),
    (r"_check: case bool", "True and False are integers within range too: the next case accepts them"),
    (r"_check: .*\[:41\]", "below 2^128 there are at most 40 characters, the sign included"),
    (
        r"_check_nesting: .*<= _PARSER_BEARS:.* -> .*< _PARSER_BEARS:",
        "256 brackets that all open nest 256 deep, which is borne: looked at or not, the parser reads them",
    ),
    (r"_subproof: .*whole=None", "None is as false as False"),
    (r"strict=True(.*) -> .*(strict=(None|False)|, )\1", STRICT),
    # the rule in integers
    (r"exact\.choose: .*default=2", "only an empty stratum shows it, and 2 is as lawful as 1"),
    (
        r"exact\.settle: .*(rough = |reserves \+ 2|else [+-][12])",
        "the rough number only preselects: the exact order decides",
    ),
    # the rule at speed
    (r"select\.fast.*: .*, dtype=np\.\w+\)(.*) -> .*(, dtype=None\)|, \))\1$", WHOLE),
    (r"fast\._guess: .*sum\(dtype=np.int64\)(.*) -> .*sum\(dtype=None\)", WHOLE),
    (r"fast\.bounds: .*astype\(None\)", "numpy's own choice is float64 too"),
    (r"select\.fast.*units: .*np\.zeros\(1, .* -> .*np\.zeros\(2", "one 0 or two, both are refused"),
    (r"select\.fast.*: .*initial=1.* -> .*initial=2", "only an empty column shows it, and 2 is as lawful as 1"),
    (r"choose_fast: .*check\(ids, 1, 1\)", "only the ids are judged here; 1 and 2 are both lawful"),
    (r"fast\.smallest: .*k\) <= cut\) -> .*k\) < cut\)", WIDER),
    (r"fast\.smallest: if short\.any\(\) and .* -> if short\.any\(\) or ", WIDER),
    (r"fast\._within: .*1 \+ 2 \* SLACK.* -> .*1 \+ 3 \* SLACK", WIDER),
    (r"fast\.choose_many: .*reserves \+ 1 .* -> .*reserves \+ 2 ", WIDER),
    (
        r"fast\._(guess|within): .*len\(\w\) > 1 .* -> .*(or True|>= 1)",
        "with one stratum, numbered 0, both give the same",
    ),
    (r"fast\._ordered: new = np\.ones", "0 and 1 mark a beginning as well as False and True"),
    (r"fast\._sorted: .*or True", "strata that are all 0 do not change the order: only time is lost"),
    (r"fast\._edges: .*= -1\.0 -> .*= -2\.0", "keys are positive: any negative edge leaves nobody"),
    (r"fast\._ordered: .*lower\[1:\] >= reach", "bounds are strict: a key below one and a key above it are in order"),
    (
        r"fast\._ordered: .*minlength=len\(k\)\) -> .*bincount\(stratum, \)",
        "strata at the end without units add no rank",
    ),
    # probabilities
    (
        r"quick\.solve: if |quick\._suits: |quick\._achieved: if len",
        "which strata are tried here: the exact way gives the others the same values, later",
    ),
    (
        r"quick\._achieved: .*(>= HALF|\+ m\)|pi / n|HALF / n\.sum)",
        "turns more strata away: the exact way decides them",
    ),
    (r"quick\._achieved: .*np\.clip", "pi leaves 0..1 by a rounding at most"),
    (r"probability\..*: .*, dtype=np\.\w+\)(.*) -> .*(, dtype=None\)|, \))\1$", WHOLE),
    (r"small\.density: .*astype\(None\)", WHOLE),
    (r"_search: .*(<= GOAL.* -> .*< GOAL|worst < least.* -> .*worst <= least|FASTER <= .* -> .*FASTER < )", EQUAL),
    (r"small\.suits: .*<= DEPTH_MAX -> .*< DEPTH_MAX", EQUAL),
    (r"(centre|_angles): .* <= (.*) -> .* < \2$", EQUAL),
    (
        r"centre: (low = .* - 2\.0|z = .*max\(1\.0, low)",
        "another start, or a wider bracket: the steps end at the same centre",
    ),
    (
        r"centre: .* -> .*(low <= step|step <= high)",
        "a step onto an end of the bracket, taken or halved: the same centre",
    ),
    (r"centre: .* -> .*(1e-15 / max|max\(2\.0)", "a step more or less once the steps are of a rounding's size"),
    (
        r"reach: .* -> .*(-2\.0, limit|, 2\.0, limit)",
        "doubling begins one point later, halving passes it: the same ends",
    ),
    (r"grid: .* -> .*, 1\.000000001", "below a spread of 1.9 the longest step decides anyway"),
    (r"small\.density: .*\) < 0\.5.* -> .*\) <= 0\.5", EQUAL),
    (r"_search: .*math\.inf, 2\.0", "the first step sets it to 1"),
    (r"_newton: .*start=np\.zeros.* -> ", "sum begins with 0, which numpy adds to any matrix"),
    (r"_newton: .*rcond=None", "None is what numpy takes when nothing is said"),
    (r"small\.density: .*np\.clip\(z - middle, None", "exp falls to 0 by itself on that side"),
    (r"_leave_one_out: .*kind=\"stable\"\) -> .*-n, ", "groups of one size may stand in any order"),
    (r"_leave_one_out: width", "more padding by groups of nobody"),
    (r"_leave_one_out: .* -> .*(padded \+ 2|lengths\[1::2\] \+ 1|fewer \+ 2)", "the further terms are 0"),
    (r"times: .* -> rows = (None|.*\+k)", "all rows are multiplied, the shorter ones by 0"),
    (r"_binomials: .* -> .*\+ 2", "the further terms are 0"),
]
