"""A finished folder takes the place of the last one whole, whatever happens meanwhile."""

import errno
import os
import subprocess
import sys

import pytest

from helpers.running import publish
from helpers.study.errors import WorkbookError


def can_exchange(folder) -> bool:
    one, other = folder / "one", folder / "other"
    one.mkdir()
    other.mkdir()
    (one / "mine").touch()
    return publish.exchange(one, other) and (other / "mine").exists()


def fill(final, text):
    with publish.replacing(final) as new:
        (new / "page").write_text(text)


def read(final):
    return (final / "page").read_text()


def test_linux_and_macos_exchange_two_folders_in_one_step(tmp_path):
    if sys.platform not in ("linux", "darwin"):
        pytest.skip("only Linux and macOS can")
    assert can_exchange(tmp_path)


def test_the_name_of_the_last_folder_is_never_free_meanwhile(tmp_path, monkeypatch):
    if not can_exchange(tmp_path):
        pytest.skip("this file system cannot exchange two folders")
    fill(tmp_path / "run", "first")
    monkeypatch.setattr(os, "rename", lambda *names: pytest.fail(f"renamed {names}"))
    fill(tmp_path / "run", "second")
    assert read(tmp_path / "run") == "second"
    assert not publish.beside(tmp_path / "run", "new").exists()


def test_where_folders_cannot_be_exchanged_two_renames_serve(tmp_path, monkeypatch):
    monkeypatch.setattr(publish, "exchange", lambda *names: False)
    fill(tmp_path / "run", "first")
    fill(tmp_path / "run", "second")
    assert read(tmp_path / "run") == "second"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_process_stopped_between_two_renames_is_put_right_by_the_next(tmp_path):
    final = tmp_path / "run"
    fill(final, "first")
    os.rename(final, publish.beside(final, "old"))
    with pytest.raises(ValueError), publish.replacing(final):
        raise ValueError("the next one fails")
    assert read(final) == "first"


def test_a_file_that_another_program_holds_open_leaves_the_last_folder(tmp_path, monkeypatch):
    final, rename = tmp_path / "run", os.rename
    fill(final, "first")

    def refuse_new(source, target):
        if source == publish.beside(final, "new"):
            raise PermissionError(errno.EACCES, "in use", str(target))
        rename(source, target)

    monkeypatch.setattr(publish, "exchange", lambda *names: False)
    monkeypatch.setattr(os, "rename", refuse_new)
    with pytest.raises(WorkbookError, match="close the program"):
        fill(final, "second")
    assert read(final) == "first"


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt(), ValueError("a mistake")])
def test_what_stops_the_filling_leaves_the_last_folder_and_nothing_beside_it(tmp_path, error):
    final = tmp_path / "run"
    fill(final, "first")
    with pytest.raises(type(error)), publish.replacing(final) as new:
        (new / "page").write_text("half")
        raise error
    assert read(final) == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_leftovers_of_a_killed_process_are_not_mixed_in(tmp_path):
    final = tmp_path / "run"
    fill(final, "first")
    for state in ("new", "old"):
        leftover = publish.beside(final, state)
        leftover.mkdir()
        (leftover / "stray").touch()
    fill(final, "second")
    assert [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*"))] == ["run", "run/page"]


def test_all_is_on_the_disk_before_it_is_put_in_place(tmp_path, monkeypatch):
    if sys.platform == "win32":
        pytest.skip("Windows flushes neither folders nor files that are open for reading")
    flushed, put_in_place = [], publish.put_in_place
    monkeypatch.setattr(os, "fsync", lambda opened: flushed.append(os.fstat(opened).st_ino))

    def check_first(new, final):
        assert {path.stat().st_ino for path in [new, *new.rglob("*")]} <= set(flushed)
        put_in_place(new, final)

    monkeypatch.setattr(publish, "put_in_place", check_first)
    with publish.replacing(tmp_path / "run") as new:
        (new / "tables").mkdir()
        (new / "tables" / "one.csv").write_text("1")
    assert flushed[-1] == tmp_path.stat().st_ino


# --- killed at any moment

KILLED = """
import itertools, os, random, signal, sys, time
from pathlib import Path
from helpers.running import publish

final = Path(sys.argv[1])
publish.flush = lambda *paths: None  # waiting for the disk would take up most of the time, and hide the moments that matter

def replace(number):
    with publish.replacing(final) as new:
        (new / "0").write_text(str(number))
        for k in range(1, 200):  # links are made as fast as they are removed, so that no part takes up most of the time
            os.link(new / "0", new / str(k))

def is_whole():
    texts = {path.read_text() for path in final.iterdir()} if final.is_dir() else set()
    return len(texts) == 1 and len(list(final.iterdir())) == 200

random.seed(20)
broken = 0
replace(0)
for kill in range(50):
    child = os.fork()
    if not child:
        signal.alarm(20)  # should this process end before it has killed the child
        for number in itertools.count(kill * 1_000_000):
            replace(number)
    time.sleep(random.uniform(0, 0.04))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    broken += not is_whole()
print(broken)
"""


def test_killed_at_50_random_moments_a_folder_is_always_whole(tmp_path):
    if not can_exchange(tmp_path):
        pytest.skip("this system cannot exchange two folders")
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "run")], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"


# --- what the disk is at fault for


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.ENOSPC, "no space left on the disk"),
        (errno.EDQUOT, "no space left on the disk"),
        (errno.EROFS, "a folder that cannot be written to"),
        (errno.EACCES, "a folder that cannot be written to"),
    ],
)
def test_a_disk_that_is_full_or_read_only_is_told_in_one_message(tmp_path, number, message):
    with pytest.raises(WorkbookError, match=message), publish.telling_disk_errors(tmp_path):
        raise OSError(number, "refused", str(tmp_path / "run"))


def test_an_error_that_is_not_the_disks_is_not_hidden(tmp_path):
    with pytest.raises(FileNotFoundError), publish.telling_disk_errors(tmp_path):
        (tmp_path / "absent").read_text()
    with pytest.raises(PermissionError), publish.telling_disk_errors(tmp_path / "outputs"):
        raise PermissionError(errno.EACCES, "refused", str(tmp_path / "notebooks"))
