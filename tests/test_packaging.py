"""What is installed is the same everywhere: pyproject.toml, the locks and environment.yml agree."""

import re
import tomllib

import yaml
from conftest import ROOT
from packaging.requirements import Requirement
from packaging.version import Version

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def read_lock(name):
    text = (ROOT / name).read_text()
    return {
        (match[1], match[2]): block
        for block in re.split(r"\n(?=\S)", text)
        if (match := re.match(r"([\w.-]+)==([\w.]+)", block))
    }


def test_environment_yml_is_in_step_with_pyproject():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    conda = [entry for entry in listed if isinstance(entry, str)]
    assert sorted([*conda, *pip]) == sorted(
        [*PROJECT["dependencies"], "pip", f"python{PROJECT['requires-python']}", "--editable ."]
    )


def test_the_locks_hold_every_dependency_in_a_version_that_is_allowed():
    extras = PROJECT["optional-dependencies"]
    for name, wanted in (
        ("requirements.lock", PROJECT["dependencies"] + extras["build"]),
        ("requirements-test.lock", PROJECT["dependencies"] + extras["build"] + extras["test"]),
    ):
        locked = read_lock(name)
        for requirement in map(Requirement, wanted):
            versions = [version for package, version in locked if package == requirement.name.lower()]
            assert versions, f"{requirement.name} is not in {name}: make lock"
            assert all(Version(version) in requirement.specifier for version in versions)


def test_every_locked_package_has_hashes_and_no_lock_names_a_registry():
    for name in ("requirements.lock", "requirements-test.lock"):
        assert "://" not in (ROOT / name).read_text()
        assert all("--hash=sha256:" in block for block in read_lock(name).values())


def test_the_commands_that_the_readme_gives_exist():
    readme, makefile = (ROOT / "README.md").read_text(), (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"`?make (\w+)", readme)):
        assert f"\n{target}:" in makefile, target


WINGS = ["cli", "package", "running", "setup", "page", "disclosure", "joint", "survey", "interviews", "audit", "study"]


def test_imports_run_down_the_table_of_wings_and_never_up():
    for room in sorted((ROOT / "src" / "helpers").rglob("*.py")):
        wing = room.relative_to(ROOT / "src" / "helpers").parts[0].removesuffix(".py")
        used = set(re.findall(r"^\s*(?:from|import) helpers(?:\.| import )(\w+)", room.read_text(encoding="utf-8"), re.M))
        assert wing == "__init__" or used <= set(WINGS[WINGS.index(wing) :]), room


def test_tables_are_read_in_one_place_that_gives_pyarrow_no_file_of_pythons():
    """Such a file now and then ended `workbook releases` with an abort; see `runs.read_parquet`."""
    rooms = (ROOT / "src" / "helpers").rglob("*.py")
    assert [room.stem for room in rooms if "pd.read_parquet" in room.read_text(encoding="utf-8")] == ["runs"]


def test_no_room_has_over_400_lines():
    rooms = {room: len(room.read_text(encoding="utf-8").splitlines()) for room in (ROOT / "src" / "helpers").rglob("*.py")}
    assert {room.name: lines for room, lines in rooms.items() if lines > 400} == {}


def test_a_benchmark_that_runs_alone_leaves_the_other_sections_as_they_are(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tests" / "benchmarks")
    import write

    readme, script = tmp_path / "README.md", tmp_path / "bench_groups.py"
    script.write_text("print('## New title (`bench_groups.py`)\\n\\n### Part\\n\\nnew')")
    scripts = {"runs": tmp_path / "bench_runs.py", "groups": script}
    readme.write_text("# Head\n\n## R (`bench_runs.py`)\n\nkept\n\n## G (`bench_groups.py`)\n\n### Part\n\nold\n")
    monkeypatch.setattr(write, "README", readme)
    write.write_readme(scripts, ["groups"])
    text = readme.read_text()
    assert text.startswith(
        "# Head\n\n## R (`bench_runs.py`)\n\nkept\n\n## New title (`bench_groups.py`)\n\n### Part\n\nnew\n\n*Took "
    )
    assert "old" not in text
