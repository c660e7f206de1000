"""Identifiers by kind, each in many written forms, and innocent strings that look like some.

Made up from what is set aside: RFC 2606 (names of sites), RFC 5737 (addresses of machines), Ofcom's and NANPA's telephone
numbers for drama, postcodes of the area ZZ99 and others that no place has, NHS numbers from 999, National Insurance numbers
with HMRC's prefix QQ, registrations with letters that DVLA does not issue.
"""

from collections import Counter
from itertools import cycle, product

import pytest

from helpers.package import confidential, opened, scan

NAMES = ["Tamsin", "Quillonby", "Ottoline", "Jo", "Li"]
SECRETS = confidential.Secrets(
    names=frozenset(form for name in NAMES for form in confidential.list_forms(name)),
    phrases=dict.fromkeys(
        [
            *confidential.choose_names(["Tamsin Quillonby", "Quillonby Tamsin"], []),
            *confidential.list_ways("R_2fakeFAKEfake01"),
            *confidential.list_ways("R_3madeUPmadeUP07"),
        ],
        "one from the raw data",
    ),
)


def written(values: list[str], *forms) -> list[str]:
    """Each form of one of the values, in turn, so that a class has as many plants as forms, and every value is used."""
    return [form(value) for form, value in zip(forms, cycle(values), strict=False)]


def group(digits: str, sizes: str, mark: str) -> str:
    """Digits in groups of these sizes."""
    parts, start = [], 0
    for size in map(int, sizes):
        parts.append(digits[start : start + size])
        start += size
    return mark.join(filter(None, [*parts, digits[start:]]))


def in_digits_from(zero: str, text: str) -> str:
    return "".join(chr(ord(zero) + int(sign)) if sign.isdigit() else sign for sign in text)


def disguise(local: str, *host: str, at: str, dot: str) -> str:
    return f"{local}{at}{dot.join(host)}"


