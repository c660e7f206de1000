"""What a package of one study must not hold: identifiers, names and words of its raw data, and the names of this machine."""

import getpass
import platform
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

import pandas as pd

from helpers.interviews import coded, coding, people, transcripts
from helpers.package.opened import fold, split_words
from helpers.study import reading, sheets
from helpers.study.definition import Study
from helpers.study.folders import project_root
from helpers.study.notebooks import read_notebook
from helpers.survey import exports

# So many words in a row, the same in the package as in the raw data, are a quotation and no chance.
RUN = 6
# A short answer that so many people gave in the same words is an option or a commonplace, and points to nobody.
COMMONPLACE = 3
NAME, IDENTIFIER = "a name from the raw data", "an identifier from the raw data"
ANSWER, SPOKEN = "words of a respondent", "words of an interview"
MACHINE = "this machine's user or name"


@dataclass(frozen=True)
class Secrets:
    """What a package of one study must not hold; words in plain form (see `opened.plain`)."""

    # Words in a row, without difference of case → what they are: identifiers, full names, short answers.
    phrases: dict[tuple[str, ...], str] = field(default_factory=dict)
    # First and last names, and labels of participants, as written.
    names: frozenset[str] = frozenset()
    labels: frozenset[tuple[str, ...]] = frozenset()
    # Hashes of `RUN` words in a row → whose words they are.
    runs: dict[int, str] = field(default_factory=dict)
    # Answers of one word, which count only where they fill a cell.
    answers: frozenset[str] = frozenset()
    # Folders of this machine.
    folders: tuple[str, ...] = ()
    # All that the study's definition says: never a hit. What its title, about and citation say: an address is the team's own.
    public: str = ""
    contacts: str = ""

    @cached_property
    def by_first_word(self) -> dict[str, list[tuple[str, ...]]]:
        index: dict[str, list[tuple[str, ...]]] = {}
        for words in [*self.phrases, *self.labels]:
            index.setdefault(words[0], []).append(words)
        return index

    def is_public(self, words: tuple[str, ...]) -> bool:
        return f" {' '.join(words)} " in self.public


# Columns by Qualtrics' identifier, by the names of older exports (V1 …) and by usual names, letters and digits alone.
COLUMNS = {
    "identifier": "ipaddress v6 recipientemail email emailaddress v5 externaldatareference externalreference v4 recordid"
    " responseid v1 locationlatitude latitude locationlongitude longitude phone telephone mobile phonenumber postcode userid"
    " username",
    "first": "recipientfirstname firstname forename givenname",
    "last": "recipientlastname lastname surname familyname",
    "name": "name fullname yourname v3",
    "technical": "startdate enddate recordeddate status progress duration durationinseconds finished distributionchannel"
    " userlanguage v2 v7 v8 v9 v10 locationaccuracy qrecaptchascore qrelevantidduplicatescore qrelevantidfraudscore",
}  # fmt: skip
ROLES = {name: role for role, names in COLUMNS.items() for name in names.split()}
# Words by which transcripts and accounts call people without naming them.
ROLE_WORDS = {
    "speaker", "interviewer", "interviewee", "participant", "respondent", "facilitator", "moderator", "researcher", "guest",
    "unknown", "anonymous", "none", "test", "the", "and", "mrs", "one", "two", "three", "four", "five", "six", "seven", "eight",
    "nine", "ten",
}  # fmt: skip
# Names that many machines and accounts share.
ACCOUNTS = {
    "root", "user", "users", "admin", "administrator", "runner", "jovyan", "ubuntu", "debian", "codespace", "vscode", "guest",
    "default", "localhost", "local", "host", "home", "work", "desktop", "laptop", "container", "docker",
}  # fmt: skip


