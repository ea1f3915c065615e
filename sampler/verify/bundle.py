"""An opened bundle: bytes, records and tables, each read once and strictly (docs/spec/records.md, 6).

What cannot be read is remembered, so that the step that judges the file says why and every other step that needs
it says on which step it depends.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from sampler import disclosure, log, records
from sampler.errors import Place, RecordError, SamplerError
from sampler.plan import Plan, validate
from sampler.roster import parse_recusals, parse_roster
from sampler.units import of_frame
from sampler.verify.fields import parse_scores, parse_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sampler.roster import Officer, Recusals
    from sampler.schema import Record
    from sampler.tables import Table
    from sampler.units import Units

T = TypeVar("T")
R = TypeVar("R", bound="Record")

AUDITOR = "auditor"
"""Level of the bundle that has everything."""
FILES_STEP = 1
RECORDS_STEP = 2


class UnreadableError(SamplerError):
    """An input of a step cannot be read; the step that says why has another number.

    Parameters
    ----------
    step
        Number of the step that judges the file itself.
    file
        The file.
    cause
        What kept it from being read; None when the file is not there.
    """

    def __init__(self, step: int, file: str, cause: SamplerError | None = None) -> None:
        p = cause.problem if cause else None
        super().__init__("VERIFY_UNREADABLE", p.message if p else f"缺少 {file}", place=Place(file=file))
        self.step, self.cause = step, cause


@dataclass(slots=True)
class Bundle:
    """A bundle behind its reader.

    Parameters
    ----------
    read
        Path to bytes; raises OSError or LookupError for a path that is not there.
    paths
        Every path of the directory.
    pin, head, seal_code, now, before
        What the person who verifies brought along: hash of the charter, a checkpoint, the code on the form, the time,
        the bundle of the voided draw that this one replaces.
    not_proved
        Filled by the steps: what this replay leaves open.
    """

    read: Callable[[str], bytes]
    paths: Sequence[str]
    pin: str = ""
    head: bytes | None = None
    seal_code: str = ""
    now: str = ""
    before: Mapping[str, bytes] | None = None
    not_proved: list[str] = field(default_factory=list)
    _known: dict[str, Any] = field(default_factory=dict)

    def open(self, path: str) -> bytes:
        """Return the bytes of a file that the directory lists; nothing else is ever read."""
        if path not in self.paths:
            raise UnreadableError(FILES_STEP, path)

        def load(_: str) -> bytes:
            return self.read(path)

        return self._once(f"bytes {path}", path, load, FILES_STEP)

    def parsed(self, path: str, parse: Callable[[bytes], T]) -> T:
        """Return what `parse` makes of a file, once."""
        return self._once(path, path, lambda _: parse(self.open(path)), RECORDS_STEP)

    def _once(self, key: str, path: str, make: Callable[[str], T], step: int) -> T:
        if key not in self._known:
            try:
                self._known[key] = make(path)
            except UnreadableError as e:
                self._known[key] = e
            except SamplerError as e:
                self._known[key] = UnreadableError(step, path, e)
            except (OSError, LookupError, ValueError, ArithmeticError) as e:
                cause = RecordError("VERIFY_READ", f"{path}: {e}", place=Place(file=path))
                self._known[key] = UnreadableError(step, path, cause)
        found = self._known[key]
        if isinstance(found, UnreadableError):
            raise found
        return found  # type: ignore[no-any-return]  # the key fixes the type

    def once(self, key: str, make: Callable[[], T]) -> T:
        """Return what `make` gives, computed once."""
        return self._once(f"once {key}", "", lambda _: make(), RECORDS_STEP)

    def record(self, path: str, cls: type[R]) -> R:
        """Return a record whose bytes are exactly those it would be written with."""

        def parse(data: bytes) -> R:
            found = cls.parse(data, path)
            if found.encode() != data:
                raise RecordError("RECORD_BYTES", f"{path}: a second form of the same record", place=Place(file=path))
            return found

        return self.parsed(path, parse)

    def table(self, path: str) -> Table:
        """Return a table with every field checked."""
        return self.parsed(path, lambda data: parse_table(path, data))

    def document(self, path: str) -> Record:
        """Return the record in an optional file (amendment, result, ...)."""
        cls = records.document_class(path)
        if cls is None:
            raise UnreadableError(FILES_STEP, path)
        return self.record(path, cls)

    def documents(self, start: str, cls: type[R]) -> list[R]:
        """Return the optional records of a type whose paths begin with `start`, in order of path."""
        return [self.record(p, cls) for p in self.under(start) if records.document_class(p) is cls]

    def has(self, path: str) -> bool:
        """Return whether the directory lists a file."""
        return path in self.paths

    @property
    def copy(self) -> disclosure.Copy | None:
        """Level and stage of a published copy, None for an auditor's bundle."""
        m = self.manifest
        return None if m.level == AUDITOR else (m.level, m.stage or "")

    def withheld(self, path: str) -> str:
        """Return why a file that is not here need not be; empty when it is missing."""
        if self.has(path) or not self.has("manifest.json"):
            return ""
        try:
            copy = self.copy
        except UnreadableError:  # step 1 says so
            return ""
        if copy and not disclosure.public(path, *copy):
            return "不公开"
        return "已作废, 没有走到这一步" if self.has("void.json") else ""

    @property
    def void(self) -> records.Void | None:
        """The record that gives the draw up, if there is one."""
        return self.record("void.json", records.Void) if self.has("void.json") else None

    @property
    def opening(self) -> records.Opening | None:
        """The record that opens the secrets in custody, if there is one."""
        return self.record("opening.json", records.Opening) if self.has("opening.json") else None

    @property
    def key_changes(self) -> list[records.KeyChange]:
        """Every replaced or withdrawn key, in order."""
        return self.documents("keys/", records.KeyChange)

    @property
    def index_of(self) -> dict[tuple[str, str], int]:
        """Type and hash of a logged record to its place in the log, as proofs.json says."""
        return {(p.type, p.rhash): p.index for p in self.proofs.records}

    @property
    def manifest(self) -> records.Manifest:
        """The list of files; judged by step 1."""
        return self._once("manifest", "manifest.json", self._manifest, FILES_STEP)

    def _manifest(self, path: str) -> records.Manifest:
        return records.parse_part(records.Manifest, self.open(path), path)

    @property
    def charter(self) -> records.Charter:
        """Who draws, under which keys."""
        return self.record("charter.json", records.Charter)

    @property
    def registration(self) -> records.Registration:
        """The opening of the draw."""
        return self.record("registration.json", records.Registration)

    @property
    def plan(self) -> Plan:
        """The rule, with its parts fitting together."""
        return self._once("plan", "plan.json", lambda path: validate(self.record(path, Plan)), RECORDS_STEP)

    @property
    def sitting(self) -> records.Sitting:
        """The ceremony."""
        return self.record("sitting.json", records.Sitting)

    @property
    def commitment(self) -> records.Commitment:
        """The seal."""
        return self.record("commitment.json", records.Commitment)

    @property
    def closing(self) -> records.Closing:
        """The end of the reveals."""
        return self.record("closing.json", records.Closing)

    @property
    def public_value(self) -> records.PublicValue:
        """What the public source gave."""
        return self.record("public-value.json", records.PublicValue)

    @property
    def seed(self) -> records.Seed:
        """The seed and its ingredients."""
        return self.record("seed.json", records.Seed)

    @property
    def draw(self) -> records.Draw:
        """The result."""
        return self.record("draw.json", records.Draw)

    @property
    def assignment(self) -> records.Assignment:
        """Teams and certificate."""
        return self.record("assignment.json", records.Assignment)

    @property
    def proofs(self) -> records.Proofs:
        """Proofs of the log."""
        return self.record("log/proofs.json", records.Proofs)

    @property
    def nonces(self) -> records.Nonces:
        """What opens this draw's log entries."""
        return self.record("log/nonces.json", records.Nonces)

    @property
    def signatures(self) -> tuple[records.Signature, ...]:
        """All detached signatures."""
        return self.parsed("signatures.json", records.parse_signatures)

    @property
    def entries(self) -> tuple[bytes, ...]:
        """The log's entries as bytes."""
        return self.parsed("log/entries", log.parse_entries)

    @property
    def logged(self) -> tuple[records.Entry, ...]:
        """The log's entries, parsed."""
        return self._once(
            "logged", "log/entries", lambda _: tuple(log.parse_entry(e) for e in self.entries), RECORDS_STEP
        )

    @property
    def units(self) -> Units:
        """What is drawn: the objects of the frame, or their owners."""
        return self.once("units", lambda: of_frame(self.table("frame.tsv"), owners=self.plan.owners))

    @property
    def scores(self) -> dict[str, int]:
        """Object id to risk in ppm."""
        return self.parsed("scores.csv", parse_scores)

    @property
    def officers(self) -> list[Officer]:
        """The roster, parsed."""
        return parse_roster(self.table("roster.tsv").without("nonce"))

    @property
    def recusals(self) -> Recusals:
        """Who may not meet whom."""
        return parse_recusals(self.table("recusals.tsv").without("nonce"))

    def under(self, start: str) -> list[str]:
        """Return the paths that begin with `start`, in order."""
        return sorted(p for p in self.paths if p.startswith(start))
