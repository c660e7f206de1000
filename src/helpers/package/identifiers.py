"""What looks like an identifier in any study: a table of kinds, each with its forms and further conditions.

Forms are looked for in texts in plain form (see `opened.plain`). Sources of the check digits and prefixes: NHS Data Dictionary
(NHS number), HMRC NIM39110 (National Insurance), DVLA INF104 (age of a vehicle in its registration), Royal Mail (postcodes).
"""

import ipaddress
import re
from collections.abc import Callable
from itertools import pairwise

PATH = "a path of a machine"


class Form:
    """A form of a kind of identifier, and a condition on what was found. Texts without its `sign` are skipped."""

    def __init__(self, what: str, form: str, holds: Callable = bool, in_code: bool = True, sign: str = r"\d") -> None:
        self.what, self.holds, self.in_code = what, holds, in_code
        self.pattern, self.sign = re.compile(form), re.compile(sign)

    def find(self, text: str) -> list[str]:
        return [found.group() for found in self.pattern.finditer(text) if self.holds(found)]


def count_digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def comes_after(found: re.Match, words: str) -> bool:
    """Whether one of some words comes before a match, with at most a word or a few signs between them."""
    before = found.string[max(0, found.start() - 40) : found.start()]
    return re.search(rf"(?i)(?<![^\W\d_])(?:{words})(?:\W{{0,3}}(?:no|number|id|is|of|code)\b)?\W{{0,4}}$", before) is not None


def is_disguised(found: re.Match) -> bool:
    """More than a word before "at" and a site after it: a sign in brackets, "dot", capitals, or a name with a dot in it."""
    bare = found["at"] == " at " and not re.search(r"(?i)\bdot\b|[\[({<]", found["host"])
    return not bare or re.fullmatch(r"(?i)[a-z]\w*[._]\w+", found["local"]) is not None


def is_ip(found: re.Match) -> bool:
    """Four single digits are the number of a section; a version is called one."""
    return not re.fullmatch(r"\d(\D+\d){3}", found.group()) and not comes_after(found, SECTION)


def is_ipv6(found: re.Match) -> bool:
    text = found.group()
    try:
        return sum(map(bool, text.split(":"))) > 1 and count_digits(text) > 0 and bool(ipaddress.IPv6Address(text))
    except ValueError:
        return False


def is_telephone(found: re.Match) -> bool:
    """Not a date, series of numbers (such as an axis), decimal figure or reference; with a country code, 8 to 15 digits."""
    text = found.group()
    groups = re.findall(r"\d+", text)
    steps = {int(second) - int(first) for first, second in pairwise(groups)}
    if re.match(FULL_DATE, text) or (len(groups) > 3 and len(steps) == 1) or comes_after(found, REFERENCE):
        return False
    if not text.startswith(("+", "00")):
        return 10 <= count_digits(text) <= 11
    return (8 if text[0] == "+" else 11) <= count_digits(text) <= 17 and not re.fullmatch(r"\+?\d+[.]\d+", text)


def is_position(found: re.Match) -> bool:
    """Latitude and longitude. Two figures side by side are more often something else: their decimals or place decide."""
    one, other = re.findall(r"[-−]?\d+\.\d+", found.group())
    latitude, longitude = (float(number.replace("−", "-")) for number in (one, other))
    # The box holds Great Britain and Ireland, whose longitudes are negative except in the east of England.
    in_britain = 49.8 <= latitude <= 61 and -11 <= longitude < 0
    precise = min(len(number.partition(".")[2]) for number in (one, other)) > 3 and not found["between"].isspace()
    on_earth = 1 <= abs(latitude) <= 90 and abs(longitude) <= 180
    return on_earth and (in_britain or precise) and not comes_after(found, INTERVAL)


def is_nhs_number(found: re.Match) -> bool:
    """By its check digit (as of an ISBN of ten digits)."""
    digits = [int(digit) for digit in found.group() if digit.isdigit()]
    check = 11 - sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits, strict=False)) % 11
    return digits[9] == check % 11 and len(set(digits)) > 1 and not comes_after(found, REFERENCE)


def is_registration(found: re.Match) -> bool:
    """Two digits for the age of the vehicle: 02 to 29, and 50 more in the half-year from September."""
    return int(found["age"]) % 50 in range(1, 30)


def is_address(found: re.Match) -> bool:
    return LEADING.isdisjoint(found["words"].casefold().split()) and not comes_after(found, SECTION)


