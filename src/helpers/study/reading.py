"""Read and check a study: `study.yml`, `codebook.csv` and the files that they name."""

import os
import re
from pathlib import Path

import pandas as pd
import yaml

from helpers.study import files, folders
from helpers.study.definition import Definition, Study
from helpers.study.errors import Mistakes, WorkbookError, raise_all, suggest
from helpers.study.parts import describe
from helpers.study.sheets import read_table, refuse_blank, refuse_others, refuse_repeats

# The keys of each part of `study.yml` that name one file.
FILES = {
    "interviews": ["participants", "segments", "codes"],
    "joint": ["judgements", "evidence"],
    "published": ["items", "respondents", "participants", "claims", "relations", "live_claims", "recommendations"],
    "sharing": ["quotations"],
}
# The files of `workbook sweep` that a notebook reads.
SWEPT = ["cells.csv", "results.csv"]
CODEBOOK_COLUMNS = ["item", "column", "section", "construct", "scale", "reversed", "label"]


def read_study(name: str, mistakes: Mistakes | None = None) -> Study:
    """Read and validate `data/<name>/`; without a name, the study that `workbook lab` was started for, or else the first one.

    Raises a `WorkbookError` for a missing study, and for all unknown keys and unusable values in `study.yml`, codebook rows
    that contradict it, files that it names but the folder lacks, and decisions that are still open. If `mistakes` is given, all
    except a missing study are collected there instead of raised, and we return as much of the study as can be read.
    """
    data, name = folders.project_root() / "data", name or os.environ.get("WORKBOOK_STUDY") or folders.FIRST_STUDY
    folder = data / name
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", name) or not (folder / "study.yml").is_file():
        known = sorted(path.parent.name for path in data.glob("*/study.yml"))
        found, remedy = "no folder with that name and a study.yml", "correct the name, or add the study's folder"
        expected = "one of: " + (", ".join(known) or "(there is none yet)")
        raise WorkbookError(data, f"study {name!r}", found, expected, suggest(name, known, remedy))
    gathered = Mistakes() if mistakes is None else mistakes
    definition = read_definition(folder / "study.yml", gathered)
    wanted = definition.survey or (definition.published and definition.published.items)
    codebook = read_codebook(folder / "codebook.csv", definition, gathered) if wanted else no_codebook()
    study = Study(name, folder, definition, codebook)
    with gathered:
        if definition.survey and study.scored_items.empty and not gathered.errors:
            found, remedy = "no item of a construct that gets a score", "give items a construct that is not `scored: false`"
            raise WorkbookError(folder / "codebook.csv", "column construct", found, "at least one", remedy)
        if not (definition.survey or definition.interviews or definition.published or gathered.errors):
            found, remedy = "nothing that was collected", "add one; docs/own_study.md describes each"
            raise WorkbookError(folder / "study.yml", "", found, "`survey`, `interviews` or `published`", remedy)
    for file in [file for part in ("survey", *FILES) for file in list_files(study, part)]:
        with gathered:
            study.file(file)
    remedies = {
        "study.yml": "correct what is wrong, then delete this line",
        "codebook.csv": "correct the row, then empty this cell",
    }
    with gathered:
        raise_all(
            WorkbookError(folder / file, place, f"still to decide: {line}", "nothing here", remedies[file])
            for file, place, line in list_undecided(definition.review, codebook)
        )
    if mistakes is None:
        gathered.raise_all()
    return study


def list_undecided(review: list[str], codebook: pd.DataFrame) -> list[tuple[str, str, str]]:
    """The decisions that `workbook new` left open: the file, the place in it, and the question."""
    rows = codebook[codebook["review"] != ""] if "review" in codebook else codebook[:0]
    asked = [("codebook.csv", f"item {row.item}, column review", row.review) for row in rows.itertuples()]
    return [*(("study.yml", "review", line) for line in review), *asked]


def named_files(study: Study, part: str) -> list[Path]:
    """The files that a part of `study.yml` names, including the codebook; each must exist. Empty if the study has no such part.

    The files of the `sweep` are its results.
    """
    if part == "sweep":
        return [folders.sweep_folder(study.name) / name for name in SWEPT]
    return [study.file(name) for name in list_files(study, part)]


def list_files(study: Study, part: str) -> list[str]:
    """The names of these files, as in `study.yml`."""
    described = getattr(study.definition, part)
    if described is None:
        return []
    names = [getattr(described, key) for key in FILES.get(part, [])]
    if part == "survey":
        names = ["codebook.csv", *described.files.values(), described.earlier, described.segments]
    elif part == "interviews":
        names += list_transcripts(study)
    return [name for name in names if name]


def list_transcripts(study: Study) -> list[str]:
    """The files of `interviews.transcripts`, which names one file or a folder of them."""
    named = study.interviews.transcripts
    if named is None or not (study.folder / named).is_dir():
        return [named] if named else []
    return sorted(path.relative_to(study.folder).as_posix() for path in (study.folder / named).iterdir() if path.is_file())


