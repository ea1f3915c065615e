"""Write all vectors from the reference, or with --check fail when they differ from what is committed."""

import argparse
import sys
from pathlib import Path

from tests.reference import bundle
from tests.vectorgen import areas

VECTORS = Path(__file__).resolve().parent / "vectors"
GOLDEN = VECTORS / "golden"
NAME = "bundle-12"


def golden() -> dict[str, bytes]:
    files, values = bundle.build()
    return {f"golden/{NAME}/{path}": data for path, data in files.items()} | {f"golden/{NAME}.json": values}


def present(folder: Path) -> set[str]:
    """Files of the folders that this program owns; vectors of other areas are their makers'."""
    own = [folder / area for area in areas.AREAS]
    inside = [path for place in (*own, folder / "golden" / NAME) for path in place.rglob("*") if path.is_file()]
    values = folder / "golden" / f"{NAME}.json"
    return {path.relative_to(folder).as_posix() for path in [*inside, *([values] if values.is_file() else [])]}


def differences(folder: Path, files: dict[str, bytes], found: set[str]) -> list[str]:
    wrong = [f"missing: {path}" for path in sorted(files.keys() - found)]
    wrong += [f"not made by the reference: {path}" for path in sorted(found - files.keys())]
    both = sorted(files.keys() & found)
    return wrong + [f"different: {path}" for path in both if (folder / path).read_bytes() != files[path]]


def write(folder: Path, files: dict[str, bytes]) -> None:
    for path in present(folder) - files.keys():
        (folder / path).unlink()
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.make_vectors", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 when something differs")
    check = parser.parse_args().check
    files = golden() | areas.files()
    if not check:
        write(VECTORS, files)
        return 0
    wrong = differences(VECTORS, files, present(VECTORS))
    for line in wrong:
        sys.stderr.write(line + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
