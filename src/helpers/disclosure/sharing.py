"""What `workbook share` writes into the ledger of releases, and what `workbook releases` reads there."""

import hashlib
import secrets
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from helpers.disclosure import ledger
from helpers.disclosure.interviews import INTERVIEWS
from helpers.disclosure.releases import NEWCOMERS, Rules
from helpers.disclosure.survey import SURVEY
from helpers.study.definition import Study
from helpers.study.errors import WorkbookError


def record(study: Study, to: str, record_of_run: dict, told: pd.DataFrame, package: bytes) -> ledger.Release:
    """Record what a package shows (rows of `TOLD`), as struck until it is put in place; repeats to one reader only once."""
    before, columns, content = ledger.read_ledger(study), ledger.list_columns(study), hashlib.sha256(package).hexdigest()
    frames, texts = [], {}
    for row in told.to_dict("records"):
        row["frame"] = b64encode(row["frame"]).decode()
        place, text = (row["body"], row["name"]), ledger.unpack(row)[0].frame.to_csv(index=False)
        frames += [row] * (place not in texts)
        # Each notebook may order the rows of a table in its own way.
        if texts.setdefault(place, sorted(text.splitlines())) != sorted(text.splitlines()):
            raise ledger.refuse_two(*place)
    printed = ledger.print_frames(frames)
    parts = [part for part in (SURVEY, INTERVIEWS) if getattr(study.definition, part.name)]
    answers = {body: rows for part in parts for body, rows in part.read(study).items() if body in set(told["body"])}

    def count(salt: str) -> dict[str, list[str]]:
        return {body: sorted(ledger.digest(rows, salt, columns)) for body, rows in answers.items()}

    said = {
        "to": to, "threshold": record_of_run["threshold"], "rounding": study.definition.sharing.rounding,
        "parameters": record_of_run["parameters"], "columns": columns,
    }  # fmt: skip
    for release in before:
        known = release.struck in ("", ledger.UNFINISHED) and all(getattr(release, name) == said[name] for name in said)
        if known and count(release.salt) == release.people and ledger.print_frames(release.frames) == printed:
            packages = [*dict.fromkeys([*release.packages, content])]
            return ledger.write_entry(study, replace(release, packages=packages))
    salt, today = secrets.token_hex(16), datetime.now(UTC).date().isoformat()
    release = ledger.Release(
        number=len(before) + 1, day=today, packages=[content], salt=salt, people=count(salt), frames=frames,
        struck=ledger.UNFINISHED, definition=ledger.digest_definition(study), **said,
    )  # fmt: skip
    return ledger.write_entry(study, release)


def confirm(study: Study, release: ledger.Release) -> ledger.Release:
    """Make a release count, since its package is in place."""
    return ledger.write_entry(study, replace(release, struck=""))


def mend(study: Study, archives: list[Path]) -> None:
    """Compare the ledger with the packages in place: confirm one at which `share` was stopped, refuse one without an entry."""
    entries = {package: release for release in ledger.read_ledger(study) for package in release.packages}
    for archive in archives:
        release = entries.get(hashlib.sha256(archive.read_bytes()).hexdigest())
        if release is None:
            remedy = "put the entry back from a copy; if the package was never sent, delete its folder"
            raise WorkbookError(ledger.folder_of(study), "", f"no entry for the package {archive.name}", "one for each", remedy)
        if release.struck == ledger.UNFINISHED:
            confirm(study, release)


def explain_redefined(study: Study) -> str:
    """What to do if the study was corrected after a package was made; empty if no other definition's package counts."""
    now, old, entries = ledger.digest_definition(study), {}, ledger.read_ledger(study)
    for release in entries:
        # A package with the new definitions can repeat figures of an old one.
        repeated = {int(base.split()[0]) for _, bases in release.told.values() for base in bases if base}
        old[release.number] = release.definition not in ("", now) or any(old[number] for number in repeated)
    older = [release.number for release in entries if old[release.number] and not release.struck]
    if not older:
        return ""
    struck = "; ".join(f"workbook releases {study.name} --strike {number} --reason …" for number in older)
    return (
        f"Figures of release {', '.join(map(str, older))} follow definitions since changed in study.yml or codebook.csv. "
        "A package that repeats them mixes old and new. If you corrected a mistake, recall what was sent, then "
        f"{struck}, and share again."
    )


def describe_releases(study: Study) -> list[str]:
    """Sentences that say what each package showed to whom, and what a new one could still show."""
    lines = []
    for release in ledger.read_ledger(study):
        people = ", ".join(f"{len(digests)} people of {body}" for body, digests in release.people.items()) or "nobody"
        rules = f"threshold {release.threshold}" + f", rounded to {release.rounding}" * (release.rounding > 1)
        head = f"Release {release.number}, {release.day}, to {release.to or 'an unnamed reader'}"
        struck = f" Struck: {release.struck}" * bool(release.struck)
        lines.append(f"{head}: {len(release.told)} tables of {people}; {rules}.{struck}")
    rules = Rules(0, study)
    for part in (SURVEY, INTERVIEWS):
        for body in part.read(study) if getattr(study.definition, part.name) and rules.standing else ():
            now = rules.showing(body.removeprefix("survey "))
            told = [(release, name) for release, name in now.list_standing(part) if release.has_own(name)]
            for release, name in told[-1:]:
                earlier = now.find(part)[f"{release.number} {name}"]
                needed = NEWCOMERS * release.threshold
                moved = f"new people {len(earlier.new)}, gone {earlier.gone} (a changed answer counts as both)"
                shown = f"repeats the figures until there are {needed} people more"
                if len(earlier.new) - earlier.gone >= needed:
                    shown = "counts everybody, wherever the difference is safe to show, and repeats the other figures"
                since = f"since release {release.number} {moved}. A new package {shown}."
                same = f"the same people and answers as in release {release.number}. A new package repeats its figures."
                lines.append(f"{body}: {same if earlier.same else since}")
    lines += filter(None, [explain_redefined(study)])
    return lines or ["Nothing has been released yet. The first package may show everything that the rules allow."]
