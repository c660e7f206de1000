"""Broken studies: each mistake is one clear message with its file and place, all of them are told at once, status 2."""

import json
import re
import time
from pathlib import Path

import docx
import openpyxl
import pytest
from toys import OWN, call

from helpers import joint
from helpers.audit import published
from helpers.interviews import coding
from helpers.running import plan
from helpers.study import reading
from helpers.study.errors import WorkbookError
from helpers.survey import cleaning

STUDY = """title: A made-up study
practice: a made-up practice
about: Made up for a test.
scales:
  agree:
    responses:
      - {label: Disagree, value: 1, band: Disagree}
      - {label: Neutral, value: 2, band: Neutral}
      - {label: Agree, value: 3, band: Agree}
    not_relevant:
      - {label: Not relevant to my role, kind: role}
  ten:
    responses:
      - {label: "0", value: 0, band: low}
      - {label: "5", value: 5, band: low}
      - {label: "10", value: 10, band: high}
constructs:
  general: {label: General, scored: false}
  sense: {label: Sense}
  work: {label: Work}
survey:
  files:
    2030: survey.csv
  groupings:
    team:
      label: Team
      column: team
      levels: [North, South]
  invited: {number: 30, margins: {team: {North: 20, South: 10}}}
  consent: {column: ok, response: I agree}
interviews:
  participants: participants.csv
  segments: segments.csv
  codes: codes.csv
  transcripts: talk
  attributes:
    sector: {label: Sector, levels: [Health, School]}
sharing:
  quotations: approved.csv
joint:
  judgements: judgements.csv
  evidence: evidence.csv
published:
  source: A report
  responded: 30
  items: items.csv
  respondents: respondents.csv
  claims: claims.csv
  relations: relations.csv
  recommendations: recommendations.csv
"""
FILES = {
    "study.yml": STUDY,
    "codebook.csv": """item,column,section,construct,scale,reversed,label
A1,A1,A,general,ten,no,How familiar
B1,B1,B,sense,agree,no,Sees the point
B2,B2,B,sense,agree,no,Knows the plan
C1,C1,C,work,agree,yes,Gets in the way
""",
    "survey.csv": """ResponseId,ok,team,A1,B1,B2,C1
R_1,I agree,North,5,Agree,Neutral,Disagree
R_2,I agree,South,10,Agree,Agree,Not relevant to my role
R_3,I agree,North,0,Disagree,,Agree
""",
    "participants.csv": "participant,speaker,sector\nP1,Amber Made,Health\nP2,Birch Made,School\n",
    "codes.csv": "code,label,construct\ntime,Time for it,work\npoint,Its point,sense\n",
    "segments.csv": "segment,participant,code,text\nS1,P1,time,No time\nS2,P2,point,I see it\n",
    "approved.csv": "segment\nS1\n",
    "judgements.csv": "construct,judgement,reason\nsense,agrees,Both say so\n",
    "evidence.csv": "recommendation,evidence\nR1,B1\nR1,S1\n",
    "items.csv": "item,low_or_disagree,neutral,high_or_agree\nB1,33,0,67\n",
    "respondents.csv": "panel,category,respondents\nTeam,North,2\nTeam,South,1\n",
    "claims.csv": "claim,where,about,statistic,value\nN1,text,survey,responses,3\n",
    "relations.csv": "claim,left,relation,right\nL1,N1,=,3\n",
    "recommendations.csv": "recommendation,gist\nR1,Go on\n",
    "talk/one.vtt": "WEBVTT\n\n00:00.000 --> 00:01.000\n<v Amber Made>No time, she says.</v>\n",
}


LOCKED = pytest.MonkeyPatch()
# A notebook for each of these sets of parts, which asks for nothing else; notebook 04 has parameters with bounds.
PARTS = {
    "01": ["survey"],
    "02": ["interviews", "sharing"],
    "03": ["published", "joint", "interviews"],
    "04": ["survey", "interviews", "sharing", "published", "joint"],
}
MORE = 'size: int = 3\nshare: float = 0.5\nunit: str = "turn"\n'
BOUNDS = {"size": [1, None], "share": [0, 1], "unit": ["turn", "segment"]}


