"""What a study's package must not hold: identifiers, names and words of its raw data, and the names of this machine."""

import getpass
import platform
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

import pandas as pd

from helpers.interviews import coded, coding, people, transcripts
from helpers.package.opened import fold, split_words
from helpers.running.fresh import HELPERS
from helpers.study import reading, sheets
from helpers.study.definition import Study
from helpers.study.folders import project_root
from helpers.study.notebooks import read_notebook
from helpers.survey import exports, free_text

# This many words in a row that are the same in the package and in the raw data are a quotation, not chance.
RUN = 6
# A short answer that this many people gave in the same words is an option or a commonplace, and identifies nobody.
COMMONPLACE = 3
NAME, IDENTIFIER = "a name from the raw data", "an identifier from the raw data"
ANSWER, SPOKEN = "words of a respondent", "words of an interview"
MACHINE = "this machine's user or name"


@dataclass(frozen=True, eq=False)
class Secrets:
    """What a study's package must not hold; words in plain form (see `opened.plain`), ignoring case."""

    # Words in a row → what they are: identifiers, full names, short answers.
    phrases: dict[tuple[str, ...], str] = field(default_factory=dict)
    # First and last names with their possessive and plural forms; labels of participants as written.
    names: frozenset[str] = frozenset()
    labels: frozenset[tuple[str, ...]] = frozenset()
    # Hashes of `RUN` words in a row → whose words they are.
    runs: dict[int, str] = field(default_factory=dict)
    # Answers of one word, which count only if they fill a cell.
    answers: frozenset[str] = frozenset()
    # Folders of this machine.
    folders: tuple[str, ...] = ()
    # Words in a row that the team has approved: no hit anywhere.
    allowed: frozenset[tuple[str, ...]] = frozenset()
    # What the study says openly: not a hit as an answer; nor is a name in exactly this wording.
    public: str = ""
    # What its title, about and citation say: an address or a number there is the team's own.
    contacts: str = ""

    @cached_property
    def by_first_word(self) -> dict[str, list[tuple[str, ...]]]:
        index: dict[str, list[tuple[str, ...]]] = {}
        for words in [*self.phrases, *self.labels]:
            index.setdefault(words[0], []).append(words)
        return index

    def is_public(self, words: tuple[str, ...], whole: bool = False) -> bool:
        """Whether the study says these words openly; as a `whole` text, if asked."""
        end = "|" * whole
        return f"{end} {' '.join(words)} {end}" in self.public

    def is_approved(self, words: tuple[str, ...], start: int, end: int, name: bool = False) -> bool:
        """Whether words from `start` to `end` are within approved ones; for a `name`, also in the study's own wording.

        That means three words or more of it in a row, or the whole text: the name alone excuses nothing.
        """
        for phrase in self.allowed:
            firsts = range(max(0, end - len(phrase)), start + 1)
            if any(words[first : first + len(phrase)] == phrase for first in firsts):
                return True
        length = max(3, end - start + 1)
        firsts = range(max(0, end - length), min(start, len(words) - length) + 1) if name else ()
        own = any(self.is_public(words[first : first + length]) for first in firsts)
        return own or (name and end - start < len(words) < 3 and self.is_public(words, whole=True))