def gather_secrets(study: Study) -> Secrets:
    """Read what a package must not hold from the raw data that `study.yml` names, and from this machine.

    Raises a `WorkbookError` for raw data that cannot be read: a package is never searched with half of the secrets.
    """
    wording, approved = list_wording(study), []
    if study.definition.interviews:
        texts = read_texts(study)
        approved = texts[texts.index.isin(coding.read_approved(study))].to_list()
    raw: defaultdict[str, list[str]] = defaultdict(list)
    for kind, text in [*gather_survey(study), *gather_interviews(study)]:
        raw[kind].append(text)
    public, quotable = Secrets(public=join_texts(wording)), Secrets(public=join_texts([*wording, *approved]))
    # A respondent's own address is no less theirs when a label of the study repeats it; a place of work is a label.
    allowed = Secrets(public=join_texts(study.definition.sharing.allowed))
    said = {value: public if re.fullmatch(r"[^\W\d_]+( [^\W\d_]+)*", value) else allowed for value in raw["identifier"]}
    # An identifier of letters alone is a name, or no more telling than one.
    names = [*raw["name"], *filter(str.isalpha, raw["identifier"])]
    alone = {form for name in names for word in split_words(name) for form in list_forms(word)}
    telling = [fold(value) for value, openly in said.items() if is_telling(value) and not openly.is_public(fold(value))]
    times = Counter(map(fold, raw["answer"]))
    answers = [answer for answer in raw["answer"] if times[fold(answer)] < COMMONPLACE]
    secret, segments = list_secret(answers, quotable), list_secret(raw["segment"], quotable)
    return Secrets(
        phrases={
            **{words: ANSWER for words in secret if 1 < len(words) < RUN},
            **{words: SPOKEN for words in segments if 1 < len(words) < RUN},
            **dict.fromkeys(telling, IDENTIFIER),
            **dict.fromkeys(choose_names(names, raw["file"], public), NAME),
            **{words: MACHINE for words in list_machine_names() if not public.is_public(words)},
        },
        names=frozenset(alone.difference(*map(split_words, wording))),
        # A single letter would be found everywhere.
        labels=frozenset(
            split_words(label) for label in raw["label"] if len("".join(fold(label))) > 1 and list_secret([label], public)
        ),
        runs=gather_runs([*raw["segment"], *raw["transcript"]], answers, [*wording, *approved]),
        answers=frozenset(words[0] for words in secret if len(words) == 1 and len(words[0]) > 3),
        folders=tuple(str(folder) for folder in (Path.home(), project_root()) if len(folder.parts) > 1),
        public=public.public,
        contacts=join_texts([study.definition.title, study.definition.about, study.definition.citation]),
    )


def join_texts(texts: Iterable[str]) -> str:
    return "".join(f" {' '.join(fold(text))} |" for text in texts)


def list_secret(texts: list[str], public: Secrets) -> list[tuple[str, ...]]:
    """The words of texts that are more than numbers and are not said openly."""
    return [words for words in map(fold, texts) if any(map(str.isalpha, "".join(words))) and not public.is_public(words)]


def choose_names(names: list[str], files: list[str], public: Secrets) -> list[tuple[str, ...]]:
    """Names of several words, and names of files that hold a name."""
    known = {word for name in names for word in fold(name)}
    named_after = [words for words in map(fold, files) if known & set(words)]
    return [words for words in [*map(fold, names), *named_after] if len(words) > 1 and not public.is_public(words)]


def is_telling(value: str) -> bool:
    """Whether a value is long or odd enough to be told from a count: `17` is not, `A1-0042` and `53.7632` are."""
    if decimals := re.fullmatch(r"[-−]?\d+\.(\d+)", value):
        return len(decimals[1]) > 3
    compact = "".join(fold(value))
    return not value.isalpha() and len(compact) >= (6 if compact.isdigit() else 5)


def list_forms(word: str) -> set[str]:
    """How a name may be written; a name typed in small letters is not looked for in small letters."""
    if len(word) < 3 or not word.isalpha() or word.casefold() in ROLE_WORDS:
        return set()
    return {word.capitalize(), word.upper()} | (set() if word.islower() else {word})


def list_machine_names() -> Iterator[tuple[str, ...]]:
    """The account and the names of this machine, other than those that many machines share."""
    try:
        account = getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such account, no such module: then there is no name to find
        account = ""
    for name in (account, platform.node(), platform.node().split(".")[0]):
        if len(name) > 3 and name.casefold() not in ACCOUNTS:
            yield fold(name)