def add_notebook(folder, number, needs, more="", **said):
    """What is read of a notebook; `write_notebook` checks more, which takes as long as a check."""
    cell = {"cell_type": "code", "source": OWN + more, "metadata": {"tags": ["parameters"]}}
    content = {"cells": [cell], "metadata": {"workbook": {"title": "A", "needs": needs, **said}}}
    path = folder.parents[1] / "notebooks" / f"{number}_own.ipynb"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """The study `broken`, in which nothing is broken yet."""
    folder = tmp_path / "data" / "broken"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    for number, needs in PARTS.items():
        add_notebook(folder, number, needs, **({"more": MORE, "bounds": BOUNDS} if number == "04" else {}))
    monkeypatch.chdir(tmp_path)
    yield folder
    LOCKED.undo()


def check(only="", **parameters):
    """What `workbook check` would tell: mistakes, and else notes."""
    try:
        return plan.plan_run(plan.Order("broken", parameters=parameters, only=only)).notes
    except WorkbookError as error:
        return list(map(str, error.errors))


def swap(name, old, new):
    def spoil(folder):
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")

    return spoil


def put(name, content):
    def spoil(folder):
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    return spoil


def book(name, *lines, merge="", formula=False):
    """An XLSX in place of a file, named in study.yml."""

    def spoil(folder):
        made = openpyxl.Workbook()
        for line in lines:
            made.active.append(line)
        if merge:
            made.active.merge_cells(merge)
        target = name.replace(".csv", ".xlsx")
        made.save(folder / target)
        swap("study.yml", name, target)(folder)

    return spoil


def yml(old, new):
    return swap("study.yml", old, new)


def document(*lines):
    def spoil(folder):
        made = docx.Document()
        for line in lines:
            made.add_paragraph(line)
        (folder / "talk" / "one.vtt").unlink()
        made.save(folder / "talk" / "one.docx")

    return spoil


def lock(name):
    """As another program can lock a file on Windows; here whoever runs the tests may be allowed to read everything."""

    def spoil(folder):
        read = Path.read_bytes

        def refuse(path):
            if path.name == name:
                raise PermissionError(13, "Permission denied")
            return read(path)

        LOCKED.setattr(Path, "read_bytes", refuse)

    return spoil


def replace_by_folder(name):
    def spoil(folder):
        (folder / name).unlink()
        (folder / name).mkdir()

    return spoil