# Columns by Qualtrics' identifier, by the names of older exports (V1 …) and by usual names, letters and digits alone.
COLUMNS = {
    "identifier": "ipaddress v6 recipientemail email emailaddress v5 externaldatareference externalreference v4 recordid"
    " responseid v1 locationlatitude latitude locationlongitude longitude phone telephone mobile phonenumber postcode userid"
    " username dateofbirth dob birthdate nhsnumber nhsno nationalinsurancenumber nino staffnumber staffid employeenumber"
    " payrollnumber address streetaddress vehicleregistration twitter handle",
    "first": "recipientfirstname firstname forename givenname",
    "last": "recipientlastname lastname surname familyname",
    "name": "name fullname yourname v3",
    "technical": "startdate enddate recordeddate status progress duration durationinseconds finished distributionchannel"
    " userlanguage v2 v7 v8 v9 v10 locationaccuracy qrecaptchascore qrelevantidduplicatescore qrelevantidfraudscore",
}  # fmt: skip
# Headings and questions that ask for a name, with their words separated.
ASKS_NAME = re.compile(
    r"(?i)\b(?:(?:your|full|first|last|middle|preferred|given|family|maiden|participants?|respondents?|managers?) names?"
    r"|name of (?:the )?(?:respondent|participant|manager|person)|nick ?name|forename|surname|vorname|nachname|pr[ée]nom"
    r"|[fl] ?name)\b|^(?:q ?\d+ )?(?:name|nom|first|last|line manager|interviewer|signature|known as|(?:form )?completed by) ?$"
)
# How letters with an accent are written without one; with the accent merely dropped they are found anyway.
SPELT_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ø": "Oe", "Å": "Aa"}
)
ROLES = {name: role for role, names in COLUMNS.items() for name in names.split()}
# Words that transcripts and accounts use for people without naming them.
ROLE_WORDS = {
    "speaker", "interviewer", "interviewee", "participant", "respondent", "facilitator", "moderator", "researcher", "guest",
    "unknown", "anonymous", "none", "test", "the", "and", "mrs", "one", "two", "three", "four", "five", "six", "seven", "eight",
    "nine", "ten",
}  # fmt: skip
# Short names that are also words, and can begin a sentence.
SHORT_WORDS = {
    "ah", "am", "an", "as", "at", "be", "by", "do", "go", "he", "hi", "if", "in", "is", "it", "me", "my", "no", "of", "oh",
    "ok", "on", "or", "so", "to", "up", "us", "we",
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
    allowed = frozenset(fold(entry.word) for entry in study.definition.sharing.allowed)
    if study.definition.interviews:
        texts = read_texts(study)
        approved = texts[texts.index.isin(coding.read_approved(study))].to_list()
    raw: defaultdict[str, list[str]] = defaultdict(list)
    for kind, text in [*gather_survey(study), *gather_interviews(study)]:
        raw[kind].append(text)
    said = [*wording, *list_themes(study), *map(" ".join, allowed)]
    public, quotable = Secrets(public=join_texts(said)), Secrets(public=join_texts([*said, *approved]))
    # A respondent's address is still theirs if a label of the study repeats it; a place of work is a label.
    letters = {value for value in raw["identifier"] if re.fullmatch(r"[^\W\d_]+( [^\W\d_]+)*", value)}
    telling = [value for value in raw["identifier"] if is_telling(value)]
    telling = [value for value in telling if value not in letters or not public.is_public(fold(value))]
    # An identifier of only letters is a name, or says no more than one.
    names = raw["name"] + [value for value in letters if value.isalpha() and not public.is_public(fold(value), whole=True)]
    times = Counter(map(fold, raw["answer"]))
    answers = [answer for answer in raw["answer"] if times[fold(answer)] < COMMONPLACE]
    secret, segments = list_secret(answers, quotable), list_secret(raw["segment"], quotable)
    return Secrets(
        phrases={
            **{words: ANSWER for words in secret if 1 < len(words) < RUN},
            **{words: SPOKEN for words in segments if 1 < len(words) < RUN},
            **dict.fromkeys([form for value in telling for form in list_ways(value)], IDENTIFIER),
            **dict.fromkeys(choose_names(names, raw["file"]), NAME),
            **{words: MACHINE for words in list_machine_names() if not public.is_public(words)},
        },
        names=frozenset(
            form
            for name in names
            for way in (name, unicodedata.normalize("NFC", name).translate(SPELT_OUT))
            for word in split_words(way)
            for form in list_forms(word)
        ),
        # A single letter would be found everywhere.
        labels=frozenset(
            split_words(label) for label in raw["label"] if len("".join(fold(label))) > 1 and list_secret([label], public)
        ),
        runs=gather_runs([*raw["segment"], *raw["transcript"]], answers, [*said, *approved]),
        answers=frozenset(words[0] for words in secret if len(words) == 1 and len(words[0]) > 3),
        folders=tuple(str(folder) for folder in (Path.home(), project_root()) if len(folder.parts) > 1),
        allowed=allowed,
        public=join_texts(wording),
        contacts=join_texts([study.definition.title, study.definition.about, study.definition.citation]),
    )


def join_texts(texts: Iterable[str]) -> str:
    return "|".join(["", *(f" {' '.join(fold(text))} " for text in texts), ""])


def list_secret(texts: list[str], public: Secrets) -> list[tuple[str, ...]]:
    """The words of texts that are not only numbers and are not said openly."""
    return [words for words in map(fold, texts) if any(map(str.isalpha, "".join(words))) and not public.is_public(words)]


def choose_names(names: list[str], files: list[str]) -> list[tuple[str, ...]]:
    """Names of several words, also written as one, and names of files that hold a name."""
    folded = [words for words in map(fold, names) if len(words) > 1]
    known = {word for name in names for word in fold(name)}
    named_after = [words for words in map(fold, files) if len(words) > 1 and known & set(words)]
    return [*folded, *(("".join(words),) for words in folded if len("".join(words)) > 5), *named_after]


def is_telling(value: str) -> bool:
    """Whether a value is long or unusual enough not to be a count: `17` is not, `A1-0042` and `53.7632` are."""
    if decimals := re.fullmatch(r"[-−]?\d+\.(\d+)", value):
        return len(decimals[1]) > 3
    compact = "".join(fold(value))
    return not value.isalpha() and len(compact) >= (6 if compact.isdigit() else 5)


def list_ways(value: str) -> list[tuple[str, ...]]:
    """How an identifier may be written: as it is, and without the mark that Qualtrics puts before it."""
    words = fold(value)
    return [words, words[1:]] if re.fullmatch(r"[A-Z]+_[A-Za-z0-9]{11,}", value) else [words]


def list_forms(word: str) -> set[str]:
    """A name alone, with the s of a possessive, and as a plural."""
    folded = word.casefold()
    if len(word) < 2 or not word.isalpha() or folded in ROLE_WORDS | SHORT_WORDS:
        return set()
    return {folded, f"{folded}s", f"{folded}{'e' * folded.endswith(('s', 'x', 'z', 'ch', 'sh'))}s"}


def list_machine_names() -> Iterator[tuple[str, ...]]:
    """The account and the names of this machine, other than those that many machines share."""
    try:
        account = getpass.getuser()
    except (OSError, KeyError, ImportError):  # without such an account or module there is no name to find
        account = ""
    for name in (account, platform.node(), platform.node().split(".")[0]):
        if len(name) > 3 and name.casefold() not in ACCOUNTS:
            yield fold(name)


def list_wording(study: Study) -> list[str]:
    """What is said openly: `study.yml` (names of files aside), codebook, what was published, the workbook's own texts."""
    texts, waiting = [study.name], [study.definition.model_dump(exclude={"sharing"})]
    for value in waiting:  # grows during the loop
        if isinstance(value, dict):
            texts += map(str, value)
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str) and not (len(value) < 200 and (study.folder / value).exists()):
            texts.append(value)
    texts += study.codebook[["item", "section", "label"]].stack().tolist()
    for path in reading.named_files(study, "published"):
        texts += sheets.read_table(path).stack().tolist()
    # The workbook's prose names methods after people, and a respondent may share such a name.
    pages = (path for path in (HELPERS / "page").rglob("*.*") if path.suffix in (".py", ".csv", ".j2"))
    texts += [path.read_text(encoding="utf-8") for path in [*pages, *(HELPERS / "disclosure").glob("*.py")]]
    notebooks = (project_root() / "notebooks").glob("[0-9][0-9]_*.ipynb")
    cells = [cell for path in notebooks for cell in read_notebook(path)["cells"]]
    return texts + [cell["source"] for cell in cells if cell["cell_type"] == "markdown"]


