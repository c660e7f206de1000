"""A survey's part of a new study: its codebook and its keys of `study.yml`, each with a reason and what is in doubt."""

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.setup.ask import Asker
from helpers.setup.matching import NOMAD, Match, match_items
from helpers.setup.questions import read_questions
from helpers.setup.roles import find_personal, is_consent, is_technical, sort_columns
from helpers.setup.scales import find_kinds, find_language, group_scales, read_numbers, read_words
from helpers.study.errors import WorkbookError
from helpers.study.words import find
from helpers.survey.exports import Export

CONSTRUCTS = pd.read_csv(Path(__file__).with_name("constructs.csv"), dtype=str).set_index("construct")
MECHANISMS = [name for name in dict.fromkeys(NOMAD["construct"]) if name != "general"]
GENERAL = {"label": "General", "gist": "how familiar and how normal the practice is", "scored": False}
OURS = {"general": GENERAL} | {key: CONSTRUCTS.loc[key].to_dict() for key in MECHANISMS}
OTHER = {"label": "Other questions", "gist": "this survey's own questions", "scored": False}
CODEBOOK = ["item", "column", "section", "construct", "scale", "reversed", "label", "score", "reason", "review"]


@dataclass
class Proposal:
    """What to write into `study.yml`, the codebook with `score, reason, review`, what else to review, and what was found."""

    said: dict
    codebook: pd.DataFrame
    review: list[str]
    found: list[tuple[str, str]]


def propose_survey(exports: dict[str, Export], definition: Path | None, ask: Asker) -> Proposal:
    """Propose a survey's part of a study from its exports by wave, and from the file that defines their options, if any."""
    waves = list(exports.values())
    questions = read_questions(waves, definition)
    others = (is_technical, find_personal)
    asked = [q for q in questions if len(q.answers) and not is_consent(q) and not any(other(q, waves[0]) for other in others)]
    language = find_language(asked)
    kinds = find_kinds(asked, language)
    if "agreement" in kinds.values():
        kinds = {column: kind for column, kind in kinds.items() if kind != "options"}
    wordings = {question.column: question.wording for question in asked if question.column in kinds}
    codebook, practice = choose_items(wordings, kinds, ask)
    chosen = [question for question in asked if question.column in {*codebook["column"]}]
    for question in chosen:
        if kinds[question.column] == "amount":
            found, expected = f"{len(question.labels)} different numbers", "the points of a scale, 0 to 10 or fewer"
            remedy = "export it in such points, or leave the column out"
            raise WorkbookError(waves[0].path, f"column {question.column}", found, expected, remedy)
    scales = group_scales(kinds, chosen, codebook.loc[codebook["construct"] == "general", "column"].to_list())
    wide = [question for scale in scales if scale.name.startswith("familiarity") for question in scale.questions]
    for scale in scales:
        if scale.kind == "numbers" and not scale.questions[0].options:
            read_numbers(scale, wide, codebook.loc[codebook["reversed"] == "yes", "column"].to_list(), ask)
        else:
            read_words(scale, language, ask)
        codebook.loc[codebook["column"].isin([question.column for question in scale.questions]), "scale"] = scale.name
    used = {*MECHANISMS, *codebook["construct"]}
    said = {
        "practice": practice or "the practice",
        "scales": {scale.name: scale.describe() for scale in scales},
        "constructs": {key: said for key, said in (OURS | {"other": OTHER}).items() if key in used},
    }
    review = [f"scales.{scale.name}: {line}" for scale in scales for line in scale.review]
    proposal = Proposal(said, codebook, review, [])
    for scale in scales:
        points = ", ".join(f"{code} = {label}" if code else label for code, label, _ in scale.points)
        proposal.found.append((scale.name, "; ".join([points, *(f"{label} ({kind})" for _, label, kind in scale.aside)])))
    said["survey"] = sort_columns(questions, waves, {*codebook["column"]}, proposal.review, proposal.found, ask)
    return proposal


def choose_items(wordings: dict[str, str], kinds: dict[str, str], ask: Asker) -> tuple[pd.DataFrame, str]:
    """The codebook, in questionnaire order and still without scales, and the practice's name.

    A question answered by agreement is an item whatever its words; another question is one if its words leave no doubt. A
    question answered with numbers may be one if its words are similar, or if it follows an item answered in that way.
    """
    matches, language, practice = match_items(wordings)
    if not matches and len(kinds) in (20, len(NOMAD)):
        # An export without wordings.
        placed = zip(kinds, NOMAD.index[-len(kinds) :], strict=True)
        matches = {column: Match(item, 0, "", "only its place says so") for column, item in placed}
    free = [item for item in NOMAD.index if item not in {match.item for match in matches.values()}]
    own = {key: f"another question about {CONSTRUCTS.loc[key, 'label'].lower()}" for key in MECHANISMS}
    own |= {"other": "another question, reported by itself", "out": "leave it out"}
    rows, before = [], ""
    for column, wording in wordings.items():
        match, review = matches.get(column, Match("other", 0, "", "no item of NoMAD is like it")), []
        certain, before_too, before = not match.doubt, kinds[column] == before == "numbers", ""
        likely = kinds[column] == "numbers" and column in matches
        if not (kinds[column] == "agreement" or certain or before_too or likely):
            continue
        item, before = match.item, kinds[column]
        if not certain:
            near = [key for key in NOMAD.index if re.search(rf"\b{key}\b", match.doubt)]
            choices = {key: NOMAD.loc[key, "label"] for key in dict.fromkeys([item, *near, *free]) if key in NOMAD.index}
            item = ask.choose(review, f"Which item is “{wording}” ({match.doubt})?", item, choices | own)
        if item == "out":
            continue
        known = item in NOMAD.index
        construct, reversed_ = NOMAD.loc[item, ["construct", "reversed"]] if known else (item, "no")
        if item != "other" and (negation := find(wording.replace(practice, ""), "negation", language)):
            choices = {"yes": "agreeing speaks against the practice", "no": "agreeing speaks for the practice"}
            question = f"Is “{wording}” worded negatively (“{negation}”)?"
            reversed_ = ask.choose(review, question, "no" if reversed_ == "yes" else "yes", choices)
        taken = [row["item"] for row in rows]
        names = [item, *(item + letter for letter in "bcdefgh")] if known else [f"F{k}" for k in range(1, len(rows) + 2)]
        name = next(name for name in names if name not in taken)
        rows.append({
            "item": name, "column": column, "section": name[0], "construct": construct, "reversed": reversed_,
            "label": wording, "score": f"{match.score:.2f}", "reason": f"it holds: {match.words}" if match.words else "",
            "review": " ".join(review),
        })  # fmt: skip
    if not rows:
        found = "no question answered by agreement or on a scale"
        remedy = "export answers and questions' texts, or correct --survey"
        raise WorkbookError("survey export", "", found, "items of NoMAD, adapted or not", remedy)
    return pd.DataFrame(rows, columns=CODEBOOK, dtype="str").fillna(""), practice