SURVEY = FILES["survey.csv"]
LAID_OUT = "ResponseId,ok,team,A1,B1,B2,C1\nR_1,I agree,{}\n"
LINES = [line.split(",") for line in SURVEY.splitlines()]
BOMB = "a0: &a0 [x]\n" + "".join(f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 10)}]\n" for k in range(1, 30))
QUOTED = 'put the text in quotation marks: "100%"'
# What is spoilt; then file and place, what was found, what was expected, what to do, as far as the message must hold them.
BROKEN = {
    # --- study.yml, as YAML
    "an empty study.yml": (put("study.yml", ""), "study.yml: found an empty file", "write lines such as `title: A study`"),
    "only comments": (put("study.yml", "# later\n"), "study.yml: found an empty file", "write lines such as"),
    "a list": (put("study.yml", "- title\n- practice\n"), "study.yml: found a list of 2; expected YAML: keys", "write lines"),
    "a tab": (
        yml("  files:", "\tfiles:"),
        "study.yml, line 22: found 'files:' (character",
        "with spaces, not with the tab key",
    ),
    "a colon in a title": (
        yml("A made-up study", "A study: made up"),
        "line 1: found 'title: A study: made up'",
        "in quotation",
    ),
    "a percent sign": (yml("A report", "%s of them"), "line 44: found 'source: %s of them'", QUOTED),
    "an asterisk": (yml("A report", "*one* report"), "line 44: found 'source: *one* report'", QUOTED),
    "an exclamation mark": (yml("A report", "!one report"), "line 44: found 'source: !one report'", QUOTED),
    "an ampersand": (yml("A report", "& sons"), "line 44: found 'source: & sons'", QUOTED),
    "an open quotation mark": (yml("A report", '"A report'), "study.yml, line 51: found", "close every quotation mark"),
    "an open bracket": (yml("[North, South]", "[North, South"), "study.yml, line 29: found", "close every bracket"),
    "no colon": (yml("constructs:\n", "constructs\n"), "study.yml, line 18: found", "write `key: value`"),
    "uneven indents": (yml("practice: a", "  practice: a"), "study.yml, line 2: found", "indent keys of one level equally"),
    "a key twice": (
        yml("about: M", "title: B\nabout: M"),
        "line 3: found 'title: B' (the key 'title' twice)",
        "keep one of the two",
    ),
    "Latin-1": (put("study.yml", STUDY.replace("made-up", "née").encode("latin-1")), "line 1: found the byte 0xE9", "as UTF-8"),
    "nested too deeply": (put("study.yml", "title: " + "[" * 4000), "study.yml: found nested too deeply", "with fewer levels"),
    "a bomb of aliases": (put("study.yml", BOMB), "line 2: found 'a1: &a1 [*a0", "a word that begins with *", QUOTED),
    # --- study.yml, its keys
    "a key misspelt": (yml("  groupings:", "  gruopings:"), "survey: found the unknown key 'gruopings'", "mean 'groupings'?"),
    "a key within": (yml("2, band: N", "2, bnad: N"), "scales.agree.responses.1: found the unknown key 'bnad'", "mean 'band'?"),
    "a key of nothing": (
        yml("about: M", "colour: red\nabout: M"),
        "found the unknown key 'colour'; expected one of title",
        "correct",
    ),
    "no title": (
        yml("title: A made-up study\n", ""),
        "study.yml, title: found nothing; expected a value for this key",
        "correct",
    ),
    "a text for keys": (
        yml("sharing:\n  quotations: approved.csv", "sharing: all"),
        "sharing: found 'all'; expected keys",
        "correct",
    ),
    "a list for a text": (yml("Made up for a test.", "[made, up]"), "about: found a list of 2; expected text", "correct it"),
    "keys for a text": (yml("Made up for a test.", "{made: up}"), "about: found the keys made; expected text", "correct it"),
    "a thousands comma": (
        yml("responded: 30", "responded: 3,000"),
        "responded: found '3,000'; expected a whole number",
        "correct",
    ),
    "a percentage": (yml("responded: 30", "responded: 80%"), "responded: found '80%'; expected a whole number", "correct it"),
    "a date for a number": (
        yml("responded: 30", "responded: 2024-05-01"),
        "responded: found '2024-05-01'; expected a whole",
        "correct",
    ),
    "a number in words": (yml("value: 2,", "value: two,"), "responses.1.value: found 'two'; expected a number", "correct it"),
    "no number": (yml("value: 2,", "value: nan,"), "responses.1.value: found 'nan'; expected", "correct it"),
    "neither yes nor no": (
        yml("scored: false", "scored: maybe"),
        "general.scored: found 'maybe'; expected yes or no",
        "correct",
    ),
    "a kind misspelt": (yml("kind: role", "kind: rolle"), "not_relevant.0.kind: found 'rolle'", "did you mean 'role'?"),
    "points out of order": (
        yml("value: 2,", "value: 9,"),
        "scales.agree: found the values 1, 9, 3; expected responses from the low",
    ),
    "one code alone": (
        yml("Neutral, value", "Neutral, code: 2, value"),
        "found the codes (none), 2, (none), (none)",
        "a different code for every option, or no codes",
    ),
    "a level twice": (
        yml("[North, South]", "[North, north]"),
        "groupings.team.levels: found North, north",
        "each label only once",
    ),
    "no code": (
        yml("[North, South]", "[{label: North}, South]"),
        "found a level with the keys label",
        "{label: Nurse, code: 1}",
    ),
    "a code twice": (
        yml("[North, South]", "[{label: North, code: 1}, {label: South, code: 1}]"),
        "groupings.team: found the codes 1, 1; expected a different code for each level",
    ),
    "a merged level of nothing": (
        yml("      levels: [North", "      groups: {Both: [North, Suoth]}\n      levels: [North"),
        "groupings.team: found 'Suoth' in groups; expected each level once: North, South",
    ),
    "a margin of no grouping": (
        yml("margins: {team:", "margins: {sex:"),
        "survey.invited: found margins of sex; expected margins of team",
    ),
    "a margin of no level": (yml("{North: 20", "{Nroth: 20"), "survey.invited: found margins of 'Nroth'", "North, South"),
    "a name that is taken": (
        yml("    team:\n", "    wave:\n"),
        "survey.groupings.wave: found 'wave'; expected one word, and none of",
    ),
    "too few invited": (
        yml("number: 30", "number: 2"),
        "study.yml, survey.invited.number: found 2, fewer than the 3",
        "correct",
    ),
    "nobody invited": (
        yml("number: 30", "number: 0"),
        "survey.invited.number: found '0'; expected greater than 0",
        "correct it",
    ),
    "a file above": (yml("2030: survey.csv", "2030: ../x.csv"), "file ../x.csv: found a path that leads out", "copy the file"),
    "a file misspelt": (yml("2030: survey.csv", "2030: survy.csv"), "file survy.csv: found no such file", "mean 'survey.csv'?"),
    "a folder for a file": (
        yml("2030: survey.csv", "2030: talk"),
        "file talk: found a folder",
        "correct its name in study.yml",
    ),
    "a file for two waves": (
        yml("2030: s", "2029: survey.csv\n    2030: s"),
        "files: found survey.csv for two waves",
        "each wave",
    ),
    # --- the codebook
    "no column reversed": (swap("codebook.csv", "reversed", "reverse"), "expected a column 'reversed'", "rename 'reverse'"),
    "an item twice": (
        swap("codebook.csv", "B2,B2", "B1,B2"),
        "codebook.csv, row 4, column item: found 'B1' a second",
        "remove one of the two, or name them differently",
    ),
    "a column twice": (
        swap("codebook.csv", "B2,B2", "B2,B1"),
        "codebook.csv, row 4, column column: found 'B1' a second",
        "remove one of the two, or name them differently",
    ),
    "a construct misspelt": (
        swap("codebook.csv", "B1,B,sense", "B1,B,sence"),
        "row 3, column construct: found 'sence'",
        "'sense'?",
    ),
    "a scale misspelt": (swap("codebook.csv", "agree,yes", "agre,yes"), "row 5, column scale: found 'agre'", "mean 'agree'?"),
    "reversed perhaps": (
        swap("codebook.csv", "agree,yes", "agree,x"),
        "column reversed: found 'x'; expected one of yes, no",
        "correct",
    ),
    "an empty cell": (swap("codebook.csv", "Knows the plan", ""), "row 4, column label: found an empty cell", "fill it in"),
    "a short row": (
        swap("codebook.csv", "no,Knows the plan", "no"),
        "row 4: found 6 cells; expected 7",
        "save the table as XLSX",
    ),
    "a bare comma": (swap("codebook.csv", "Knows the", "Knows, the"), "row 4: found 8 cells; expected 7", "in quotation marks"),
}
BROKEN_SURVEYS = {
    "an empty export": (put("survey.csv", ""), "survey.csv: found an empty file", "export it again"),
    "a header alone": (
        put("survey.csv", SURVEY.splitlines()[0]),
        "survey.csv: found no response left",
        "export the survey again",
    ),
    "a folder in its place": (replace_by_folder("survey.csv"), "file survey.csv: found a folder", "correct its name"),
    "semicolons": (
        put("survey.csv", SURVEY.replace(",", ";")),
        "header: found columns separated by semicolons",
        "save it as XLSX",
    ),
    "cp1252": (
        put("survey.csv", SURVEY.replace("North", "Zürich").encode("cp1252")),
        "line 2: found the byte 0xFC",
        "as UTF-8",
    ),
    "UTF-16 without its mark": (
        put("survey.csv", SURVEY.encode("utf-16-le")),
        "UTF-16 without its byte-order mark",
        "as UTF-8",
    ),
    "an old workbook": (put("survey.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "found an old Office file", "again as XLSX"),
    "a damaged workbook": (put("survey.csv", b"PK\x03\x04xl/workbook.xml"), "expected a whole zip archive", "copy it whole"),
    "a damaged SPSS file": (put("survey.csv", b"$FL2@(#) damaged"), "survey.csv: found", "expected an SPSS file", "export"),
    "a picture": (
        put("survey.csv", b"\x89PNG\r\n\x1a\n\x00"),
        "line 1: found the byte 0x89, which is not UTF-8",
        "save it again",
    ),
    "an open mark": (
        swap("survey.csv", "R_2,I", 'R_2,"I'),
        "survey.csv, line 3: found a quotation mark that is not closed",
        "close it",
    ),
    "a mark within": (
        swap("survey.csv", "I agree,South", '"I "agree,South'),
        "line 3: found a quotation mark",
        "twice inside text",
    ),
    "a comma within": (
        swap("survey.csv", "R_2,I agree", "R_2,I, agree"),
        "row 3: found 8 cells; expected 7",
        "in quotation marks",
    ),
    "a row cut off": (swap("survey.csv", "Agree,Agree,Not relevant to my role", "Agree"), "row 3: found 5 cells", "as XLSX"),
    "a name twice": (
        swap("survey.csv", "B1,B2,C1", "B1,B1,C1"),
        "header: found the column 'B1' twice",
        "rename or remove one of the two",
    ),
    "a heading misspelt": (
        swap("survey.csv", "team,A1", "taem,A1"),
        "no column 'team', which survey.groupings.team",
        "'taem'?",
    ),
    "a heading in capitals": (
        swap("survey.csv", "team,A1", "TEAM,A1"),
        "header: found no column 'team'",
        "did you mean 'TEAM'?",
    ),
    "a label misspelt": (
        swap("survey.csv", "5,Agree,N", "5,Agreed,N"),
        "row 2, column B1: found 'Agreed'",
        "did you mean 'Agree'?",
    ),
    "11 of 10": (
        swap("survey.csv", "South,10", "South,11"),
        "row 3, column A1: found '11'; expected one of 0, 5, 10",
        "correct the",
    ),
    "a decimal comma": (
        swap("survey.csv", "South,10", 'South,"5,0"'),
        "row 3, column A1: found '5,0'; expected one of 0, 5",
        "correct",
    ),
    "a percentage given": (swap("survey.csv", "South,10", "South,50%"), "row 3, column A1: found '50%'", "correct the cell"),
    "a date for a range": (
        swap("survey.csv", "South,10", "South,10-May"),
        "row 3, column A1: found '10-May'",
        "correct the cell",
    ),
    "a level misspelt": (
        swap("survey.csv", "agree,South", "agree,Suoth"),
        "row 3, column team: found 'Suoth'",
        "did you mean 'South'?",
    ),
    "numbers for labels": (
        swap("survey.csv", "5,Agree,N", "5,3,N"),
        "column B1: found '3'",
        "give each option of scales.agree its",
    ),
    "numbers for levels": (
        put("survey.csv", SURVEY.replace("North", "1").replace("South", "1")),
        "column team: found '1' (and 2 more such cells); expected one of North, South",
        "{label: Nurse, code: 1}",
    ),
    "consent as 1": (
        put("survey.csv", SURVEY.replace("I agree", "1")),
        "column ok: found only '1'; expected the consent",
        "response",
    ),
    "nobody answered": (
        put("survey.csv", LAID_OUT.format("North,,,,")),
        "found responses without an answer to any item",
        "leave",
    ),
    "two events of REDCap": (
        put("survey.csv", SURVEY.replace("ResponseId", "redcap_event_name").replace("R_3", "R_2")),
        "column redcap_event_name: found the events R_1, R_2; expected one event",
        "export each event",
    ),
    "merged cells": (book("survey.csv", *LINES, merge="C2:C3"), "sheet Sheet, cells C2:C3: found merged cells", "unmerge them"),
    "merged headings": (
        book("survey.csv", ["a", "", "", "b"], *LINES, merge="A1:C1"),
        "cells A1:C1: found merged cells",
        "unmerge",
    ),
    "no value": (book("survey.csv", *LINES, ["R_4", "I agree", '="N"&"S"']), "row 5, column team: found a formula", "save it"),
    "a locked file": (lock("survey.csv"), "survey.csv: found a locked file", "close it in other programs"),
}
BROKEN_INTERVIEWS = {
    "a person twice": (
        swap("participants.csv", "P2,B", "p1,B"),
        "row 3, column participant: found 'p1' a second",
        "remove one of the two, or name them differently",
    ),
    "a sector misspelt": (
        swap("participants.csv", "e,School", "e,Shcool"),
        "row 3, column sector: found 'Shcool'",
        "mean 'School'?",
    ),
    "an attribute of no column": (
        swap("participants.csv", "sector", "sectors"),
        "expected a column 'sector'",
        "rename 'sectors'",
    ),
    "a person unknown": (
        swap("segments.csv", "S2,P2", "S2,P3"),
        "row 3: found the participant 'P3'; expected one of P1, P2",
        "add",
    ),
    "a code misspelt": (
        swap("segments.csv", "P2,point", "P2,piont"),
        "segments.csv, row 3: found the code 'piont'",
        "mean 'point'?",
    ),
    "a heading unknown": (
        swap("segments.csv", "participant,c", "who,c"),
        "header: found segment, who, code, text",
        "name the columns",
    ),
    "no segments": (
        put("segments.csv", "segment,participant,code,text\n"),
        "segments.csv: found no coded segments",
        "code the",
    ),
    "two sectors": (
        put("segments.csv", "segment,participant,code,text,sector\nS1,P1,time,x,School\n"),
        "segments.csv, row 2: found the sector 'School' for 'P1', and 'Health' in the participants' file",
        "correct one of the two",
    ),
    "an approval of nothing": (
        swap("approved.csv", "S1", "S9"),
        "approved.csv, row 2, column segment: found 'S9'",
        "correct the id",
    ),
    "a construct unknown": (
        swap("codes.csv", "it,work", "it,wrok"),
        "codes.csv, row 2, column construct: found 'wrok'",
        "'work'?",
    ),
    "typed by hand": (
        document("Amber: No time.", "Me: I see."),
        "found no turns of speakers",
        "lines of Amber, Me",
        "`speaker`",
    ),
    "no cues": (put("talk/one.vtt", "WEBVTT\n"), "talk/one.vtt: found no turns", "`Name: what was said`", "add each name"),
    "a speaker unknown": (
        swap("talk/one.vtt", "Amber", "Cedar"),
        "one.vtt, speakers: found Cedar Made",
        "add each name to the col",
    ),
    "a transcript as a PDF": (
        put("talk/two.pdf", b"%PDF-1.4"),
        "interviews.transcripts: found two.pdf",
        "save the transcripts in one of these formats",
    ),
}
BROKEN_REPORTS = {
    "a judgement misspelt": (
        swap("judgements.csv", "agrees", "agreees"),
        "row 2, column judgement: found 'agreees'",
        "'agrees'?",
    ),
    "no reason": (
        swap("judgements.csv", "Both say so", ""),
        "judgements.csv, row 2, column reason: found an empty cell",
        "fill it in",
    ),
    "evidence of nothing": (
        swap("evidence.csv", "R1,S1", "R1,S9"),
        "evidence.csv, row 3, column evidence: found 'S9'",
        "correct",
    ),
    "advice unknown": (
        swap("evidence.csv", "R1,S1", "R2,S1"),
        "evidence.csv, row 3, column recommendation: found 'R2'",
        "correct",
    ),
    "an item unknown": (
        swap("items.csv", "B1,33", "Z9,33"),
        "items.csv, row 2, column item: found 'Z9'; expected one of A1",
        "correct",
    ),
    "no column item": (swap("items.csv", "item,", "question,"), "items.csv, header: found question, low_or_disagree", "add it"),
    "no column panel": (swap("respondents.csv", "panel", "pannel"), "respondents.csv, header: found pannel", "rename 'pannel'"),
    "a relation unknown": (
        swap("relations.csv", "N1,=", "N1,is"),
        "relations.csv, row 2, column relation: found 'is'; expected one of =, <",
        "correct the rel",
    ),
    "a published row too long": (
        swap("items.csv", "0,67", "0,67,1"),
        "items.csv, row 2: found 5 cells; expected 4",
        "quotation marks",
    ),
}


# Only what rests on the file is read, so that a check takes a tenth of a second.
EVERY = BROKEN | BROKEN_SURVEYS | BROKEN_INTERVIEWS | BROKEN_REPORTS
ONLY = dict.fromkeys(BROKEN_SURVEYS, "01") | dict.fromkeys(BROKEN_INTERVIEWS, "02") | dict.fromkeys(BROKEN_REPORTS, "03")


@pytest.mark.parametrize("name", EVERY)
def test_a_mistake_is_one_clear_message(broken, name):
    spoil, *words = EVERY[name]
    spoil(broken)
    told = check(ONLY.get(name, ""))
    assert len(told) == 1
    for word in [*words, "found ", "; expected ", ". To fix it: "]:
        assert word in told[0]
    assert told[0].startswith("data/broken/") and not re.search(
        r"found found|codec|Traceback|tokenizing|\bNone\b|\bNaN\b", told[0]
    )


def test_a_study_without_mistakes_has_none(broken, capsys, monkeypatch):
    assert call("check", "broken", capsys=capsys, monkeypatch=monkeypatch) == (0, "No mistakes found in data/broken.\n")


MANY = [
    "a key misspelt",
    "a construct misspelt",
    "11 of 10",
    "a sector misspelt",
    "a code misspelt",
]


def test_mistakes_in_many_files_are_told_at_once_one_a_line_with_status_2(broken, capsys, monkeypatch):
    for name in MANY:
        EVERY[name][0](broken)
    for command in ("check", "run", "share"):
        status, said = call(command, "broken", capsys=capsys, monkeypatch=monkeypatch)
        lines = said.splitlines()
        assert status == 2 and all(line.startswith("Error: data/broken/") for line in lines)
        found = ["gruopings", "sence", "Shcool", "piont", "'11'"]
        assert [word for word in found if word in said] == found
    assert not (broken.parents[1] / "outputs").exists()


def test_different_wrong_answers_are_each_told_once_with_how_many_cells_hold_them(broken):
    rows = "".join(f"R_{k},I agree,North,5,Agre,Agre,Disagre\n" for k in range(3))
    put("survey.csv", LAID_OUT.format("North,5,Agree,Agree,Agree") + rows)(broken)
    first, second = check()
    assert "row 3, column B1: found 'Agre' (and 5 more such cells)" in first
    assert "row 3, column C1: found 'Disagre' (and 2 more such cells)" in second


def test_one_notebook_alone_asks_only_for_what_it_needs(broken):
    EVERY["a sector misspelt"][0](broken)
    assert check("01") == [] and "Shcool" in check("02")[0] and "Shcool" in check()[0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"size": "-3"},
            "parameter 'size': found -3; expected a value of type int, at least 1. To fix it: give one such as 3",
        ),
        ({"size": 0}, "found 0; expected a value of type int, at least 1"),
        ({"share": "1.5"}, "parameter 'share': found 1.5; expected a value of type float, at least 0, at most 1"),
        ({"share": "nan"}, "parameter 'share': found nan; expected a value of type float"),
        ({"unit": "trun"}, "parameter 'unit': found 'trun'; expected one of turn, segment. To fix it: did you mean 'turn'?"),
    ],
)
def test_a_parameter_out_of_its_bounds_is_refused(broken, given, message):
    assert message in check("02", **given)[0]