PHONES = ["01632960123", "07700900456", "02079460789", "01914980321"]
PLANTS = {
    "an e-mail address": [
        *(disguise("someone", "example", "com", at=at, dot=dot) for at, dot in [
            ("@", "."), (" at ", " dot "), ("[at]", "."), (" [at] ", " [dot] "), ("(at)", "(dot)"), (" @ ", "."), ("@\n", "."),
            ("@", " . "), (" AT ", " DOT "), ("{at}", "{dot}"), ("-at-", "-dot-"), ("_at_", "_dot_"), ("@ ", " .\n"),
            ("<at>", "."), (" (a) ", "."), (" at ", "[.]"), ("＠", "．"),
        ]),
        "jo.doe at example.com", "write to someone at mail dot example dot org", "someone@ex\u00adample.com",
    ],
    "a telephone number": [
        *(group(number, sizes, mark) for number, (sizes, mark) in zip(cycle(PHONES), [
            ("5", " "), ("533", "."), ("56", "/"), ("4223", "-"), ("344", " "), ("2222", "."), ("53", " / "), ("83", "-"),
            ("11111111111", " "), ("533", "·"), ("74", "\u00a0"),
        ], strict=False)),
        "+44.1632.960123", "+44/1632/960123", "0044 1632 960 123", "+44 (0)1632.960.123", "(01632) 960123", "+441632960123",
        in_digits_from("\u0660", "07700 900123"), in_digits_from("\u0966", "01632960123"),
        in_digits_from("\uff10", "07700900123"),
        "tel: 1632 960 123", "phone 960123 4",
        "(0)7700 900 456", "00 44 1632 960 123", "(202) 555-0123", "202-555-0143", "202.555.0178",
    ],
    "a position on the map": [
        "53.76, -2.70", "at 51.47, -0.12", "51.4769, -0.0005", "51.4769 and -0.0005", "51.4769 north, 0.0005 west",
        "latitude 51.4769, longitude -0.0005", "lat 51.48 long -0.00", "51°28'38\"N 0°0'1\"W", "51° 28′ N, 0° 0′ W",
        "51 deg 28 min north", "51 degrees 28 minutes", "51.4769N 0.0005W", "51.4769° N, 0.0005° W", "N51 28.614 W000 00.030",
        "51,4769; -0,0005", "https://example.org/?q=51.47,-0.12", "-33.8568; 151.2153", "///filled.count.soap",
    ],
    "a name": [
        "Tamsin's plan", "Tamsin’s plan", "Tamsinʼs plan", "the Quillonbys", "the Quillonbys’ house", "TAMSIN’S", "Tаmsin",
        "Quillοnby", "Tam-sin", "Tam sin", "T a m s i n", "T.a.m.s.i.n", "T-A-M-S-I-N", "Tam\u200bsin", "Ot·to·line",
        "Otto-\nline", "as Jo said", "Jo’s plan", "Li agreed", "tamsin quillonby", "TamsinQuillonby", "quillonby_tamsin",
        "Tamsin-Quillonby", "Tàmsín", "Ｔａｍｓｉｎ", "Miss Quillonby’s",
    ],
    "an IP address": ["192.0.2.77", "192[.]0[.]2[.]77", "192.0.2[.]77", "192(.)0(.)2(.)77", "198 dot 51 dot 100 dot 7",
                      "203[dot]0[dot]113[dot]9", "2001:db8::77", "from 198.51.100.23:443", "192 . 0 . 2 . 77"],
    "a response id": ["R_2fakeFAKEfake01", "r_2fakefakefake01", "2fakeFAKEfake01", "2FAKEFAKEFAKE01", "3madeupmadeup07",
                      "R-3madeUPmadeUP07", "R_9otherOTHERoth3", "r_9other8other7oth"],
    "a UK postcode": written(
        ["ZZ99 3AB", "QX1 1AA", "V9A 9QX"], str, str.lower, str, lambda text: text.replace(" ", ""), str.lower,
        lambda text: text.replace(" ", "-"), lambda text: text.replace(" ", "  "), lambda text: f"in {text}.",
        lambda text: text.replace(" ", "\u00a0"),
    ),
    "an NHS number": [form.format(group(number, "334", mark)) for (number, mark), form in zip(
        product(["9990000018", "9990000026"], [" ", "-", "", "."]), cycle(["{}", "NHS no. {}", "{} (NHS)"]), strict=False)],
    "a National Insurance number": ["QQ 12 34 56 C", "QQ123456C", "qq123456c", "QQ-12-34-56-C", "QQ 123456 C", "NI: QQ12 3456C",
                                    "Qq 12 34 56 a", "QQ.12.34.56.A", "QQ 123 456 C"],
    "a date of birth": ["born 3 March 1971", "born on 3rd of March, 1971", "DOB 03/03/71", "DOB: 03-03-1971", "d.o.b. 3.3.1971",
                        "date of birth: 1971-03-03", "birthday is March 3, 1971", "03/03/1971 (date of birth)",
                        "born March 3rd 1971",
                        "dob 03031971", "Born: 3 Mar 71", "b. 3 March 1971"],
    "a vehicle's registration": ["QQ12 ABC", "QQ12ABC", "QA62 XYZ", "QQ12-ABC", "reg qq12 abc", "registration: Q123 ABC",
                                 
                                 "number plate ABC 123Q", "car reg is QI 1234", "plate Q12 ABC"],
    "a street address": ["12 Acacia Road", "12 acacia road", "12A, Acacia Avenue", "Flat 2, 14 Example Street",
                         "7 Long High St",
                         "221b Baker Street", "PO Box 99", "4 Harbour View Close",
                         "12 ACACIA ROAD", "apartment 12, Harbour House", "Acacia Road 12"],
    "a staff number": ["staff number 48213", "Staff no. 48213", "staff ID: A48213", "employee number 0048213",
                       "payroll ref 48213",
                       "collar number 4821", "warrant no: 48213", "NMC 18A4821E", "employee’s number: EX-48213", "badge 48213"],
    "a name of an account": ["@someone_99", "as @TamQ said", "(@someone)", "tweeted by @some_one.", "IG:@someone"],
    "a link to somebody's profile": [
        "https://www.linkedin.com/in/someone-99", "linkedin.com/in/someone", "www.facebook.com/some.one", "https://x.com/someone",
        "instagram.com/someone", "tiktok.com/@someone", "https://github.com/someone", "bsky.app/profile/someone.example.org",
        "facebook.com/profile.php?id=100000", "researchgate.net/profile/Some-One",
    ],
    "a link that carries an id": [
        "https://example.org/survey?id=a7c3f9", "https://example.org/?participant=17&x=1", "example.org/s?Q_DL=9aBcD_7",
        "https://example.org/form?email=some%2Eone", "https://example.org/users/48213/edit", "https://example.org/?x=1&token=f00ba7",
        "https://example.org/r/123e4567-e89b-12d3-a456-426614174000", "https://example.org/?userid=some.one",
    ],
}  # fmt: skip
# What only a reader finds, which README names: words for figures, other signs for letters, a house by its name, small letters.
FOR_A_READER = [
    "oh seven seven double oh nine double oh one two three", "T4msin", "someone#example.com", "Harbour House, Upper Example",
    "tamsin", "3 March 1971", "QQ12 abc", "Q Q 1 2 3 4 5 6 C", "7042", "GB33BUKB20201555555555", "passport 925665416",
]  # fmt: skip

