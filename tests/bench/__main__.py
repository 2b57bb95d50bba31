"""`make bench`: measure, print a table, write `bench.json`."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RESULT = Path(__file__).parents[2] / "bench.json"


@contextmanager
def a_home() -> Iterator[None]:
    """A FRIST_HOME of our own, gone at the end. It comes before anything reads the settings."""
    home = Path(tempfile.mkdtemp(prefix="frist-bench-", dir="/var/tmp" if Path("/var/tmp").is_dir() else None))
    home.chmod(0o755)  # the account PostgreSQL runs as must get in
    for name in [name for name in os.environ if name.startswith("FRIST_")]:
        del os.environ[name]
    os.environ["FRIST_HOME"] = str(home)
    try:
        yield
    finally:
        shutil.rmtree(home, ignore_errors=True)


def main() -> None:
    """Measure everything; or letters or hand-over alone (`--letters 5000`, `--hand-over 20000`); or profile a night."""
    with a_home():
        from tests.bench import measure

        with measure.a_house() as house:
            if "--profile" in sys.argv:
                measure.profile(house)
                return
            alone = {"--letters": measure.the_letters, "--hand-over": measure.the_hand_over}
            asked = [name for name in alone if name in sys.argv]
            figures = [
                figure for name in asked for figure in alone[name](house, int(sys.argv[sys.argv.index(name) + 1]))
            ] or measure.everything(house)
    if not asked:
        RESULT.write_text(json.dumps({figure.name: figure.as_json() for figure in figures}, indent=2) + "\n")
    print(f"{'':16}{'measured':>12}{'limit':>12}{'ratio':>8}   expected")
    for figure in figures:
        print(
            f"{figure.name:16}{figure.value:12,.1f}{figure.limit:12,.1f}{figure.ratio:8.2f}   "
            f"{figure.expected}  [{figure.unit}]"
        )
    if not asked:
        print(f"Written to {RESULT.name}.")


if __name__ == "__main__":
    main()