def test_a_parameter_at_its_bounds_is_taken(broken):
    assert check("02", size=1, share=1, unit="segment") == []


def test_bounds_of_no_parameter_are_refused(broken):
    add_notebook(broken, "04", [], "size: int = 3", bounds={"sise": [1, None]})
    assert (
        "found bounds of 'sise'; expected one of study, run, audience, threshold, size. To fix it: did you mean 'size'?"
        in check()[0]
    )


# --- what is read rightly, and what deserves a look


@pytest.mark.parametrize(
    "levels", ["[Yes, No]", "[yes, off]", "[2024-01-05, 12:30]", "[007, 1_000]", "[1.0, 1e3]", "[True, null x]"]
)
def test_labels_are_text_as_they_are_typed(broken, levels):
    one, other = levels.strip("[]").split(", ")
    yml("[North, South]", levels)(broken)
    yml(", margins: {team: {North: 20, South: 10}}", "")(broken)
    put("survey.csv", SURVEY.replace("North", one).replace("South", other))(broken)
    assert check() == []
    assert cleaning.clean_survey(reading.read_study("broken")).respondents["team"].tolist().count(one) == 2


def test_consent_may_be_a_yes_without_quotation_marks(broken):
    yml("response: I agree", "response: Yes")(broken)
    put("survey.csv", SURVEY.replace("I agree", "Yes"))(broken)
    assert check() == []


