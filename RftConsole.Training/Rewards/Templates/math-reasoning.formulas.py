# --- formulas --------------------------------------------------------------------------------------------------------

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
