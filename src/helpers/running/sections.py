"""An executed notebook as readers want it: answers first, details folded, terms explained, code at the end."""

import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise

import pandas as pd
from bs4 import BeautifulSoup, NavigableString, Tag

from helpers.page import render

# Prose in which terms are explained.
PROSE = ".prose p, .prose li, p.finding, p.answer, p.opening, ul.list > li"


@cache
def read_glossary() -> pd.Series:
    """Term → what it means, in a sentence."""
    return pd.read_csv(render.TEMPLATES.parent / "glossary.csv").set_index("term")["meaning"]


def arrange(soup: BeautifulSoup) -> bool:
    """Put a section into reading order; returns whether it shows anything from the notebook's code.

    The section's answers come first, unless they are all that it shows. In a question the first sentence comes below its
    heading; a question whose code shows nothing is removed, and so is prose that leads to nothing. A question marked as a
    detail becomes one closed line.
    """
    opening, *questions = part_before([part for part in soup.contents if isinstance(part, Tag) or part.strip()], is_question)
    code, lines = ([part.extract() for part in soup.select(chosen)] for chosen in ("details.code", "p.withheld"))
    results = [part for part in (*opening, *sum(questions, [])) if is_there(part) and is_result(part)]
    answers = [part for part in results if "answer" in classes(part)]
    answers = [part.extract() for part in answers] if len(answers) < len(results) else []
    shown = [part for question in questions for part in settle(question, soup)]
    kept = [part for part in opening if is_there(part)]
    found = bool(answers) or any(map(is_result, [*kept, *shown]))
    parts = [soup.h1.extract(), *answers, *kept, *shown, *name_left_out(lines, soup), *fold_code(code, soup)]
    soup.clear()
    soup.extend(part for part in parts if not is_marker(part) and not is_empty(part))
    return found


def settle(question: list[Tag], soup: BeautifulSoup) -> list[Tag]:
    """A question's heading, its answer, and what leads to it; empty if its code shows nothing."""
    parts = []
    for prose, *rest in part_before([part for part in question if is_there(part)], is_prose):
        results = list(filter(is_result, rest))
        for line in prose.find_all(True, recursive=False) if rest and not results else ():
            if line.name != "h2":
                line.extract()
        parts += [prose, *results]
    if any(map(is_marker, question)) and not any(map(is_result, parts)):
        return []
    heading, detail = parts[0].h2.extract(), "detail" in classes(parts[0])
    answer = next((part for part in parts if "finding" in classes(part)), None)
    body = [part for part in sorted(parts, key=lambda part: part is not answer) if not is_empty(part)]
    return fold("detail", heading, body, soup) if detail else [heading, *body]


def fold(kind: str, head: Tag | str, parts: list[Tag], soup: BeautifulSoup) -> list[Tag]:
    """Parts behind one closed line; empty if there are none."""
    if not parts:
        return []
    folded, line = soup.new_tag("details", attrs={"class": kind}), soup.new_tag("summary")
    line.append(head)
    folded.extend([line, *parts])
    return [folded]


def name_left_out(lines: list[Tag], soup: BeautifulSoup) -> list[Tag]:
    """One sentence on what stays with the team; it leaves out what the study has nothing for."""
    names = [
        line.get_text(" ", strip=True).removesuffix(" stays with the team.") for line in lines if line["data-why"] == "team"
    ]
    said = [soup.new_tag("p", string=f"{'; '.join(names)}.")] * bool(names)
    return fold("left-out", "What stays with the team", said, soup)


def fold_code(code: list[Tag], soup: BeautifulSoup) -> list[Tag]:
    for part in code:
        part.summary.extract()
    return fold("code", "The code of this section", [piece for part in code for piece in list(part.contents)], soup)


def explain_terms(soup: BeautifulSoup) -> list[str]:
    """Link each term, at its first place in the section's prose, to its meaning; returns those found."""
    meanings, done = read_glossary(), set()
    known = {term.casefold(): term for term in meanings.index}
    words = "|".join(sorted(map(re.escape, meanings.index), key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w“-])({words})(?=s?(?![\w”-]))", re.IGNORECASE)
    for block in soup.select(PROSE):
        for text in list(block.find_all(string=pattern)):
            if text.find_parent(["a", "code"]):
                continue
            parts, end = [], 0
            for match in pattern.finditer(text):
                term = known[match[0].casefold()]
                if term not in done:
                    done.add(term)
                    meaning = {"class": "term", "href": f"#{term_anchor(term)}", "data-meaning": meanings[term]}
                    link = soup.new_tag("a", attrs=meaning | {"aria-describedby": term_anchor(term)}, string=match[0])
                    parts += [text[end : match.start()], link]
                    end = match.end()
            if parts:
                text.replace_with(*filter(None, [*parts, text[end:]]))
    return sorted(done)


def list_terms(explained: set[str]) -> list[tuple[str, str, str]]:
    """Terms that are on the page, each with its meaning and its place in the list of terms."""
    return [(term, meaning, term_anchor(term)) for term, meaning in read_glossary().items() if term in explained]


def term_anchor(term: str) -> str:
    return f"term-{render.anchor(term)}"


# --- parts of a section -----------------------------------------------------------------------------------------------
def part_before(parts: list, opens: Callable) -> list[list]:
    """Parts in groups; a new group begins with each part that `opens` one."""
    starts = [place for place, part in enumerate(parts) if place == 0 or opens(part)]
    return [parts[start:end] for start, end in pairwise([*starts, len(parts)])]


def classes(part: Tag | NavigableString) -> list[str]:
    return part.get("class", []) if isinstance(part, Tag) else []


def is_prose(part: Tag) -> bool:
    return "prose" in classes(part)


def is_question(part: Tag) -> bool:
    return is_prose(part) and part.find(True, recursive=False) is not None and part.find(True, recursive=False).name == "h2"


def is_marker(part: Tag) -> bool:
    """Whether a part only says that code ran here."""
    return "ran" in classes(part)


def is_there(part: Tag) -> bool:
    return part.parent is not None


def is_empty(part: Tag) -> bool:
    return is_prose(part) and not part.get_text(strip=True)


def is_result(part: Tag) -> bool:
    """Whether a part shows something from code, words or a picture, beyond a note on what is made up."""
    aside = is_prose(part) or "opening" in classes(part) or part.name in ("h1", "h2")
    return not aside and bool(part.get_text(strip=True) or (isinstance(part, Tag) and (part.name == "img" or part.find("img"))))