def test_levels_may_have_codes(broken):
    yml("[North, South]", "[{label: North, code: 1}, {label: South, code: 2}]")(broken)
    put("survey.csv", SURVEY.replace("North", "1").replace("South", "2.0"))(broken)
    yml("[Health, School]", "[{label: Health, code: H}, School]")(broken)
    put("participants.csv", FILES["participants.csv"].replace("Health", "H"))(broken)
    assert check() == []
    study = reading.read_study("broken")
    assert cleaning.clean_survey(study).respondents["team"].value_counts().to_dict() == {"North": 2, "South": 1}
    assert coding.read_participants(study)["sector"].tolist() == ["Health", "School"]


def test_a_blank_key_and_a_note_on_it_are_nothing(broken):
    yml("relations: relations.csv", "relations: ~\n  live_claims:  # later")(broken)
    assert check() == []


@pytest.mark.parametrize("spoil", ["bare commas", "tabs", "UTF-16", "a title above"])
def test_what_does_no_harm_changes_nothing(broken, spoil):
    before = read_all()
    for name in [name for name in FILES if name.endswith(".csv") and name != "approved.csv"]:
        put(name, harmless(FILES[name])[spoil])(broken)
    assert check() == [] and read_all() == before


def harmless(text):
    head, *rows = text.splitlines()
    return {
        "bare commas": "\n".join([head, *(row + ",," for row in rows), "," * head.count(",")]),
        "tabs": text.replace(",", "\t"),
        "UTF-16": text.encode("utf-16"),
        "a title above": "A title\n" + text,
    }


