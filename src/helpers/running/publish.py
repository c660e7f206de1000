"""Replaces the last finished folder with a new one, whole: stopped at any moment, either the old or the new one is there."""

import ctypes
import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from helpers.study.errors import WorkbookError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
READ_ONLY = (errno.EACCES, errno.EPERM, errno.EROFS)
# <fcntl.h>, <linux/fs.h>: the working folder as a base; RENAME_EXCHANGE. <sys/stdio.h> of macOS: RENAME_SWAP is 2 too.
AT_FDCWD, EXCHANGE = -100, 2


@contextmanager
def replacing(final: Path) -> Iterator[Path]:
    """A new folder to fill. If the block ends well it replaces `final`; otherwise it is thrown away.

    What a stopped process left beside `final` is removed first. Everything is on the disk before it is put in place.
    """
    restore(final)
    new = beside(final, "new")
    for leftover in (new, beside(final, "old")):
        if leftover.exists():
            shutil.rmtree(leftover)
    new.mkdir(parents=True)
    try:
        yield new
        flush(new, *new.rglob("*"))
        put_in_place(new, final)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def put_in_place(new: Path, final: Path) -> None:
    """Give `new` the name `final`; a folder that was there is then called `new`, or is gone."""
    try:
        if not final.exists():
            os.rename(new, final)
        elif not exchange(new, final):
            old = beside(final, "old")
            os.rename(final, old)
            os.rename(new, final)
            shutil.rmtree(old, ignore_errors=True)
    except PermissionError:
        restore(final)
        remedy = "close the program that shows a file of it (a spreadsheet, perhaps) and run again"
        raise WorkbookError(final, "", "a folder that cannot be replaced", "one that can", remedy) from None
    flush(final.parent)


def exchange(one: Path, other: Path) -> bool:
    """Swap the names of two folders in one step. False if that failed, as on systems that cannot: names are then unchanged."""
    library = None if sys.platform == "win32" else ctypes.CDLL(None)
    paths = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        return library.renameat2(AT_FDCWD, paths[0], AT_FDCWD, paths[1], EXCHANGE) == 0
    if sys.platform == "darwin" and hasattr(library, "renamex_np"):
        return library.renamex_np(*paths, EXCHANGE) == 0
    return False


def restore(final: Path) -> None:
    """Put the last good folder back, if a process that needed two renames was stopped between them."""
    old = beside(final, "old")
    if old.exists() and not final.exists():
        os.rename(old, final)


def beside(final: Path, state: str) -> Path:
    return final.with_name(f".{final.name}.{state}")


def flush(*paths: Path) -> None:
    """Force files and folders onto the disk, so that a power cut does not leave empty files."""
    # Windows cannot flush a folder, nor a file that is open for reading.
    for path in paths if sys.platform != "win32" else ():
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        except OSError as error:  # some network file systems cannot
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):
                raise
        finally:
            os.close(opened)


@contextmanager
def locking(path: Path, place: str, remedy: str) -> Iterator[None]:
    """Hold a lock, or say that another process does. The system releases it when this process ends for any reason."""
    try:
        lock = FileLock(path).acquire(timeout=0)
    except Timeout:
        raise WorkbookError("workbook", place, "another `workbook` making it now", "one at a time", remedy) from None
    with lock:
        yield


@contextmanager
def telling_disk_errors(outputs: Path) -> Iterator[None]:
    """Report a full disk with its folder, or an outputs folder that cannot be written to, in one message."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            found = "a limit to the size of a file" if error.errno == errno.EFBIG else "no space left on the disk"
            remedy = "free some space (or lift the limit) and run again; the last good results are untouched"
            place = Path(error.filename2 or error.filename or outputs / "run").parent
            raise WorkbookError(place, "", found, "room for another copy", remedy) from None
        if error.errno in READ_ONLY and Path(str(error.filename)).is_relative_to(outputs):
            remedy = "make the folder writable, or work in a copy of the workbook that is"
            raise WorkbookError(outputs, "", "a folder that cannot be written to", "one that can", remedy) from None
        raise
