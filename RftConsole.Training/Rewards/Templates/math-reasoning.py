"""Mathematical reasoning with ground truth verification.

Gives 1.0 to a response whose final answer equals the reference answer, and 0.0 to any other.

WHAT IT READS
  The last assistant message of each sample, and its reference_answer: a number, a text such as "72", "72 clips" or a
  worked solution that ends with "#### 72", or an object with one of the keys in REFERENCE_KEYS.

HOW THE FINAL ANSWER IS FOUND
  1. The last marked answer: "#### 72", "\\boxed{72}", "<answer>72</answer>", "ANSWER: 72", "A: 72", "The answer is 72".
  2. Without a mark: what stands behind the last "=" of the last line.
  3. Without that: the last number of the response.

HOW IT IS COMPARED
  As exact numbers: 0.5, 1/2, \\frac{1}{2} and 50% are equal, and so are 1,200, $1200.00, 1.2e3 and "1200 metres".
  Percentages and words such as "million" may stand on one side only. An answer that is no plain number ("2\\sqrt{3}",
  "Monday", "3:30") is compared as text.

METRICS
  accuracy       (Reward)  1 where the answer is right
  answer_marked  (Metric)  1 where the response marks its answer, as in 1. above

TO ADAPT IT
  Add markers to MARKERS, keys to REFERENCE_KEYS, or change the scores in grade().
"""
import re
import unicodedata
from fractions import Fraction

# Keys that hold the answer when reference_answer is an object; the first one that is there counts.
REFERENCE_KEYS = ("final_answer", "answer", "solution", "expected_answer", "expected", "ground_truth", "target", "result", "value", "label")

# Only the end of a very long response is searched.
LONGEST_TEXT = 20000

# A marker, and behind it the answer. Those in the group "soft" are prose, and count only where a number follows.
MARKERS = re.compile(
    r"""(?P<boxed>\\(?:boxed|fbox)\s*\{)
      | (?P<tag><answer>)
      | (?P<hard>\#\#\#\#+ | ^[ ]*A[ ]*:(?=[ ]) | ^[ ]*\#*[ ]*(?:final[ ])?answer[ ]*(?:$|:|=|(?=[ ][-+$]?\d)) | \banswer[ ]*:)
      | (?P<soft>\banswers?\b[^.\n\d=:<\\]{0,60}?(?:\bis\b|\bare\b|\bwas\b|\bequals\b|\bbe\b|=|:))""",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE)

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?![,\d])|\d+)(?:\.\d+)?|\.\d+"
NUMBER = re.compile(
    r"""(?:(?<![\w)\]}^])(?P<sign>[-+]))?
        (?<![\w^])(?<!\d\.)(?<!\^-)
        (?: (?P<whole>\d+)(?:[ ]and[ ]|[ ]|-)(?P<top>\d+)[ ]?/[ ]?(?P<bottom>\d+)(?![\d/])
          | (?P<number>""" + _DIGITS + r""")(?!\.?\d|,\d{3}(?!\d))
            (?: e(?P<exponent>[-+]?\d+)(?!\w)
              | [ ]?[x*][ ]?10[ ]?(?:\^|\*\*)[ ]?[{(]?(?P<tens>[-+]?\d+)[)}]?
              | [ ]?(?:\^|\*\*)[ ]?\{?(?P<power>\d+)\}? )?
            (?: [ ]?/[ ]?(?P<divisor>""" + _DIGITS + r""")(?![\d/]|\.\d) )? )
        (?P<scale>[ ]?(?:%|percent\b|per[ ]cent\b|thousand\b|million\b|billion\b|trillion\b))?
        (?![ ]?(?:sqrt|pi\b|√|π))""",
    re.VERBOSE | re.IGNORECASE)
SCALES = {"%": Fraction(1, 100), "percent": Fraction(1, 100), "per cent": Fraction(1, 100),
          "thousand": Fraction(10 ** 3), "million": Fraction(10 ** 6), "billion": Fraction(10 ** 9), "trillion": Fraction(10 ** 12)}
MOST_DIGITS = 400


def lambda_handler(event, context):
    return [grade(sample) for sample in event]


def grade(sample):
    right, marked = compare(response_of(sample), reference_of(sample))
    return {
        "id": sample["id"],
        "aggregate_reward_score": 1.0 if right else 0.0,
        "metrics_list": [
            {"name": "accuracy", "value": 1.0 if right else 0.0, "type": "Reward"},
            {"name": "answer_marked", "value": 1.0 if marked else 0.0, "type": "Metric"},
        ],
    }