def read_all():
    """What notebooks would read of the study, as text."""
    study = reading.read_study("broken")
    frames = [
        cleaning.clean_survey(study).respondents, cleaning.clean_survey(study).responses, study.codebook,
        coding.read_participants(study), coding.read_segments(study), joint.read_judgements(study),
        joint.trace_recommendations(study, coding.read_segments(study)),
        published.audit_items(study), published.audit_counts(study), published.audit_text(study),
    ]  # fmt: skip
    return [frame.to_csv(index=False) for frame in frames]


def test_merged_titles_above_a_table_do_no_harm(broken):
    book("survey.csv", ["Our survey"], *LINES, merge="A1:C1")(broken)
    assert check() == []


def test_a_table_of_segments_typed_in_a_spreadsheet_needs_no_ids_and_its_ids_stay_with_their_words(broken):
    lines = [
        ["Participant", "Code", "Quotation"],
        ["P1", "time", "No time"],
        ["P1", "point", "No time"],
        ["P2", "point", "Yes"],
    ]
    yml("sharing:\n  quotations: approved.csv\n", "")(broken)
    yml("  evidence: evidence.csv\n", "")(broken)
    book("segments.csv", *lines)(broken)
    before = coding.read_segments(reading.read_study("broken")).set_index("text")["segment"]
    assert before["No time"].nunique() == 1 and before.nunique() == 2
    lines.insert(1, ["P2", "time", "A row put in"])
    yml("segments.xlsx", "segments.csv")(broken)
    book("segments.csv", *lines)(broken)
    after = coding.read_segments(reading.read_study("broken")).set_index("text")["segment"]
    assert after["Yes"] == before["Yes"] and after["No time"].iloc[0] == before["No time"].iloc[0]


