"""A study read and checked: `study.yml`, `codebook.csv`, the files that they name."""

import os
import re
from pathlib import Path

import pandas as pd
import yaml

from helpers.study.definition import Definition, Study
from helpers.study.errors import Mistakes, WorkbookError, raise_all, suggest
from helpers.study.files import decode_text, read_bytes
from helpers.study.folders import FIRST_STUDY, project_root, sweep_folder
from helpers.study.parts import describe
from helpers.study.sheets import read_table, refuse_blank, refuse_others, refuse_repeats

# The keys of each part of `study.yml` that name one file.
FILES = {
    "interviews": ["participants", "segments", "codes"],
    "joint": ["judgements", "evidence"],
    "published": ["items", "respondents", "participants", "claims", "relations", "live_claims", "recommendations"],
    "sharing": ["quotations"],
}
# What `workbook sweep` leaves for a notebook to read.
SWEPT = ["cells.csv", "results.csv"]
CODEBOOK_COLUMNS = ["item", "column", "section", "construct", "scale", "reversed", "label"]


def read_study(name: str, mistakes: Mistakes | None = None) -> Study:
    """Read and validate `data/<name>/`; no name means the study that `workbook lab` was started for, or else the first one.

    Raises a `WorkbookError` for a missing study, and for all unknown keys and unusable values in `study.yml`, rows of the
    codebook at odds with it, files that `study.yml` names and the folder lacks, and what is still to decide. Into `mistakes`,
    where given, it puts all but the first of these kinds in place of raising them, and gives what can be read of the study.
    """
    data, name = project_root() / "data", name or os.environ.get("WORKBOOK_STUDY") or FIRST_STUDY
    folder = data / name
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", name) or not (folder / "study.yml").is_file():
        known = sorted(path.parent.name for path in data.glob("*/study.yml"))
        found, remedy = "no folder of that name with a study.yml", "correct the name, or add the study's folder"
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
    for file in [file for part in ("survey", *FILES) for file in list_files(study, part)]:
        with gathered:
            study.file(file)
    with gathered:
        refuse_undecided(study)
    if mistakes is None:
        gathered.raise_all()
    return study


def refuse_undecided(study: Study) -> None:
    """Refuse a study in which a `review` stands, with all that is still to decide."""
    remedies = {
        "study.yml": "correct what is wrong, then delete this line",
        "codebook.csv": "correct the row, then empty this cell",
    }
    raise_all(
        WorkbookError(study.folder / file, place, f"still to decide: {line}", "nothing there", remedies[file])
        for file, place, line in list_undecided(study.definition.review, study.codebook)
    )


def list_undecided(review: list[str], codebook: pd.DataFrame) -> list[tuple[str, str, str]]:
    """What `workbook new` has left to decide: the file, the place in it, and what it asks."""
    rows = codebook[codebook["review"] != ""] if "review" in codebook else codebook[:0]
    asked = [("codebook.csv", f"item {row.item}, column review", row.review) for row in rows.itertuples()]
    return [*(("study.yml", "review", line) for line in review), *asked]


def named_files(study: Study, part: str) -> list[Path]:
    """The files that a part of `study.yml` names, codebook included; each must exist. None when the study lacks it.

    Those of the `sweep` are its results.
    """
    if part == "sweep":
        return [sweep_folder(study.name) / name for name in SWEPT]
    return [study.file(name) for name in list_files(study, part)]


def list_files(study: Study, part: str) -> list[str]:
    """Their names, as `study.yml` gives them."""
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
    """YAML in which every value is text as it is typed: no, 2024-01-05, 007, 12:30 and 1.0 are labels as often as not.

    What has to be a number or yes or no is made one where it is read. A key given twice is an error and not silently the last
    one; an alias (`*name`) is one, since a few lines of them can stand for more than a computer holds.
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


# What PyYAML says of frequent mistakes (part of it), and what mends them.
QUOTE = 'put the text in quotation marks: "{}"'
REMEDIES = {
    r"got '\?'": QUOTE.format("Anything else?"),
    "mapping values are not allowed": QUOTE.format("A note: how it went") + ", or indent keys of one level alike",
    r"character '\\t'": "indent with spaces, not with the tab key",
    "cannot start any token|begins with \\*|tag|alias|anchor|alphabetic": QUOTE.format("100%"),
    "twice": "keep one of the two",
    "expected ',' or|<block end>|',' or '}'": "close every bracket and quotation mark, and indent keys of one level alike",
    "could not find expected ':'|quoted scalar|end of stream": "write `key: value`, and close every quotation mark",
}


def read_yaml(path: Path) -> dict:
    """A YAML file of keys, each with its value, as text; every problem is a `WorkbookError` that names the line."""
    text, place, found, remedy = decode_text(path, read_bytes(path)), "", "nested too deeply", "write it in fewer levels"
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
    """Read `study.yml`; what is wrong with its keys goes into `mistakes`, and they are left out of what is given.

    Raises a `WorkbookError` for a file that is no YAML, and for scales or constructs that are wrong, on which all else rests.
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
    """Read `codebook.csv`: one row per item, in questionnaire order; see `Study.codebook`.

    Into `mistakes` goes all that is wrong with it, and rows with a mistake are left out: a missing file or column, an empty
    cell, an item named twice, a construct or scale that `study.yml` does not define, a `reversed` that is neither yes nor no.
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
