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

import numpy as np
import pandas as pd

from helpers.disclosure import ledger, rounding, suppression
from helpers.disclosure.told import Told
from helpers.study.definition import Study

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
        """By which release a body is settled; None for people never told of."""
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
        # What was told of most people was told of all others too: a body only grows, or what was told of it is told again.
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
        """All that was settled by these rules: rows of `ledger.TOLD`."""
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


def find_still(threshold: int, part: ledger.Part) -> list[str]:
    """Items and constructs of which another wave, set beside this one, would count the few people who changed an answer.

    Other waves are those told of before, and later ones, whose means stand beside this one's. Of people with a key alone.
    """
    return threshold.find_still(part) if isinstance(threshold, Rules) else []


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
