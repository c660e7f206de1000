"""Protecting a package together with the earlier ones: the rules of a study, and how they decide what a frame may show.

The people of one wave of the survey, or of the interviews, are a body of people. Somebody who holds all packages must not
learn more than from tables about separate people, each of which is safe by itself. So a package shows, of a body

- that no earlier package covered: what the rules allow;
- with the same people and answers as in an earlier release: the same figures again and no others, whatever the threshold,
  the groupings or the scoring are now;
- that has gained enough new people and lost nobody: a figure if it was shown before and is safe for the new people alone;
- in every other case, such as a few people more or fewer, or a changed answer: the figures of the last release.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.disclosure import ledger, rounding, suppression
from helpers.disclosure.told import Told
from helpers.study.definition import Study

# New figures are shown once this many times the threshold have joined. With fewer, nearly all would be withheld.
NEWCOMERS = 4
NOTE_ON_REPEATS = "These figures are repeated from an earlier package and count the people who had taken part by then."
NOTE_ON_NARROWING = (
    "Figures that an earlier package withheld, or that would count the people who have joined since, are withheld too."
)


@dataclass(frozen=True)
class Earlier:
    """The release that decides for a body: how its people compare with today's (`same`, `grown`, `changed`), and who is new."""

    release: ledger.Release
    state: str
    new: list[str]
    gone: int


class Rules(int):
    """The smallest number of people that a count may show, with the study's other rules and its earlier packages."""

    def __new__(cls, threshold: int, study: Study) -> "Rules":
        rules = super().__new__(cls, threshold)
        rules.study, rules.wave = study, ""
        rules.standing = ledger.read_standing(study)
        rules.known, rules.made, rules.answers, rules.few = {}, {}, {}, {}
        return rules

    def showing(self, wave: str) -> "Rules":
        """The same rules, for a wave of the survey; the latest where none is named."""
        other = copy(self)
        other.wave = wave
        return other

    def __copy__(self) -> "Rules":
        other = int.__new__(Rules, int(self))
        vars(other).update(vars(self))
        return other

    def body(self, part: ledger.Part) -> str:
        survey = self.study.definition.survey
        return f"survey {self.wave or list(survey.files)[-1]}" if part.name == "survey" else part.name

    def find(self, body: str, part: ledger.Part) -> Earlier | None:
        """The release that decides for a body; None where no earlier package covered it."""
        if body not in self.known:
            before = [release for release in self.standing if body in release.people]
            self.known[body] = self.compare(before, self.read(part).get(body, pd.DataFrame()), body) if before else None
        return self.known[body]

    def read(self, part: ledger.Part) -> dict[str, pd.DataFrame]:
        if part.name not in self.answers:
            self.answers[part.name] = part.read(self.study)
        return self.answers[part.name]

    def compare(self, before: list[ledger.Release], answers: pd.DataFrame, body: str) -> Earlier:
        compared = {}
        for release in before:
            now = ledger.digest(answers, release.salt, release.columns)
            compared[release.number] = ledger.compare_people(release.people[body], now)
        for release in before:
            if compared[release.number] == ([], 0):
                return Earlier(release, "same", [], 0)
        # The release with the most people covers all others: a body either grows, or its figures are repeated.
        widest = max(before, key=lambda release: len(release.people[body]))
        new, gone = compared[widest.number]
        vague = 0 < widest.rounding < self
        grown = not gone and len(new) >= NEWCOMERS * max(self, widest.threshold) and not vague
        return Earlier(widest, "grown" if grown else "changed", new, gone)

    def settle(
        self, told: Told, name: str, part: ledger.Part, narrow: Callable[..., Told], round_to: Callable[[Told, int], Told]
    ) -> Told:
        """See `settle`."""
        body, base = self.body(part), self.study.definition.sharing.rounding
        if earlier := self.find(body, part):
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
        """Every frame that these rules decided: rows of `ledger.TOLD`."""
        return pd.DataFrame([ledger.pack(*names, told) for names, told in self.made.items()], columns=ledger.TOLD)

    def find_still(self, part: ledger.Part) -> list[str]:
        """See `find_still`."""
        study, names = self.study, list(self.study.survey.files)
        latest = self.body(part)
        told = {body for release in self.standing for body in release.people}
        waves = [name for name in (f"survey {wave}" for wave in names) if name in told and name != latest]
        waves += [f"survey {wave}" for wave in names[names.index(latest.removeprefix("survey ")) + 1 :]]
        if not waves or not study.survey.link_column or self.find(latest, part):
            return []
        if latest not in self.few:
            known = {
                body: rows.dropna(subset="link").drop_duplicates("link", keep=False) for body, rows in self.read(part).items()
            }
            items, found = study.codebook.set_index("item")["construct"], set()
            now = known[latest].set_index("link")
            for then in (known[wave].set_index("link") for wave in waves if wave in known):
                both = now.index.intersection(then.index)
                moved = now.loc[both, list(items.index)].ne(then.loc[both, list(items.index)])
                counts = pd.concat([moved.sum(), moved.T.groupby(items).any().T.sum()]) if len(both) else pd.Series(dtype=float)
                found |= set(counts.index[counts < self])
            self.few[latest] = sorted(found)
        return self.few[latest]


