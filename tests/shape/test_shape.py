"""The shape of the house: what every file looks like, whoever wrote it."""

import ast
import itertools
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import engine
from bench import language

ROOT = Path(__file__).parent.parent.parent
MODULES = sorted(path for package in ("engine", "bot") for path in (ROOT / package).rglob("*.py"))
CROWDED = 400
SAYS_NOTHING = re.compile(r"(^|_)(manager|handler|helper|util|base|data|info)s?($|_)")
# put together here, so that this file does not hold what it looks for
MACHINE = re.compile("/" + r"(root|home|Users|work)/[A-Za-z0-9.]")
REGISTRY = re.compile(r"pypi\." + r"org|files\.python" + r"hosted|index-" + r"url|extra-" + r"index")


def name_of(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_opens_with_a_sentence_that_says_what_is_decided_there(path):
    text = path.read_text()
    said = ast.get_docstring(ast.parse(text))
    if path.name == "__init__.py" and not text.strip():
        pytest.fail("a package says what it is for")
    assert said, "no docstring"
    assert len(said.split()) >= 4


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_module_is_crowded(path):
    assert len(path.read_text().splitlines()) <= CROWDED


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_named_for_what_it_holds(path):
    assert SAYS_NOTHING.search(path.stem) is None


def test_the_version_is_said_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert engine.__version__ == project["version"]


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_machines_folders_or_a_registry():
    found = []
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue  # a picture or a font
        for number, line in enumerate(text.splitlines(), start=1):
            if MACHINE.search(line) or REGISTRY.search(line):
                found.append(f"{name_of(path)}:{number}: {line.strip()[:100]}")
    assert found == []


def test_every_requirement_is_locked_with_a_hash():
    for name in ("runtime", "dev"):
        lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
        pinned = [line for line in lines if re.match(r"[a-z]", line)]
        assert pinned
        assert all("==" in line for line in pinned)
        assert all("--hash=sha256:" in after for line, after in itertools.pairwise(lines) if line in pinned)


def test_what_runs_is_locked_alike_for_use_and_for_development():
    def pins(name):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", text, re.MULTILINE))

    assert pins("runtime").items() <= pins("dev").items()


def test_every_property_is_measured_by_the_bench():
    given = re.compile(r"^@given\(", re.MULTILINE)
    files = sorted(path for path in (ROOT / "tests").rglob("*.py") if given.search(path.read_text()))
    assert {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files} == set(language.MODULES)
