"""Made-up questionnaires as people adapt NoMAD, with made-up answers, in the files that survey tools write."""

import json
import random
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from wordings import FIRST, ITEMS, PRACTICES, SECOND

LANGUAGES = list(FIRST)
ANSWERS = {
    "en": "Strongly disagree|Disagree|Neither agree nor disagree|Agree|Strongly agree|Not relevant to my role"
    "|Not relevant at this stage|Not relevant to this practice",
    "de": "Stimme überhaupt nicht zu|Stimme nicht zu|Weder noch|Stimme zu|Stimme voll und ganz zu"
    "|Für meine Rolle nicht relevant|Zum jetzigen Zeitpunkt nicht relevant|Für die Visite nicht relevant",
    "nl": "Helemaal mee oneens|Mee oneens|Niet mee eens, niet mee oneens|Mee eens|Helemaal mee eens"
    "|Niet relevant voor mijn functie|Niet relevant in dit stadium|Niet relevant voor deze afspraak",
    "sv": "Instämmer inte alls|Instämmer inte|Varken eller|Instämmer|Instämmer helt"
    "|Inte relevant för min roll|Inte relevant i detta skede|Inte relevant för journalen",
    "fr": "Pas du tout d’accord|Pas d’accord|Ni d’accord ni pas d’accord|D’accord|Tout à fait d’accord"
    "|Non pertinent pour mon rôle|Non pertinent à ce stade|Non pertinent pour ce projet",
    "es": "Muy en desacuerdo|En desacuerdo|Ni de acuerdo ni en desacuerdo|De acuerdo|Muy de acuerdo"
    "|No es relevante para mi función|No es relevante en esta etapa|No es relevante para el programa",
    "it": "Del tutto in disaccordo|In disaccordo|Né d’accordo né in disaccordo|D’accordo|Del tutto d’accordo"
    "|Non pertinente al mio ruolo|Non pertinente in questa fase|Non pertinente alla cartella",
    "pt": "Discordo totalmente|Discordo|Não concordo nem discordo|Concordo|Concordo totalmente"
    "|Não é relevante para a minha função|Não é relevante nesta fase|Não é relevante para o plano",
}
# What people add (some with words of an item), and two items as they read when turned round.
OWN = {
    "en": "Our county-wide network is worthwhile|I meet other organisations more often than I did"
    "|I have changed how I speak with "
    "families|Parents notice the difference|My manager asks how I am",
    "de": "Unser Netzwerk in der Region lohnt sich|Ich spreche anders mit Familien als früher|Angehörige fragen öfter nach",
    "nl": "Ons netwerk in de regio is zinvol|Ik praat anders met gezinnen|Patiënten vragen er vaker naar",
    "sv": "Vårt nätverk i regionen är värdefullt|Jag talar på ett annat sätt med familjer|Patienterna frågar oftare",
    "fr": "Notre réseau régional est utile|Je parle autrement avec les familles|Les patients posent plus de questions",
    "es": "Nuestra red regional es útil|Hablo de otra manera con las familias|Los pacientes preguntan más",
    "it": "La nostra rete regionale è utile|Parlo in modo diverso con le famiglie|I pazienti chiedono di più",
    "pt": "A nossa rede regional é útil|Falo de outra forma com as famílias|Os doentes perguntam mais",
}
TURNED = {
    "en": ("It is difficult to integrate {p} into my existing work", "Staff do not receive sufficient training in {p}"),
    "de": (
        "Es fällt schwer, {p} in die bestehende Arbeit zu integrieren",
        "Zu {p} werden keine ausreichenden Schulungen angeboten",
    ),
    "nl": ("Het is lastig om {p} in mijn bestaande werk te integreren", "Er wordt onvoldoende training gegeven voor {p}"),
    "sv": ("Det är svårt att integrera {p} i mitt befintliga arbete", "Personalen får inte tillräcklig utbildning i {p}"),
    "fr": ("Il est difficile d'intégrer {p} à mon travail existant", "Le personnel ne reçoit pas assez de formation à {p}"),
    "es": ("Es difícil integrar {p} en mi trabajo existente", "No se ofrece suficiente formación sobre {p}"),
    "it": ("È difficile integrare {p} nel mio lavoro esistente", "Non viene offerta una formazione sufficiente per {p}"),
    "pt": ("É difícil integrar {p} no meu trabalho existente", "Não é oferecida formação suficiente para {p}"),
}
# Consent and its answer, role and its answers, time at work, e-mail, a question to be answered in words.
ABOUT = {
    "en": "I consent to take part in this survey|Yes|What is your role?|Nurse|Doctor|Social worker"
    "|How long have you worked here?"
    "|Your email address|Is there anything else you would like to tell us?",
    "de": "Ich gebe meine Einwilligung zur Teilnahme|Ja|Was ist Ihre Tätigkeit?|Pflege|Ärztin oder Arzt|Soziale Arbeit"
    "|Seit wann arbeiten Sie hier?|Ihre E-Mail-Adresse|Was möchten Sie uns noch sagen?",
    "nl": "Ik geef toestemming voor deelname|Ja|Wat is uw beroep?|Verpleging|Arts|Maatschappelijk werk"
    "|Hoe lang werkt u hier?"
    "|Uw e-mailadres|Wilt u nog iets kwijt?",
    "sv": "Jag samtycker till att delta|Ja|Vilket är ditt yrke?|Sjuksköterska|Läkare|Kurator"
    "|Hur länge har du arbetat här?"
    "|Din e-postadress|Vill du berätta något mer?",
    "fr": "Je consens à participer|Oui|Quelle est votre profession ?|Infirmière|Médecin|Travail social"
    "|Depuis quand êtes-vous ici ?"
    "|Votre adresse courriel|Souhaitez-vous ajouter quelque chose ?",
    "es": "Doy mi consentimiento para participar|Sí|¿Cuál es su profesión?|Enfermería|Medicina|Trabajo social"
    "|¿Cuánto tiempo lleva aquí?|Su correo electrónico|¿Quiere añadir algo más?",
    "it": "Do il consenso a partecipare|Sì|Qual è la sua professione?|Infermiera|Medico|Assistente sociale"
    "|Da quanto tempo è qui?"
    "|Il suo indirizzo e-mail|Vuole aggiungere qualcosa?",
    "pt": "Dou o meu consentimento para participar|Sim|Qual é a sua profissão?|Enfermagem|Medicina|Serviço social"
    "|Há quanto tempo está aqui?|O seu endereço de e-mail|Quer acrescentar algo?",
}
YEARS = ["< 1", "1-5", "6-10", "> 10"]
PEOPLE = 32


