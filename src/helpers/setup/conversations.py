"""The interviews' part of a new study: its files copied, participants and codes listed, the key `interviews`."""

import re
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from helpers.interviews.coded import HEADINGS, OWN, PARTICIPANT, SEGMENT_COLUMNS, SOURCE_ENDING, Coded
from helpers.interviews.coding import find_questions
from helpers.interviews.people import read_people
from helpers.interviews.read import read_coded
from helpers.interviews.transcripts import TEXTS, list_speakers
from helpers.setup.proposal import CONSTRUCTS, MECHANISMS, Proposal
from helpers.study.errors import WorkbookError
from helpers.study.sheets import read_sheets
from helpers.study.words import fold

# Columns that describe a segment or how a person takes part, not who the person is.
KNOWN = [*SEGMENT_COLUMNS, *HEADINGS, "takes_part_as"]


def propose_interviews(paths: Sequence[Path], folder: Path, proposal: Proposal) -> None:
    """Copy files of interviews into the study's folder, and add what they hold to its proposal.

    Texts are transcripts; a table with a column `participant` and none of codes lists people; the rest is the coding.
    """
    given = [file for path in paths for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
    given = [file for file in given if file.is_file() and not file.name.startswith((".", "~$"))]
    transcripts = [file for file in given if file.suffix.casefold() in TEXTS]
    people = [file for file in given if file.suffix.casefold() in {".csv", ".xlsx"} and lists_people(file)]
    coding = [file for file in given if file not in transcripts + people]
    for found, expected in ((coding, "one table or project of coding"), (people, "one table of participants")):
        if len(found) > 1:
            names = ", ".join(file.name for file in found)
            raise WorkbookError("--interviews", "", names, expected, "name one of them, and the transcripts' folder apart")
    home = folder / "interviews"
    home.mkdir()
    for file in given:
        target = home / ("transcripts" if file in transcripts else "") / file.name
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(file, target)
    coded = read_coded(coding[0]) if coding else None
    # Comments from the survey may be coded in the same table: the people who wrote them are not interviewees.
    asked = proposal.said.get("survey", {}).get("free_text", {})
    comments = coded.rows[find_questions(coded.rows, asked).notna()] if coded else []
    if len(comments):
        told = f"{len(comments)} of {len(coded.rows)} rows of {coding[0].name}"
        proposal.found.append(("coded comments of the survey", told))
        if len(comments) == len(coded.rows) and not transcripts + people:
            proposal.said["survey"]["segments"] = f"interviews/{coding[0].name}"
            return
        rows, cases = coded.rows.drop(comments.index), coded.cases
        wrote = {*comments["participant"]} - {*rows["participant"]}
        coded = replace(coded, rows=rows, cases=cases[~cases["participant"].isin(wrote)] if len(cases) else cases)
    cases = coded is not None and len(coded.cases) > 0
    names = [found[0].name if found else made for found, made in ((people, "participants.csv"), (coding, "segments.csv"))]
    said = {"participants": names[0], "segments": names[1], "codes": "codes.csv"}
    tables = {"codes.csv": list_codes(coded)}
    if coded is None:
        tables["segments.csv"] = pd.DataFrame(columns=["segment", "participant", "code", "text"])
        proposal.review.append("interviews.segments: Fill in interviews/segments.csv, or name the file that has the coding.")
    if cases and not people and not len(comments):
        said["participants"] = names[1]
    elif not people:
        tables["participants.csv"] = coded.cases if cases else list_people(coded, transcripts, proposal)
    attributes = propose_attributes(coded.cases if cases else read_people(people[0]) if people else tables["participants.csv"])
    for name, table in tables.items():
        table.to_csv(home / name, index=False, lineterminator="\n")
    said = {key: f"interviews/{name}" for key, name in said.items()}
    said |= {"transcripts": "interviews/transcripts"} if transcripts else {}
    proposal.said["interviews"] = said | ({"attributes": attributes} if attributes else {})
    proposal.found += [("known of participants", f"{name}: {', '.join(said['levels'])}") for name, said in attributes.items()]
    all_twelve = {key: row.to_dict() | ({} if key in MECHANISMS else {"scored": False}) for key, row in CONSTRUCTS.iterrows()}
    proposal.said["constructs"] = proposal.said.get("constructs", {}) | all_twelve
    read = [coded.origin if coded else "no coding yet"] + [f"{len(transcripts)} transcripts"] * bool(transcripts)
    proposal.found.append(("interviews", "; ".join([*read, f"{len(tables['codes.csv'])} codes"])))


def lists_people(file: Path) -> bool:
    header = {name.casefold() for name in read_sheets(file)[0].header}
    return "participant" in header and not {"code", "codes"} & header


def list_people(coded: Coded | None, transcripts: list[Path], proposal: Proposal) -> pd.DataFrame:
    """Participants as the coding or its sources name them, or else by speaker; who speaks in several is an interviewer."""
    speakers = {file.stem: list_speakers(file) for file in transcripts}
    times = Counter(name for names in speakers.values() for name in names)
    asking = [name for name in times if times[name] > 1]
    if coded is None:
        spoken = [(source, name) for source, names in speakers.items() for name in names if name not in asking]
        people = pd.DataFrame(spoken, columns=["source", "speaker"])
        people.insert(0, "participant", [f"P{number:02}" for number in range(1, len(people) + 1)])
    else:
        rows = coded.rows.assign(participant=coded.rows["participant"].fillna(coded.rows["source"]))
        sources = rows.dropna(subset=["participant"]).groupby("participant", sort=False)["source"]
        people = sources.agg(lambda names: "; ".join(dict.fromkeys(names.dropna()))).reset_index()
        # A column in which all rows of a person have one value describes the person.
        own = rows.filter(like=OWN).rename(columns=lambda name: name.removeprefix(OWN)).drop(columns=KNOWN, errors="ignore")
        told = own.fillna("").groupby(rows["participant"])
        told = told.first().loc[:, told.nunique().eq(1).all()]
        people = people.join(told[[*propose_attributes(told)]], on="participant")
        homes = {fold(source): [name for name in names if name not in asking] for source, names in speakers.items()}
        named = people["source"].where(people["source"] != "", people["participant"])
        voices = named.map(lambda name: homes.get(fold(re.sub(SOURCE_ENDING, "", name)), []))
        people["speaker"] = voices.map(lambda names: names[0] if len(names) == 1 else "")
    if lost := [name for name in times if name not in [*people["speaker"], *asking]]:
        line = f"interviews.participants: Who are the speakers {', '.join(lost)}? Write them into the column `speaker`."
        proposal.review.append(line)
    asked = pd.DataFrame({"participant": [f"Interviewer {k + 1}" for k in range(len(asking))], "speaker": asking})
    return pd.concat([people, asked.assign(takes_part_as="interviewer")]).fillna("")


def propose_attributes(people: pd.DataFrame) -> dict[str, dict]:
    """Columns in which some participants share a value, as attributes of the participants."""
    people = people[people["takes_part_as"].isin(["", PARTICIPANT])] if "takes_part_as" in people else people
    names = [name for name in people if not (name.casefold() in KNOWN or name.casefold().startswith("speaker"))]
    levels = {name: sorted({*people[name]} - {""}) for name in names}
    shared = [name for name, found in levels.items() if 1 < len(found) < people[name].ne("").sum()]
    return {name: {"label": name, "levels": levels[name]} for name in shared}


def list_codes(coded: Coded | None) -> pd.DataFrame:
    """The coding's codes, each with the construct that it or its theme is named after; without codes the twelve constructs."""
    if coded is None or coded.codes.empty:
        return CONSTRUCTS.reset_index().assign(code=CONSTRUCTS.index, theme="")[["code", "label", "theme", "construct"]]
    known = {fold(name): key for key, label in CONSTRUCTS["label"].items() for name in (key, label)}
    themes = coded.rows.groupby("code")["theme"].nunique()
    codes = coded.codes[["code", "label", "theme"]].astype("str").fillna("")
    named = [[known.get(fold(name), "") for name in codes[column]] for column in ("code", "theme")]
    # A code of several themes belongs to none of them.
    own = codes["theme"].where(codes["code"].map(themes).fillna(0) < 2, "")
    return codes.assign(theme=own, construct=[code or theme for code, theme in zip(*named, strict=True)])
