"""What may be told beside everything that earlier packages told: the rules of a study, and a frame settled by them.

Each wave of the survey, and the interviews, is a body of people. Whoever has all packages must learn no more of a body than
from tables about separate people, each of which is safe by itself:

- never told of: what the rules let pass;
- the same people with the same answers as in an earlier release: what was told then, and nothing else, whatever the
  threshold, the groupings or the scoring are now;
- the same people and enough new ones: what was told of those, and could be told of the new ones by themselves;
- anything else, such as a few people more, fewer or changed: what was told in the last release, as it was told.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from helpers.disclosure import ledger, rounding, suppression
from helpers.disclosure.told import Told
from helpers.study.definition import Study
from helpers.survey import cleaning

# So many times the threshold must have joined before a body is told of anew: of fewer, nearly all would be withheld.
NEWCOMERS = 4
NOTE_ON_REPEATS = "As told in an earlier package, of those who had taken part then."
NOTE_ON_NARROWING = "Withheld too is what an earlier package withheld, or what would count those who have joined since."


@dataclass(frozen=True)
class Earlier:
    """The release that a body is settled by: how its people compare with now's (`same`, `grown`, `changed`), and who is new."""

    release: ledger.Release
    state: str
    new: list[str]
    gone: int


class Rules(int):
    """The least number of people that a count may tell of; it knows the study's other rules and what was told before."""

    def __new__(cls, threshold: int, study: Study) -> "Rules":
        rules = super().__new__(cls, threshold)
        rules.study, rules.wave = study, ""
        rules.standing = ledger.read_standing(study)
        rules.known, rules.made = {}, {}
        return rules

    def showing(self, wave: str) -> "Rules":
        """The same rules, for a wave of the survey; the latest where none is named."""
        other = copy(self)
        other.wave = wave
        vars(other).pop("still", None)
        return other

    def __copy__(self) -> "Rules":
        other = int.__new__(Rules, int(self))
        vars(other).update(vars(self))
        return other

    def body(self, part: str) -> str:
        return part if part == ledger.INTERVIEWS else f"survey {self.wave or list(self.study.survey.files)[-1]}"

    def find(self, body: str) -> Earlier | None:
        """By which release a body is settled; None for people never told of."""
        if body not in self.known:
            self.known[body] = self.compare(body, [release for release in self.standing if body in release.people])
        return self.known[body]

    @cached_property
    def answers(self) -> dict[str, pd.DataFrame]:
        return ledger.read_answers(self.study)

    def compare(self, body: str, before: list[ledger.Release]) -> Earlier | None:
        if not before:
            return None
        compared = {}
        for release in before:
            now = ledger.digest(self.answers.get(body, pd.DataFrame()), release.salt, release.columns)
            compared[release.number] = ledger.compare_people(release.people[body], now)
        for release in before:
            if compared[release.number] == ([], 0):
                return Earlier(release, "same", [], 0)
        # What was told of most people was told of all others too: a body only grows, or what was told of it is told again.
        widest = max(before, key=lambda release: len(release.people[body]))
        new, gone = compared[widest.number]
        vague = 0 < widest.rounding < self
        grown = not gone and len(new) >= NEWCOMERS * max(self, widest.threshold) and not vague
        return Earlier(widest, "grown" if grown else "changed", new, gone)

    def settle(
        self, told: Told, name: str, part: str, narrow: Callable[..., Told], round_to: Callable[[Told, int], Told]
    ) -> Told:
        """See `settle`."""
        body, base = self.body(part), self.study.definition.sharing.rounding
        if earlier := self.find(body):
            release = earlier.release
            before, base = release.told.get((body, name)), max(base, release.rounding)
            stricter = self > release.threshold or base > release.rounding
            if before is None:
                told = replace(told, frame=told.frame[:0], withheld=told.withheld[:0])
            elif earlier.state == "changed" or earlier.state == "same" and not stricter:
                told = repeat(before, self.study, NOTE_ON_REPEATS * (earlier.state == "changed"))
            else:
                same = earlier.state == "same"
                told = round_to(told, base) if release.rounding else told
                kept = keep_told(told, before, same)
                kept = narrow(kept, before, earlier.new)
                if len(kept.frame) < len(told.frame) or kept.withheld.sum(axis=None) > told.withheld.sum(axis=None):
                    kept = replace(kept, note=f"{kept.note} {NOTE_ON_NARROWING}".strip())
                told = kept if release.rounding else round_to(kept, base)
        else:
            told = round_to(told, base)
        self.made[body, name] = told
        return told

    def kept(self) -> pd.DataFrame:
        """All that was settled by these rules: rows of `ledger.TOLD`."""
        return pd.DataFrame([ledger.pack(*names, told) for names, told in self.made.items()], columns=ledger.TOLD)

    @cached_property
    def still(self) -> pd.Series:
        """Of each item and construct, the fewest people found in this wave and in another that is told whose answers changed.

        Other waves are those told of before, and later ones, whose means stand beside this one's.
        """
        study, names = self.study, list(self.study.survey.files)
        latest = self.body("survey").removeprefix("survey ")
        waves = {body.removeprefix("survey ") for release in self.standing for body in release.people}
        waves = (waves & set(names)) - {latest} | set(names[names.index(latest) + 1 :])
        if not waves or not study.survey.link_column or self.find(f"survey {latest}"):
            return pd.Series(dtype=float)
        cleaned = cleaning.clean_survey(study)
        people = cleaned.respondents.astype({"wave": str}).dropna(subset="link").drop_duplicates(["wave", "link"], keep=False)
        answers = ledger.name_answers(cleaned).merge(people[["respondent", "wave", "link"]])
        answers = answers.assign(construct=answers["item"].map(study.items["construct"]))
        wide, changed = answers.pivot(index=["construct", "item", "link"], columns="wave", values="cell"), []
        for wave in waves & set(wide):
            moved = wide[wave].ne(wide[latest])[wide[[wave, latest]].notna().all(axis=1)]
            by_construct = moved.groupby(level=["construct", "link"]).any().groupby(level="construct")
            changed.append(pd.concat([moved.groupby(level="item").sum(), by_construct.sum()]))
        return pd.concat(changed, axis=1).min(axis=1) if changed else pd.Series(dtype=float)


