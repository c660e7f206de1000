"""A section of the appendix in the order in which it is read."""

from bs4 import BeautifulSoup

from helpers.running import sections

RAN = '<i class="ran"></i>'
LINE = '<p class="withheld" data-why="team"><strong>Table 1.1</strong> stays with the team.</p>'


def prose(text, kind=""):
    heading, _, more = text.partition("|")
    tag = "h1" if kind == "h1" else "h2"
    return f'<div class="prose {kind}"><{tag}>{heading}</{tag}>{f"<p>{more}</p>" if more else ""}</div>'


def more_prose(text):
    return f'<div class="prose"><p>{text}</p></div>'


def arrange(*parts):
    """What stands in the section after it is arranged, a text for each part."""
    soup = BeautifulSoup(prose("One|Asked of all.", "h1") + "".join(parts), "html.parser")
    found = sections.arrange(soup)
    return [part.get_text("|", strip=True) for part in soup.contents], found


def test_answers_come_first_and_the_first_sentence_of_a_question_before_how_it_was_found():
    parts, found = arrange(
        prose("Asked?|How."), RAN, "<table><tr><td>1</td></tr></table>", RAN, '<p class="finding">So many.</p>', RAN,
        '<p class="finding">More.</p>', prose("And?"), RAN, '<p class="answer"><strong>Yes.</strong> 3 of 4.</p>',
        "<table><tr><td>2</td></tr></table>",
    )  # fmt: skip
    assert found
    assert parts == ["One", "Yes.|3 of 4.", "Asked of all.", "Asked?", "So many.", "How.", "1", "More.", "And?", "2"]


def test_an_answer_that_is_all_of_its_section_stays_below_its_heading():
    parts, found = arrange(prose("And?"), RAN, '<p class="answer">Yes.</p>')
    assert (parts, found) == (["One", "Asked of all.", "And?", "Yes."], True)


def test_a_question_whose_code_shows_nothing_goes_and_limits_stay():
    parts, _ = arrange(
        prose("Kept?|How."), RAN, "<p>seen</p>", prose("Gone?|How."), RAN, more_prose("More."), RAN, "<div></div>",
        prose("Limits|Much."),
    )  # fmt: skip
    assert parts == ["One", "Asked of all.", "Kept?", "How.", "seen", "Limits", "Much."]


def test_prose_that_leads_to_nothing_goes_and_the_heading_stays_for_what_follows():
    parts, _ = arrange(
        prose("Asked?|Of people."), RAN, LINE, more_prose("Of groups."), RAN, "<p>seen</p>", more_prose("Of rows."), RAN
    )
    assert parts == ["One", "Asked of all.", "Asked?", "Of groups.", "seen", "What stays with the team|Table 1.1."]


def test_of_what_a_study_has_nothing_for_nothing_is_said():
    parts, _ = arrange(prose("Asked?"), RAN, "<p>seen</p>", RAN, LINE.replace('"team"', '"nothing"'))
    assert parts == ["One", "Asked of all.", "Asked?", "seen"]


def test_a_picture_is_a_result_and_what_is_made_up_is_none():
    assert arrange(RAN, '<div><img src="x" alt=""></div>')[1]
    assert arrange(prose("Asked?"), RAN, '<p class="opening">Rebuilt.</p>')[1] is False
    assert arrange(RAN, LINE)[1] is False


def test_a_detail_is_one_closed_line_and_code_stands_in_one_fold_at_the_end():
    code = '<details class="code"><summary>Code</summary><pre>{}</pre></details>'
    soup = BeautifulSoup(
        prose("One", "h1")
        + RAN
        + code.format("first")
        + prose("How?|So.", "detail")
        + RAN
        + code.format("second")
        + "<p>seen</p>",
        "html.parser",
    )
    sections.arrange(soup)
    heading, detail, folded = soup.contents
    assert (detail["class"], detail.summary.h2.text, detail.get_text("|")) == (["detail"], "How?", "How?|So.|seen")
    assert heading.name == "h1"
    assert folded.get_text("|") == "The code of this section|first|second" and not soup.select("details[open]")


def test_a_term_is_explained_where_it_first_stands_and_not_within_a_name():
    soup = BeautifulSoup(
        '<p class="finding">NoMAD asks; “NoMAD” and NoMAD-like <a href="#x">NoMAD</a>. NOMAD.</p>', "html.parser"
    )
    explained = sections.explain_terms(soup)
    links = soup.select("a.term")
    assert [link.text for link in links] == ["NoMAD"] and links[0]["href"] == "#term-nomad" and explained == ["NoMAD"]
    assert soup.p.get_text() == "NoMAD asks; “NoMAD” and NoMAD-like NoMAD. NOMAD."
    assert sections.list_terms(explained)[0][::2] == ("NoMAD", "term-nomad")
