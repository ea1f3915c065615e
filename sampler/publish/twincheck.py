"""Judge the twins for programs: the index names what is there, and a month's JSON and CSV say the same."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

from sampler import canon
from sampler.errors import SamplerError
from sampler.publish.twins import INDEX, MONTHS, RESULT, tame

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

TOLD: Final = ("抽查任务编号", "统一社会信用代码/注册号", "检查完成日期")
SAID: Final = "检查结果"


def check(files: Mapping[str, bytes], beside: Container[str]) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong, the file and what was found; nothing for a part of a site without the index."""
    if INDEX not in files:
        return
    try:
        index = canon.decode(files[INDEX])
        draws = {d["draw_id"]: d for d in index["draws"]}
        named = [(INDEX, d[k]) for d in draws.values() for k in ("page", "manifest") if k in d]
        listed = {m[k]: m for m in index["results"] for k in ("json", "csv")}
        named += [(INDEX, path) for path in listed]
        for path, other in named:
            if other not in files and other not in beside:
                yield "给程序的目录列有不存在的文件", path, other
        yield from (("结果文件没有列入目录", p, "") for p in files if p.startswith(MONTHS) and p not in listed)
        for month in index["results"]:
            yield from _month(files, month, draws)
    except (SamplerError, ValueError, LookupError, TypeError, csv.Error) as e:
        yield "给程序的目录或结果读不出", INDEX, str(e)


def _month(
    files: Mapping[str, bytes], month: Mapping[str, Any], draws: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    if month["json"] not in files or month["csv"] not in files:
        return  # said above
    rows = [_row(r) for r in canon.decode(files[month["json"]])]
    head, *cells = csv.reader(io.StringIO(files[month["csv"]].decode("utf-8-sig"), newline=""))
    at = [RESULT.index(k) for k in (*TOLD, SAID)]
    twin = [tuple(c[n] for n in at) for c in cells]
    if tuple(head) != RESULT or rows != twin or len(rows) != month["rows"]:
        yield "同一月份的 JSON 与 CSV 不一致", month["csv"], f"{len(rows)} / {len(twin)} / {month['rows']}"
    for task in sorted({r[0] for r in rows}):
        if draws.get(task, {}).get("period") != month["period"]:
            yield "结果不属于这个月份的抽查", month["json"], task


def _row(r: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what both twins say of an object, as the CSV writes it."""
    said = {d["raninsCheckResName"] for d in r["details"]}
    return (*(tame(r[k]) for k in ("raninsTaskId", "uniscid", "insDate")), tame("；".join(sorted(said))))
