"""Mathematical reasoning with ground truth verification.

Gives 1.0 to a response whose final answer equals the reference answer, and 0.0 to any other.

WHAT IT READS
  The last assistant message of each sample, and its reference_answer: a number, a text such as "72", "72 clips" or a
  worked solution that ends with "#### 72", or an object with one of the keys in REFERENCE_KEYS.

HOW THE FINAL ANSWER IS FOUND
  1. The last marked answer: "#### 72", "\\boxed{72}", "<answer>72</answer>", "ANSWER: 72", "A: 72", "The answer is 72".
  2. Without a mark: what stands behind the last "=" of the last line, or the number that is in bold type there.
  3. Without that: the last number of the response.

HOW IT IS COMPARED
  A number as an exact number: 0.5, 1/2, \\frac{1}{2}, "one half" and 50% are equal, and so are 1,200, $1200.00, 1.2e3 and
  "1200 metres". A percentage may stand on one side only. What has no single value is no number: "7 or 8", "not 7",
  "7 + 1", "7x".
  Other answers by their parts: lists, points and intervals item by item, formulas by their values (2\\sqrt{3} and
  \\sqrt{12}), times of day, the letter of an option, and all else ("Monday") as text.

METRICS
  accuracy       (Reward)  1 where the answer is right
  answer_marked  (Metric)  1 where the response marks its answer, as in 1. above

TO ADAPT IT
  Add markers to MARKERS, keys to REFERENCE_KEYS, or change the scores in grade().
"""
import cmath
import math
import re
import unicodedata
from fractions import Fraction

# Keys that hold the answer when reference_answer is an object; the first one that is there counts.
REFERENCE_KEYS = ("final_answer", "answer", "solution", "expected_answer", "expected", "ground_truth", "target", "result", "value", "label", "text")

# Only the end of a very long response is searched.
LONGEST_TEXT = 20000

# A marker, and behind it the answer. Those in the group "soft" are prose, and count only where an answer follows.
MARKERS = re.compile(
    r"""(?P<boxed>\\?\b(?:boxed|fbox)\s*(?:\{|(?=[\d$])))
      | (?P<tag><answer>)
      | (?P<hash>\#\#\#\#+)
      | (?P<hard>^[ ]*A[ ]*:(?=[ ]) | ^[ ]*\#*[ ]*(?:final[ ])?answer[ ]*(?:$|:|=|(?=[ ][-+$]?\d)) | \banswer[ ]*:
          | \bfinal[ ](?:result|solution|value)[ ]*: | \b(?:antwort|r[ée]ponse|respuesta|risposta|resposta|ответ)[ ]*: | 答案?[ ]*:)
      | (?P<soft>\banswers?\b[^.\n\d=:<\\]{0,60}?(?:\bis\b|\bare\b|\bwas\b|\bequals\b|\bbe\b|=|:)
          | \b(?:antwort[ ](?:ist|lautet)|r[ée]ponse[ ](?:finale[ ])?est|respuesta[ ](?:final[ ])?es|ответ[ ]-)\b | 答案[是为])""",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE)