INNOCENT = """95% CI 1.234, 2.345
(1.234, 2.345)
a mean of 3.41, 0.92
M = 54.12, 1.05
see section 1.2.3.4
1.2.3.4 Methods
version 4.12.0.1 of the tool
health/social care
(housing)/health/social care
agree /neutral/disagree
yes/no, and/or, he/she
/yes/no/not applicable
reference number 01234567890
grant 07123456789
Ref: 02030405061
F_statistic12
R_squared_adjusted
kernelspec
the kernelspec of a notebook
execution_count stands in each cell
0 10 20 30 40 50 60 70 80 90 100
0 1 2 3 4 5 6 7 8 9 10
01 02 03 04 05 06 07
2019 2020 2021 2022 2023 2024
31 of 40 (78%, 95% CI 63 to 88)
36 to 40 (90% or more)
r = −0.35, p = .043
t(47.32) = 2.1734, p = .0351
F(2, 117) = 3.0512, p = .0511
1,234,567 people and 12,345.67 pounds
0.0123456789
alpha .71 (0.440, 0.800)
means of 3.4512 and 4.1187
doi:10.1186/s13012-022-01191-x
https://doi.org/10.1177/1363459308101803
10.1080/09687599.2012.345678
https://orcid.org/0000-0002-1825-0097
ISBN 978-0-00-000000-2
ISBN 0198526636
ISSN 1748-5908
PMID: 25927494
Trial registration ISRCTN12345678
May CR, Finch T (2009) Implementing practices. Sociology 43(3): 535-554
Implementation Science 2013;8:43
published 12 March 2018
Published on 2018-03-12, corrected 14/06/2019
pp. 1234-1241, accessed 3 January 2024
born of a concern for children
nobody was born here; founded in March 1971
Python 3.11.7, pandas 3.0.1, numpy 2.4.1
HeadlessChrome/156.0.0.0
Matplotlib v3.11.2, https://matplotlib.org/
https://github.com/matplotlib/matplotlib
https://www.example.org/article?id=10.1371/journal.pone.0000000
https://example.org/search?q=nomad&page=2
sha256 0ca31bc3611ec36504c758f0e448dd1f6a260e99c670cbcc11e38b574596d9c9
sha256-6Y9zNTWnfhM8Kb3RxqH7ZtQ2vPqLsD1cXo0wEaJgUkI=
commit 0123456789ab (with changes)
id="s02-how-was-each-item-answered-2"
href="#table-2-1" aria-describedby="term-band"
M 53.76320 2.70310 L 1.50000 9.10000
translate(53.7632 2.7031) scale(0.1 -0.1)
points 10.51,22.75 33.02,41.66
#E12AB0 and #0072b2
@media (max-width: 40rem)
@page { margin: 2cm }
@font-face, @import, @supports
li::before { content: '\\25B2'; font: 1rem/1.5 sans-serif }
a::b and ::1
at 10:15:30 on 2030-01-02T10:15:30+00:00
09.00 to 10.30 on Mondays
3-5 years, 6-10 years, 11-15 years
Health (NHS), Education (4-18 years)
Item B2 stands third, C1 2nd, D2 3rd
KS3 and KS4, SF36 PCS, PM10 AND CO2
COVID19 in FY23, ISO 9001
+0.25 and +12.5%
± 1.96, 2.58
1.96 2.58 3.29
n = 47; 17; 53.76 and 2.70
looked at example.org for more
available at gov.uk. The second
meet at school. Us and them
two sides of the road, down the road
20 years on the road
the long road to change in 10 years
45° 3 times, at 20 °C
a slope of 45°, then 90°
staff numbers 1,200 in 2024
40 staff; the staff number fell
a telephone call, 12 interviews by telephone
telephone: 12 to 15 calls
The practice drives change in 3 areas
Wilson score interval
Kruskal-Wallis and Dunn tests with Holm correction
Cronbach’s alpha
one of the boys, a reference to the team
T. A. M. and S. I. N.
Up to 40 people; So it was
Table 3 The Long Way, Figure 2 High Park
12 People said so in 2 Places
How people use it in their own work (1-5)
A1 Sees the point; B1 Gets in the way
GET /appendix.html
data/lvrn_2024/study.yml and outputs/lvrn_2024/default
outputs/lvrn_2024/default/tables/02_bands.csv
e-mail or telephone, by post at work
register at work; car parks are full
5 @ 3.50 each
A4, 21.0 x 29.7 cm
1 234 567 890 pounds""".splitlines()