def list_wording(study: Study) -> list[str]:
    """What is said openly: `study.yml` (names of files aside), codebook, codes, what was published, the notebooks' prose."""
    texts, waiting = [study.name], [study.definition.model_dump()]
    for value in waiting:  # grows while it is walked
        if isinstance(value, dict):
            texts += map(str, value)
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str) and not (len(value) < 200 and (study.folder / value).exists()):
            texts.append(value)
    texts += study.codebook[["item", "section", "label"]].stack().tolist()
    if study.definition.interviews:
        texts += [text for column in ("label", "theme") for text in coding.read_codes(study)[column].dropna()]
        texts += coding.read_segments(study)["theme"].dropna().unique().tolist()
    for path in reading.named_files(study, "published"):
        texts += sheets.read_table(path).stack().tolist()
    # The notebooks' prose names methods after people, and a respondent may share such a name.
    notebooks = (project_root() / "notebooks").glob("[0-9][0-9]_*.ipynb")
    cells = [cell for path in notebooks for cell in read_notebook(path)["cells"]]
    return texts + [cell["source"] for cell in cells if cell["cell_type"] == "markdown"]


def gather_survey(study: Study) -> Iterator[tuple[str, str]]:
    """Identifiers, names and free text of every row of every export, excluded rows among them."""
    if study.definition.survey is None:
        return
    settings = study.survey
    declared = [*settings.groupings.values(), *filter(None, [settings.consent])]
    used = {*study.codebook["column"], *(part.column for part in declared)}
    for relative in settings.files.values():
        export = exports.read_export(study.file(relative), used)
        roles = {}
        for name in export.answers:
            kind = find_role(export.identifiers.get(name, ""), name)
            roles[name] = "identifier" if name == settings.link_column else "" if name in used else kind
        yield from read_columns(export.answers, roles)


def find_role(*names: str) -> str:
    """What a column holds, by its names: a kind of `COLUMNS`, else free text."""
    return next(filter(None, (ROLES.get(re.sub(r"[\W_]", "", name.casefold()), "") for name in names)), "free")


def read_columns(rows: pd.DataFrame, roles: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What the columns of a table hold, by their roles; a first and a last name stand in either order."""
    for column, role in roles.items():
        kind = {"identifier": "identifier", "free": "answer", "name": "name", "first": "name", "last": "name"}.get(role)
        yield from ((kind, cell) for cell in rows[column] if kind and cell)
    for first in [column for column, role in roles.items() if role == "first"]:
        for last in [column for column, role in roles.items() if role == "last"]:
            for given, family in zip(rows[first], rows[last], strict=True):
                yield from (("name", f"{given} {family}"), ("name", f"{family} {given}"))


def gather_interviews(study: Study) -> Iterator[tuple[str, str]]:
    """Labels, names, files, segments and transcripts, approved or not."""
    interviews = study.definition.interviews
    if interviews is None:
        return
    everybody = people.read_people(study.file(interviews.participants))
    for label in everybody.loc[everybody["takes_part_as"] == coded.PARTICIPANT, "participant"]:
        yield ("label", label)
    roles = {}
    for column in everybody.columns.difference(["participant", "takes_part_as"]):
        several = re.fullmatch(r"(?i)(speaker|source)([ _]?\d+)?", column)
        if several is None:
            roles[column] = find_role(column)
            continue
        kind = "name" if several[1].casefold() == "speaker" else "file"
        yield from ((kind, part.strip()) for cell in everybody[column] for part in cell.split(";") if part.strip())
    yield from read_columns(everybody, roles)
    yield from (("file", PurePosixPath(file).stem) for file in reading.list_transcripts(study))
    if interviews.transcripts:
        for text in transcripts.read_transcripts(study).groupby("source")["text"].agg(" ".join):
            yield ("transcript", text)
    if interviews.text_is == "words":
        yield from (("segment", text) for text in read_texts(study))


def read_texts(study: Study) -> pd.Series:
    """The text of each segment that has one, by its id."""
    return coding.read_segments(study).drop_duplicates("segment").set_index("segment")["text"].dropna()


def gather_runs(spoken: list[str], answers: list[str], open_texts: list[str]) -> dict[int, str]:
    """Hashes of every `RUN` words in a row of the raw texts, other than those that are said openly."""
    runs = {run: SPOKEN for text in spoken for run in hash_runs(fold(text))}
    runs |= {run: ANSWER for text in answers for run in hash_runs(fold(text))}
    said = {run for text in open_texts for run in hash_runs(fold(text))}
    return {run: what for run, what in runs.items() if run not in said}


def hash_runs(words: tuple[str, ...]) -> list[int]:
    return [hash(words[start : start + RUN]) for start in range(len(words) - RUN + 1)]
