"""Vectors of area `sources`: public sources and the one way to write their value."""

from tests.vectorgen.case import Case, Maker

KL8 = "lottery:kl8:2026339"
BALLS = "0307081419222528313440414652556061697378"
SSQ = "lottery:ssq:2026101:2026102:2026103"
DLT = "lottery:dlt:26101:26102:26103"
BEACON = "drand:quicknet:1000"
FC3D = "lottery:fc3d:" + ":".join(str(2026330 + i) for i in range(7))


def sources() -> list[Case]:
    made = Maker("sources", "source")
    for name, text, desc in [
        ("kl8", KL8, "one issue carries 61 whole bits"), ("kl8-two", "lottery:kl8:2026339:2026340", "issues add up"),
        ("ssq-three", SSQ, "24 bits each"), ("dlt-three", DLT, "24 bits each"), ("fc3d-seven", FC3D, "10^21 values: 69 bits"),
        ("pl5-four", "lottery:pl5:26101:26102:26103:26104", "10^20 values"), ("dice-24", "ceremony:hall:d6:24", "6^24 > 2^60"),
        ("balls-19", "ceremony:hall:d10:19", "10^19 > 2^60"), ("longest", "ceremony:hall:d10:1024", "1,024 digits"), ("parties", "parties", "no public value"),
        ("beacon", "drand:quicknet:1000", "128 bits: what forging the signature costs"), ("beacon-far", "drand:quicknet:999999999999", "a round of twelve digits"),
    ]:  # fmt: skip
        made.good(name, desc, text=text)
    for code, name, mutation, text in [
        ("SOURCE_KIND", "unknown", "an unknown kind", "dice:hall:d6:24"),
        ("SOURCE_KIND", "capital", "a capital letter", "Lottery:kl8:2026339"),
        ("SOURCE_KIND", "empty", "no text", ""),
        ("SOURCE_KIND", "blank", "a blank in front", " lottery:kl8:2026339"),
        ("SOURCE_FORM", "no-issue", "no issue", "lottery:kl8"),
        ("SOURCE_FORM", "empty-issue", "an empty issue", "lottery:kl8:"),
        ("SOURCE_FORM", "blank-issue", "a blank in an issue", "lottery:kl8:2026 339"),
        ("SOURCE_FORM", "chinese-name", "a Chinese name", "ceremony:大厅:d6:24"),
        ("SOURCE_FORM", "ceremony-two-parts", "no length", "ceremony:hall:d6"),
        ("SOURCE_FORM", "ceremony-four-parts", "a part too many", "ceremony:hall:d6:24:2"),
        ("SOURCE_FORM", "parties-with-id", "a part after parties", "parties:x"),
        ("SOURCE_FORM", "parties-colon", "a colon after parties", "parties:"),
        ("SOURCE_GAME", "unknown-game", "an unknown game", "lottery:keno:2026339"),
        ("SOURCE_GAME", "capital-game", "a game in capitals", "lottery:KL8:2026339"),
        ("SOURCE_ISSUE", "letters", "letters in an issue", "lottery:kl8:next"),
        ("SOURCE_ISSUE", "short", "an issue of 4 digits", "lottery:kl8:2026"),
        ("SOURCE_ISSUE", "long", "an issue of 11 digits", "lottery:kl8:20263390000"),
        ("SOURCE_ISSUE", "twice", "an issue twice", "lottery:ssq:2026101:2026102:2026101"),
        ("SOURCE_ISSUE", "twice-with-zero", "an issue twice, once with a leading zero", "lottery:ssq:2026101:2026102:02026101"),
        ("SOURCE_ALPHABET", "d8", "an unknown alphabet", "ceremony:hall:d8:30"),
        ("SOURCE_ALPHABET", "coins", "coins", "ceremony:hall:d2:64"),
        ("SOURCE_LENGTH", "zero", "a length of 0", "ceremony:hall:d6:0"),
        ("SOURCE_LENGTH", "leading-zero", "a leading zero", "ceremony:hall:d6:024"),
        ("SOURCE_LENGTH", "1025", "1,025 digits", "ceremony:hall:d10:1025"),
        ("SOURCE_LENGTH", "text", "a word", "ceremony:hall:d10:many"),
        ("SOURCE_FORM", "beacon-no-round", "no round", "drand:quicknet"),
        ("SOURCE_FORM", "beacon-two-rounds", "two rounds", "drand:quicknet:1000:1001"),
        ("SOURCE_CHAIN", "beacon-hash", "the chain by its hash", "drand:52db9ba7:1000"),
        ("SOURCE_CHAIN", "beacon-default", "another chain", "drand:default:1000"),
        ("SOURCE_ROUND", "beacon-zero", "round 0", "drand:quicknet:0"),
        ("SOURCE_ROUND", "beacon-leading-zero", "a leading zero", "drand:quicknet:01000"),
        ("SOURCE_ROUND", "beacon-latest", "no number", "drand:quicknet:latest"),
        ("SOURCE_ROUND", "beacon-thirteen", "a round of thirteen digits", "drand:quicknet:1000000000000"),
        ("SOURCE_KIND", "nist", "a beacon without rules", "nist:2:1:54610"),
        ("SOURCE_ENTROPY", "dice-23", "6^23 < 2^60", "ceremony:hall:d6:23"),
        ("SOURCE_ENTROPY", "balls-18", "10^18 < 2^60", "ceremony:hall:d10:18"),
        ("SOURCE_ENTROPY", "one-ssq", "24 bits", "lottery:ssq:2026101"),
        ("SOURCE_ENTROPY", "two-ssq", "48 bits", "lottery:ssq:2026101:2026102"),
        ("SOURCE_ENTROPY", "six-fc3d", "10^18 values", "lottery:fc3d:" + ":".join(str(2026330 + i) for i in range(6))),
    ]:  # fmt: skip
        made.bad(code, name, mutation, text=text)
    return made.cases


