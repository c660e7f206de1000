"""What may leave the team, as a type: only this wing makes a `Told`, and a funder's page shows nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from types import UnionType

import pandas as pd

from helpers.study.definition import Study


@dataclass(frozen=True, eq=False)
class Told:
    """A frame in which anybody may read every cell.

    A withheld cell is missing (otherwise a ValueError), and `withheld` says which are, unlike cells that are not defined:
    booleans of the frame's shape. `note` is a sentence that a reader must know; it may be empty. `threshold` is the least
    number of people that a cell counts; 0 or 1 if nothing is withheld.
    """

    frame: pd.DataFrame
    withheld: pd.DataFrame
    note: str = ""
    threshold: float = 0

    def __post_init__(self) -> None:
        alike = self.withheld.index.equals(self.frame.index) and self.withheld.columns.equals(self.frame.columns)
        if not alike or (self.withheld.to_numpy(bool) & self.frame.notna().to_numpy(bool)).any():
            raise ValueError("a cell that is withheld holds a value, or the two frames have different labels")

    def then(self, function: Callable[..., pd.DataFrame], *more: Told | Study, **options: object) -> Told:
        """What follows only from told frames and the study's definition, and so may be told as well.

        `function` takes this frame, then those of `more`, and returns a frame. Cells missing in it count as withheld if any
        cell of its input is. A frame in `more` or `options` that is not marked as one that may be told is a TypeError.
        """
        given = [self, *more]
        refuse_untold(more, Told | Study)
        refuse_untold(options.values(), str | int | float | bool | None)
        tolds = [part for part in given if isinstance(part, Told)]
        frame = function(*(part.frame if isinstance(part, Told) else part for part in given), **options)
        hides = any(part.withheld.any(axis=None) for part in tolds)
        note = " ".join(dict.fromkeys(part.note for part in tolds if part.note))
        return Told(frame, frame.isna() & hides, note, min(part.threshold for part in tolds))

    def keep(self, choose: Callable[[pd.DataFrame], pd.Series]) -> Told:
        """The rows for which `choose` is true, given what is told. A choice by what is not told would give it away."""
        rows = choose(self.frame)
        return replace(self, frame=self.frame[rows], withheld=self.withheld[rows])


def refuse_untold(parts: Iterable[object], allowed: UnionType) -> None:
    """Refuse whatever would let through a frame (or a column, or several) that is not `Told`."""
    for part in parts:
        if not isinstance(part, allowed):
            raise TypeError(f"a {type(part).__name__} is not allowed here: frames must be Told, and options are settings")


def tell(frame: pd.DataFrame, threshold: float, note: str = "", before: pd.DataFrame | None = None) -> Told:
    """A frame whose missing cells are withheld, unless nothing is (`threshold` 0 or 1). Only for the rooms of this wing.

    What was already missing in the frame `before` (if given) is not defined, and not withheld.
    """
    withheld = frame.isna() & (threshold > 1)
    if before is not None:
        withheld &= before.notna()
    return Told(frame, withheld, note if threshold > 1 else "", threshold)


def tell_finer(finer: pd.DataFrame, told: Told) -> Told:
    """The finer of two frames of the same answers if nothing is withheld, otherwise what may be told."""
    return told if told.threshold > 1 else tell(finer, told.threshold)


def tell_of_nobody(frame: pd.DataFrame) -> Told:
    """What rests on nobody's answers, such as how an interval narrows with more people; it may be told as it is."""
    return Told(frame, frame.isna() & False, "", math.inf)


def unwrap(data: object) -> object:
    """The frame of a `Told`; anything else as it is."""
    return data.frame if isinstance(data, Told) else data


def mask_of(data: object) -> pd.DataFrame | None:
    """Which cells of a `Told` are withheld, or None for anything else."""
    return data.withheld if isinstance(data, Told) else None
