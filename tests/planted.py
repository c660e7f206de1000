"""A made-up study full of what must not leave a team: identifiers, small groups, hostile text, words nobody approved.

Nobody in it exists. Addresses are from the ranges reserved for documentation, telephone numbers from those for drama.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

ITEMS = ["A1", "A2", "A3", "B1", "B2", "B3"]
POINTS = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]
ASIDE = "Not relevant to my role"
HOSTILE = [
    "<script>alert('planted')</script>",
    "<img src=x onerror=alert(1)>",
    "**bold** and $x^2$ and {{ 7 * 7 }}",
    '=HYPERLINK("https://example.org")',
]
COMMENT = "My manager at the Plumtree Lane depot told us to stop asking"
APPROVED = "The forms were shorter, <b>much</b> shorter"
UNAPPROVED = "I told the board in private that the figures were wrong"
SPEAKERS = {"P1": "Quillon Testperson", "P2": "Ysolde Sampleton", "P3": "Brannoc Madeup"}

STUDY = """
title: "A planted study <script>alert('title')</script>"
practice: a made-up practice
about: "Made up for a test: =1+1 and **stars**."
scales:
  agree:
    responses:
      - {label: Strongly disagree, value: 1, band: Disagree}
      - {label: Disagree, value: 2, band: Disagree}
      - {label: Neutral, value: 3, band: Neutral}
      - {label: Agree, value: 4, band: Agree}
      - {label: Strongly agree, value: 5, band: Agree}
    not_relevant:
      - {label: Not relevant to my role, kind: role}
constructs:
  sense: {label: Sense}
  work: {label: Work}
survey:
  files: {"2030": survey.csv}
  link_column: key
  groupings:
    team: {label: Team, column: team, levels: [North, South, East, West, Night shift]}
    years: {label: Years, column: years, levels: [Under 1, 1 to 5, Over 5], ordered: true}
interviews:
  participants: participants.csv
  segments: segments.csv
  transcripts: transcripts
  attributes:
    field: {label: Field, levels: [Care, School, Court]}
sharing: {quotations: approved.csv}
"""


def plant(folder: Path, seed: int = 1, respondents: int = 60) -> None:
    """Write the study into a folder."""
    (folder / "transcripts").mkdir(parents=True)
    (folder / "study.yml").write_text(STUDY, encoding="utf-8")
    rows = ["item,column,section,construct,scale,reversed,label"]
    for item in ITEMS:
        construct = "sense" if item < "B" else "work"
        rows.append(
            f'{item},{item},{item[0]},{construct},agree,{"yes" if item == "B3" else "no"},"Item {item} <i>as typed</i>"'
        )
    (folder / "codebook.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    make_export(np.random.default_rng(seed), respondents).to_csv(folder / "survey.csv", index=False)
    people = pd.DataFrame({
        "participant": [f"P{k}" for k in range(1, 13)],
        "speaker": [SPEAKERS.get(f"P{k}", f"Voice Number{k}") for k in range(1, 13)],
        "field": ["Court"] + ["Care"] * 5 + ["School"] * 6,
    })  # fmt: skip
    people.to_csv(folder / "participants.csv", index=False)
    texts = [APPROVED, UNAPPROVED, *HOSTILE]
    segments = [(f"S{k:02d}", f"P{1 + k % 12}", f"theme{k % 4}", f"code{k % 7}", "") for k in range(24)]
    segments += [(f"T{k}", f"P{1 + k % 3}", "theme0", "code0", text) for k, text in enumerate(texts)]
    # One theme that few were coded for, and one that nearly all were.
    segments += [("U1", "P2", "rare", "rare", "")] + [(f"V{k}", f"P{k}", "common", "common", "") for k in range(1, 12)]
    pd.DataFrame(segments, columns=["segment", "participant", "theme", "code", "text"]).to_csv(
        folder / "segments.csv", index=False
    )
    (folder / "approved.csv").write_text("segment\nT0\n" + "".join(f"T{k}\n" for k in range(2, 2 + len(HOSTILE))))
    words = [APPROVED.replace("<b>", "").replace("</b>", ""), UNAPPROVED, "Yes"]
    said = "\n\n".join(
        f"00:00:{k:02d}.000 --> 00:00:{k + 1:02d}.000\n<v {name} (Depot)>{text}. {COMMENT}</v>"
        for k, (name, text) in enumerate(zip(SPEAKERS.values(), words, strict=True))
    )
    (folder / "transcripts" / "Quillon_Testperson.vtt").write_text(f"WEBVTT\n\n{said}\n", encoding="utf-8")


def make_export(random: np.random.Generator, respondents: int) -> pd.DataFrame:
    """An export in Qualtrics' layout, with every identifying column filled."""
    numbers = range(respondents)
    technical = {
        "ResponseId": ("_recordId", [f"R_{k:015d}" for k in numbers]),
        "Status": ("status", ["IP Address"] * respondents),
        "IPAddress": ("ipAddress", [f"192.0.2.{k}" for k in numbers]),
        "Duration": ("duration", [str(100 + k) for k in numbers]),
        "RecipientLastName": ("recipientLastName", [f"Lastname{chr(65 + k % 26)}x" for k in numbers]),
        "RecipientFirstName": ("recipientFirstName", [f"Firstname{chr(65 + k % 26)}y" for k in numbers]),
        "RecipientEmail": ("recipientEmail", [f"person{k}@example.org" for k in numbers]),
        "ExternalReference": ("externalDataReference", [f"staff-{7000 + k}" for k in numbers]),
        "LocationLatitude": ("locationLatitude", [f"53.7{k:03d}" for k in numbers]),
        "LocationLongitude": ("locationLongitude", [f"-2.7{k:03d}" for k in numbers]),
    }
    answers = {"key": [f"badge{k}" for k in numbers], "comment": [f"{COMMENT}, case {k}" for k in numbers]}
    answers["team"] = random.choice(
        ["North", "South", "East", "West", "Night shift"], respondents, p=[0.45, 0.35, 0.12, 0.06, 0.02]
    )
    answers["years"] = random.choice(["Under 1", "1 to 5", "Over 5"], respondents, p=[0.04, 0.26, 0.7])
    for k, item in enumerate(ITEMS):
        # From nearly all agreeing to nearly all disagreeing, with a few who find the item not relevant or leave it out.
        weights = np.array([0.02, 0.03, 0.05, 0.3, 0.6]) if k < 4 else np.array([0.3, 0.3, 0.2, 0.15, 0.05])
        chosen = random.choice([*POINTS, ASIDE, ""], respondents, p=[*(0.94 * weights), 0.04, 0.02])
        answers[item] = chosen
    answers["A1"] = np.where(random.random(respondents) < 0.97, "Strongly agree", "Neutral")
    table = pd.DataFrame({name: values for name, (_, values) in technical.items()} | answers)
    imports = [json.dumps({"ImportId": key}) for key, _ in technical.values()]
    imports += [json.dumps({"ImportId": f"QID{k}"}) for k in range(len(answers))]
    header = pd.DataFrame([[f"Text of {name}" for name in table.columns], imports], columns=table.columns)
    return pd.concat([header, table], ignore_index=True)
