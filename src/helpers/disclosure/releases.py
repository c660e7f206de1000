"""Protecting a package together with the earlier ones: the rules of a study, and how they decide what a frame may show.

Somebody who has all packages must not learn more than from tables about separate people, each of which is safe by itself.
So each part of a frame (a question, a construct, a theme, a grouping) is compared with the last figures that any package gave
for it, and shows

- what the rules allow, where no earlier package covered these people;
- the same figures again and no others, where the people and their answers are those of an earlier package;
- new figures of everybody, where enough people have joined and the difference may be shown as a separate table;
- otherwise the earlier figures, with a note. They are left out if the rules have become stricter.

The people of one wave of the survey, or of the interviews, are a body. An earlier body with the same name is the same one, and
so is any body in which more than half are the same people with the same answers.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.disclosure import ledger, rounding, suppression
from helpers.disclosure.ledger import list_figures
from helpers.disclosure.told import Told
from helpers.study.definition import Study

# New figures are shown once this many times the threshold have joined. With fewer, nearly all would be repeated.
NEWCOMERS = 4
REPEATED = "Repeated from an earlier package"
NOTE_ON_REPEATS = (
    REPEATED + ": {}. They count the people who had taken part when it was made, by the study's definitions of that time."
)
NOTE_ON_NARROWING = "Figures that an earlier package withheld, or showed under looser rules, are left out."


@dataclass(frozen=True)
class Earlier:
    """The people an earlier release counted, compared with today's: how many there were, who is new, how many are gone."""

    people: int
    new: list[str]
    gone: int

    @property
    def same(self) -> bool:
        return not self.new and not self.gone


class Rules(int):
    """The smallest number of people that a count may show, with the study's other rules and its earlier packages."""

    def __new__(cls, threshold: int, study: Study) -> "Rules":
        rules = super().__new__(cls, threshold)
        rules.study, rules.wave = study, ""
        rules.entries = ledger.read_ledger(study)
        rules.standing = [release for release in rules.entries if not release.struck]
        rules.known, rules.made, rules.answers = {}, {}, {}
        return rules

    def showing(self, wave: str) -> "Rules":
        """The same rules, for a wave of the survey; the latest if none is named."""
        other = int.__new__(Rules, int(self))
        vars(other).update(vars(self) | {"wave": wave})
        return other

    def body(self, part: ledger.Part) -> str:
        survey = self.study.definition.survey
        return f"survey {self.wave or list(survey.files)[-1]}" if part.name == "survey" else part.name

    def read(self, part: ledger.Part) -> dict[str, pd.DataFrame]:
        if part.name not in self.answers:
            self.answers[part.name] = part.read(self.study)
        return self.answers[part.name]

    def find(self, part: ledger.Part) -> dict[str, Earlier]:
        """Who earlier releases counted in today's body, by their number and their name for it, such as "2 survey 2030".

        This includes struck releases, since a later one that still counts can repeat their figures.
        """
        body = self.body(part)
        if body not in self.known:
            answers, found = self.read(part).get(body, pd.DataFrame()) if self.entries else pd.DataFrame(), {}
            for release in self.entries:
                now = ledger.digest(answers, release.salt, release.columns)
                for name, people in release.people.items():
                    new, gone = ledger.compare_people(people, now)
                    shared = len(people) - gone
                    if name == body or name.split()[0] == part.name and 2 * shared > min(len(people), len(now)):
                        found[f"{release.number} {name}"] = Earlier(len(people), new, gone)
            self.known[body] = found
        return self.known[body]

    def list_standing(self, part: ledger.Part) -> list[tuple[ledger.Release, str]]:
        """Releases that cover today's body, and their names for it."""
        known = self.find(part)
        return [(release, name) for release in self.standing for name in release.people if f"{release.number} {name}" in known]

    def kept(self) -> pd.DataFrame:
        """Every frame that these rules decided: rows of `ledger.TOLD`."""
        return pd.DataFrame([ledger.pack(*names, *made) for names, made in self.made.items()], columns=ledger.TOLD)


def follows_releases(threshold: int, part: ledger.Part) -> bool:
    """Whether frames about a part of the study are rounded, compared with earlier packages and noted for the next.

    They are not where a plain number is all that protects them, nor where the study lacks the part: nobody is counted there.
    """
    return isinstance(threshold, Rules) and getattr(threshold.study.definition, part.name) is not None