REFERENCE = r"isbn|issn|doi|ref|reference|grant|award|project|protocol|registration|trial|order|invoice|pmid|id|p|alpha"
SECTION = r"v|versions?|sections?|chapters?|release|tables?|figures?|step|items?|clause|paragraph|questions?|appendix|page|of"
INTERVAL = r"CI|CrI|HDI|interval|range|between|from|IQR|9[059]%|means?|SDs?|M|values?|loadings?"
# "2 sides of the road"
LEADING = {"of", "the", "a", "to", "in", "on", "by", "for", "down", "off", "per", "and", "or", "at", "with", "from", "up", "is"}
TELEPHONE, POSITION, EMAIL = "a telephone number", "a position on the map", "an e-mail address"
POSTCODE, BIRTH, VEHICLE, ADDRESS = "a UK postcode", "a date of birth", "a vehicle's registration", "a street address"

OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
DOT = r"(?i:\.|\s\.\s|\s?[\[({<]\s?(?:\.|dot|punkt)\s?[\])}>]\s?|[\s_-]+dot[\s_-]+)"
LOOSE_DOT = rf"(?:{DOT}|\s+\.\s*|\s*\.\s+)"
AT = r"(?i:\s?[\[({<]\s?(?:at|a|@)\s?[\])}>]\s?|[\s_-]+at[\s_-]+)"
TLD = (
    r"(?:com|org|net|edu|gov|info|mil|int|name|app|dev|io|example|test|invalid|[a-z]{2}\.uk|uk|ie|eu|de|fr|nl|us|ca|au|scot"
    r"|wales)\b"
)
SIGNS = r"[ ()\u2010-\u2015./·-]{0,3}"
DEGREES = r"[-−]?\d{1,3}\.\d{2,}"
FULL_DATE = r"\d{1,2}([./ -])\d{1,2}\1(?:19|20)\d\d(?!\d)"
ORDINAL, MONTH = r"\d{1,2}(?:st|nd|rd|th)?", r"[A-Z][a-z]{2,8}"
DATE = (
    rf"(?:\d{{1,2}}[./ -]\d{{1,2}}[./ -](?:\d\d){{1,2}}(?!\d)|(?:19|20)\d\d-\d\d-\d\d|\d{{8}}\b"
    rf"|{ORDINAL} (?:of )?{MONTH},? '?\d\d|{MONTH} {ORDINAL},? \d\d)"
)
PLATE = r"(?:[A-Z]{2}\d\d[ .-]?[A-Z]{3}|[A-Z]\d{1,3} ?[A-Z]{3}|[A-Z]{3} ?\d{1,3}[A-Z]|[A-Z]{1,3} ?\d{1,4})"
STREETS = r"[Ss]treet|STREET|[Rr]oad|ROAD|[Ll]ane|LANE|[Aa]venue|AVENUE|[Cc]rescent|[Tt]errace|[Cc]ul-de-sac"
# Words with many other meanings count only after names with capitals.
PLACES = r"St|Rd|Ln|Ave|Close|Drive|Way|Court|Place|Gardens|Grove|Square|Mews|Row|Walk|Parade|Rise|Hill|Park"
NUMBER = r"(?:no\b\.?|number|num\b|id\b|ref(?:erence)?\b|code|pin|#)\W{0,3}(?:(?:is|was)\W)?"
PROFILE = (
    r"(?i)\b(?:(?:linkedin\.com/in|(?:facebook|instagram|twitter|x|snapchat|pinterest)\.com|fb\.me|t\.me|wa\.me"
    r"|bsky\.app/profile|threads\.(?:net|com)|tiktok\.com|researchgate\.net/profile|academia\.edu|reddit\.com/u(?:ser)?"
    r"|youtube\.com|medium\.com|mastodon\.\w+|xing\.com/profile|strava\.com/athletes)/@?[\w.%-]*\w"
    r"|github\.com/[\w-]+/?(?![\w/-]))"
)
AT_RULES = r"(?:media|page|import|charset|supports|keyframes|font|layer|property|container|namespace|context|type|graph)"
ID_NAMES = (
    r"(?:\w*id|user(?:name)?|u|e?mail|respondent|participant|contact|token|key|session|(?:ext_?)?ref|account|member|invite"
    r"|Q_DL|Q_CHL)"
)
LINKED = (
    r"://\S+/(?:(?:users?|u|people|patients?|members?|staff|profiles?|participants?|respondents?)/[\w.%-]*\d"
    r"|[\da-f]{8}(?:-[\da-f]{4}){3}-)"
)
FOLDERS = r"home|Users|root|tmp|mnt|media|private|var|opt|srv|Volumes|workspaces|etc|usr"

