"""Numbers in prose: percentages, intervals, p-values, lists."""

import re
from collections.abc import Iterable

import pandas as pd

from helpers.study.definition import Study
from helpers.study.terms import WITHHELD


def percent(value: float) -> str:
    """A percentage (0 to 100) as a whole number; halves round up, as published tables mostly do."""
    return "[not defined]" if pd.isna(value) else f"{int(value + 0.5 + 1e-9)}%"


def ratio(count: float, n: float, low: float | None = None, high: float | None = None, least: float | None = None) -> str:
    """A percentage with numerator, denominator and 95% interval (per cent): "31 of 40 (78%, 95% CI 62 to 88)".

    If the count is withheld and only the `least` that it can be is told: "36 to 40 of 40 (90% or more)".
    """
    if n == 0:
        return "[not defined: nobody answered]"
    if pd.isna(count):
        return f"{least:g} to {n:g} of {n:g} ({int(100 * least / n)}% or more)"
    interval = "" if low is None else f", 95% CI {percent(low)[:-1]} to {percent(high)[:-1]}"
    return f"{count:g} of {n:g} ({percent(100 * count / n)}{interval})"


def whole(count: float) -> str:
    """A count of people, or the mark that it is withheld."""
    return WITHHELD if pd.isna(count) else f"{count:g}"


def decimals(value: float, digits: int = 2, missing: str = "[not defined]") -> str:
    """A number with a fixed number of decimals and a real minus sign."""
    if pd.isna(value):
        return missing
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.removeprefix("-")


def between(low: float, high: float) -> str:
    """An interval: "0.44 to 0.80"."""
    return f"{decimals(low)} to {decimals(high)}"


def span(*ends: str) -> str:
    """From the first end to the last, or one of them if they read alike: "84% to 90%", "84%"."""
    return " to ".join(dict.fromkeys(ends))


def p_value(p: float) -> str:
    """A p-value to three decimals, never "0.000"."""
    if pd.isna(p):
        return "[not defined]"
    return "< .001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def listed(words: Iterable[str], nothing: str = "none") -> str:
    """A list in words: "a, b and c"."""
    words = list(words)
    if len(words) < 2:
        return words[0] if words else nothing
    return ", ".join(words[:-1]) + " and " + words[-1]


def counted(number: int, singular: str, plural: str = "") -> str:
    """A number with its noun: "1 item", "3 items"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def quote(label: str) -> str:
    """A label in prose: “Key people drive it forward”."""
    return f"“{label}”"


def quoted_list(labels: Iterable[str], most: int = 3) -> str:
    """The first labels in quotation marks, and how many more there are: “a”, “b”, “c” and 4 more."""
    labels = list(labels)
    more = [f"{len(labels) - most} more"] if len(labels) > most else []
    return listed([*map(quote, labels[:most]), *more])


def split_claim(sentence: str) -> tuple[str, str]:
    """The first sentence of several, and the rest; a sentence does not end within quotation marks, nor in “e.g.” or “Dr.”."""
    for end in re.finditer(r"(?<=[.?!])\s+", sentence):
        claim = sentence[: end.start()]
        if claim.count("“") == claim.count("”") and not re.search(r"\b(e\.g|i\.e|vs|etc|Dr|Mrs?|Ms|St|No)\.$", claim):
            return claim, sentence[end.end() :]
    return sentence, ""


def shorten(sentences: str) -> tuple[str, str]:
    """The first of several sentences, and the second unless the first has its number, without a last remark in brackets."""
    claim, rest = split_claim(sentences)
    rest = re.sub(r" \([^()\d]*\)(?=[.?!]$)", "", split_claim(rest)[0])
    return claim, "" if re.search(r"\d( of |%)|of the \d", claim) else rest


def say_moved(own: Study, study: Study) -> str:
    """From where answers count as favourable, if that is not as the study's own scales say."""
    moved = [name for name, scale in study.scales.items() if scale != own.scales[name]]
    begun = [
        [next(point.label for point in scale.responses if point.band == scale.bands[-1]) for scale in scales]
        for scales in ([each.scales[name] for name in moved] for each in (study, own))
    ]
    here, there = (listed(dict.fromkeys(map(quote, labels))) for labels in begun)
    return f"An answer counts as favourable from {here} on, though the study's scale says from {there} on." if moved else ""