def settle(
    told: Told, threshold: int, name: str, part: ledger.Part, by: str = "", narrow: Callable[..., Told | None] | None = None,
    round_to: Callable[[Told, int], Told] = rounding.round_counts,
) -> Told:  # fmt: skip
    """A frame protected together with earlier packages and rounded as the study asks; unchanged if `follows_releases` says no.

    Every frame that rests on people's answers passes through here once, under a `name`. Rows with the same entry in the column
    `by` are decided together; without `by` all rows are. `narrow` takes such rows, the earlier package's rows, and `Earlier`.
    It returns them as they may be shown, or None if they may not because other people count now. `round_to` rounds to a base.
    """
    if not follows_releases(threshold, part):
        return told
    rules, place = threshold, (threshold.body(part), name)
    base, known = rules.study.definition.sharing.rounding, rules.find(part)
    shown = alone = round_to(told, base) if base > 1 else told
    bases, held_back = pd.Series("", index=alone.frame.index), 0
    if covering := rules.list_standing(part):
        earlier, nothing = [], select(told, pd.Series(False, told.frame.index))
        for release, body in covering:
            before, of = release.told.get((body, name), (nothing, pd.Series(dtype=str)))
            of = of.mask(of == "", f"{release.number} {body}")
            earlier += [(release, key, select(before, of == key)) for key in of.unique() if key in known]
        narrow = narrow or (lambda *given: refuse_steps(*given, threshold))
        units = [settle_unit(*unit, rules, known, bool(by), narrow, round_to) for unit in divide(told, earlier, by)]
        shown, bases = join([(nothing, ""), *units])
        which = shown.frame.loc[bases.ne(""), by].astype(str).unique() if by and bases.eq("").any() else []
        repeats = NOTE_ON_REPEATS.format(", ".join(which) or "all these figures")
        held_back = (list_told(alone.frame) - list_told(shown.frame)).total()
        notes = [told.note, repeats * bool(bases.ne("").any()), NOTE_ON_NARROWING * bool(held_back)]
        shown = replace(shown, note=" ".join(filter(None, notes)))
    if place in rules.made and not rules.made[place][0].frame.equals(shown.frame):
        raise ledger.refuse_two(*place)
    rules.made[place] = shown, bases, held_back
    return shown


def settle_unit(
    now: Told, earlier: list[tuple[ledger.Release, str, Told]], rules: Rules, known: dict[str, Earlier], whole: bool,
    narrow: Callable[..., Told | None], round_to: Callable[[Told, int], Told],
) -> tuple[Told, str]:  # fmt: skip
    """What a part of a frame may show, and whose figures it repeats (empty for figures of today's people)."""
    nothing = select(now, pd.Series(False, now.frame.index))
    if not earlier:
        return nothing, ""
    # The figures of the most people are the last: they follow all those before them, unless somebody was counted elsewhere.
    release, key, before = max(earlier, key=lambda told: (known[told[1]].same, known[told[1]].people))
    people, rounded, base = known[key], release.rounding > 1, max(rules.study.definition.sharing.rounding, release.rounding)
    stricter = rules > release.threshold or base > release.rounding
    today = round_to(now, base) if rounded else now
    # Without parts, only rows whose name is still there today, since the team may have withdrawn an approval.
    again = before if whole else select(before, pd.Series(name_rows(before.frame).isin(name_rows(now.frame))))
    kept, alike = (keep_told(today, before, equal) for equal in (False, True))
    if people.same and not stricter:
        # The same answers give other figures: the study's definitions have changed since.
        return again, key * (list_told(alike.frame) < list_told(kept.frame) or change_verdicts(now.frame, before.frame))
    if people.same:
        told = narrow(alike, before, people)
    else:
        enough = len(people.new) - people.gone >= NEWCOMERS * max(rules, release.threshold)
        enough &= all(set(people.new) <= set(known[other].new) for _, other, _ in earlier)
        enough &= list_told(kept.frame) >= list_told(before.frame) and not 0 < release.rounding < rules
        told = narrow(kept, before, people) if enough else None
        if told is None:
            return (nothing, "") if stricter else (again, key)
    return round_to(told, base) if base > 1 and not rounded else told, ""


def find_still(rules: int, part: ledger.Part) -> list[str]:
    """Items and constructs for which a comparison with another wave would count the few people who changed an answer.

    The other waves are those of earlier packages, and later ones, whose means are shown beside this wave's. Only people with a
    link key can be compared.
    """
    if not follows_releases(rules, part):
        return []
    study, names, latest = rules.study, list(rules.study.survey.files), rules.body(part)
    told = {body for release in rules.standing for body in release.people} - {latest}
    later = names[names.index(latest.removeprefix("survey ")) + 1 :]
    waves = [f"survey {wave}" for wave in names if f"survey {wave}" in told or wave in later]
    if not waves or not study.survey.link_column or rules.list_standing(part):
        return []
    known = {
        body: rows.dropna(subset="link").drop_duplicates("link", keep=False).set_index("link")
        for body, rows in rules.read(part).items()
    }
    constructs, few = study.items["construct"], set()
    answers = known[latest][list(constructs.index)]
    for then in (known[wave] for wave in waves if wave in known):
        both = answers.index.intersection(then.index)
        if len(both):
            moved = answers.loc[both].ne(then.loc[both, list(answers)])
            counts = pd.concat([moved.sum(), moved.T.groupby(constructs).any().T.sum()])
            few |= set(counts.index[counts < rules])
    return sorted(few)


