"""The questions in an export of any tool: their wording, the answers seen, and the options that the tool declares."""

import html
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree.ElementTree import Element

import pandas as pd

from helpers.study import files
from helpers.study.errors import WorkbookError
from helpers.study.sheets import read_table, shorten
from helpers.survey.exports import Export, fold

# What comes before a question: "Q3.", "3.1 ", LimeSurvey's "G1Q1[SQ001].".
NUMBER = re.compile(r"^(?:\w+\[\w+\]\.?|Q?\d+(?:\.\w{1,3})*[.):]|Q?\d+(?:\.\w{1,3})+)\s+")
STEM = re.compile(r" - | \[(?=[^\[\]]+\]$)")
# REDCap's data dictionary, as the page and as the interface name its columns.
DICTIONARY = {
    "name": ("Variable / Field Name", "field_name"),
    "label": ("Field Label", "field_label"), "kind": ("Field Type", "field_type"),
    "choices": ("Choices, Calculations, OR Slider Labels", "select_choices_or_calculations"),
    "personal": ("Identifier?", "identifier"),
}  # fmt: skip
# What Qualtrics adds to a question's text if an answer in one's own words has a column beside it.
CHOSEN = "Selected Choice"
YES_NO = [("Y", "Yes"), ("N", "No")]


@dataclass(frozen=True)
class Question:
    """One column: `answers` are the filled cells; `options` are pairs of code and label in the tool's order.

    `declared`: the tool has listed all options, even those that nobody chose; `coded`: the answers are codes; `personal`: the
    tool marks the answers as identifying.
    """

    column: str
    wording: str
    answers: pd.Series
    options: tuple[tuple[str, str], ...] = ()
    declared: bool = False
    coded: bool = False
    personal: bool = False

    @property
    def labels(self) -> list[str]:
        """The labels that are known: those declared, and those seen if answers are labels, in any capitalisation."""
        return name_once([*(label for _, label in self.options), *([] if self.coded else self.answers.unique())])


def name_once(labels: Iterable[str]) -> list[str]:
    """Labels as first written, without those that differ from an earlier one only in capitals and spaces."""
    known: dict[str, str] = {}
    for label in labels:
        known.setdefault(fold(label), label)
    return [*known.values()]


def read_questions(exports: list[Export], definition: Path | None) -> list[Question]:
    """The questions that every export (one for each wave) asks, with what `definition` says about them.

    `definition` is a QSF file of Qualtrics, an LSS file of LimeSurvey, or a data dictionary of REDCap.
    """
    first, names = exports[0], exports[0].answers.columns.to_series()
    texts = next((row for _, row in first.headers.iterrows() if not row.str.contains('"?ImportId').any()), names)
    wordings = dict(zip(names, name_questions(texts.map(clean).to_list()), strict=True))
    told = read_labels(first.path) if definition is None else read_definition(definition)
    questions = []
    for name in [name for name in names if all(name in export.answers for export in exports)]:
        answers = pd.concat([export.answers[name].rename(f"{export.path.name}, {{}}".format) for export in exports])
        # LimeSurvey may put a question's text after its code.
        known = told.get(first.identifiers.get(name, "").removesuffix("_TEXT"), told.get(name.partition(". ")[0], {}))
        questions.append(Question(name, answers=answers[answers != ""], **{"wording": wordings[name]} | known))

    def are_all(question: Question, place: int) -> bool:
        """Whether the answers are all codes (0) or all labels (1) of the options."""
        return {*question.answers.str.removesuffix(".0")} <= {option[place] for option in question.options}

    known = [(each, len(each.answers) > 0 and are_all(each, 0), are_all(each, 1)) for each in questions]
    # If labels are numbers too, answers are codes if those to most other questions are.
    clear = [code for question, code, labelled in known if question.options and not (code and labelled)]
    mostly = 2 * sum(clear) > len(clear)
    return [replace(question, coded=code and (mostly or not labelled)) for question, code, labelled in known]


