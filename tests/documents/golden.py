"""Writes `golden.csv`: what each letter of the preview hashes to under this version of the templates.

python -m tests.documents.golden
"""

import csv
from hashlib import sha256
from pathlib import Path

from saas.documents.preview import every_letter
from saas.documents.render import TEMPLATE_VERSION, render

if __name__ == "__main__":
    with (Path(__file__).parent / "golden.csv").open("w", encoding="utf-8", newline="") as handle:
        rows = csv.writer(handle, lineterminator="\n")
        rows.writerow(["letter", "sha256"])
        rows.writerow(["version", TEMPLATE_VERSION])
        rows.writerows((name, sha256(render(letter)).hexdigest()) for name, letter in every_letter())
