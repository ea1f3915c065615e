"""The import doctor: any file in, everything found wrong with it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sampler.errors import Place
from sampler.io import dated, imports, listfiles, people
from sampler.io.headings import KINDS, guess_kind
from sampler.io.raw import refuse
from sampler.io.readers import read_rows
from sampler.io.visits import import_results

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sampler.io.imported import Imported
    from sampler.io.raw import Source

IMPORTERS: Final[Mapping[str, tuple[Callable[..., Imported], frozenset[str]]]] = {
    "objects": (imports.import_objects, frozenset({"districts", "dated"})),
    "classes": (imports.import_classes, frozenset({"objects"})),
    "roster": (people.import_roster, frozenset({"districts", "dated"})),
    "recusals": (people.import_recusals, frozenset({"inspectors", "objects"})),
    "items": (imports.import_items, frozenset()),
    "caps": (imports.import_caps, frozenset()),
    "history": (imports.import_history, frozenset({"objects", "today"})),
    "results": (import_results, frozenset({"inspectors", "objects", "today"})),
    "triggers": (listfiles.import_triggers, frozenset({"objects"})),
    "given": (listfiles.import_given, frozenset({"objects", "headings"})),
    "codes": (dated.import_codes, frozenset()),
    "lots": (listfiles.import_lots, frozenset({"objects"})),
    "scores": (imports.import_scores, frozenset({"objects"})),
}
"""For each kind of file: the function that imports it, and what it wants to know besides the file."""


def check_file(name: str, source: Source, kind: str | None = None, *, encoding: str = "", **context: Any) -> Imported:
    """Return the import of one file, its kind guessed from the headings when not given.

    Parameters
    ----------
    name
        The file's name, for messages only.
    source
        The file's bytes, or its path: then text and Parquet are read piece by piece.
    kind
        One of `KINDS`; None: the headings decide.
    encoding
        Of a text file, if the office names it.
    **context
        ``districts``, ``dated``, ``inspectors``, ``objects``, ``today``, ``headings``: each kind takes what concerns it.

    Raises
    ------
    InputError
        ``KIND_UNCLEAR``, and what `read_rows` refuses.
    """
    if kind is not None and kind not in IMPORTERS:
        hint = f"用 --as 指明: {'、'.join(KINDS)}"
        raise refuse("KIND_UNCLEAR", "没有这种表", hint, place=Place(file=name), found=kind)
    raw = read_rows(name, source, encoding=encoding)
    run, wanted = IMPORTERS[kind or guess_kind(raw)]
    return run(raw, **{key: value for key, value in context.items() if key in wanted})