@dataclass
class Questionnaire:
    """Questions with answers in words (`table`), the item that each question is ("" for people's own questions), and files."""

    tool: str
    language: str
    table: pd.DataFrame
    items: dict[str, str]
    reversed: set[str]
    export: Path = Path()
    definition: Path | None = None
    values: dict[str, pd.Series] = field(default_factory=dict)

    @property
    def answers(self) -> list[str]:
        return ANSWERS[self.language].split("|")

    @property
    def email(self) -> str:
        return ABOUT[self.language].split("|")[7]


def make_questionnaire(number: int, folder: Path) -> Questionnaire:
    """Questionnaire `number`, always the same; its files are written to a folder."""
    chance, numbers = random.Random(number), np.random.default_rng(number)
    tool, language = list(TOOLS)[number % len(TOOLS)], LANGUAGES[number % len(LANGUAGES)]
    practice = PRACTICES[language] if number % 3 else {"en": "trauma-informed training", "de": "das neue Konzept"}.get(
        language, PRACTICES[language]
    )  # fmt: skip
    worded = {item: chance.choice([FIRST, SECOND])[language].strip().splitlines()[k] for k, item in enumerate(ITEMS)}
    turned = {"D2"}
    for item, sentence in zip(("D1", "D5"), TURNED[language], strict=True):
        if chance.random() < 0.4:
            worded[item] = sentence
            turned.add(item)
    for item in chance.sample(ITEMS, chance.randint(0, 5)):
        del worded[item]
    blocks = [[item for item in worded if item[0] == letter] for letter in "ABCDE"]
    for block in blocks:
        chance.shuffle(block)
    chance.shuffle(blocks)
    own = chance.sample(OWN[language].split("|"), chance.randint(0, 3))
    asked = {worded[item].replace("{p}", practice): item for block in blocks for item in block} | dict.fromkeys(own, "")
    items = {(wording[:1].upper() + wording[1:]).strip(): item for wording, item in asked.items()}
    labels, ability = ANSWERS[language].split("|"), numbers.normal(size=PEOPLE)
    consent, yes, role, *roles, years, email, comment = ABOUT[language].split("|")
    columns: dict[str, list[str]] = {
        consent: [yes] * PEOPLE, role: [chance.choice(roles) for _ in range(PEOPLE)],
        years: [chance.choice(YEARS) for _ in range(PEOPLE)],
        email: [f"person{k}@example.org" if k % 2 else "" for k in range(PEOPLE)],
    }  # fmt: skip
    values: dict[str, pd.Series] = {}
    for wording, item in items.items():
        felt = 0.9 * ability * (-1 if item in turned else 1) + numbers.normal(size=PEOPLE) + (-0.6 if item in turned else 0.6)
        wide = item[:1] == "A"
        points = np.clip(np.round(5 + 2.2 * felt), 0, 10) if wide else np.clip(np.round(3 + felt), 1, 5)
        points[: 11 if wide else 5] = range(11) if wide else range(1, 6)
        written = [str(int(point)) if wide else labels[int(point) - 1] for point in points]
        if not wide:
            for k in numbers.choice(np.arange(6, PEOPLE), 3, replace=False):
                written[k], points[k] = labels[5 + int(k) % 3], np.nan
        written[-1], points[-1] = "", np.nan
        columns[wording], values[wording] = written, pd.Series(points)
    columns[comment] = [f"I have {k} things to say about it, all of them kind" if k % 4 == 0 else "" for k in range(PEOPLE)]
    made = Questionnaire(
        tool, language, pd.DataFrame(columns, dtype="str"), items, {w for w, i in items.items() if i in turned}, values=values
    )
    folder.mkdir(parents=True, exist_ok=True)
    TOOLS[tool](made, folder)
    return made


