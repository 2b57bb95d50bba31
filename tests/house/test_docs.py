"""What the README promises is there."""

import re
from pathlib import Path

from saas.cli import frist

ROOT = Path(__file__).parent.parent.parent


def test_every_command_the_readme_shows_exists() -> None:
    readme = (ROOT / "README.md").read_text()
    shown = re.findall(r"^frist ((?:[a-z-]+ ?)+)", readme, re.M)
    assert len(shown) >= 6
    for words in shown:
        group = frist
        for word in words.split():
            assert word in group.commands, words
            group = group.commands[word]
            if not hasattr(group, "commands"):
                break


def test_every_target_the_readme_names_is_in_the_makefile() -> None:
    makefile, readme = (ROOT / "Makefile").read_text(), (ROOT / "README.md").read_text()
    for target in {"demo", "test", "test-long", "lint", "serve", "worker", "bench"}:
        assert re.search(rf"^{target}:.*## ", makefile, re.M), target
        assert target in readme, target


def test_every_setting_read_from_the_environment_is_in_the_readme() -> None:
    config, readme = (ROOT / "saas/kernel/config.py").read_text(), (ROOT / "README.md").read_text()
    for name in re.findall(r'env\.(?:str|int|date)\("([A-Z_]+)"', config):
        assert f"FRIST_{name}" in readme, name