def settle(
    told: Told, threshold: int, name: str, part: str = "survey", narrow: Callable[..., Told] | None = None,
    round_to: Callable[[Told, int], Told] = rounding.round_counts,
) -> Told:  # fmt: skip
    """A frame beside all that earlier packages told, and rounded as the study asks; itself where `threshold` is a bare number.

    Every frame that rests on people's answers passes here once, under a `name`. `narrow` withholds more of what is
    left: it is given the frame, what was told before, and who has joined since. `round_to` rounds to a base.
    """
    if not isinstance(threshold, Rules):
        return told
    return threshold.settle(
        told, name, part, narrow or (lambda kept, before, new: hide_steps(kept, before, threshold)), round_to
    )


def of_wave(threshold: int, wave: str) -> int:
    return threshold.showing(wave) if isinstance(threshold, Rules) else threshold


def find_still(threshold: int) -> list[str]:
    """Items and constructs of which another wave, set beside this one, would count the few people who changed an answer."""
    if not isinstance(threshold, Rules):
        return []
    return list(threshold.still.index[threshold.still < threshold])


def repeat(before: Told, study: Study, note: str) -> Told:
    """What was told before, of items and constructs that the study still has."""
    known = {"item": study.codebook["item"], "construct": list(study.constructs), "scale": list(study.scales)}
    rows = pd.Series(True, index=before.frame.index)
    for name in before.frame.columns.intersection(list(known)):
        rows &= before.frame[name].isin(known[name])
    told = before.keep(lambda frame: rows)
    return replace(told, note=f"{told.note} {note}".strip())


def keep_told(told: Told, before: Told, equal: bool) -> Told:
    """Rows that were told before under the same names, and of them the cells that were told (and are the same, if `equal`)."""
    keys, known = name_rows(told.frame), before.frame.set_index(name_rows(before.frame))
    known = known[~known.index.duplicated()]
    rows = keys.isin(known.index)
    frame, withheld = told.frame[rows], told.withheld[rows].copy()
    then = known.reindex(keys[rows])
    for name in list_figures(frame):
        old = then[name].to_numpy(float) if name in then else np.full(len(frame), np.nan)
        here = frame[name].to_numpy(float)
        lost = np.isnan(old) & ~np.isnan(here) | (equal & ~np.isnan(here) & ~np.isclose(here, old, rtol=0, atol=1e-9))
        frame = frame.assign(**{name: frame[name].mask(lost)})
        withheld[name] |= lost
    return replace(told, frame=frame, withheld=withheld)


