"""Properties of the objects: registry and credit classes, Chinese or English headings, indexed by identifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from models.problems import refuse, refuse_rows
from models.reading import as_ids, as_text, read_frame

if TYPE_CHECKING:
    import pandas as pd

ID: Final = "object_id"
HEADINGS: Final = {
    "统一社会信用代码": ID,
    "注册号": ID,
    "区划": "district",
    "行政区划": "district",
    "行业": "industry",
    "行业代码": "industry",
    "主体类型": "object_type",
    "成立日期": "established",
    "许可证数": "licences",
    "信用风险分类": "class",
    "分类": "class",
    "类别": "class",
    "等级": "class",
}
"""Chinese headings and what they mean; the import doctor knows many more."""
_KEPT: Final = ("district", "industry", "object_type", "established", "licences", "class")


def read_objects(data: bytes, classes: bytes | None = None, *, keep: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return the properties by object, in order of identifier.

    Parameters
    ----------
    data
        Objects file: CSV or Parquet with an identifier and any of district, industry, object_type, established.
    classes
        Credit classes: object_id, class.
    keep
        Further columns wanted.

    Raises
    ------
    InputError
        ``FILE_*``, ``OBJECTS_COLUMN``, ``OBJECTS_ID`` or ``OBJECTS_DUPLICATE`` with the rows.
    """
    table = _indexed(data, "objects", (*_KEPT, *keep))
    if classes is not None:
        table["class"] = _classes(classes).reindex(table.index)
    return table.sort_index()


def _classes(data: bytes) -> pd.Series:
    table = _indexed(data, "classes", ("class",))
    if "class" not in table.columns:
        _no_column("class", "classes")
    return table["class"]


def _indexed(data: bytes, file: str, wanted: tuple[str, ...]) -> pd.DataFrame:
    return indexed(read_frame(data, file), file, wanted)


def indexed(frame: pd.DataFrame, file: str, wanted: tuple[str, ...]) -> pd.DataFrame:
    """Return the wanted columns by object, in the order of the rows; refuse what `read_objects` refuses."""
    frame = frame.rename(columns={c: HEADINGS.get(str(c).strip(), c) for c in frame.columns})
    key = ID if ID in frame.columns else "establishment_id"
    if key not in frame.columns:
        _no_column(ID, file)
    if frame.columns.duplicated().any():
        twice = str(frame.columns[frame.columns.duplicated()][0])
        refuse("OBJECTS_COLUMN", "two headings mean the same", hint="keep one of them", column=twice, file=file)
    ids = as_ids(frame[key])
    _check_ids(ids, file)
    kept = [c for c in dict.fromkeys(wanted) if c in frame.columns]
    return frame[kept].set_axis(ids.to_numpy(), axis=0)


def _no_column(name: str, file: str) -> None:
    headings = " / ".join([name, *(zh for zh, en in HEADINGS.items() if en == name)])
    refuse("OBJECTS_COLUMN", f"no column {name}", hint=f"the heading may be {headings}", column=name, file=file)


def _check_ids(ids: pd.Series, file: str) -> None:
    good = ids.str.fullmatch(r"[0-9A-Za-z._-]{1,64}").to_numpy(dtype="bool")
    text = as_text(ids).tolist()
    rows: list[tuple[int, object]] = [
        (n + 2, t or "(empty)") for n, (t, ok) in enumerate(zip(text, good, strict=True)) if not ok
    ]
    hint = "identifiers hold 1 to 64 letters, digits, dots, hyphens and underscores"
    refuse_rows("OBJECTS_ID", "not an identifier", rows, hint=hint, column=ID, file=file)
    twice = ids.duplicated().to_numpy(dtype="bool")
    rows = [(n + 2, t) for n, (t, again) in enumerate(zip(text, twice, strict=True)) if again]
    refuse_rows("OBJECTS_DUPLICATE", "the object stands twice", rows, hint="keep one row", column=ID, file=file)