def code(made: Questionnaire, wording: str, codes: dict[str, str]) -> pd.Series:
    """Answers as codes, if the question is answered by agreement."""
    answers = made.table[wording]
    return answers.map(codes).fillna("") if made.items.get(wording, "A")[:1] != "A" else answers


# --- tools ------------------------------------------------------------------------------------------------------------
def as_qualtrics(made: Questionnaire, table: pd.DataFrame) -> pd.DataFrame:
    """Three header rows: names, texts (statements after their matrix's stem), identifiers."""
    names = [f"Q{k}" for k in range(1, table.shape[1] + 1)]
    texts = [f"How far do you agree? - {w}" if w in made.items and made.items[w][:1] != "A" else w for w in table]
    ids = [json.dumps({"ImportId": f"QID{k}"}) for k in range(1, len(names) + 1)]
    record = ["ResponseId", "Response ID", '{"ImportId":"_recordId"}', *[f"R_{k:03}" for k in range(len(table))]]
    address = ["IPAddress", "IP Address", '{"ImportId":"ipAddress"}', *[f"192.0.2.{k}" for k in range(len(table))]]
    rows = pd.DataFrame([names, texts, ids, *table.to_numpy().tolist()])
    rows.insert(0, "record", record)
    rows.insert(1, "address", address)
    return rows


def qualtrics(made, folder):
    made.export = folder / "export.csv"
    as_qualtrics(made, made.table).to_csv(made.export, index=False, header=False)


def qualtrics_utf16(made, folder):
    made.export = folder / "export.tsv"
    as_qualtrics(made, made.table).to_csv(made.export, index=False, header=False, sep="\t", encoding="utf-16")


def qualtrics_two_rows_zipped(made, folder):
    made.export = folder / "export.zip"
    with zipfile.ZipFile(made.export, "w") as archive:
        archive.writestr("export.csv", as_qualtrics(made, made.table).drop(index=2).to_csv(index=False, header=False))


def qualtrics_numbers(made, folder):
    """Numbers that fall as agreement rises; the QSF file says so."""
    codes = {label: str(number) for label, number in zip(made.answers, (5, 4, 3, 2, 1, 6, 7, 8), strict=True)}
    made.export, made.definition = folder / "export.csv", folder / "survey.qsf"
    table = pd.DataFrame({wording: code(made, wording, codes) for wording in made.table})
    as_qualtrics(made, table).to_csv(made.export, index=False, header=False)
    elements = [{"Element": "BL", "Payload": [{"Type": "Default"}]}]
    for k, wording in enumerate(made.table, start=1):
        agreed = made.items.get(wording, "A")[:1] != "A"
        choices = made.answers if agreed else list(dict.fromkeys(filter(None, made.table[wording])))
        recode = {str(n): codes[label] for n, label in enumerate(choices, start=1)} if agreed else {}
        payload = {
            "QuestionID": f"QID{k}", "DataExportTag": f"Q{k}", "QuestionType": "MC" if agreed else "TE",
            "QuestionText": f"<b>{wording}</b>", "RecodeValues": recode,
            "Choices": {str(n): {"Display": label} for n, label in enumerate(choices, start=1)} if agreed else {},
            "ChoiceOrder": [*range(1, len(choices) + 1)] if agreed else [],
        }  # fmt: skip
        elements.append({"Element": "SQ", "Payload": payload})
    made.definition.write_text(json.dumps({"SurveyElements": elements}))