def divide(
    told: Told, earlier: list[tuple[ledger.Release, str, Told]], by: str
) -> Iterable[tuple[Told, list[tuple[ledger.Release, str, Told]]]]:
    """The rows of each part of a frame, with those of the same part in earlier releases that have any."""
    if not by:
        yield told, [entry for entry in earlier if len(entry[2].frame)]
        return
    for unit in told.frame[by].unique():
        before = [(release, key, select(then, then.frame[by] == unit)) for release, key, then in earlier if by in then.frame]
        yield select(told, told.frame[by] == unit), [entry for entry in before if len(entry[2].frame)]


def select(told: Told, rows: pd.Series) -> Told:
    return replace(told, frame=told.frame[rows.to_numpy()], withheld=told.withheld[rows.to_numpy()])


def join(units: list[tuple[Told, str]]) -> tuple[Told, pd.Series]:
    """Parts put together again (the first is empty and gives the columns), and whose figures each row repeats."""
    frame = pd.concat([part.frame for part, _ in units if len(part.frame)] or [units[0][0].frame], ignore_index=True)
    withheld = pd.concat([part.withheld.astype(object) for part, _ in units], ignore_index=True)
    withheld = withheld.reindex(columns=frame.columns).fillna(True).astype(bool) & frame.isna()
    bases = [key for part, key in units for _ in range(len(part.frame))]
    return replace(units[0][0], frame=frame, withheld=withheld), pd.Series(bases, frame.index, dtype=object)


def keep_told(told: Told, before: Told, equal: bool) -> Told:
    """Rows that an earlier package showed under the same names; other cells are withheld, also changed ones if `equal`."""
    known = before.frame.set_index(name_rows(before.frame))
    known = known[~known.index.duplicated()]
    told = select(told, pd.Series(name_rows(told.frame).isin(known.index)))
    then, lost = known.reindex(name_rows(told.frame)), {}
    for name in list_figures(told.frame):
        old = then[name].to_numpy(float) if name in then else np.full(len(then), np.nan)
        here = told.frame[name].to_numpy(float)
        lost[name] = np.isnan(old) | (equal & ~np.isclose(here, old, rtol=0, atol=1e-9))
    return hide(told, pd.DataFrame(lost, told.frame.index))


def change_verdicts(now: pd.DataFrame, before: pd.DataFrame) -> bool:
    """Whether a row says yes where the earlier one of the same name said no, or the other way round."""
    verdicts = now.select_dtypes("bool").columns.intersection(before.columns)
    then = before.set_index(name_rows(before))[verdicts]
    both = now.set_index(name_rows(now))[verdicts].join(then[~then.index.duplicated()].add_suffix(" then"), how="inner")
    return any(both[name].ne(both[f"{name} then"]).any() for name in verdicts)


def list_told(frame: pd.DataFrame) -> Counter:
    """Which figures a frame shows, by the name of their row and their column, or which rows if it has no figures."""
    names, figures = name_rows(frame), list_figures(frame)
    return Counter((row, column) for column in figures for row in names[frame[column].notna()]) if figures else Counter(names)


def name_rows(frame: pd.DataFrame) -> pd.Index:
    return pd.Index(ledger.join_cells(frame.select_dtypes(exclude=["number", "bool"])))


def hide(told: Told, cells: pd.DataFrame) -> Told:
    """Withhold further cells; `cells` holds booleans for some of the columns."""
    cells = cells.reindex(index=told.frame.index, columns=told.frame.columns, fill_value=False) & told.frame.notna()
    return replace(told, frame=told.frame.mask(cells), withheld=told.withheld | cells)


def find_steps(told: Told, before: Told, column: str) -> pd.Series:
    """By how much each count is larger than in the same row of an earlier package."""
    then = before.frame.set_index(name_rows(before.frame))[column]
    then = then[~then.index.duplicated()].reindex(name_rows(told.frame))
    return told.frame[column].astype(float) - then.to_numpy(float)


def accept(told: Told, _before: Told, _people: Earlier) -> Told:
    """What tells too little about single people to be compared with earlier packages that showed it."""
    return told


def refuse_steps(told: Told, before: Told, people: Earlier, threshold: int) -> Told | None:
    """Counts of people, unless one of them fell, or rose by fewer than `threshold`."""
    for name in told.frame.columns.intersection(rounding.COUNTS):
        steps = find_steps(told, before, name)
        if not people.same and (steps.lt(0) | steps.between(1, threshold - 1)).any():
            return None
    return told


def refuse_groups(told: Told, before: Told, people: Earlier, column: str, threshold: int) -> Told | None:
    """The groups of a grouping, unless their steps could not be shown as a separate table."""
    steps = find_steps(told, before, column)
    if people.same or not len(steps):
        return told
    if len(steps) < len(before.frame) or steps.isna().any() or steps.lt(0).any():
        return None
    sums = pd.concat([steps.reset_index(drop=True), pd.Series({"all": steps.sum()})])
    return None if suppression.withhold(sums, "all", threshold).any() else told