def test_a_scored_construct_without_items_is_told(broken):
    yml("  work: {label: Work}", "  work: {label: Work}\n  appraisal: {label: Appraisal}")(broken)
    assert check() == ["The construct 'appraisal' has no item in codebook.csv, so it gets no score."]


def test_a_grouping_that_most_lack_is_told(broken):
    put("survey.csv", SURVEY.replace("South", "").replace("North,0", ",0"))(broken)
    assert check() == ["2 of 3 respondents have no level of 'team': were cells merged or left out?"]


def test_a_check_of_a_bomb_of_aliases_and_of_deep_nesting_ends_at_once(broken):
    begun = time.process_time()
    for name in ("a bomb of aliases", "nested too deeply"):
        BROKEN[name][0](broken)
        assert len(check()) == 1
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("name", ["construct", "place", "theme_of_code", "known", "takes_part_as"])
def test_a_column_of_the_segments_that_is_none_of_ours_is_left_alone(broken, name):
    before = coding.read_segments(reading.read_study("broken"))
    text = (
        FILES["segments.csv"].replace("text\n", f"text,{name}\n").replace("time\n", "time,Town\n").replace("it\n", "it,Farm\n")
    )
    put("segments.csv", text)(broken)
    assert coding.read_segments(reading.read_study("broken")).equals(before)