def settle(
    told: Told, threshold: int, name: str, part: ledger.Part, narrow: Callable[..., Told] | None = None,
    round_to: Callable[[Told, int], Told] = rounding.round_counts,
) -> Told:  # fmt: skip
    """A frame protected together with earlier packages and rounded as the study asks; unchanged for a bare number.

    Every frame that rests on people's answers passes through here once, under a `name`. `narrow` withholds further cells: it
    takes the frame, the frame of the earlier package, and who has joined since. `round_to` rounds to a base.
    """
    if not isinstance(threshold, Rules):
        return told
    return threshold.settle(
        told, name, part, narrow or (lambda kept, before, new: hide_steps(kept, before, threshold)), round_to
    )


def of_wave(threshold: int, wave: str) -> int:
    return threshold.showing(wave) if isinstance(threshold, Rules) else threshold


def find_still(threshold: int, part: ledger.Part) -> list[str]:
    """Items and constructs for which a comparison with another wave would count the few people who changed an answer.

    The other waves are those of earlier packages, and later ones, whose means stand beside this wave's. Only people with a
    link key can be compared.
    """
    return threshold.find_still(part) if isinstance(threshold, Rules) else []


def repeat(before: Told, study: Study, note: str) -> Told:
    """The earlier figures, for the items and constructs that the study still has."""
    known = {"item": study.codebook["item"], "construct": list(study.constructs), "scale": list(study.scales)}
    rows = pd.Series(True, index=before.frame.index)
    for name in before.frame.columns.intersection(list(known)):
        rows &= before.frame[name].isin(known[name])
    told = before.keep(lambda frame: rows)
    return replace(told, note=f"{told.note} {note}".strip())


def keep_told(told: Told, before: Told, equal: bool) -> Told:
    """Rows that an earlier package showed under the same names; other cells are withheld, also changed ones if `equal`."""
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
    """Columns of figures. All others, verdicts included, name their row."""
    return [name for name, kind in frame.dtypes.items() if pd.api.types.is_numeric_dtype(kind) and kind.kind != "b"]


def name_rows(frame: pd.DataFrame) -> pd.Index:
    return pd.Index(ledger.join_cells(frame.drop(columns=list_figures(frame))))


def hide(told: Told, cells: pd.DataFrame) -> Told:
    """Withhold further cells; `cells` holds booleans for some of the columns."""
    cells = cells.reindex(index=told.frame.index, columns=told.frame.columns, fill_value=False) & told.frame.notna()
    return replace(told, frame=told.frame.mask(cells), withheld=told.withheld | cells)


def hide_steps(told: Told, before: Told, threshold: int) -> Told:
    """Withhold counts of people that rose by fewer than `threshold`, and the figures that rest on them."""
    then = before.frame.set_index(name_rows(before.frame))
    then = then[~then.index.duplicated()].reindex(name_rows(told.frame))
    few = pd.DataFrame(False, told.frame.index, ["numerator", "denominator"])
    for name in told.frame.columns.intersection(rounding.COUNTS):
        few[name] = (told.frame[name] - then[name].to_numpy()).abs().between(1, threshold - 1)
    rests = few["numerator"] | few["denominator"]
    return hide(told, few.assign(**dict.fromkeys(["share", "low", "high", "response_rate"], rests)))


def hide_groups(told: Told, before: Told, column: str, threshold: int) -> Told:
    """Groupings with the same groups as before, in which the counts of the new people alone could be shown."""
    kept, then = [], before.frame.set_index(["grouping", "group"])[column]
    for grouping, rows in told.frame.groupby("grouping", observed=True, sort=False):
        counts = rows.set_index(["grouping", "group"])[column]
        steps = counts - then.reindex(counts.index)
        alike = set(counts.index) == {key for key in then.index if key[0] == grouping}
        if alike and steps.notna().all() and steps.ge(0).all():
            sums = pd.concat([steps.reset_index(drop=True), pd.Series({"all": steps.sum()})])
            kept += [] if suppression.withhold(sums, "all", threshold).any() else [grouping]
    return told.keep(lambda frame: frame["grouping"].isin(kept))
