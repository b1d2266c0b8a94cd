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
    formulas = FORMULAS.findall(plain[-2000:]) if not (wants_number or is_reference) else []
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
