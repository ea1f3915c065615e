"""records.md 2: tables as text."""

from tests.reference.bytes_ import blinded_leaf, nonce, sha256

Row = dict[str, str]
COLUMNS = {
    "frame": "object_id owner_id class type district industry tags stratum level nonce",
    "excluded": "object_id reason nonce",
    "strata": "stratum clause N eligible n m take_all",
    "levels": "key count target_e12 L pi_e12",
    "tau": "stratum h L",
    "history": "key draw_id pi_e12 drawn",
    "items": "item_id kind qualification object_types name legal_basis",
    "roster": "inspector_id unit department district role expiry items qualifications max_load leave nonce",
    "recusals": "rec_id inspector kind target reason asked_by nonce",
}
BLINDED = ("frame", "excluded", "roster", "recusals")


def columns(table: str) -> list[str]:
    return COLUMNS[table].split()


def by_key(table: str, rows: list[Row]) -> list[Row]:
    key = columns(table)[0]
    return sorted(rows, key=lambda row: row[key].encode())


def committed(table: str, row: Row) -> str:
    """The line without the nonce column."""
    return "\t".join(row[name] for name in columns(table) if name != "nonce")


def blind(table: str, rows: list[Row], secret: bytes, draw_id: str) -> list[Row]:
    key = columns(table)[0]
    return [row | {"nonce": nonce(secret, draw_id, table, row[key]).hex()} for row in rows]


def tsv(table: str, rows: list[Row]) -> bytes:
    names = columns(table)
    lines = [names] + [[row[name] for name in names] for row in by_key(table, rows)]
    return "".join("\t".join(line) + "\n" for line in lines).encode()


def table_hash(table: str, rows: list[Row]) -> str:
    return sha256(tsv(table, rows)).hex()


def leaves(table: str, rows: list[Row], draw_id: str) -> list[bytes]:
    return [
        blinded_leaf(bytes.fromhex(row["nonce"]), table, draw_id, committed(table, row)) for row in by_key(table, rows)
    ]


def joined(values: list[str]) -> str:
    return ",".join(sorted(set(values), key=str.encode)) or "-"


def scores_csv(scores: dict[str, int]) -> bytes:
    lines = [f"{name},{scores[name]}\n" for name in sorted(scores, key=str.encode)]
    return ("object_id,risk_ppm\n" + "".join(lines)).encode()