def values() -> list[Case]:
    made = Maker("sources", "value")
    dice, hall = "123456" * 4, "ceremony:hall:d6:24"
    issue = "01020304050616"
    three = ",".join([issue] * 3)
    for name, source, value, desc in [
        ("kl8", KL8, BALLS, "20 balls ascending"), ("ssq", SSQ, three, "a zone of its own for the last ball"),
        ("ssq-blue-small", SSQ, ",".join(["01020304053301"] * 3), "the blue ball may be smaller than the red ones"),
        ("dlt", DLT, ",".join(["31323334350102"] * 3), "two zones"),
        ("fc3d", FC3D, "012,345,678,901,234,567,890", "digits as drawn"), ("dice", hall, dice, "24 throws"),
        ("balls", "ceremony:hall:d10:19", "0" * 19, "zeros are digits"), ("parties", "parties", "", "nothing"),
        ("beacon", BEACON, "00ff" * 16, "32 bytes as they are, not their digits"),
    ]:  # fmt: skip
        made.good(name, desc, source=source, value=value)
    for code, name, mutation, source, value in [
        ("VALUE_FORM", "empty", "no value", KL8, ""),
        ("VALUE_FORM", "19-balls", "a ball less", KL8, BALLS[:-2]),
        ("VALUE_FORM", "21-balls", "a ball more", KL8, BALLS + "80"),
        ("VALUE_FORM", "blanks", "blanks between the balls", KL8, " ".join(BALLS[i : i + 2] for i in range(0, 40, 2))),
        ("VALUE_FORM", "line-end", "a line feed", KL8, BALLS + "\n"),
        ("VALUE_FORM", "fullwidth", "digits of full width", KL8, BALLS.replace("3", "３")),
        ("VALUE_FORM", "one-issue-for-three", "two issues are missing", SSQ, issue),
        ("VALUE_FORM", "four-issues-for-three", "an issue too many", SSQ, three + "," + issue),
        ("VALUE_FORM", "semicolons", "semicolons for commas", SSQ, three.replace(",", ";")),
        ("VALUE_FORM", "plus-for-blue", "a plus before the blue ball", SSQ, three.replace("0616", "06+16")),
        ("VALUE_FORM", "dice-seven", "a seven", hall, "7" + dice[1:]),
        ("VALUE_FORM", "dice-zero", "a zero", hall, "0" + dice[1:]),
        ("VALUE_FORM", "dice-23", "a throw less", hall, dice[1:]),
        ("VALUE_FORM", "dice-practice-roll", "a practice roll in front", hall, "1" + dice),
        ("VALUE_FORM", "dice-comma", "two pieces for one", hall, dice[:12] + "," + dice[12:]),
        ("VALUE_FORM", "parties-text", "a text where there is no value", "parties", "x"),
        ("VALUE_FORM", "parties-comma", "a comma where there is no value", "parties", ","),
        ("VALUE_FORM", "fc3d-two-digits", "a leading zero left out", FC3D, "12,345,678,901,234,567,890"),
        ("VALUE_FORM", "beacon-capitals", "capital letters", BEACON, "00FF" * 16),
        ("VALUE_FORM", "beacon-short", "a byte less", BEACON, "00ff" * 15 + "00"),
        ("VALUE_FORM", "beacon-signature", "the signature instead of its hash", BEACON, "ab" * 48),
        ("VALUE_FORM", "beacon-empty", "no value", BEACON, ""),
        ("SOURCE_CHAIN", "beacon-other", "a value of another chain", "drand:default:1000", "00ff" * 16),
        ("VALUE_RANGE", "ball-81", "ball 81 of 80", KL8, BALLS[:-2] + "81"),
        ("VALUE_RANGE", "ball-00", "ball 00", KL8, "00" + BALLS[2:]),
        ("VALUE_RANGE", "ssq-red-34", "red ball 34 of 33", SSQ, three.replace("0616", "3416")),
        ("VALUE_RANGE", "ssq-blue-17", "blue ball 17 of 16", SSQ, three.replace("0616", "0617")),
        ("VALUE_RANGE", "dlt-zone-2-13", "ball 13 of 12", DLT, ",".join(["31323334350113"] * 3)),
        ("VALUE_RANGE", "range-before-order", "out of range and out of order: the range comes first", KL8, "81" + BALLS[2:]),
        ("VALUE_ORDER", "swapped", "two balls swapped", KL8, BALLS[2:4] + BALLS[:2] + BALLS[4:]),
        ("VALUE_ORDER", "twice", "a ball twice", KL8, BALLS[:2] + BALLS[:2] + BALLS[4:]),
        ("VALUE_ORDER", "drawn-order", "the balls as they fell", SSQ, three.replace("010203", "030102")),
        ("VALUE_ORDER", "second-issue", "the second issue unsorted", SSQ, f"{issue},02010304050616,{issue}"),
        ("SOURCE_ENTROPY", "source-first", "too small a source and a wrong value: the source comes first", "ceremony:hall:d6:5", "999"),
        ("SOURCE_KIND", "unknown-source", "an unknown kind", "weather:hall", "sunny"),
    ]:  # fmt: skip
        made.bad(code, name, mutation, source=source, value=value)
    return made.cases


def cases() -> list[Case]:
    return sources() + values()
