"""A grader in OpenAI's form as a reward function. What it grades by stands at the end of the file, as GRADER.

item is the training record: all of its keys. sample is the response: output_text, and output_json where it is JSON.
A response that is no JSON, or lacks a key of it, scores 0 where a grader reads that key: it is wrong, and no fault of the grader.
"""
import ast
import json
import math
import re
import types
from collections import Counter
from difflib import SequenceMatcher

PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_][\w.\[\]-]*)\s*\}\}")
FUNCTIONS = {"min": min, "max": max, "abs": abs, "floor": math.floor, "ceil": math.ceil, "exp": math.exp, "sqrt": math.sqrt, "log": math.log}


class NotThere(Exception):
    """The response has nothing at the place that a grader reads."""


def lambda_handler(event, context):
    return [grade_sample(entry) for entry in event]


def grade_sample(entry):
    *prompt, answer = entry["messages"]
    item = dict(entry.get("metadata") or {})
    item.update(id=entry["id"].rsplit(":", 1)[0], messages=prompt)
    text = answer.get("content") or ""
    sample = {"output_text": text, "output_json": json_of(text), "output_tools": answer.get("tool_calls") or [], "choices": [{"message": answer}]}
    parts = {}
    score = GRADE(sample, item, parts)
    metrics = [{"name": name, "value": value, "type": "Reward"} for name, value in parts.items() if math.isfinite(value)]
    return {"id": entry["id"], "aggregate_reward_score": score, "metrics_list": metrics}