def list_themes(study: Study) -> list[str]:
    """Codes and themes, which come from what people said: a name in one is still a name.

    Those used only for comments of the survey are the team's, so that nobody reads them in a package.
    """
    if study.definition.interviews is None:
        return []
    codes, segments, comments = coding.read_codes(study), coding.read_segments(study), free_text.read_comments(study)
    alone = {*comments["code"]} - {*segments["code"]}
    said = pd.concat([codes[~codes["code"].isin(alone)][["label", "theme"]].stack(), segments["theme"]])
    return said.dropna().unique().tolist()


def gather_survey(study: Study) -> Iterator[tuple[str, str]]:
    """Identifiers, names and free text of every row of every export, including excluded rows."""
    if study.definition.survey is None:
        return
    settings = study.survey
    declared = [*settings.groupings.values(), *filter(None, [settings.consent])]
    used = {*study.codebook["column"], *(part.column for part in declared)}
    for relative in settings.files.values():
        export = exports.read_export(study.file(relative), used)
        roles = {}
        for name in export.answers:
            kind = find_role(export.identifiers.get(name, ""), name, *export.headers[name].astype(str))
            roles[name] = "identifier" if name == settings.link_column else "" if name in used else kind
        yield from read_columns(export.answers, roles)


def find_role(*names: str) -> str:
    """What a column holds, by its names and its question: a kind of `COLUMNS`, otherwise free text."""
    known = next(filter(None, (ROLES.get(re.sub(r"[\W_]", "", name.casefold()), "") for name in names)), "free")
    words = [re.sub(r"[\W_]+", " ", name).strip() for name in names]
    return "name" if known == "free" and any(ASKS_NAME.search(text) for text in words if len(text) < 80) else known


def read_columns(rows: pd.DataFrame, roles: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What the columns of a table hold, by their roles; a first and a last name may be in either order."""
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