def forms(made, folder):
    made.export = folder / "Evaluation(1-40).xlsx"
    table = made.table.copy()
    table.insert(0, "ID", range(1, PEOPLE + 1))
    table.insert(1, "Start time", pd.Timestamp("2030-03-01 10:00"))
    table.insert(2, "Completion time", pd.Timestamp("2030-03-01 10:09"))
    table.insert(3, "Name", [f"Person {k}" for k in range(PEOPLE)])
    table.to_excel(made.export, index=False)


def google(made, folder):
    made.export = folder / "Evaluation.csv"
    table = made.table.rename(columns=lambda w: f"How far do you agree? [{w}]" if made.items.get(w, "A")[:1] != "A" else w)
    table.insert(0, "Timestamp", "2030/03/01 10:00:00 AM GMT")
    table.to_csv(made.export, index=False)


def surveymonkey(made, folder):
    """A question's name over the first of its columns, its parts in the second row."""
    made.export = folder / "Evaluation.csv"
    agreed = [w for w in made.table if made.items.get(w, "A")[:1] != "A"]
    others = [w for w in made.table if w not in agreed]
    first = [
        "Respondent ID",
        "Collector ID",
        "Start Date",
        "IP Address",
        *others,
        "How far do you agree?",
        *[""] * (len(agreed) - 1),
    ]
    second = ["", "", "", "", *["Response"] * (len(others) - 1), "Open-Ended Response", *agreed]
    rows = made.table[others + agreed].to_numpy().tolist()
    rows = [[str(11_000 + k), "77", "03/01/2030", f"192.0.2.{k}", *row] for k, row in enumerate(rows)]
    pd.DataFrame([first, second, *rows]).to_csv(made.export, index=False, header=False)


def limesurvey(made, folder):
    made.export = folder / "results-survey1.csv"
    table = made.table.rename(columns=lambda w: f"G1Q1[SQ{list(made.table).index(w):03}]. {w}")
    table.insert(0, "id. Response ID", range(1, PEOPLE + 1))
    table.insert(1, "lastpage. Last page", 4)
    table.to_csv(made.export, index=False)


def limesurvey_codes(made, folder):
    """Codes A1 to A8 under codes of questions, with the structure of the survey as LimeSurvey 4 and later write it.

    Agreement is asked in one array; texts are in two languages, the survey's own second.
    """
    codes = {label: f"A{k}" for k, label in enumerate(made.answers, start=1)}
    made.export, made.definition = folder / "codes.csv", folder / "survey.lss"
    agreed = [wording for wording in made.table if made.items.get(wording, "A")[:1] != "A"]
    names = {w: f"Q0[SQ{k:03}]" if w in agreed else f"Q{k}" for k, w in enumerate(made.table, start=1)}
    table = pd.DataFrame({name: code(made, wording, codes) for wording, name in names.items()})
    table.insert(0, "id", range(1, PEOPLE + 1))
    table.to_csv(made.export, index=False)
    ids = {wording: str(number) for number, wording in enumerate(made.table, start=1)}
    others = [
        {"qid": ids[w], "parent_qid": "0", "type": "S", "title": names[w], "other": "N"} for w in names if w not in agreed
    ]
    asked = [{"qid": "99", "parent_qid": "0", "type": "F", "title": "Q0", "other": "N"}, *others]
    parts = [{"qid": ids[w], "parent_qid": "99", "type": "T", "title": names[w][3:-1]} for w in agreed]
    # In the order in which they were typed, not the order on the page.
    answers = [{"aid": str(k), "qid": "99", "code": codes[label], "sortorder": str(k), "scale_id": "0"}
               for k, label in enumerate(made.answers)][::-1]  # fmt: skip
    said = [{"qid": "99", "question": "How far do you agree?"}, *({"qid": ids[w], "question": f"<p>{w}</p>"} for w in names)]
    labels = [{"aid": str(k), "answer": label} for k, label in enumerate(made.answers)]
    both = [
        [{**row, part: "x"} | {"language": "eo"} for row in rows] + [row | {"language": "xx"} for row in rows]
        for rows, part in ((said, "question"), (labels, "answer"))
    ]
    write_lss(made.definition, {
        "questions": asked, "subquestions": parts, "question_l10ns": both[0], "answers": answers, "answer_l10ns": both[1],
    })  # fmt: skip