def clean(text: str) -> str:
    """A text without HTML and line breaks."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def name_questions(texts: list[str]) -> list[str]:
    """Texts without numbers, and without the stem ("stem - row", "stem [row]") that several of them share."""
    texts = [NUMBER.sub("", text) for text in texts]
    heads = Counter(text[: cut.start()] for text in texts for cut in STEM.finditer(text))
    named = []
    for text in texts:
        cuts = [cut for cut in STEM.finditer(text) if heads[text[: cut.start()]] > 1]
        row = text[cuts[-1].end() :] if cuts else text
        if row == CHOSEN:
            row = text[: cuts[-1].start()]
        named.append(NUMBER.sub("", row.removesuffix("]") if cuts and cuts[-1].group() == " [" else row))
    return named


# --- what declares options ---------------------------------------------------------------------------------------------
def read_labels(path: Path) -> dict[str, dict]:
    """What an SPSS file says about its variables; nothing for any other file."""
    if not path.read_bytes().startswith((b"$FL2", b"$FL3")):
        return {}
    import pyreadstat

    _, known = pyreadstat.read_sav(path, metadataonly=True)
    told = {name: {"wording": clean(label)} for name, label in known.column_names_to_labels.items() if label}
    for name, labels in known.variable_value_labels.items():
        codes = {f"{value:g}" if isinstance(value, float) else value: label.strip() for value, label in labels.items()}
        # Often only the ends of a scale have labels.
        points = [int(code) for code in codes if code.isdigit() and int(code) <= 10] or [0]
        codes = {str(code): str(code) for code in range(min(points), max(points))} | codes
        options = tuple(sorted(codes.items(), key=lambda option: float(option[0]) if option[0].lstrip("-").isdigit() else 0))
        told.setdefault(name, {}).update(options=options, declared=True)
    return told


def read_definition(path: Path) -> dict[str, dict]:
    content = files.read_bytes(path)
    try:
        if files.find_kind(content) == "xml":
            return read_lss(files.parse_xml(path, content, ""))
        if content.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"{"):
            return read_qsf(json.loads(files.decode_text(path, content)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        found = f"something else ({type(error).__name__}: {error})"
        files.refuse_damaged(path, found, "a survey as Qualtrics (QSF) or LimeSurvey (LSS) exports it")
    return read_dictionary(path, read_table(path, content=content))


def read_qsf(content: dict) -> dict[str, dict]:
    """Questions of a QSF file by Qualtrics' identifier and by name; a matrix's rows are questions, and its answers options."""
    told = {}
    for asked in [element["Payload"] for element in content["SurveyElements"] if element["Element"] == "SQ"]:
        rows = asked["Choices"] if asked["QuestionType"] in ("Matrix", "Slider") else {}
        kind = "Answer" if asked["QuestionType"] == "Matrix" else "Choice"
        options = {} if asked["QuestionType"] == "Slider" else asked.get(f"{kind}s") or {}
        codes, tags = asked.get("RecodeValues") or {}, asked.get("ChoiceDataExportTags") or {}
        order = [str(key) for key in asked.get(f"{kind}Order") or options]
        pairs = tuple((str(codes.get(key, key)), clean(options[key]["Display"])) for key in order)
        for key, wording in {key: row["Display"] for key, row in rows.items()}.items() or [("", asked["QuestionText"])]:
            end = f"_{key}" if rows else ""
            known = {"wording": clean(wording), "options": pairs, "declared": bool(pairs)}
            told[asked["QuestionID"] + end] = told[tags.get(key) or asked["DataExportTag"] + end] = known
    return told


def read_lss(tree: Element) -> dict[str, dict]:
    """Questions of a LimeSurvey survey by code, those of an array as `Q1[SQ001]` or `Q1_SQ001`, in its own language.

    Texts are in the tables of questions and answers, or since version 4 in separate tables.
    """
    language = tree.findtext("surveys/rows/row/language") or tree.findtext("languages/language")
    tables = ("questions", "subquestions", "question_l10ns", "answers", "answer_l10ns")
    rows = {name: [{cell.tag: cell.text or "" for cell in row} for row in tree.iterfind(f"{name}/rows/row")] for name in tables}
    rows = {name: [row for row in found if row.get("language", language) == language] for name, found in rows.items()}
    if not rows["questions"]:
        raise ValueError("no questions")
    texts = {row["qid"]: clean(row["question"]) for name in tables[:3] for row in rows[name] if "question" in row}
    said = {row["aid"]: row["answer"] for row in rows["answer_l10ns"]}
    options: dict[str, list[tuple[str, str]]] = {}
    for row in sorted(rows["answers"], key=lambda row: int(row["sortorder"])):
        if row.get("scale_id", "0") == "0":
            label = row["answer"] if "answer" in row else said[row["aid"]]
            options.setdefault(row["qid"], []).append((row["code"], clean(label)))
    told = {}
    for asked in rows["questions"]:
        pairs = tuple(options.get(asked["qid"], YES_NO if asked["type"] == "Y" else []))
        pairs += (("-oth-", "Other"),) if pairs and asked["other"] == "Y" else ()
        parts = [row for row in rows["subquestions"] if row["parent_qid"] == asked["qid"]]
        for row in parts or [asked]:
            known = {"wording": texts[row["qid"]], "options": pairs, "declared": bool(pairs)}
            names = [f"{asked['title']}[{row['title']}]", f"{asked['title']}_{row['title']}"] if parts else [row["title"]]
            told |= dict.fromkeys(names, known)
    return told


def read_dictionary(path: Path, table: pd.DataFrame) -> dict[str, dict]:
    """The fields of a data dictionary of REDCap; choices are written `1, Agree | 2, Disagree`."""
    told, names = {}, {part: next((name for name in names if name in table), None) for part, names in DICTIONARY.items()}
    if not (names["name"] and names["choices"]):
        expected = "a survey's definition: QSF of Qualtrics, LSS of LimeSurvey, or data dictionary of REDCap"
        remedy = "give one of these; an export with labels instead of codes is read as it is, after --survey"
        raise WorkbookError(path, "header", shorten(table), expected, remedy)
    for row in table.to_dict("records"):
        choices = {"yesno": "1, Yes | 0, No", "truefalse": "1, True | 0, False"}.get(row[names["kind"]], row[names["choices"]])
        pairs = [[part.strip() for part in choice.split(",", 1)] for choice in choices.split("|")]
        options = tuple((pair[0], clean(pair[1])) for pair in pairs if len(pair) == 2)
        personal = bool(names["personal"]) and row[names["personal"]].casefold().startswith("y")
        known = {"options": options, "declared": bool(options), "personal": personal}
        told[row[names["name"]]] = known | ({"wording": clean(row[names["label"]])} if row[names["label"]] else {})
    return told
