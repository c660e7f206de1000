"""What `workbook share` writes into the ledger of releases, and what `workbook releases` reads there."""

import hashlib
import secrets
from datetime import UTC, datetime

import pandas as pd

from helpers.disclosure import ledger
from helpers.disclosure.interviews import INTERVIEWS
from helpers.disclosure.releases import NEWCOMERS, Rules
from helpers.disclosure.respondents import SURVEY
from helpers.study.definition import Study
from helpers.study.folders import save


def record(study: Study, to: str, record_of_run: dict, told: pd.DataFrame, package: bytes) -> ledger.Release:
    """Record what a package shows (rows of `TOLD`) before it is put in place; the same figures to the same people only once."""
    before = ledger.read_ledger(study)
    content = hashlib.sha256(package).hexdigest()
    for release in before:
        if (release.to, release.package, release.struck) == (to, content, ""):
            return release
    number, salt = max((release.number for release in before), default=0) + 1, secrets.token_hex(16)
    bodies = set(told["body"])
    columns = ledger.list_columns(study)
    parts = [part for part in (SURVEY, INTERVIEWS) if getattr(study.definition, part.name)]
    answers = {body: rows for part in parts for body, rows in part.read(study).items() if body in bodies}
    people = {body: sorted(ledger.digest(rows, salt, columns)) for body, rows in answers.items()}
    release = ledger.Release(
        number, ledger.folder_of(study), to, datetime.now(UTC).date().isoformat(), record_of_run["threshold"],
        study.definition.sharing.rounding, record_of_run["parameters"], content, salt, columns, people,
    )  # fmt: skip
    save(release.folder / f"{number}.parquet", told.drop_duplicates(["body", "name"]).to_parquet(index=False))
    ledger.write_entry(release)
    return release


def describe_releases(study: Study) -> list[str]:
    """Sentences that say what each package showed to whom, and what a new one could still show."""
    lines = []
    for release in ledger.read_ledger(study):
        people = ", ".join(f"{len(digests)} people of {body}" for body, digests in release.people.items()) or "nobody"
        rules = f"threshold {release.threshold}" + f", rounded to {release.rounding}" * (release.rounding > 1)
        head = f"Release {release.number}, {release.day}, to {release.to or 'somebody not named'}"
        struck = f" Struck: {release.struck}" * bool(release.struck)
        lines.append(f"{head}: {len(release.told)} tables of {people}; {rules}.{struck}")
    now = Rules(0, study)
    for body in dict.fromkeys(body for release in now.standing for body in release.people):
        earlier = now.find(body, INTERVIEWS if body == INTERVIEWS.name else SURVEY)
        number, needed = earlier.release.number, NEWCOMERS * earlier.release.threshold
        changes = f"{body}, since release {number}: new people {len(earlier.new)}, gone {earlier.gone}"
        lines.append({
            "same": f"{body}, since release {number}: nothing has changed. A new package shows the same figures again.",
            "grown": f"{changes}. A new package counts everybody, wherever figures of the new ones alone are safe to show.",
            "changed": f"{changes} (a changed answer counts as both). A new package repeats the figures until {needed} people "
            "are new and nobody is gone.",
        }[earlier.state])  # fmt: skip
    return lines or ["Nothing was released yet. The first package may show everything that the rules allow."]
