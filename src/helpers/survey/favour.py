"""From which point of its scale an answer counts as favourable, if an analyst asks for another than the study's."""

from dataclasses import replace

from helpers.study.definition import Scale, Study
from helpers.study.errors import WorkbookError


def move_favourable(study: Study, agree_from: int) -> Study:
    """The study with other bands on the scales of its scores: answers are favourable from the point `agree_from` on.

    The lowest band is the mirror image of the highest, so that negatively worded items follow; everything between is the
    middle. 0 leaves the study's own bands. Scales that no score uses always keep theirs.

    Raises a `WorkbookError` unless the number is a point above the middle of each of these scales.
    """
    if agree_from == 0:
        return study
    scales = {}
    for name in study.scored_items["scale"].unique():
        scale = study.scales[name]
        points = [point.value for point in scale.responses if 2 * point.value > scale.lowest + scale.highest]
        if agree_from not in points:
            expected = f"0 (as the study says), or a point above the middle of {name}: {', '.join(f'{p:g}' for p in points)}"
            remedy = "choose a point that the scale of every score has"
            raise WorkbookError("parameters", "agree_from", str(agree_from), expected, remedy)
        scales[name] = move_bands(scale, agree_from)
    return replace(study, definition=study.definition.model_copy(update={"scales": study.scales | scales}))


def move_bands(scale: Scale, agree_from: float) -> Scale:
    """The scale in two or three bands, each named after its first and its last point; its own if these have the same ends."""
    opposite = scale.lowest + scale.highest - agree_from
    sides = [int(point.value >= agree_from) - int(point.value <= opposite) for point in scale.responses]
    own = [int(point.band == scale.bands[-1]) - int(point.band == scale.bands[0]) for point in scale.responses]
    if sides == own:
        return scale
    names = {}
    for side in sides:
        labels = [label for label, each in zip(scale.labels, sides, strict=True) if each == side]
        names[side] = " to ".join(dict.fromkeys([labels[0], labels[-1]]))
    moved = [point.model_copy(update={"band": names[side]}) for point, side in zip(scale.responses, sides, strict=True)]
    return scale.model_copy(update={"responses": moved})
