"""The ledger of releases: what every package told, to whom, by which rules, and of which people.

An entry is two files in the study's `releases/`: `1.json` (the rules, and each person as a digest) and `1.parquet` (each frame
as it was told). A digest is keyed with a salt of the entry's own, so that two entries cannot be laid side by side without the
raw data, where the answers themselves are. Nothing else of people is kept, and git leaves the folder out.
"""

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from io import BytesIO
from pathlib import Path

import pandas as pd

from helpers.disclosure.told import Told
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError
from helpers.study.folders import save

# What one notebook tells: a frame a row, as bytes.
TOLD = ["body", "name", "threshold", "note", "frame"]
HIDDEN = "withheld "


@dataclass(frozen=True)
class Part:
    """The survey or the interviews, and how to read them: body → a frame with people as rows and answers as columns."""

    name: str
    read: Callable[[Study], dict[str, pd.DataFrame]]


@dataclass(frozen=True)
class Release:
    """A package that was made. `people` are digests by body (a wave, the interviews); `struck` is why it was taken out."""

    number: int
    folder: Path
    to: str
    day: str
    threshold: int
    rounding: int
    parameters: dict
    package: str
    salt: str
    columns: list[str]
    people: dict[str, list[str]]
    struck: str = ""

    @cached_property
    def told(self) -> dict[tuple[str, str], Told]:
        """The frames that the package showed, by body and name."""
        rows = pd.read_parquet(self.folder / f"{self.number}.parquet")
        return {(row.body, row.name): unpack(row) for row in rows.itertuples(index=False, name="Row")}


def folder_of(study: Study) -> Path:
    return study.folder / "releases"


def read_ledger(study: Study) -> list[Release]:
    """All entries from the oldest on, including those that were struck."""
    found = []
    for path in sorted(folder_of(study).glob("*.json"), key=lambda path: (len(path.stem), path.stem)):
        try:
            found.append(Release(folder=path.parent, **json.loads(path.read_text(encoding="utf-8"))))
            found[-1].told  # noqa: B018  an entry that cannot be read protects nobody
        except (ValueError, TypeError, OSError, KeyError):
            expected, remedy = (
                "an entry as `workbook share` writes it",
                "put the file back from a copy; without it nobody is safe",
            )
            raise WorkbookError(path, "", "an entry of the ledger that cannot be read", expected, remedy) from None
    return found


def read_standing(study: Study) -> list[Release]:
    return [release for release in read_ledger(study) if not release.struck]


def state_of(study: Study) -> list[str]:
    """What a funder's edition depends on besides the study's files."""
    return [f"{release.number} {release.package}" for release in read_standing(study)]


def pack(body: str, name: str, told: Told) -> dict:
    """A row of `TOLD`."""
    whole = pd.concat([told.frame, told.withheld.add_prefix(HIDDEN)], axis=1)
    return dict(zip(TOLD, [body, name, int(told.threshold), told.note, whole.to_parquet(index=False)], strict=True))


def unpack(row) -> Told:
    whole = pd.read_parquet(BytesIO(row.frame))
    hidden = [name for name in whole if name.startswith(HIDDEN)]
    withheld = whole[hidden].rename(columns=lambda name: name.removeprefix(HIDDEN)).astype(bool)
    return Told(whole.drop(columns=hidden), withheld, row.note, row.threshold)


def digest(answers: pd.DataFrame, salt: str, columns: list[str]) -> pd.Series:
    """A digest of each person's answers in some columns; whoever changes an answer or is recoded counts as somebody else."""
    return join_cells(answers.reindex(columns=[*columns, "coded"])).map(lambda line: sign(salt, line))


def join_cells(frame: pd.DataFrame) -> pd.Series:
    """Each row as one text."""
    rows = frame.astype(object).fillna("").itertuples(index=False, name=None)
    return pd.Series(["\x1f".join(map(str, row)) for row in rows], frame.index, dtype=object)


def list_columns(study: Study) -> list[str]:
    survey, interviews = study.definition.survey, study.definition.interviews
    return [
        *(study.codebook["item"] if survey else ()), *(survey.groupings if survey else ()),
        *(interviews.attributes if interviews else ()),
    ]  # fmt: skip


def sign(salt: str, text: str) -> str:
    return hmac.new(salt.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def compare_people(then: list[str], now: pd.Series) -> tuple[list[str], int]:
    """The labels of people who are new, and how many of the earlier people are gone or have changed."""
    left, new = Counter(then), []
    for label, digest in now.items():
        if left[digest]:
            left[digest] -= 1
        else:
            new.append(label)
    return new, left.total()


def write_entry(release: Release) -> None:
    entry = {name: value for name, value in asdict(release).items() if name != "folder"}
    save(release.folder / f"{release.number}.json", (json.dumps(entry, indent=1, ensure_ascii=False) + "\n").encode())


def strike(study: Study, number: int, reason: str) -> None:
    """Take a package that was never sent out of the ledger, with the reason; its entry stays to be read."""
    known = {release.number: release for release in read_standing(study)}
    if number not in known:
        expected = "one of " + (", ".join(map(str, known)) or "(none stands)")
        raise WorkbookError(
            folder_of(study), f"release {number}", "no such release that stands", expected, "correct the number"
        )
    write_entry(replace(known[number], struck=reason))