def json_of(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


# Templates

def filled(template, sample, item):
    return PLACEHOLDER.sub(lambda match: as_text(looked_up(match.group(1), sample, item)), template)


def looked_up(path, sample, item):
    keys = re.findall(r"[^.\[\]]+", path)
    value = {"sample": sample, "item": item}.get(keys[0], NotThere)
    if value is NotThere:
        raise ValueError("{{ %s }}: a template reads item.… or sample.…" % path)
    for place, key in enumerate(keys[1:], 1):
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        elif keys[0] == "sample" and place > 1 or keys[:2] == ["sample", "output_json"]:
            raise NotThere(path)
        else:
            raise ValueError("{{ %s }}: the record has no '%s'" % (path, key))
    if value is None and keys[:2] == ["sample", "output_json"]:
        raise NotThere(path)
    return value


def as_text(value):
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# Graders: each is made once, and then called with sample, item, and the scores of the parts

def made(grader):
    return {"string_check": string_check, "text_similarity": text_similarity, "python": python, "multi": multi}[grader["type"]](grader)


def string_check(grader):
    compare = {
        "eq": lambda given, wanted: given == wanted,
        "ne": lambda given, wanted: given != wanted,
        "like": lambda given, wanted: wanted in given,
        "ilike": lambda given, wanted: wanted.casefold() in given.casefold(),
    }[grader["operation"]]
    return on_texts(grader, lambda given, wanted: 1.0 if compare(given, wanted) else 0.0)


def text_similarity(grader):
    return on_texts(grader, METRICS[grader["evaluation_metric"]])


def on_texts(grader, compare):
    def grade(sample, item, parts):
        try:
            return compare(filled(grader["input"], sample, item), filled(grader["reference"], sample, item))
        except NotThere:
            return 0.0
    return grade


def python(grader):
    module = types.ModuleType("grader")
    try:
        code = compile(grader["source"], "grader.py", "exec")
    except SyntaxError as error:
        raise ValueError("line %s of the grader's source: %s" % (error.lineno, error.msg)) from None
    exec(code, module.__dict__)
    if not callable(getattr(module, "grade", None)):
        raise TypeError("the grader's source must define grade(sample, item)")

    def grade(sample, item, parts):
        score = module.grade(sample, item)
        if not isinstance(score, (int, float)):
            raise TypeError("grade returned %r, which is no number" % (score,))
        return float(score)
    return grade


def multi(grader):
    graders = {name: made(part) for name, part in grader["graders"].items()}
    tree = ast.parse(grader["calculate_output"].replace("^", "**"), mode="eval").body

    def grade(sample, item, parts):
        scores = {name: part(sample, item, {}) for name, part in graders.items()}
        parts.update(scores)
        return float(calculated(tree, scores))
    return grade


def calculated(node, scores):
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        return node.value
    if isinstance(node, ast.Name) and node.id in scores:
        return scores[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        value = calculated(node.operand, scores)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](calculated(node.left, scores), calculated(node.right, scores))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS and not node.keywords:
        return FUNCTIONS[node.func.id](*[calculated(argument, scores) for argument in node.args])
    raise ValueError("calculate_output: '%s' is neither a grader's name, a number, + - * / ^, nor one of %s" % (ast.unparse(node), ", ".join(FUNCTIONS)))


def power(base, exponent):
    return math.pow(base, exponent)


OPERATIONS = {ast.Add: lambda a, b: a + b, ast.Sub: lambda a, b: a - b, ast.Mult: lambda a, b: a * b, ast.Div: lambda a, b: a / b, ast.Pow: power}


# Metrics of text similarity, from 0 to 1

def words(text):
    return re.findall(r"\w+", text.lower())


def grams(tokens, size):
    return Counter(tuple(tokens[i:i + size]) for i in range(len(tokens) - size + 1))


def harmonic(precision, recall):
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def longest_common(first, second):
    row = [0] * (len(second) + 1)
    for entry in first:
        diagonal = 0
        for place, other in enumerate(second, 1):
            diagonal, row[place] = row[place], diagonal + 1 if entry == other else max(row[place], row[place - 1])
    return row[-1]


def fuzzy_match(given, wanted):
    """Twice the longest common subsequence of characters over all characters; of very long texts, the matching blocks."""
    if not given and not wanted:
        return 1.0
    if len(given) * len(wanted) > 4_000_000:
        return SequenceMatcher(None, given, wanted, autojunk=False).ratio()
    return 2 * longest_common(given, wanted) / (len(given) + len(wanted))


def bleu(given, wanted):
    """Sentence BLEU-4 (Papineni et al., 2002); orders without a match count as a half (smoothing 1 of Chen and Cherry, 2014)."""
    hypothesis, reference = words(given), words(wanted)
    if not hypothesis or not reference:
        return float(hypothesis == reference)
    order = min(4, len(hypothesis), len(reference))
    total = 0.0
    for size in range(1, order + 1):
        own = grams(hypothesis, size)
        matched = sum((own & grams(reference, size)).values())
        if size == 1 and not matched:
            return 0.0
        total += math.log((matched or 0.5) / sum(own.values()))
    brevity = 1.0 if len(hypothesis) > len(reference) else math.exp(1 - len(reference) / len(hypothesis))
    return brevity * math.exp(total / order)


def gleu(given, wanted):
    """The lesser of precision and recall over all 1- to 4-grams (Wu et al., 2016)."""
    hypothesis, reference = words(given), words(wanted)
    own = sum((grams(hypothesis, size) for size in range(1, 5)), Counter())
    other = sum((grams(reference, size) for size in range(1, 5)), Counter())
    most = max(sum(own.values()), sum(other.values()))
    return sum((own & other).values()) / most if most else 1.0


def meteor(given, wanted):
    """METEOR (Banerjee and Lavie, 2005) with exact matches alone."""
    hypothesis, reference = words(given), words(wanted)
    if not hypothesis or not reference:
        return float(hypothesis == reference)
    free = {}
    for place, word in enumerate(reference):
        free.setdefault(word, []).append(place)
    places = []
    for word in hypothesis:
        candidates = free.get(word)
        if candidates:
            following = places[-1] + 1 if places else 0
            chosen = following if following in candidates else candidates[0]
            candidates.remove(chosen)
            places.append(chosen)
        else:
            places.append(-2)
    matched = [place for place in places if place >= 0]
    if not matched:
        return 0.0
    chunks = sum(1 for i, place in enumerate(places) if place >= 0 and (i == 0 or places[i - 1] + 1 != place or places[i - 1] < 0))
    precision, recall = len(matched) / len(hypothesis), len(matched) / len(reference)
    mean = 10 * precision * recall / (recall + 9 * precision)
    return mean * (1 - 0.5 * (chunks / len(matched)) ** 3)


def rouge(size):
    def score(given, wanted):
        own, other = grams(words(given), size), grams(words(wanted), size)
        if not own or not other:
            return float(words(given) == words(wanted))
        matched = sum((own & other).values())
        return harmonic(matched / sum(own.values()), matched / sum(other.values()))
    return score


def rouge_l(given, wanted):
    own, other = words(given), words(wanted)
    if not own or not other:
        return float(own == other)
    common = longest_common(own, other)
    return harmonic(common / len(own), common / len(other))


METRICS = {"fuzzy_match": fuzzy_match, "bleu": bleu, "gleu": gleu, "meteor": meteor, "rouge_l": rouge_l}
METRICS.update({"rouge_%d" % size: rouge(size) for size in range(1, 6)})