FORMS = [
    Form(EMAIL, r"(?<![\w.%+-])[\w.%+-]+@(?:[\w-]+\.)+[A-Za-z]{2,}", sign="@"),
    Form(EMAIL, rf"(?i)[\w.%+-]+\s*@\s*[a-z][\w-]*(?:{LOOSE_DOT}[\w-]+)*{LOOSE_DOT}{TLD}", in_code=False, sign="@"),
    Form(EMAIL, rf"(?P<local>[\w.%+-]+)(?P<at>{AT})(?P<host>(?:[\w-]+{LOOSE_DOT})+(?i:{TLD}))", is_disguised, sign="(?i)a|@"),
    Form("an IP address", rf"(?<![\w.])(?<!\w/)(?:{OCTET}{DOT}){{3}}{OCTET}(?!\w|\.\d)", is_ip),
    Form("an IP address", r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])", is_ipv6),
    Form(TELEPHONE, rf"(?<![\w.,+/-])(?:\+\s?|00\s?)[1-9](?:{SIGNS}\d){{7,16}}(?!\w|[.,:]\d)", is_telephone),
    Form(TELEPHONE, rf"(?<![\w.,+/-])\(?0\)?[1-35789](?:{SIGNS}\d){{8,9}}(?!\w|[.,:]\d)", is_telephone),
    Form(TELEPHONE, r"(?<![\w.,+/-])0(?:([ .-])[1-9])(?:\1\d){8,9}(?!\w|\1?\d)", is_telephone),
    Form(TELEPHONE, r"(?<![\w.,+/-])(?:\([2-9]\d\d\) ?|[2-9]\d\d([.-]))[2-9]\d\d[.-]\d{4}(?![\w.-])"),
    Form(TELEPHONE, rf"(?i)\b(?:tel|(?:tele)?phone|mob(?:ile)?|fax)\b[^\d\n]{{0,12}}\d(?:{SIGNS}\d){{6,13}}(?!\w)"),
    Form(POSITION, rf"(?<![\w.]){DEGREES}(?P<between>\s?[,;/]\s?|\s(?:and|by)\s|\s){DEGREES}(?![\w%])", is_position),
    Form(POSITION, rf"(?i)\b(?:lat(?:itude)?|ll|gps|coordinates?|geo|map|q)\b[^\d\n]{{0,20}}{DEGREES}\D{{1,25}}{DEGREES}"),
    Form(POSITION, rf"{DEGREES} ?°?(?: ?[NS]\b| north\b| degrees\b)[^\d\n]{{0,15}}{DEGREES}"),
    Form(POSITION, rf"{DEGREES} ?°[^\d\n]{{1,9}}{DEGREES} ?°"),
    Form(POSITION, r"\d ?° ?\d{1,4}(?:\.\d+)?\W{0,3}(?:\d{1,2}(?:\.\d+)?\W{0,3})?[NSEW]\b", sign="°"),
    Form(POSITION, r"\d ?° ?\d{1,2} ?[′’'][ \d,;]", sign="°"),
    Form(POSITION, r"(?i)\b\d{1,2} ?(?:deg(?:rees?)?|d) ?\d{1,2}(?:\.\d+)? ?(?:min(?:utes?)?|m)\b"),
    Form(POSITION, r"\b[NS] ?\d{1,2}[ .°]\s?\d{1,2}\.\d+\W{0,4}[EW] ?\d"),
    Form(POSITION, r"(?<![\w,])-?\d{1,2},\d{4,} ?[;/] ?-?\d{1,3},\d{4,}"),
    Form(POSITION, r"/{3}[a-z]{3,}\.[a-z]{3,}\.[a-z]{3,}\b", sign="///"),
    Form(POSTCODE, r"(?<![\w#/-])[A-Z]{1,2}\d[A-Z\d]?[ .-]{0,2}\d(?!ST|ND|RD|TH)[ABD-HJLNP-UW-Z]{2}(?![\w-])"),
    Form(POSTCODE, r"(?i)(?<![\w#/-])[a-z]{1,2}\d[a-z\d]? \d(?!st|nd|rd|th)[abd-hjlnp-uw-z]{2}(?![\w-])", in_code=False),
    Form("an NHS number", r"(?<![\w.,+/-])\d{3}([ -.]?)\d{3}\1\d{4}(?![\w/-]|[.,]\d)", is_nhs_number, in_code=False),
    Form("a National Insurance number",
         r"(?i)(?<![\w/.#-])(?:QQ|(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z])(?:[ .-]?\d){6}[ .-]?[A-D]"
         r"(?![\w-])"),
    Form(BIRTH,
         rf"(?i)\b(?:born|birth(?:day|date)?|d\.?o\.?b|(?-i:b(?=\. )))\b\W{{0,4}}"
         rf"(?:(?:is|was|on|the|date|of)\b\W{{0,3}}){{,4}}{DATE}"),
    Form(BIRTH, rf"(?i){DATE}(?:\d\d)?\W{{0,3}}(?:\w+ ){{0,3}}(?:date of birth|dob|d\.o\.b|birthday|birth date)\b"),
    Form(VEHICLE, r"(?<![\w#-])[A-Z]{2}(?P<age>\d\d)[ .-]?(?!AND|THE|FOR|ALL|NOT)[A-HJ-PR-Z]{3}(?![\w-])", is_registration),
    Form(VEHICLE, r"(?i)\b(?:registration|reg|vrm|plate|car|van)\b[^\w\n]{1,3}(?:(?:is|was|no|number|plate|reg)\b\W{0,3}){0,2}"
         rf"{PLATE}(?!\w)"),
    Form(ADDRESS, rf"(?<![\w.,/-])\d{{1,4}}[A-Za-z]?,? (?P<words>(?:[^\W\d_]+\.? ){{1,3}})(?:{STREETS})\b", is_address),
    Form(ADDRESS, rf"(?<![\w.,/-])\d{{1,3}}[A-Za-z]?,? (?P<words>(?:[A-Z][a-z]+ ){{1,3}})(?:{PLACES})\b", is_address),
    Form(ADDRESS, r"\b[A-Z][a-z]+ (?:Street|Road|Lane|Avenue|Close|Crescent),? \d{1,3}[a-z]?\b"),
    Form(ADDRESS, r"(?i)\b(?:flat|apartment|apt)\.? ?\d+[a-z]?, ?\w|\bP\.? ?O\.? ?Box \d"),
    Form("a staff number",
         rf"(?i)\b(?:(?:staff|employees?|payroll|personnel|warrant)(?:.s)? ?{NUMBER}|(?:badge|collar) (?:{NUMBER})?)"
         r"[A-Z]{0,4}[ /-]?\d{4,}(?!\w|[.,]\d)"),
    Form("a staff number", rf"(?i)\b(?:GMC|NMC|HCPC|GDC|SWE)\b\W{{0,3}}(?:{NUMBER})?(?=\w{{0,3}}\d{{4}})\w{{6,9}}\b"),
    Form("a name of an account", rf"(?<![\w.@/%+-])@(?!{AT_RULES}\b)[A-Za-z_]\w{{2,}}(?![.-]?\w*@)", in_code=False, sign="@"),
    Form("a link to somebody's profile", PROFILE, sign=r"\.\w+/"),
    Form("a link that carries an id",
         rf"(?i)[?&;]{ID_NAMES}=(?!10\.|(?:true|false|yes|no)\b)[\w.%@+-]{{2,}}|{LINKED}", in_code=False, sign="[=/]"),
    Form("a Qualtrics id", r"\b(?:R|SV|UR|CID|CGC|EMD|MLRP|ML|FS|F|IM|MS|UG|BL|DIV|PL)_"
         r"(?=[A-Za-z0-9]*\d)(?=[A-Z0-9]*[a-z])(?=[a-z0-9]*[A-Z])[A-Za-z0-9]{11,}\b"),
    Form("a Qualtrics id", r"\b(?:r|sv|cid|ur)_(?=[a-z]*\d+[a-z])[a-z0-9]{13,}\b"),
    Form(PATH, rf"(?<![\w/.<\])])/(?:{FOLDERS})/\w", sign="/"),
    # Files under any folder, but not the parts of a spreadsheet's own archive, or words with slashes between them.
    Form(PATH, r"(?<![\w/.<\])])/(?!(?:xl|docProps|_rels|customXml|word)/)[A-Za-z_.][\w.@~+-]*(?:/[\w.@~+-]+)*"
         r"/[\w@~+-]+\.[A-Za-z]\w{0,5}\b", in_code=False, sign="/"),
    Form(PATH, r"(?<!\w)[A-Za-z]:(?:\\{1,2}|/)[\w$][^\s\"'<>|]*", sign=":"),
    Form(PATH, r"(?<![\w\\])\\{2,4}[\w.-]{2,}\\{1,2}[\w$.-]{2,}", sign=r"\\"),
    Form(PATH, r"\bfile:/{1,3}", sign="file:"),
    Form("data about a notebook",
         r"\b(?:kernelspec|language_info|execution_count|nbformat(?:_minor)?)[\"']{0,2}\s*[:=]|\.ipynb_checkpoints"
         r"|\bpapermill(?:-error|[\"']{0,2}\s*[:=]\s*\{)", sign="[:=_-]"),
]  # fmt: skip
