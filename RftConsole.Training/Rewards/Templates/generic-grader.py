"""Generic grader with boilerplate code: a skeleton that runs as it is, to be made your own.

WHAT IT READS
  The last assistant message of each sample, and its reference_answer: a text, a number, or an object with one of the
  keys in REFERENCE_KEYS. Every further key of the training record is in sample["metadata"].

WHAT IT GIVES AS IT IS
  1.0 where the response equals the reference answer, letter case, spaces and closing punctuation aside; 0.5 where the
  reference answer stands somewhere in it, as whole words; else 0.0.

TO ADAPT IT
  Change score(). Return a number from 0 to 1 and, if you like, further figures: each becomes a chart of the job.
  What you print is kept with the call. The standard library can be imported; there is no network.
"""
import json
import re

REFERENCE_KEYS = ("answer", "final_answer", "text", "expected", "ground_truth", "solution", "label", "value")


def lambda_handler(event, context):
    return [grade(sample) for sample in event]


def score(response, reference, metadata):
    """The part to change: (score from 0 to 1, {name of a further figure: number})."""
    given, wanted = plain(response), plain(reference)
    exact = given == wanted != ""
    contained = bool(wanted) and re.search(r"(?<!\w)" + re.escape(wanted) + r"(?!\w)", given) is not None
    return (1.0 if exact else 0.5 if contained else 0.0), {"exact_match": float(exact), "contains_answer": float(contained)}


def grade(sample):
    value, figures = score(response_of(sample), reference_of(sample), sample.get("metadata") or {})
    return {
        "id": sample["id"],
        "aggregate_reward_score": max(0.0, min(1.0, float(value))),
        "metrics_list": [{"name": name, "value": float(figure), "type": "Metric"} for name, figure in figures.items()],
    }


def response_of(sample):
    for message in reversed(sample.get("messages") or []):
        if message.get("role") == "assistant":
            content = message.get("content")
            if isinstance(content, list):
                return "".join(part.get("text") or "" for part in content if isinstance(part, dict))
            return content or ""
    return ""


def reference_of(sample):
    answer = sample.get("reference_answer")
    if answer is None:
        answer = (sample.get("metadata") or {}).get("reference_answer")
    if isinstance(answer, dict):
        answer = next((answer[key] for key in REFERENCE_KEYS if answer.get(key) is not None), answer)
    if answer is None:
        raise ValueError("sample %s has no reference_answer; add one to the record, or change score() to do without" % sample.get("id"))
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False, sort_keys=True)


def plain(text):
    return re.sub(r"\s+", " ", text).strip(" .!?\"'").casefold()