def list_figures(frame: pd.DataFrame) -> list[str]:
    """Columns of figures; all others name their row, a verdict too."""
    return [name for name, kind in frame.dtypes.items() if pd.api.types.is_numeric_dtype(kind) and kind.kind != "b"]


def name_rows(frame: pd.DataFrame) -> pd.Index:
    return pd.Index(ledger.join_cells(frame.drop(columns=list_figures(frame))))


def hide(told: Told, cells: pd.DataFrame) -> Told:
    """Withhold further cells: booleans of some of the columns."""
    cells = cells.reindex(index=told.frame.index, columns=told.frame.columns, fill_value=False) & told.frame.notna()
    return replace(told, frame=told.frame.mask(cells), withheld=told.withheld | cells)


def hide_steps(told: Told, before: Told, threshold: int) -> Told:
    """Withhold numbers of people that rose by fewer than `threshold`, with what rests on them."""
    then = before.frame.set_index(name_rows(before.frame))
    then = then[~then.index.duplicated()].reindex(name_rows(told.frame))
    few = pd.DataFrame(False, told.frame.index, ["numerator", "denominator"])
    for name in told.frame.columns.intersection(rounding.COUNTS):
        few[name] = (told.frame[name] - then[name].to_numpy()).abs().between(1, threshold - 1)
    rests = few["numerator"] | few["denominator"]
    return hide(told, few.assign(**dict.fromkeys(["share", "low", "high", "response_rate"], rests)))


def hide_groups(told: Told, before: Told, column: str, threshold: int) -> Told:
    """Groupings of which the new people's groups could be told by themselves, with the groups that were told before."""
    kept, then = [], before.frame.set_index(["grouping", "group"])[column]
    for grouping, rows in told.frame.groupby("grouping", observed=True, sort=False):
        counts = rows.set_index(["grouping", "group"])[column]
        steps = counts - then.reindex(counts.index)
        alike = set(counts.index) == {key for key in then.index if key[0] == grouping}
        if alike and steps.notna().all() and steps.ge(0).all():
            sums = pd.concat([steps.reset_index(drop=True), pd.Series({"all": steps.sum()})])
            kept += [] if suppression.withhold(sums, "all", threshold).any() else [grouping]
    return told.keep(lambda frame: frame["grouping"].isin(kept))


def describe_releases(study: Study) -> list[str]:
    """What was told to whom, and what a new package could still tell, a sentence each."""
    lines = []
    for release in ledger.read_ledger(study):
        people = ", ".join(f"{len(digests)} people of {body}" for body, digests in release.people.items()) or "nobody"
        rules = f"threshold {release.threshold}" + f", rounded to {release.rounding}" * (release.rounding > 1)
        head = f"Release {release.number}, {release.day}, to {release.to or 'somebody not named'}"
        struck = f" Struck: {release.struck}" * bool(release.struck)
        lines.append(f"{head}: {len(release.told)} tables of {people}; {rules}.{struck}")
    now = Rules(0, study)
    for body in dict.fromkeys(body for release in now.standing for body in release.people):
        earlier = now.find(body)
        number, needed = earlier.release.number, NEWCOMERS * earlier.release.threshold
        lines.append({
            "same": f"{body}: nothing has changed since release {number}. A new package tells what that told, and no more.",
            "grown": f"{body}: {len(earlier.new)} are new since release {number}. A new package tells of all, as far as it "
            "may of the new ones by themselves.",
            "changed": f"{body}: {len(earlier.new)} are new and {earlier.gone} gone since release {number} (whoever changed is "
            f"both). A new package tells what that told, until {needed} are new and nobody is gone.",
        }[earlier.state])  # fmt: skip
    return lines or ["Nothing was released yet. The first package may tell all that the rules let pass."]