# What an unmarked answer that is no number is likely to be written as.
FORMULAS = re.compile(r"(?<!\\)\$\$?([^$\n]+)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?![,\d])|\d+)(?:\.\d+)?|\.\d+"
NUMBER = re.compile(
    r"""(?:(?<![\w)\]}^])(?P<sign>[-+]))?
        (?<![\w^])(?<!\d\.)(?<!\^-)
        (?: (?P<whole>\d+)(?:[ ]and[ ]|[ ]|-)(?P<top>\d+)[ ]?/[ ]?(?P<bottom>\d+)(?![\d/])
          | (?P<number>""" + _DIGITS + r""")(?!\.?\d|,\d{3}(?!\d))
            (?: e(?P<exponent>[-+]?\d+)(?!\w)
              | [ ]?[x*][ ]?10[ ]?(?:\^|\*\*)[ ]?[{(]?(?P<tens>[-+]?\d+)[)}]?
              | [ ]?(?:\^|\*\*)[ ]?[{(]?(?P<power>\d+)[)}]? )?
            (?: [ ]?/[ ]?(?P<divisor>""" + _DIGITS + r""")(?![\d/]|\.\d) )? )
        (?P<scale>[ ]?(?:%|percent(?:age)?\b|per[ ]cent\b|pct\b|hundred\b|thousand\b|million\b|billion\b|trillion\b)|k\b)?
        (?![ ]?(?:sqrt|pi\b|√|π))""",
    re.VERBOSE | re.IGNORECASE)
PERCENT = ("%", "percent", "percentage", "per cent", "pct")
SCALES = {"k": 10 ** 3, "hundred": 10 ** 2, "thousand": 10 ** 3, "million": 10 ** 6, "billion": 10 ** 9, "trillion": 10 ** 12}
MOST_DIGITS = 400

# What makes a number another value, or no value: before it a negation, a comparison, a function or an operator with its
# operand; behind it an operator, another number, or a variable.
BEFORE = re.compile(
    r"""(?:(?:\bnot|\bnever|n't)(?:[ ][a-z]+){0,2} | \b(?:nor|neither|other[ ]than|except|less[ ]than|more[ ]than|greater[ ]than|fewer[ ]than|between|sqrt|log|ln|sin|cos|tan)
          | != | ≠ | [<>≤≥] | √ | (?<![A-Za-z'])[A-Za-z][ ]?[-+*/^(] | [\d)][ ]?[+*/^] | \d[ ]-)[ ]*\(?$""",
    re.VERBOSE | re.IGNORECASE)
BEHIND = re.compile(
    r"""[ ]?(?:[-+*/^±~%!=<>≠]+|:(?!00(?!\d))|x|times|or|to|and|through|versus|;|\.\.+|,(?=[ ]?[-+]?\d[\d.,]*[ ]*(?:$|[,;)\]]|or\b|and\b)))[ ]?[-+(]*[ ]?[\d(]
      | [ ]\d[\d.]*[ .]*$ | [xyznti](?![\w]) | [ ]?[*^] | [ ]?/(?![ ]?[a-z]{2}) | \((?=[\dxyz-]) | [ ]?[+][ ]?[a-z](?![a-z])""",
    re.VERBOSE | re.IGNORECASE)


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
    wanted, _ = final_answer(reference, is_reference=True)
    found, marked = final_answer(response, wants_number=plain_number(wanted) is not None)
    return equal(found, wanted), marked


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

def final_answer(text, is_reference=False, wants_number=True):
    """The piece of the text that is its final answer, cleaned, and whether it was marked."""
    text = normalise(text)
    plain = unbold(text)
    end = len(plain)
    for mark in reversed(list(MARKERS.finditer(plain))):
        if mark.group("boxed"):
            piece = braced(plain, mark.end()) if mark.group().endswith("{") else first_line(plain[mark.end():]).split(" ")[0]
        elif mark.group("tag"):
            piece = plain[mark.end():end].partition("</")[0]
        elif mark.group("hard") and is_heading(plain, mark):
            continue
        else:
            piece = first_line(plain[mark.end():end])
        end = mark.start()
        piece = clean(piece) if mark.group("boxed") else closing(clean(piece))
        if NUMBER.search(piece) or (piece and not (mark.group("soft") and wants_number)):
            return piece, True
    last_line = next((line for line in reversed(text.split("\n")) if line.strip()), "")
    formulas = FORMULAS.findall(plain) if not (wants_number or is_reference) else []
    if formulas:
        return closing(clean("".join(formulas[-1]))), False
    plain = clean(plain)
    lines = [line for line in plain.split("\n") if line.strip()]
    if not lines:
        return "", False
    last = lines[-1].strip()
    if is_reference and len(lines) == 1 and (not NUMBER.search(last) or len(re.findall(r"[^\W\d_]{2,}", last)) < 6):
        return last, False
    tail = last.rpartition("=" if "=" in last else "≈")[2]
    if tail != last and NUMBER.search(tail):
        return tail.strip(), False
    bold = [piece for piece in re.findall(r"\*\*([^*\n]{1,60})\*\*(?!:)", last_line) if NUMBER.search(clean(piece)) and not piece.rstrip().endswith(":")]
    if bold:
        return clean(bold[-1]), False
    plain = "\n".join(lines[:-1] + [grouped(lines[-1])])
    numbers = list(NUMBER.finditer(plain))
    if not numbers or not wants_number:
        return (re.split(r"(?:\bis|\bare|:) (?=[^:]+$)", last)[-1] if not is_reference else last), False
    before = plain[max(0, numbers[-1].start() - 24):numbers[-1].start()].rpartition("\n")[2]
    return ("not " if BEFORE.search(before) else "") + numbers[-1].group(), False


def is_heading(text, mark):
    """Whether "Answer:" opens a whole solution, or "A:" the first of several options, and so marks no answer."""
    behind = text[mark.end():]
    if mark.group().strip() in ("A:", "A :") and re.search(r"^ *B *:", behind, re.MULTILINE):
        return True
    line, _, rest = behind.lstrip().partition("\n")
    return not text[:mark.start()].strip() and bool(NUMBER.search(clean(rest))) and len(line.split()) > 6


def normalise(text):
    """One spelling for signs, spaces and fractions; calculator annotations (<<48/2=24>>) are taken out."""
    text = text[-LONGEST_TEXT:]
    # \boxed, \frac and \text as they are after somebody forgot to escape the backslash.
    text = re.sub(r"\\\\(?=(?:[dt]?frac|left|right|sqrt|text|boxed|pi|cdot|times)(?![a-z]))", r"\\", text)
    text = text.replace("\x08oxed", "\\boxed").replace("\x0crac", "\\frac").replace("\text{", "\\text{")
    text = re.sub("[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞]", lambda sign: " " + unicodedata.normalize("NFKC", sign.group()), text)
    text = re.sub("[⁻]?[⁰¹²³⁴-⁹]+", lambda sign: "^" + unicodedata.normalize("NFKC", sign.group()).replace("−", "-"), text)
    text = re.sub("(?<=\\d)[\u00a0\u2009\u202f'_](?=\\d{3}(?!\\d))", "", text)  # 1 000 with a thin space, 1'000, 1_000
    text = unicodedata.normalize("NFKC", text).replace("\r", "\n")
    text = text.translate({0x2044: "/", 0x2215: "/", 0xF7: "/", 0x2212: "-", 0x2010: "-", 0x2011: "-", 0x2012: "-", 0x2013: "-", 0x2014: "-", 0xD7: "*", 0xB7: "*", 0x22C5: "*", 0x2217: "*", 0x2019: "'"})
    text = re.sub(r"<<([^<>\n]*)>>(?=(\s*[$]?[-+]?[$]?\.?\d)?)", lambda note: "" if note.group(2) else note.group(1).rpartition("=")[2], text)
    text = re.sub(r"\bnegative (?=[\d.$])|(?<!\d )(?<![\d)])\bminus (?=[\d.$])", "-", text, flags=re.IGNORECASE)
    return re.sub(r"[ \t\f\v]+", " ", text.replace("`", ""))


def unbold(text):
    return re.sub(r"(?<!\d)\*\*|\*\*(?!\s*\d)|__", "", text)


def clean(text):
    """LaTeX and currency signs written plainly."""
    if "\\" in text or "{" in text:
        text = without_latex(text)
    text = re.sub(r"(?<!\d)[$€£¥₹₩₽] ?(?=[-+]?[ ]?\.?\d)", "", text)
    text = re.sub(r"\b(?:USD|EUR|GBP|INR|CAD|AUD|Rs\.?|US\$) ?(?=\d)", "", text, flags=re.IGNORECASE)
    text = re.sub(r"(?<![\d.,])(\d{1,3}(?:\.\d{3})+),(\d{1,2})(?!\d)", lambda number: number.group(1).replace(".", "") + "." + number.group(2), text)
    text = re.sub(r"(?<![\d.,])\d{1,3}(?:\.\d{3}){2,}(?![\d,]|\.\d)", lambda number: number.group().replace(".", ""), text)
    return re.sub(r" +", " ", re.sub(r"[$€£¥₹₩₽]", " ", text)).strip()


def without_latex(text):
    text = re.sub(r"(?<=\d)\s*(?:\{, ?\}|,\\[!,;: ]|\\[!,;: ])\s*(?=\d{3}(?!\d))", "", text)
    text = re.sub(r"\^\s*\{?\s*\\circ\s*\}?|\\degree(?![a-zA-Z])", " ", text)
    text = re.sub(r"\\(?:left|right|[bB]igg?[lr]?|displaystyle|q?quad)(?![a-zA-Z])|\\[!,;:> ()\[\]]", " ", text)
    text = re.sub(r"\\[dtc]?frac(?![a-zA-Z])", r"\\frac", text)
    text = re.sub(r"\\(frac|sqrt)\s*([^\s{\\\[]|\\pi(?![a-zA-Z]))", r"\\\1{\2}", text)
    for name, plain in (("times|cdot|ast", "*"), ("div", "/"), ("pi", "pi"), ("leq?(?:slant)?", "<="), ("geq?(?:slant)?", ">="), ("lt", "<"), ("gt", ">"),
                        ("neq?", "!="), ("approx|simeq", "≈"), ("infty", "inf"), ("pm", "±"), ("cup", "∪"), ("in", "∈"), ("sin", "sin"), ("cos", "cos"), ("tan", "tan"), ("log", "log"), ("ln", "ln")):
        text = re.sub(r"\\(?:" + name + r")(?![a-zA-Z])", " " + plain + " ", text)
    text = text.replace("\\%", "%").replace("\\$", "$").replace("\\{", "⦃").replace("\\}", "⦄")
    for _ in range(12):  # the innermost braces first
        before = text
        text = re.sub(r"\\(?:text(?:bf|it|rm|normal)?|math(?:rm|bf|it|sf)|mbox|hbox|operatorname\*?)\s*\{([^{}]*)\}", r" \1", text)
        text = re.sub(r"\\frac\s*\{([^{}]*)\}\s*(?:\{([^{}]*)\}|([^\s{}\\]))", fraction, text)
        text = re.sub(r"\\sqrt\s*(?:\[ ?(\d+) ?\]\s*)?\{([^{}]*)\}", lambda root: "((%s)^(1/%s))" % (root.group(2), root.group(1)) if root.group(1) else "sqrt(%s)" % root.group(2).strip(), text)
        text = re.sub(r"\^\s*\{([^{}]*)\}", lambda power: "^" + power.group(1).strip() if re.fullmatch(r"\s*[-+]?\w+\s*", power.group(1)) else "^(%s)" % power.group(1), text)
        text = re.sub(r"_\s*\{([^{}]*)\}", r"_\1", text)
        if text == before:
            break
    return text


def fraction(match):
    top, bottom = match.group(1).strip(), (match.group(2) or match.group(3) or "").strip()
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
        if line.strip(" :*#[]\\") or NUMBER.search(line):
            return line.strip(" :*#")
    return ""


def closing(piece):
    """The piece up to the end of the sentence, or to a remark in brackets, that follows its first number."""
    number = NUMBER.search(piece)
    if number is None:
        return piece.strip(" .")
    end = re.compile(r"[.!?;](?=\s|$)| \((?=[^)]*[^\W\d_]{2})").search(piece, number.end())
    return piece[:end.start()] if end else piece


def behind_equals(piece):
    head, sign, tail = re.sub(r"(?<=[<>!])=", "\0", piece).rpartition("=")
    head, tail = head.replace("\0", "="), tail.replace("\0", "=")
    piece = tail.strip() if sign and tail.strip(" .") else (head if sign else piece).strip()
    return re.sub(r"^([-+]) (?=\.?\d)", r"\1", piece)


# --- comparing -------------------------------------------------------------------------------------------------------

def equal(given, wanted):
    if "≈" in given + wanted:  # the exact value or the rounded one
        return any(equal(one, other) for one in given.split("≈") for other in wanted.split("≈") if one.strip() and other.strip())
    number = plain_number(wanted)
    if number is not None:
        value = given_number(given)
        return value is not None and same_number(value, number)
    return same_option(given, wanted) or same_time(given, wanted) or same_items(given, wanted) or same_value(given, wanted)


def plain_number(piece):
    """The number, where the piece is one number with perhaps a unit; None where it is something else."""
    if re.search(r"(?:(?<![A-Za-z])[A-Za-z][ ]?[-+*/^]|\d[A-Za-z](?![A-Za-z])).*=", piece):
        return None  # an equation
    piece = behind_equals(grouped(piece))
    match = NUMBER.search(piece)
    if match is None:
        return number_in_words(piece, whole=True)
    rest = re.sub(r"\^-?\d|(?<=[A-Za-z])/(?=[A-Za-z])", "", piece[:match.start()] + " " + piece[match.end():])
    return None if re.search(r"[\d\\^+*/{}<>±∈∪⦃]|sqrt|√|π|\bpi\b|\binf\b|:\d|[(\[].*,|_\d", rest) or BEHIND.match(piece[match.end():]) else value_of(match)


def given_number(piece):
    """The number that the piece gives as its answer; None where it gives none, or leaves open which."""
    piece = behind_equals(grouped(piece))
    if re.search(r"\bnot\b|n't\b", piece) and " but " in piece:
        piece = piece.rpartition(" but ")[2]
    match = NUMBER.search(piece)
    if match is None:
        return number_in_words(piece)
    if re.match(r" and (?:a|one) half\b", piece[match.end():]) and not match.group("divisor"):
        value, percent = value_of(match)
        return value + Fraction(1, 2), percent
    return None if BEFORE.search(piece[:match.start()]) or BEHIND.match(piece[match.end():]) else value_of(match)


def grouped(piece):
    """Thousands set apart by spaces, and a decimal comma, in the way that NUMBER reads."""
    piece = re.sub(r"(?<![\d.,/] )(?<![\d.,/])\d{1,3}(?: \d{3})+(?![\d,.]|[ ]?/| \d)", lambda number: number.group().replace(" ", ""), piece)
    return re.sub(r"(?<![\d.,(\[])(\d+),(\d{1,2}|\d{4,})(?![\d.,])(?! ?[,)\]])", r"\1.\2", piece)


def value_of(match):
    """A pair (value, whether it is a percentage); None where it is beyond all reason."""
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
    scale = (part["scale"] or "").strip().lower()
    value *= SCALES.get(scale, 1)
    return (-value if part["sign"] == "-" else value), scale in PERCENT


def same_number(first, second):
    (one, one_percent), (other, other_percent) = first, second
    if one_percent == other_percent:
        return close(one, other)
    return close(one, other) or close(one / 100 if one_percent else one, other / 100 if other_percent else other)


def close(one, other):
    """Equal but for the noise of binary floating point, as in 0.30000000000000004."""
    return abs(one - other) * 10 ** 12 <= max(abs(one), abs(other))


UNITS = {word: value for value, word in enumerate(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split())}
TENS = {word: 10 * value for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
ORDINALS = {word: value for value, word in enumerate("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), 1)}
PARTS = {"half": 2, "halves": 2, "quarter": 4, "quarters": 4, **{word + "s": value for word, value in ORDINALS.items() if value > 2}}


def number_in_words(piece, whole=False):
    """"seven", "twenty-one", "two hundred and five", "three quarters", "two and a half", "first" at the start of the piece."""
    words = re.findall(r"[a-z]+|[^\sa-z-]", re.sub(r"^(?:the|a total of|exactly|about|only|just) ", "", piece.strip().lower()))
    total, current, used = Fraction(0), Fraction(0), 0
    for position, word in enumerate(words):
        following = words[position + 1] if position + 1 < len(words) else ""
        if word in UNITS or word in TENS:
            current += UNITS.get(word, 0) + TENS.get(word, 0)
        elif word == "dozen" or word in SCALES and word != "k":
            current = (current or 1) * SCALES.get(word, 12)
            total, current = (total + current, Fraction(0)) if word not in ("hundred", "dozen") else (total, current)
        elif word in PARTS or word == "third" and current == 1:
            current = Fraction(current or 1, PARTS.get(word, 3)) if words[position - 1:position] not in (["a"], ["one"]) or not total else Fraction(1, PARTS.get(word, 3))
            used = position + 1
            break
        elif word in ORDINALS:
            current += ORDINALS[word]
            used = position + 1
            break
        elif word == "and" and used and (following in UNITS or following in TENS or following in ("a", "half")):
            if following in ("a", "half") or words[position + 2:position + 3] and words[position + 2] in PARTS:
                total, current = total + current, Fraction(0)
            continue
        elif not (word == "a" and (following in PARTS or following in SCALES or following == "dozen")):
            break
        used = position + 1
    rest = words[used:]
    if not used or rest[:1] in (["of"], ["or"], ["point"], ["more"], ["less"], ["fewer"], ["/"], ["+"], ["-"]) or whole and rest:
        return None
    return total + current, False


def same_option(given, wanted):
    """The letter of an answer option: "B", "(B)", "B. Paris"."""
    letter = re.fullmatch(r"\(?([A-J])\)?[.:]?", wanted.strip())
    found = re.match(r"(?:option |choice )?[(\[]?([A-J])(?![\w'])", given.strip(), re.IGNORECASE)
    return bool(letter and found) and found.group(1).upper() == letter.group(1)


def same_time(given, wanted):
    """A time of day; what one side leaves out of a.m. and p.m. is no difference."""
    first, second = (re.search(r"(?<![\d:])(\d{1,2}):(\d{2})(?![\d:])(?: ?([ap])\.? ?m\b)?", piece, re.IGNORECASE) for piece in (given, wanted))
    if not first or not second or first.group(2) != second.group(2):
        return False
    halves = [match.group(3) and match.group(3).lower() for match in (first, second)]
    hours = [int(match.group(1)) % 12 + 12 * (half == "p") if half else int(match.group(1)) for match, half in zip((first, second), halves)]
    return hours[0] == hours[1] or None in halves and max(hours) < 24 and hours[0] % 12 == hours[1] % 12 and any(halves) and max(int(first.group(1)), int(second.group(1))) <= 12


def same_items(given, wanted):
    """Lists, sets, points and intervals: the same kind of brackets where both have some, and equal items."""
    (opening, wanted_items, closing_bracket), (given_opening, given_items, given_closing) = items(wanted), items(given)
    if len(wanted_items) < 2 or len(wanted_items) != len(given_items):
        return False
    if opening and given_opening and (opening, closing_bracket) != (given_opening, given_closing):
        return False
    if all(equal(one, other) for one, other in zip(given_items, wanted_items)):
        return True
    if opening in ("(", "[") or given_opening in ("(", "["):
        return False
    left = list(given_items)
    for item in wanted_items:
        found = next((one for one in left if equal(one, item)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def items(piece):
    """(opening bracket, items, closing bracket) of a list; the brackets are empty where there are none."""
    piece = re.sub(r"^[^=(\[⦃]{0,12}(?:=(?!.*=)|∈)", "", piece.strip(" .")).strip()
    opening, closing_bracket = "", ""
    if len(piece) > 2 and piece[0] in "([⦃{" and piece[-1] in ")]⦄}" and depth_is_positive(piece):
        opening, piece, closing_bracket = piece[0].replace("⦃", "{"), piece[1:-1], piece[-1].replace("⦄", "}")
    found, depth, start = [], 0, 0
    for match in re.finditer(r"[(\[⦃{]|[)\]⦄}]|[,;]|\b(?:and|or)\b", piece):
        if match.group() in "([⦃{":
            depth += 1
        elif match.group() in ")]⦄}":
            depth -= 1
        elif depth == 0 and not (match.group() == "," and re.match(r",\d{3}(?!\d)", piece[match.start():]) and re.search(r"(?<!\d)\d{1,3}$", piece[:match.start()])):
            found.append(piece[start:match.start()])
            start = match.end()
    return opening, [item for item in (part.strip() for part in found + [piece[start:]]) if item], closing_bracket


def depth_is_positive(piece):
    """Whether the first bracket closes at the end, and not before."""
    depth = 0
    for position, sign in enumerate(piece):
        depth += (sign in "([⦃{") - (sign in ")]⦄}")
        if depth == 0:
            return position == len(piece) - 1
    return False


def same_value(given, wanted):
    """Formulas by their values at a few points, all else as text."""
    if as_text(given) == as_text(wanted) != "":
        return True
    word = wanted.strip(" .\"'")
    if re.fullmatch(r"[^\W\d_][^\W\d]*", word) and len(word) > 1:
        return re.match(re.escape(word) + r"(?=$|[,.;:!(]| because\b| since\b| as\b)", given.strip(" \"'"), re.IGNORECASE) is not None
    if "±" in wanted or re.search(r"[<>∈∪_]|!=", wanted):
        return False
    one, other = given, wanted
    if "=" not in wanted or re.match(r"\s*[A-Za-z](?:_?\w|\([A-Za-z\d, ]*\))?\s*=", wanted):
        one, other = behind_equals(given), behind_equals(wanted)
    for point in (0.37, 1.83):
        try:
            first, second = Formula(one, point).value(), Formula(other, point).value()
            if not cmath.isclose(first, second, rel_tol=1e-9, abs_tol=1e-12):
                return False
        except (ValueError, ArithmeticError, RecursionError):
            return False
    return True


def as_text(piece):
    text = re.sub(r"^[a-z] ?(?:=|∈)", "", piece.strip(" ."))
    text = re.sub(r"[\s$\"'{}⦃⦄\\]+", "", text).casefold().rstrip(".,;!")
    return text[1:-1] if re.fullmatch(r"[(\[][^()\[\],]*[)\]]", text) else text


class Formula:
    """Evaluates a formula: numbers, single letters as variables, + - * / ^, brackets, |x|, and functions of one argument."""

    TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+|sqrt|pi|π|√|sin|cos|tan|log|ln|[a-zA-Z](?![a-zA-Z]{2})|\*\*|[-+*/^()\[\]|])")
    FUNCTIONS = {"sqrt": cmath.sqrt, "√": cmath.sqrt, "sin": cmath.sin, "cos": cmath.cos, "tan": cmath.tan, "log": cmath.log10, "ln": cmath.log}
    LONGEST = 200

    def __init__(self, text, point):
        text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text).strip(" .")
        self.tokens, position = [], 0
        if not text or len(text) > self.LONGEST:
            raise ValueError("no formula")
        while position < len(text):
            match = self.TOKEN.match(text, position)
            if match is None:
                raise ValueError("no formula")
            self.tokens.append(match.group(1))
            position = match.end()
        self.point, self.next = point, 0

    def value(self):
        value = self.sum()
        if self.next < len(self.tokens):
            raise ValueError("no formula")
        return value

    def peek(self):
        return self.tokens[self.next] if self.next < len(self.tokens) else ""

    def take(self):
        token = self.peek()
        self.next += 1
        return token

    def sum(self):
        value = self.product()
        while self.peek() in ("+", "-"):
            value = value + self.product() if self.take() == "+" else value - self.product()
        return value

    def product(self):
        value = self.signed()
        while self.peek() and self.peek() not in ("+", "-", ")", "]", "|"):
            if self.peek() == "/":
                self.take()
                value = value / self.signed()
            else:
                if self.peek() == "*":
                    self.take()
                value = value * self.signed()
        return value

    def signed(self):
        if self.peek() in ("+", "-"):
            return self.signed() if self.take() == "+" else -self.signed()
        base = self.atom()
        if self.peek() not in ("^", "**"):
            return base
        self.take()
        return base ** self.signed()

    def atom(self):
        token = self.take()
        if token in ("(", "[", "|"):
            value = self.sum()
            if self.take() != {"(": ")", "[": "]", "|": "|"}[token]:
                raise ValueError("no formula")
            return abs(value) if token == "|" else value
        if token in self.FUNCTIONS:
            return self.FUNCTIONS[token](self.signed())
        if token in ("pi", "π"):
            return math.pi
        if token in ("i", "e"):
            return 1j if token == "i" else math.e
        if token[:1].isalpha():
            return self.point + ord(token) * 0.0137
        return complex(float(token))
