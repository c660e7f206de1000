"""The ledger of releases: what every package told, to whom, by which rules, and about which people.

An entry is one file in the study's `releases/`, sealed with a digest of itself: the rules, each frame as it was told, and each
person as a digest, keyed with the entry's own salt. Somebody who guesses all answers of a person can confirm them, so an entry
is kept as safe as raw data. It holds nothing else about people, and git ignores the folder.
"""

import hashlib
import hmac
import json
from base64 import b64decode
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from helpers.disclosure.told import Told
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError
from helpers.study.folders import save
from helpers.study.runs import read_parquet

# What one notebook tells: each row is one frame, as bytes. `repeated` and `held_back` count figures: those of an earlier
# package's people, and those that the rules would let through if there had been no earlier package.
TOLD = ["body", "name", "threshold", "note", "frame", "repeated", "held_back"]
HIDDEN, BASE = "withheld ", "counts the people of"
UNFINISHED = "It was never put in place: `workbook share` was stopped."


@dataclass(frozen=True)
class Part:
    """The survey or the interviews, and how to read them: body → a frame whose rows are people and columns answers."""

    name: str
    read: Callable[[Study], dict[str, pd.DataFrame]]


@dataclass(frozen=True)
class Release:
    """What one package told. `packages` are digests of its zip files, `people` digests by body (a wave, the
    interviews), `frames` rows of `TOLD`, as strings; `definition` is a digest of how answers become figures, `struck` why
    it was taken out.
    """

    number: int
    to: str
    day: str
    threshold: int
    rounding: int
    parameters: dict
    packages: list[str]
    salt: str
    columns: list[str]
    people: dict[str, list[str]]
    frames: list[dict]
    struck: str = ""
    definition: str = ""

    @cached_property
    def told(self) -> dict[tuple[str, str], tuple[Told, pd.Series]]:
        """The frames that the package showed, by body and name, and whose figures each row repeats (empty for its own)."""
        return {(row["body"], row["name"]): unpack(row) for row in self.frames}

    def has_own(self, body: str) -> bool:
        """Whether any figures of a body count the people of this release, and not those of an earlier one."""
        return any(bases.eq("").any() for (told_of, _), (_, bases) in self.told.items() if told_of == body)


def folder_of(study: Study) -> Path:
    return study.folder / "releases"


def read_ledger(study: Study) -> list[Release]:
    """All entries, the oldest first, including those that were struck. A ledger that has lost one is refused."""
    folder, found = folder_of(study), []
    remedy = "put the file back from a copy; without it people are not protected"
    if not folder.is_dir() and (folder.exists() or folder.is_symlink()):
        raise WorkbookError(folder, "", "no folder", "the ledger of releases, a folder", "put the folder back from a copy")
    for path in sorted(folder.glob("*.json"), key=lambda path: (len(path.stem), path.stem)):
        try:
            entry = json.loads(path.read_text(encoding="utf-8"))
            if entry.pop("seal") != seal(entry):
                raise ValueError
            found.append(Release(**entry))
            found[-1].told  # noqa: B018  an entry that cannot be read protects nobody
        except (ValueError, TypeError, OSError, KeyError, AttributeError, RecursionError):
            expected = "an entry as `workbook share` writes it"
            raise WorkbookError(path, "", "an entry of the ledger that cannot be read", expected, remedy) from None
    for number, release in enumerate(found, 1):
        if release.number != number:
            raise WorkbookError(folder, f"{number}.json", "not there", "every entry from 1 on", remedy)
    return found


def read_standing(study: Study) -> list[Release]:
    return [release for release in read_ledger(study) if not release.struck]


def pack(body: str, name: str, told: Told, bases: pd.Series, held_back: int) -> dict:
    """A row of `TOLD`; `bases` says whose figures each row repeats."""
    whole = pd.concat([told.frame, told.withheld.add_prefix(HIDDEN), bases.rename(BASE)], axis=1)
    repeated = int(told.frame.loc[bases.ne(""), list_figures(told.frame)].notna().to_numpy().sum())
    values = [body, name, int(told.threshold), told.note, whole.to_parquet(index=False), repeated, held_back]
    return dict(zip(TOLD, values, strict=True))


