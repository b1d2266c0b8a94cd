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