def compare(response, reference):
    """Whether the response gives the reference answer, and whether it marks its answer."""
    found, marked = final_answer(response)
    wanted, _ = final_answer(reference, is_reference=True)
    number = plain_number(wanted)
    if number is not None:
        given = first_number(found)
        return given is not None and same_number(given, number), marked
    return as_text(found) == as_text(wanted) != "", marked


# --- the sample ------------------------------------------------------------------------------------------------------

def response_of(sample):
    messages = sample.get("messages") or []
    answers = [message for message in messages if message.get("role") == "assistant"]
    return text_of((answers or messages)[-1].get("content")) if messages else ""


def text_of(content):
    if isinstance(content, list):
        return "\n".join(part.get("text") or "" for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def reference_of(sample):
    answer = sample.get("reference_answer")
    if answer is None:
        answer = (sample.get("metadata") or {}).get("reference_answer")
    if isinstance(answer, dict):
        keys = [key for key in REFERENCE_KEYS if answer.get(key) is not None] or (list(answer) if len(answer) == 1 else [])
        if not keys:
            raise ValueError("reference_answer of sample %s has none of the keys %s" % (sample.get("id"), ", ".join(REFERENCE_KEYS)))
        answer = answer[keys[0]]
    if isinstance(answer, list) and len(answer) == 1:
        answer = answer[0]
    if answer is None or isinstance(answer, (dict, list)) or not str(answer).strip():
        raise ValueError("sample %s has no reference_answer that can be compared" % sample.get("id"))
    return str(answer)


# --- finding the answer ----------------------------------------------------------------------------------------------

def final_answer(text, is_reference=False):
    """The piece of the text that is its final answer, cleaned, and whether it was marked."""
    text = normalise(text)
    marks = list(MARKERS.finditer(text))
    end = len(text)
    for mark in reversed(marks):
        if mark.group("boxed"):
            piece = braced(text, mark.end())
        elif mark.group("tag"):
            piece = text[mark.end():end].partition("</")[0]
        else:
            piece = first_line(text[mark.end():end])
        end = mark.start()
        piece = closing(clean(piece))
        if NUMBER.search(piece) or (piece and not mark.group("soft")):
            return behind_equals(piece), True
    text = clean(text)
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines:
        return "", False
    last = lines[-1].strip()
    if is_reference and len(lines) == 1 and (len(last) <= 40 or not NUMBER.search(last)):
        return behind_equals(last), False
    if "=" in last and NUMBER.search(last.rpartition("=")[2]):
        return behind_equals(last), False
    numbers = list(NUMBER.finditer(text))
    return (numbers[-1].group() if numbers else last), False


def normalise(text):
    """One spelling for signs, spaces, fractions and bold type; calculator annotations (<<48/2=24>>) are taken out."""
    text = text[-LONGEST_TEXT:]
    text = re.sub("[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞]", lambda sign: " " + unicodedata.normalize("NFKC", sign.group()), text)
    text = re.sub("[²³]", lambda sign: "^2" if sign.group() == "²" else "^3", text)
    text = re.sub("(?<=\\d)[\u00a0\u2009\u202f'_](?=\\d{3}(?!\\d))", "", text)  # 1 000 with a thin space, 1'000, 1_000
    text = unicodedata.normalize("NFKC", text).replace("\r", "\n")
    text = text.translate({0x2044: "/", 0x2215: "/", 0x2212: "-", 0x2010: "-", 0x2011: "-", 0x2012: "-", 0x2013: "-", 0xD7: "*", 0xB7: "*", 0x2217: "*"})
    text = re.sub(r"<<([^<>\n]*)>>(?=(\s*[$]?\d)?)", lambda note: "" if note.group(2) else note.group(1).rpartition("=")[2], text)
    text = re.sub(r"(?<!\d)\*\*|\*\*(?!\s*\d)|__|`", "", text)
    return re.sub(r"[ \t\f\v]+", " ", text)


def clean(text):
    """LaTeX and currency signs written plainly."""
    if "\\" in text or "{" in text:
        text = re.sub(r"\\[dt]?frac\s*(\d)\s*(\d)", r" \1/\2", text)
        text = re.sub(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", fraction, text)
        text = re.sub(r"(?<=\d)(?:\{,\}|\\,|\\!|\\ |,\\!)(?=\d{3}(?!\d))", "", text)
        text = re.sub(r"\\(?:text|textbf|mathrm|mathbf|mbox|operatorname)\s*\{([^{}]*)\}", r" \1", text)
        text = re.sub(r"\^\s*\{?\s*\\circ\s*\}?|\\degree|\\(?:left|right|displaystyle|quad|qquad)(?![a-zA-Z])|\\[!,;: ()\[\]]", " ", text)
        text = re.sub(r"\\(?:times|cdot)(?![a-zA-Z])", "*", text)
        text = text.replace("\\sqrt", "sqrt").replace("\\pi", "pi").replace("\\%", "%").replace("\\$", "$")
    text = re.sub(r"(?<!\d)[$€£¥₹₩₽] ?(?=[-+]?[ ]?\.?\d)", "", text)
    text = re.sub(r"\b(?:USD|EUR|GBP|INR|CAD|AUD|Rs\.?) ?(?=\d)", "", text, flags=re.IGNORECASE)
    text = re.sub(r"(?<![\d.,])(\d{1,3}(?:\.\d{3})+),(\d{1,2})(?!\d)", lambda number: number.group(1).replace(".", "") + "." + number.group(2), text)
    return re.sub(r" +", " ", re.sub(r"[$€£¥₹₩₽]", " ", text)).strip()


def fraction(match):
    top, bottom = match.group(1).strip(), match.group(2).strip()
    simple = re.fullmatch(r"-?[\d.,]+", top) and re.fullmatch(r"[\d.,]+", bottom)
    return " %s/%s" % (top, bottom) if simple else " (%s)/(%s)" % (top, bottom)


def braced(text, start):
    """What stands between the opening brace before start and the one that closes it."""
    depth = 1
    for position in range(start, len(text)):
        if text[position] == "{":
            depth += 1
        elif text[position] == "}":
            depth -= 1
            if depth == 0:
                return text[start:position]
    return first_line(text[start:])


def first_line(text):
    for line in text.split("\n"):
        if line.strip(" :*#"):
            return line.strip(" :*#")
    return ""


def closing(piece):
    """The piece up to the end of the sentence, or to a remark in brackets, that follows its first number."""
    number = NUMBER.search(piece)
    if number is None:
        return piece.strip(" .")
    end = re.compile(r"[.!?;](?=\s|$)| \(").search(piece, number.end())
    return piece[:end.start()] if end else piece


def behind_equals(piece):
    head, sign, tail = piece.rpartition("=")
    piece = tail.strip() if sign and tail.strip(" .") else (head if sign else piece).strip()
    return re.sub(r"^([-+]) (?=\.?\d)", r"\1", piece)


# --- comparing -------------------------------------------------------------------------------------------------------

def first_number(piece):
    match = NUMBER.search(piece)
    return value_of(match) if match else None


def plain_number(piece):
    """The number, where the piece is one number with perhaps a unit; None where it is something else."""
    match = NUMBER.search(piece)
    if match is None:
        return None
    rest = re.sub(r"\^\d|(?<=[A-Za-z])/(?=[A-Za-z])", "", piece[:match.start()] + " " + piece[match.end():])
    return None if re.search(r"[\d\\^+*/{}<>]|sqrt|√|π|\bpi\b|:\d", rest) else value_of(match)


def value_of(match):
    """A pair (number as written, factor of its percent sign or word); None where it is beyond all reason."""
    part = match.groupdict()
    if any(len(text) > MOST_DIGITS for text in part.values() if text):
        return None
    if part["whole"]:
        if int(part["bottom"]) == 0:
            return None
        value = int(part["whole"]) + Fraction(int(part["top"]), int(part["bottom"]))
    else:
        value = Fraction(part["number"].replace(",", ""))
        exponent = int(part["exponent"] or part["tens"] or 0)
        power = int(part["power"] or 1)
        if abs(exponent) > MOST_DIGITS or power > 64:
            return None
        value = value * Fraction(10) ** exponent if exponent else value ** power
        if part["divisor"]:
            divisor = Fraction(part["divisor"].replace(",", ""))
            if divisor == 0:
                return None
            value /= divisor
    scale = SCALES[part["scale"].strip().lower()] if part["scale"] else Fraction(1)
    return (-value if part["sign"] == "-" else value), scale


def same_number(first, second):
    (one, its_scale), (other, other_scale) = first, second
    if close(one * its_scale, other * other_scale):
        return True
    return 1 in (its_scale, other_scale) and close(one, other)


def close(one, other):
    """Equal but for the noise of binary floating point, as in 0.30000000000000004."""
    return abs(one - other) * 10 ** 12 <= max(abs(one), abs(other))


def as_text(piece):
    return re.sub(r"[\s$.,;!\"'(){}\[\]]+", "", piece).casefold()
