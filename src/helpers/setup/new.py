"""Makes a new study: what was found in the files given goes into a new folder, whole or not at all."""

import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import yaml

from helpers.setup.ask import Asker
from helpers.setup.check import STILL_TO_SAY
from helpers.setup.conversations import propose_interviews
from helpers.setup.matching import NOMAD
from helpers.setup.proposal import CODEBOOK, OURS, Proposal, propose_survey
from helpers.setup.roles import split_waves
from helpers.setup.scales import AGREEMENT, BANDS, KINDS, Scale, split_bands
from helpers.study import files, folders
from helpers.study.definition import Definition, Study
from helpers.study.errors import WorkbookError, shown_path
from helpers.study.words import find
from helpers.survey.cleaning import clean_survey
from helpers.survey.exports import Export, read_export
from helpers.survey.reliability import correlate_items

# The year of a date: 2030-05-01, 1.5.2030, 5/1/2030 10:15.
YEAR = r"(?:^|[-/.])(20\d\d)(?=[-/. T]|$)"
# The comment above each part of a new `study.yml`.
PARTS = {
    "title": "What readers see first: put it in your own words.",
    "scales": "Answers from the lowest score to the highest; `code` where the export has numbers instead.",
    "constructs": "What items measure together; `scored: false` where they are reported one by one.",
    "survey": "An export for each wave, earliest first. docs/own_study.md lists more keys, such as `invited` and `groupings`.",
    "interviews": "Participants and coded segments. docs/own_study.md lists more keys, such as `sessions`.",
    "review": "Still to decide: correct what is wrong above or in codebook.csv, then delete the line.",
}


def make_study(name: str, surveys: Sequence[Path], definition: Path | None, interviews: Sequence[Path], ask: Asker) -> Proposal:
    """Make `data/<name>/` from exports (one for each wave) and files of interviews; a template without either.

    The folder is made whole or not at all. Raises a `WorkbookError` for a name that cannot be a folder's or is taken, and for
    a file that cannot be read.
    """
    folder = folders.project_root() / "data" / name
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
        raise WorkbookError("NAME", "", repr(name), "letters, digits, _ and -, since it names a folder", "choose another name")
    if folder.exists():
        raise WorkbookError(folder, "", "a folder of that name", "none yet", "choose another name, or move that folder away")
    for path in [*surveys, *interviews]:
        if not path.is_file() and not (path in interviews and path.is_dir()):
            found = "a folder" if path.is_dir() else "no such file"
            raise WorkbookError(path, "", found, "an export of the survey, or files of interviews", "correct the path")
    with tempfile.TemporaryDirectory(prefix=f".{name}.", dir=folder.parent) as place:
        new, title = Path(place) / name, name.replace("_", " ").capitalize()
        new.mkdir()
        proposal = Proposal({}, pd.DataFrame(columns=CODEBOOK, dtype="str"), [], [])
        if surveys:
            exports, names = copy_exports(surveys, Path(place), new / "survey")
            proposal = propose_survey(exports, definition, ask)
            if len(names) > 1:
                proposal.found.append(("waves, earliest first", ", ".join(f"{wave} ({file})" for wave, file in names.items())))
            proposal.said["survey"] = {"files": names} | proposal.said["survey"]
            (new / ".salt").write_text(secrets.token_hex(16), encoding="utf-8")
        if interviews:
            propose_interviews(interviews, new, proposal)
        if not surveys and not interviews:
            fill_template(proposal)
        said = {"title": title, **STILL_TO_SAY} | proposal.said
        if surveys:
            definition = Definition.read(said, folder / "study.yml", "", "correct the export, or start from a template")
            check_answers(Study(name, new, definition, proposal.codebook), proposal)
        text = write_definition(said | ({"review": proposal.review} if proposal.review else {}))
        (new / "study.yml").write_text(text, encoding="utf-8")
        if len(proposal.codebook):
            proposal.codebook.reindex(columns=CODEBOOK).to_csv(new / "codebook.csv", index=False, lineterminator="\n")
        os.rename(new, folder)
    return proposal