def find(text: str) -> set[str]:
    return {what for kind in ("text", "cell", "loose") for what, _ in scan.search(text, SECRETS, kind)}


def test_of_150_plants_of_every_kind_and_more_all_but_a_few_are_found():
    plants = [(what, text) for what, texts in PLANTS.items() for text in texts]
    missed = [text for _, text in plants if not find(text)]
    assert len(plants) >= 150 and min(Counter(what for what, _ in plants).values()) >= 5
    assert len(plants) - len(missed) >= 145 / 150 * len(plants), missed
    assert missed == []


@pytest.mark.parametrize("frame", ["It was {} in the end.", "“{}”", "({})", "Said: {}; agreed", "{}, 31 of 40"])
def test_a_plant_is_found_within_a_sentence(frame):
    missed = [text for texts in PLANTS.values() for text in texts if not find(frame.format(text))]
    assert len(missed) <= 5, missed


def test_innocent_strings_stop_no_package():
    stopped = {text: found for text in INNOCENT if (found := find(text))}
    assert len(INNOCENT) >= 100
    assert len(stopped) <= 3, stopped


def test_what_readme_leaves_to_a_reader_is_not_found():
    assert [text for text in FOR_A_READER if find(text)] == []


def test_a_number_is_told_by_its_check_digit():
    """9990000018: 9·10 + 9·9 + 9·8 + 1·2 = 245 = 22·11 + 3, and 11 − 3 = 8."""
    assert find("999 000 0018") == {"an NHS number"} and find("999 000 0017") == set()


def test_an_approved_word_passes_and_no_other():
    secrets = confidential.Secrets(
        names=SECRETS.names, allowed=frozenset({opened.fold("Tamsin Street"), ("0123", "456", "7890")})
    )
    for text, hits in [("at Tamsin Street", 0), ("as Tamsin said", 1), ("call 0123 456 7890", 0), ("call 0123 456 7891", 1)]:
        assert len(scan.search(text, secrets)) == hits, text


@pytest.mark.parametrize("sign", ["\u202e", "\u202d", "\u2066", "&#8238;"])
def test_a_sign_that_turns_the_direction_of_writing_is_found(sign):
    assert find(f"abc{sign}def") == {scan.TURNED}


def test_the_marks_that_hebrew_and_arabic_need_are_no_hit():
    assert find("שלום\u200f, world\u200e!") == set()