class PlainText(yaml.SafeLoader):
    """YAML in which every value is text as typed, because no, 2024-01-05, 007, 12:30 and 1.0 are often labels.

    The models convert values that must be a number, or yes or no. A repeated key is an error; plain YAML would silently use the
    last one. An alias (`*name`) is an error too, because a few lines of them can expand to more than a computer holds.
    """

    yaml_implicit_resolvers = {first: [("tag:yaml.org,2002:null", re.compile("(~|null)?$"))] for first in ("", "~", "n")}

    def compose_node(self, parent, index):
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "a word that begins with *", self.peek_event().start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for place, (key_node, _) in enumerate(node.value):
            if keys[place] in keys[:place]:
                raise yaml.constructor.ConstructorError(None, None, f"the key {keys[place]!r} twice", key_node.start_mark)
        return super().construct_mapping(node, deep)


# Parts of PyYAML's messages for frequent mistakes, and how to correct them.
QUOTE = 'put the text in quotation marks: "{}"'
REMEDIES = {
    r"got '\?'": QUOTE.format("Anything else?"),
    "mapping values are not allowed": QUOTE.format("A note: how it went") + ", or indent keys of one level equally",
    r"character '\\t'": "indent with spaces, not with the tab key",
    "cannot start any token|begins with \\*|tag|alias|anchor|alphabetic": QUOTE.format("100%"),
    "twice": "keep one of the two",
    "expected ',' or|<block end>|',' or '}'": "close every bracket and quotation mark, and indent keys of one level equally",
    "could not find expected ':'|quoted scalar|end of stream": "write `key: value`, and close every quotation mark",
}


def read_yaml(path: Path) -> dict:
    """Read a YAML file of keys and values as text; every problem is a `WorkbookError` that names the line."""
    text = files.decode_text(path, files.read_bytes(path))
    place, found, remedy = "", "nested too deeply", "write it with fewer levels"
    try:
        content = yaml.load(text, PlainText)
        if isinstance(content, dict):
            return content
        found, remedy = "an empty file" if content is None else describe(content), "write lines such as `title: A study`"
    except yaml.YAMLError as error:
        mark, found = getattr(error, "problem_mark", None), getattr(error, "problem", None) or "a character that YAML forbids"
        if mark:
            line = [*text.splitlines(), ""][min(mark.line, text.count("\n"))].strip()
            place, found = f"line {mark.line + 1}", f"{describe(line)} ({found.removeprefix('found ')})"
        remedy = next((remedy for words, remedy in REMEDIES.items() if re.search(words, str(error))), "correct that line")
    except RecursionError:
        pass
    raise WorkbookError(path, place, found, "YAML: keys, each with its value", remedy) from None


def read_definition(path: Path, mistakes: Mistakes) -> Definition:
    """Read `study.yml`; mistakes in its keys go into `mistakes`, and these keys are left out of the result.

    Raises a `WorkbookError` if the file is not YAML, or if scales or constructs are wrong, because everything depends on them.
    """
    content = read_yaml(path)
    with mistakes:
        return Definition.read(content, path, "", "correct it; docs/own_study.md lists every key")
    if any(error.place.startswith(("scales", "constructs")) for error in mistakes.errors.values()):
        mistakes.raise_all()
    return Definition.keep_right(content)


def no_codebook() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="bool" if name == "reversed" else "str") for name in CODEBOOK_COLUMNS})


def read_codebook(path: Path, definition: Definition, mistakes: Mistakes) -> pd.DataFrame:
    """Read `codebook.csv`: each row is one item, in questionnaire order; see `Study.codebook`.

    All mistakes go into `mistakes`, and rows with a mistake are left out: a missing file or column, an empty cell, an item
    named twice, a construct or scale that `study.yml` does not define, a `reversed` that is neither yes nor no.
    """
    with mistakes:
        codebook = read_table(path, CODEBOOK_COLUMNS)
        known = {"construct": [*definition.constructs], "scale": [*definition.scales], "reversed": ["yes", "no"]}
        with mistakes:
            refuse_blank(codebook, CODEBOOK_COLUMNS, path)
        for column, values in known.items():
            with mistakes:
                refuse_others(codebook, column, values, path, "correct it here, or define it in study.yml")
        for column in ("item", "column"):
            with mistakes:
                refuse_repeats(codebook[codebook[column] != ""], column, path)
        names = codebook[["item", "column"]]
        wrong = names.eq("").any(axis=1) | names.apply(pd.Series.duplicated).any(axis=1)
        codebook = codebook[~wrong & codebook[[*known]].isin(known).all(axis=1)]
        return codebook.reset_index(drop=True).assign(reversed=codebook["reversed"].eq("yes").to_numpy())
    return no_codebook()
