"""Answers grouped into bands: which printed means, medians and quartiles are possible."""

import math
import re
from dataclasses import dataclass, replace
from fractions import Fraction

from helpers.audit.cells import Cell, plain
from helpers.audit.figures import Figure, Verdict, join_words, parse_figure


@dataclass(frozen=True)
class Band:
    """A band of grouped answers; `upper` is None if it has no upper end."""

    lower: int
    upper: int | None
    count: int = 0


def parse_band(label: str) -> Band | None:
    """Read a band's label: "< 1 year" is 0 to 1, "3-5 years" is 3 to 5, "> 15 years" is 15 or more; None for other labels."""
    match = re.fullmatch(
        r"(?:(?P<under><|under|up to|less than)|(?P<over>>|over|more than))?\s*"
        r"(?P<first>\d+)\s*(?:(?:-|–|to)\s*(?P<last>\d+)|(?P<more>\+|or more))?(?:\s+[a-z]+)?",
        label.strip().casefold(),
    )
    if match is None:
        return None
    first = int(match["first"])
    if match["under"]:
        return Band(0, first)
    return Band(first, None if match["over"] or match["more"] else int(match["last"] or first))


def list_bands(cells: list[Cell], about: str) -> list[Band]:
    """The bands of a table, lowest first; "up to 15" in `about` keeps the bands that end at 15 or below.

    If several panels have bands, we take the one that `about` names, or no bands if this is ambiguous.
    """
    limit = re.search(r"up to (\d+)", about)
    panels: dict[str, list[Band]] = {}
    for cell in cells:
        band, count = parse_band(cell.about.split(": ", 1)[-1]), parse_figure(cell.printed, "count").value
        if band and count is not None:
            panels.setdefault(plain(cell.panel), []).append(replace(band, count=int(count)))
    if len(panels) > 1:
        panels = {panel: bands for panel, bands in panels.items() if panel in about}
    bands = next(iter(panels.values())) if len(panels) == 1 else []
    kept = [band for band in bands if not limit or (band.upper is not None and band.upper <= int(limit[1]))]
    return sorted(kept, key=lambda band: band.lower)


def check_band_mean(mean: Figure, bands: list[Band]) -> Verdict:
    """Which convention gives a printed mean of grouped answers: the lower ends, midpoints or upper ends of the bands?

    If a band has no upper end, only the lower ends are defined.
    """
    n = sum(band.count for band in bands)
    if n == 0:
        return Verdict("not checked", "[not defined: nobody is in these bands]")
    ends = {"lower ends": [band.lower for band in bands]}
    if all(band.upper is not None for band in bands):
        ends["midpoints"] = [Fraction(band.lower + band.upper, 2) for band in bands]
        ends["upper ends"] = [band.upper for band in bands]
    sums = {name: sum(end * band.count for end, band in zip(ends[name], bands, strict=True)) for name in ends}
    computed = ", ".join(f"{name} {float(total):g} / {n} = {float(total) / n:.2f}" for name, total in sums.items())
    told = join_words([f"{float(total) / n:.2f} ({name})" for name, total in sums.items()])
    giving = [name for name, total in sums.items() if mean.allows(Fraction(total, n))]
    words = f"The text says {mean.text}; the bands give {told}."
    if "midpoints" in giving:
        return Verdict("agrees", words, computed)
    if giving:
        extreme = "smallest" if giving[0] == "lower ends" else "largest"
        return Verdict("question", f"{words} So it is the {extreme} mean that the bands allow. Is that intended?", computed)
    if sums["lower ends"] < mean.value * n < sums.get("upper ends", math.inf):
        return Verdict("question", words + " What was it computed from?", computed)
    return Verdict("contradiction", words + " These bands cannot give it. Which is correct?", computed)


def check_band_quantile(printed: Figure, bands: list[Band], share: Fraction) -> Verdict:
    """Can a printed median (share 1/2) or quartile lie where the bands, lowest first, put it?

    The usual definitions (Hyndman & Fan 1996, types 5 to 9) interpolate between neighbouring answers. So the value lies between
    the lower end of the first one's band and the start of the band after the last one's.
    """
    answers = [place for place, band in enumerate(bands) for _ in range(band.count)]
    n = len(answers)
    if n == 0:
        return Verdict("not checked", "[not defined: nobody is in these bands]")
    first = max(1, math.floor(n * share + min(share, 1 - share)))
    last = min(n, math.ceil(n * share + max(share, 1 - share)))
    low, top = bands[answers[first - 1]].lower, answers[last - 1]
    high = bands[top + 1].lower if top + 1 < len(bands) else bands[top].upper
    span = f"{low} or more" if high is None else f"{low} to {high}"
    words = f"The text says {printed.text}; the bands put it in {span}."
    if low <= printed.value and (high is None or printed.value <= high):
        return Verdict("agrees", words, span)
    return Verdict("contradiction", words + " Which is correct?", span)