def write_lss(path, tables):
    """A structure of LimeSurvey: its tables, in which each row is one element; its own language is `xx`."""
    tables = {"surveys": [{"language": "xx"}], **tables}
    rows = {name: "".join(f"<row>{''.join(map(as_cell, row.items()))}</row>" for row in rows) for name, rows in tables.items()}
    inner = "".join(f"<{name}><fields/><rows>{text}</rows></{name}>\n" for name, text in rows.items())
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<document><LimeSurveyDocType>Survey</LimeSurveyDocType>\n'
    path.write_text(f"{head}<languages><language>eo</language></languages>\n{inner}</document>", encoding="utf-8")


def as_cell(cell):
    return f"<{cell[0]}><![CDATA[{cell[1]}]]></{cell[0]}>" if cell[1] else f"<{cell[0]}/>"


def redcap(made, folder):
    """Raw numbers and the data dictionary."""
    codes = {label: str(number) for label, number in zip(made.answers, (1, 2, 3, 4, 5, 97, 98, 99), strict=True)}
    made.export, made.definition = folder / "raw.csv", folder / "dictionary.csv"
    table = pd.DataFrame({f"v_{k}": code(made, wording, codes) for k, wording in enumerate(made.table)})
    table.insert(0, "record_id", range(1, PEOPLE + 1))
    table["survey_complete"] = "2"
    table.to_csv(made.export, index=False)
    choices = " | ".join(f"{number}, {label}" for label, number in codes.items())
    pd.DataFrame([
        {
            "Variable / Field Name": f"v_{k}", "Form Name": "survey", "Field Label": f"<p>{wording}</p>",
            "Field Type": "radio" if made.items.get(wording, "A")[:1] != "A" else "text",
            "Choices, Calculations, OR Slider Labels": choices if made.items.get(wording, "A")[:1] != "A" else "",
            "Identifier?": "y" if wording == made.email else "",
        }
        for k, wording in enumerate(made.table)
    ]).to_csv(made.definition, index=False)  # fmt: skip


def redcap_labels(made, folder):
    made.export = folder / "labels.csv"
    table = made.table.copy()
    table.insert(0, "Record ID", range(1, PEOPLE + 1))
    table["Complete?"] = "Complete"
    table.to_csv(made.export, index=False)


def jisc(made, folder):
    made.export = folder / "results.csv"
    table = made.table.rename(columns=lambda w: f"{list(made.table).index(w) + 1}.1. {w}")
    table.insert(0, "Unique Response Number", range(1, PEOPLE + 1))
    table.to_csv(made.export, index=False)


def spss(made, folder):
    import pyreadstat

    made.export = folder / "data.sav"
    codes = {label: number for number, label in enumerate(made.answers, start=1)}
    agreed = {f"v{k}": w for k, w in enumerate(made.table) if made.items.get(w, "A")[:1] != "A"}
    table = made.table.set_axis([f"v{k}" for k in range(made.table.shape[1])], axis=1)
    table = table.assign(**{name: table[name].map(codes).astype(float) for name in agreed})
    for name, wording in zip(table, made.table, strict=True):
        if made.items.get(wording, "")[:1] == "A":
            table[name] = pd.to_numeric(table[name])
    labels = {name: {float(number): label for label, number in codes.items()} for name in agreed}
    pyreadstat.write_sav(table, str(made.export), column_labels=list(made.table), variable_value_labels=labels)


def numbers_alone(made, folder):
    """1 for the strongest disagreement to 5, 6 to 8 for not relevant; nothing says so."""
    codes = {label: str(number) for number, label in enumerate(made.answers, start=1)}
    made.export = folder / "data.xlsx"
    pd.DataFrame({wording: code(made, wording, codes) for wording in made.table}).to_excel(made.export, index=False)


def numbers_falling(made, folder):
    """The same with 1 for the strongest agreement."""
    codes = {label: str(number) for label, number in zip(made.answers, (5, 4, 3, 2, 1, 6, 7, 8), strict=True)}
    made.export = folder / "data.csv"
    pd.DataFrame({wording: code(made, wording, codes) for wording in made.table}).to_csv(made.export, index=False)


TOOLS = {
    write.__name__: write
    for write in (
        qualtrics,
        qualtrics_utf16,
        qualtrics_two_rows_zipped,
        qualtrics_numbers,
        forms,
        google,
        surveymonkey,
        limesurvey,
        limesurvey_codes,
        redcap,
        redcap_labels,
        jisc,
        spss,
        numbers_alone,
        numbers_falling,
    )
}
