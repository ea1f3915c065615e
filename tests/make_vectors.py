"""Write the golden vectors from the reference, or with --check fail when they differ from what is committed."""

import argparse
import sys
from pathlib import Path

from tests.reference import bundle

GOLDEN = Path(__file__).resolve().parent / "vectors" / "golden"
NAME = "bundle-12"


def wanted() -> dict[str, bytes]:
    files, values = bundle.build()
    return {f"{NAME}/{path}": data for path, data in files.items()} | {f"{NAME}.json": values}


def present(folder: Path) -> set[str]:
    inside = {path.relative_to(folder).as_posix() for path in (folder / NAME).rglob("*") if path.is_file()}
    return inside | {f"{NAME}.json"} if (folder / f"{NAME}.json").is_file() else inside


def differences(folder: Path) -> list[str]:
    files = wanted()
    found = present(folder)
    wrong = [f"missing: {path}" for path in sorted(files.keys() - found)]
    wrong += [f"not made by the reference: {path}" for path in sorted(found - files.keys())]
    both = sorted(files.keys() & found)
    return wrong + [f"different: {path}" for path in both if (folder / path).read_bytes() != files[path]]


def write(folder: Path) -> None:
    files = wanted()
    for path in present(folder) - files.keys():
        (folder / path).unlink()
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.make_vectors", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 when something differs")
    if not parser.parse_args().check:
        write(GOLDEN)
        return 0
    wrong = differences(GOLDEN)
    for line in wrong:
        sys.stderr.write(line + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
