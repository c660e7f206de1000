"""A study read and checked: `study.yml`, `codebook.csv`, the files that they name."""

import re
from pathlib import Path

import pandas as pd
import yaml

from helpers.study.definition import Definition, Study
from helpers.study.errors import WorkbookError
from helpers.study.folders import project_root
from helpers.study.sheets import read_table, refuse_blank, refuse_others, refuse_repeats

# The keys of each part of `study.yml` that name one file.
FILES = {
    "interviews": ["participants", "segments", "codes"],
    "joint": ["judgements", "evidence"],
    "published": ["items", "respondents", "participants", "claims", "relations", "live_claims", "recommendations"],
    "sharing": ["quotations"],
}
CODEBOOK_COLUMNS = ["item", "column", "section", "construct", "scale", "reversed", "label"]


def read_study(name: str) -> Study:
    """Read and validate `data/<name>/`.

    Raises a `WorkbookError` for a missing study, an unknown key or unusable value in `study.yml`, a codebook at odds with it,
    a file that `study.yml` names and the folder lacks, or anything that is still to decide.
    """
    data = project_root() / "data"
    folder = data / name
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", name) or not (folder / "study.yml").is_file():
        known = sorted(path.parent.name for path in data.glob("*/study.yml"))
        found, remedy = "no folder of that name with a study.yml", "correct the name, or add the study's folder"
        expected = "one of: " + (", ".join(known) or "(there is none yet)")
        raise WorkbookError(data, f"study {name!r}", found, expected, remedy)
    definition = read_definition(folder / "study.yml")
    wanted = definition.survey or (definition.published and definition.published.items)
    codebook = read_codebook(folder / "codebook.csv", definition) if wanted else no_codebook()
    study = Study(name, folder, definition, codebook)
    if definition.survey and study.scored_items.empty:
        found, remedy = "no item of a construct that gets a score", "give items a construct that is not `scored: false`"
        raise WorkbookError(folder / "codebook.csv", "column construct", found, "at least one", remedy)
    for part in ("survey", *FILES):
        named_files(study, part)
    refuse_undecided(study)
    return study


def refuse_undecided(study: Study) -> None:
    """Refuse a study in which a `review` stands, with all that is still to decide."""
    if lines := list_undecided(study.definition.review, study.codebook):
        found = "".join(f"\n  {line}" for line in lines)
        remedy = "correct what is wrong; then delete the lines of `review:` in study.yml, and empty that column of codebook.csv"
        raise WorkbookError(study.folder, f"{len(lines)} still to decide", f"{found}\n", "nothing under `review`", remedy)


def list_undecided(review: list[str], codebook: pd.DataFrame) -> list[str]:
    """What `workbook new` has left to decide, in `study.yml` and in the column `review` of the codebook."""
    rows = codebook[codebook["review"] != ""] if "review" in codebook else codebook[:0]
    return [f"study.yml, {line}" for line in review] + [
        f"codebook.csv, item {row.item}: {row.review}" for row in rows.itertuples()
    ]


def named_files(study: Study, part: str) -> list[Path]:
    """The files that a part of `study.yml` names, codebook included; each must exist. None when the study lacks it."""
    described = getattr(study.definition, part)
    if described is None:
        return []
    names = [getattr(described, key) for key in FILES.get(part, [])]
    if part == "survey":
        names = ["codebook.csv", *described.files.values(), described.earlier]
    elif part == "interviews":
        names += list_transcripts(study)
    return [study.file(name) for name in names if name]


def list_transcripts(study: Study) -> list[str]:
    """The files of `interviews.transcripts`, which names one file or a folder of them."""
    named = study.interviews.transcripts
    if named is None or not (study.folder / named).is_dir():
        return [named] if named else []
    return sorted(path.relative_to(study.folder).as_posix() for path in (study.folder / named).iterdir() if path.is_file())


class UniqueKeys(yaml.SafeLoader):
    """YAML as usual, except that a key given twice is an error and not silently the last one."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for (key_node, _), key in zip(node.value, keys, strict=True):
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} twice", key_node.start_mark)
        return super().construct_mapping(node, deep)


def read_definition(path: Path) -> Definition:
    """Read `study.yml`; every problem is a `WorkbookError` that names the key."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8-sig"), UniqueKeys)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark else ""
        found = getattr(error, "problem", None) or "text that is not UTF-8"
        raise WorkbookError(path, place, found, "YAML in UTF-8", "correct that line") from None
    return Definition.read(content or {}, path, "", "correct it; data/README.md describes each key")


def no_codebook() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="bool" if name == "reversed" else "str") for name in CODEBOOK_COLUMNS})


def read_codebook(path: Path, definition: Definition) -> pd.DataFrame:
    """Read `codebook.csv`: one row per item, in questionnaire order; see `Study.codebook`.

    Raises a `WorkbookError` for a missing file or column, an empty cell, an item named twice, a construct or scale that
    `study.yml` does not define, or a `reversed` that is neither yes nor no.
    """
    codebook = read_table(path, CODEBOOK_COLUMNS)
    refuse_blank(codebook, CODEBOOK_COLUMNS, path)
    remedy = "correct it here, or define it in study.yml"
    refuse_others(codebook, "construct", definition.constructs, path, remedy)
    refuse_others(codebook, "scale", definition.scales, path, remedy)
    refuse_others(codebook, "reversed", ["yes", "no"], path, "correct it here")
    for column in ("item", "column"):
        refuse_repeats(codebook, column, path)
    return codebook.reset_index(drop=True).assign(reversed=codebook["reversed"].eq("yes").to_numpy())