def fill_template(proposal: Proposal) -> None:
    """NoMAD as published: its scales, constructs and items, for an export that is still to come."""
    wide = Scale("familiarity", "numbers", [], [(None, str(k), k) for k in range(11)], split_bands(range(11)))
    points = [(None, label, value) for value, label in enumerate(AGREEMENT, start=1)]
    aside = [(None, KINDS[kind].capitalize(), kind) for kind in ("role", "stage", "intervention")]
    scales = {scale.name: scale.describe() for scale in (wide, Scale("agreement", "agreement", [], points, BANDS, aside))}
    proposal.said = {"scales": scales, "constructs": OURS, "survey": {"files": {"2030": "survey/export.csv"}}}
    codebook = NOMAD.reset_index().assign(column=NOMAD.index, section=NOMAD.index.str[0])
    proposal.codebook = codebook.assign(scale=codebook["section"].map({"A": "familiarity"}).fillna("agreement"))


def copy_exports(surveys: Sequence[Path], place: Path, folder: Path) -> tuple[dict[str, Export], dict[str, str]]:
    """Read exports and copy them as they are, unzipped; one with a column of waves becomes a file for each wave.

    Returns the exports and their files' names by wave.
    """
    paths = [unpack(path, place) for path in surveys]
    read = [read_export(path) for path in paths]
    names = [path.stem for path in paths] if len(paths) > 1 else [name_wave(read[0])]
    exports = dict(zip(names, read, strict=True))
    if len(exports) < len(paths):
        found, remedy = f"two of the name {names[0]}", "rename one of them"
        raise WorkbookError("--survey", "", found, "a name for each export, which names its wave", remedy)
    folder.mkdir()
    column, waves = split_waves(read[0]) if len(paths) == 1 else ("", {})
    if column:
        names = {wave: f"survey/wave_{number}.csv" for number, wave in enumerate(waves, start=1)}
        for wave, export in waves.items():
            rows = pd.concat([export.headers[export.answers.columns], export.answers])
            rows.to_csv(folder.parent / names[wave], index=False, lineterminator="\n")
        return waves, names
    for path in paths:
        shutil.copyfile(path, folder / path.name)
    return exports, {wave: f"survey/{path.name}" for wave, path in zip(names, paths, strict=True)}


def name_wave(export: Export) -> str:
    """The years in which people answered, "2030" or "2030-2031", by the tool's own column of dates; "all" without one."""
    for name, cells in export.answers.items():
        years = cells.str.extract(YEAR)[0].dropna()
        if len(years) > len(cells) / 2 and (export.identifiers.get(name, "").endswith("Date") or find(name, "technical")):
            return "-".join(sorted({years.min(), years.max()}))
    return "all"


def unpack(path: Path, place: Path) -> Path:
    """The one export in a zip from a survey tool; any other file stays as it is."""
    content = files.read_bytes(path)
    if files.find_kind(content) != "archive":
        return path
    with files.open_archive(path, content) as archive:
        endings = (".csv", ".tsv", ".xlsx", ".sav")
        inside = [entry for entry in archive.namelist() if entry.casefold().endswith(endings) and "__MACOSX" not in entry]
        if len(inside) != 1:
            found = ", ".join(inside) or "no table"
            raise WorkbookError(path, "", found, "one export (CSV, XLSX or SPSS)", "unpack it, and name the export itself")
        target = place / path.name / Path(inside[0]).name
        target.parent.mkdir()
        target.write_bytes(files.read_entry(path, archive, inside[0]))
    return target


def check_answers(study: Study, proposal: Proposal) -> None:
    """Read the answers as proposed: an item that runs against its construct is in doubt, and so are unreadable answers."""
    codebook = study.codebook
    study = replace(study, codebook=codebook.assign(reversed=codebook["reversed"].eq("yes")))
    try:
        responses = clean_survey(study).responses
    except WorkbookError as error:
        proposal.review.append(str(error).replace(shown_path(study.folder), f"data/{study.name}"))
        return
    found = correlate_items(responses, study.scored_items, study.scales)
    for row in found[found["warning"]].itertuples():
        interval = f"95% interval {row.low:.2f} to {row.high:.2f}, {row.n_complete} people"
        doubt = f"It runs against the other items of its construct (r = {row.item_rest:.2f}, {interval}): is `reversed` right?"
        codebook.loc[codebook["item"] == row.item, "review"] = (codebook["review"] + " " + doubt).str.strip()


def write_definition(said: dict) -> str:
    """The text of a `study.yml`, with a comment above each part."""
    text = ""
    for key, part in said.items():
        text += f"\n# {PARTS[key]}\n" if key in PARTS else ""
        flow = None if isinstance(part, dict) else False
        text += yaml.safe_dump({key: part}, sort_keys=False, allow_unicode=True, width=120, default_flow_style=flow)
    return text.lstrip()