def unpack(row: dict) -> tuple[Told, pd.Series]:
    whole = read_parquet(b64decode(row["frame"]))
    bases = whole.pop(BASE)
    hidden = [name for name in whole if name.startswith(HIDDEN)]
    withheld = whole[hidden].rename(columns=lambda name: name.removeprefix(HIDDEN)).astype(bool)
    return Told(whole.drop(columns=hidden), withheld, row["note"], row["threshold"]), bases


def print_frames(rows: list[dict]) -> list[tuple]:
    """What rows of `TOLD` say, however their columns are stored."""
    unpacked = [(row["body"], row["name"], *unpack(row)) for row in rows]
    return [(body, name, told.note, told.frame.to_csv(), list(bases)) for body, name, told, bases in unpacked]


def refuse_two(body: str, name: str) -> WorkbookError:
    expected, remedy = "one: the ledger would take one for the other", "show one of them only to the team"
    return WorkbookError("page", f"{name} of {body}", "two different tables", expected, remedy)


def list_figures(frame: pd.DataFrame) -> list[str]:
    """Columns of figures. Columns of texts name their row; verdicts do neither."""
    return [name for name, kind in frame.dtypes.items() if pd.api.types.is_numeric_dtype(kind) and kind.kind != "b"]


def digest(answers: pd.DataFrame, salt: str, columns: list[str]) -> pd.Series:
    """A digest of each person's answers in some columns; a person who changes an answer or is recoded counts as another."""
    lines = join_cells(answers.reindex(columns=[*columns, "coded"]))
    return lines.map(lambda line: hmac.new(salt.encode(), line.encode(), hashlib.sha256).hexdigest()[:32])


def join_cells(frame: pd.DataFrame) -> pd.Series:
    """Each row as one string."""
    rows = frame.astype(object).fillna("").itertuples(index=False, name=None)
    return pd.Series(["\x1f".join(map(str, row)) for row in rows], frame.index, dtype=object)


def list_columns(study: Study) -> list[str]:
    survey, interviews = study.definition.survey, study.definition.interviews
    columns = [*study.codebook["item"], *survey.groupings] if survey else []
    return [*columns, *(interviews.attributes if interviews else ())]


def digest_definition(study: Study) -> str:
    """A digest of what turns answers into figures: codebook, scales, constructs and groups.

    Labels of items and constructs do not count. Those of groupings do, since they name rows.
    """
    parts = {"scales": True, "survey": {"groupings"}, "interviews": {"attributes"}}
    items = study.codebook[["item", "column", "construct", "scale", "reversed"]].sort_values("item")
    scored = {name: construct.scored for name, construct in sorted(study.constructs.items())}
    text = items.to_csv(index=False) + json.dumps(scored) + study.definition.model_dump_json(include=parts)
    return hashlib.sha256(text.encode()).hexdigest()


def seal(entry: dict) -> str:
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()


def compare_people(then: list[str], now: pd.Series) -> tuple[list[str], int]:
    """The labels of people who are new, and how many of the earlier people are gone or have changed."""
    # Of several people with the same answers, as many are known as there were then.
    known = now.groupby(now).cumcount() < now.map(Counter(then))
    return now.index[~known].to_list(), len(then) - int(known.sum())


def write_entry(study: Study, release: Release) -> Release:
    entry = asdict(release)
    text = json.dumps({"seal": seal(entry)} | entry, indent=1, ensure_ascii=False)
    save(folder_of(study) / f"{release.number}.json", (text + "\n").encode())
    return release


def strike(study: Study, number: int, reason: str) -> None:
    """Strike a package that was never sent from the ledger, with the reason; its entry can still be read."""
    known = {release.number: release for release in read_standing(study)}
    if number not in known:
        found, expected = "no such release that stands", "one of " + (", ".join(map(str, known)) or "(none stands)")
        raise WorkbookError(folder_of(study), f"release {number}", found, expected, "correct the number")
    write_entry(study, replace(known[number], struck=reason))
