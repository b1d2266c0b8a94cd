"""Text similarity.

Gives how similar a response is to a reference text, from 0 to 1.

WHAT IT READS
  The last assistant message of each sample, and its reference_answer: a text, or an object with a text or a list of
  texts (the most similar one counts) under one of the keys in REFERENCE_KEYS. The record's key "metric" chooses another metric than METRIC.

METRICS, each from 0 to 1
  rouge_l    ROUGE-L (Lin, 2004): F1 of the longest common subsequence of words. For summaries and answers of a sentence.
  chrf       chrF2 (Popović, 2015): F-score of common character n-grams, n from 1 to 6, recall weighted twice. For translations.
  token_f1   F1 of common words, whatever their order, without articles and punctuation (as in SQuAD). For short answers.
  fuzzy      1 - edit distance / length of the longer text (Levenshtein). For texts that must be reproduced.

  Letter case counts only for chrf. Each of them is a metric of the sample; the chosen one is its reward.

TO ADAPT IT
  Change METRIC, or add a function to MEASURES.
"""
import re
from collections import Counter

METRIC = "rouge_l"

# Keys that hold the text when reference_answer is an object; the first one that is there counts.
REFERENCE_KEYS = ("text", "answer", "reference", "references", "summary", "translation", "target", "expected", "ground_truth", "completion", "value")

# Longer texts are cut: the time grows with the product of both lengths.
LONGEST_TEXT = 20000


def lambda_handler(event, context):
    return [grade(sample) for sample in event]


def grade(sample):
    response, references, metric = response_of(sample), references_of(sample), metric_of(sample)
    best = max(({name: measure(response, reference) for name, measure in MEASURES.items()} for reference in references), key=lambda figures: figures[metric])
    return {
        "id": sample["id"],
        "aggregate_reward_score": best[metric],
        "metrics_list": [{"name": name, "value": value, "type": "Reward" if name == metric else "Metric"} for name, value in best.items()],
    }


# --- the sample ------------------------------------------------------------------------------------------------------

def response_of(sample):
    for message in reversed(sample.get("messages") or []):
        if message.get("role") == "assistant":
            content = message.get("content")
            if isinstance(content, list):
                content = "".join(part.get("text") or "" for part in content if isinstance(part, dict))
            return (content or "")[:LONGEST_TEXT]
    return ""


def references_of(sample):
    answer = sample.get("reference_answer")
    if answer is None:
        answer = (sample.get("metadata") or {}).get("reference_answer")
    if isinstance(answer, dict):
        answer = next((answer[key] for key in REFERENCE_KEYS if answer.get(key)), list(answer.values())[0] if len(answer) == 1 else None)
    references = [str(text)[:LONGEST_TEXT] for text in (answer if isinstance(answer, list) else [answer]) if text is not None and str(text).strip()]
    if not references:
        raise ValueError("sample %s has no reference_answer to compare with: a text, or an object with one of the keys %s" % (sample.get("id"), ", ".join(REFERENCE_KEYS)))
    return references


def metric_of(sample):
    metric = (sample.get("metadata") or {}).get("metric") or METRIC
    if metric not in MEASURES:
        raise ValueError("sample %s: the metric '%s' is not known; there are %s" % (sample.get("id"), metric, ", ".join(MEASURES)))
    return metric


# --- the measures ----------------------------------------------------------------------------------------------------

def words(text):
    return re.findall(r"\w+", text.casefold())


def f_score(common, given, wanted, beta=1):
    """F of precision = common / given and recall = common / wanted."""
    if not common:
        return 0.0
    precision, recall = common / given, common / wanted
    return (1 + beta ** 2) * precision * recall / (beta ** 2 * precision + recall)


def rouge_l(response, reference):
    given, wanted = words(response), words(reference)
    return f_score(common_subsequence(given, wanted), len(given), len(wanted))


def common_subsequence(first, second):
    """Length of the longest common subsequence; a whole row of the table at a time, as the bits of one integer (Hyyrö, 2004)."""
    places = {}
    for position, item in enumerate(first):
        places[item] = places.get(item, 0) | 1 << position
    everything = (1 << len(first)) - 1
    row = everything
    for item in second:
        matches = row & places.get(item, 0)
        row = ((row + matches) | (row - matches)) & everything
    return len(first) - bin(row).count("1")


def chrf(response, reference, orders=6, beta=2):
    given, wanted = re.sub(r"\s+", "", response), re.sub(r"\s+", "", reference)
    precisions, recalls = [], []
    for order in range(1, orders + 1):
        ours, theirs = (Counter(text[start:start + order] for start in range(len(text) - order + 1)) for text in (given, wanted))
        if ours and theirs:
            common = sum((ours & theirs).values())
            precisions.append(common / sum(ours.values()))
            recalls.append(common / sum(theirs.values()))
    if not precisions or not sum(precisions):
        return 0.0
    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    return (1 + beta ** 2) * precision * recall / (beta ** 2 * precision + recall)


def token_f1(response, reference):
    given, wanted = (Counter(word for word in words(text) if word not in ("a", "an", "the")) for text in (response, reference))
    return f_score(sum((given & wanted).values()), sum(given.values()), sum(wanted.values()))


def fuzzy(response, reference):
    given, wanted = response.strip().casefold(), reference.strip().casefold()
    return 1 - edit_distance(given, wanted) / max(len(given), len(wanted), 1)


def edit_distance(first, second):
    """Levenshtein's distance; a whole column of the table at a time, as the bits of two integers (Myers, 1999)."""
    if not first:
        return len(second)
    places = {}
    for position, item in enumerate(first):
        places[item] = places.get(item, 0) | 1 << position
    everything, last = (1 << len(first)) - 1, 1 << len(first) - 1
    plus, minus, distance = everything, 0, len(first)
    for item in second:
        equal = places.get(item, 0)
        across = (((equal & plus) + plus) ^ plus) | equal | minus
        up, down = minus | ~(across | plus) & everything, plus & across
        distance += bool(up & last) - bool(down & last)
        up, down = (up << 1 | 1) & everything, down << 1 & everything
        plus, minus = down | ~(equal | minus | up) & everything, up & (equal | minus)
    return distance


MEASURES = {"rouge_l": rouge_l, "chrf": chrf, "token_f1": token_f1, "fuzzy": fuzzy}
