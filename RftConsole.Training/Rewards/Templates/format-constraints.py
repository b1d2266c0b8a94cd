"""Format validation and constraint checking.

Gives the share of its constraints that a response fulfils: 1.0 only where it fulfils all of them.

WHAT IT READS
  The last assistant message of each sample, and the constraints of its record: the object "constraints" (in the record, or
  inside reference_answer), or reference_answer itself where that is an object. All that are given count:

  json               true: the response is one JSON value
  json_schema        it is one JSON value that fits this schema (see SCHEMA_KEYWORDS)
  regex              a regular expression, or a list of them, that is found in the response (use ^ and $ for all of it)
  min_characters, max_characters, min_words, max_words, min_sentences, max_sentences, min_lines, max_lines
  required_words     words or phrases that all stand in the response, whatever their case
  forbidden_words    words or phrases that do not
  starts_with, ends_with
  language           "en", "de", "fr", "es", "it", "pt", "nl", "sv", "pl", "ru", "uk", "el", "zh", "ja", "ko", "ar", "he", "hi", "th"

  JSON may stand in one code fence. Empty lines are not counted as lines.

WHAT KEEPS IT HONEST
  What an empty response fulfils as well ("at most 50 words", "without the word very") counts only beside a constraint that
  it does not. An unknown constraint is an error, and not one that everybody fulfils.

METRICS
  all_constraints     (Reward)  1 where every constraint is fulfilled
  one per constraint  (Metric)  1 where it is fulfilled

TO ADAPT IT
  Add a function to CHECKS: it gets the response and the constraint's value, and tells whether it is fulfilled.
"""
import json
import re
import unicodedata


def lambda_handler(event, context):
    return [grade(sample) for sample in event]


def grade(sample):
    response, wanted = response_of(sample), constraints_of(sample)
    passed = {name: bool(CHECKS[name](response, value)) for name, value in wanted.items()}
    demanding = [name for name, value in wanted.items() if not CHECKS[name]("", value)]
    counts = any(passed[name] for name in demanding) if demanding else bool(response.strip())
    everything = counts and all(passed.values())
    return {
        "id": sample["id"],
        "aggregate_reward_score": sum(passed.values()) / len(passed) if counts else 0.0,
        "metrics_list": [{"name": "all_constraints", "value": float(everything), "type": "Reward"}]
        + [{"name": name, "value": float(value), "type": "Metric"} for name, value in passed.items()],
    }


# --- the sample ------------------------------------------------------------------------------------------------------

def response_of(sample):
    for message in reversed(sample.get("messages") or []):
        if message.get("role") == "assistant":
            content = message.get("content")
            if isinstance(content, list):
                return "".join(part.get("text") or "" for part in content if isinstance(part, dict))
            return content or ""
    return ""


def constraints_of(sample):
    metadata = sample.get("metadata") or {}
    reference = sample.get("reference_answer")
    if reference is None:
        reference = metadata.get("reference_answer")
    if isinstance(reference, str) and reference.lstrip().startswith("{"):
        try:
            reference = json.loads(reference)
        except ValueError:
            pass  # a text that begins with a brace
    given = metadata.get("constraints") or sample.get("constraints")
    if given is None and isinstance(reference, dict):
        given = reference.get("constraints", reference)
    if not isinstance(given, dict) or not given:
        raise ValueError("sample %s has no constraints: give the record an object \"constraints\" with some of %s" % (sample.get("id"), ", ".join(CHECKS)))
    given = {ALIASES.get(name, name): value for name, value in given.items()}
    unknown = [name for name in given if name not in CHECKS]
    if unknown:
        raise ValueError("sample %s: '%s' is no constraint; there are %s" % (sample.get("id"), unknown[0], ", ".join(CHECKS)))
    return given


# Other names that people give to a constraint.
ALIASES = {"schema": "json_schema", "pattern": "regex", "min_length": "min_characters", "max_length": "max_characters", "required": "required_words", "forbidden": "forbidden_words"}


# --- counting and words ----------------------------------------------------------------------------------------------

def words(text):
    return re.findall(r"\w+(?:['’-]\w+)*", text)


def sentences(text):
    return [part for part in re.split(r"(?<=[.!?。！？])[\"'”’)\]]*(?:\s+|$)|(?<=[。！？])|\n\s*\n", text) if part and re.search(r"\w", part)]


def lines(text):
    return [line for line in text.splitlines() if line.strip()]


def at_least(count):
    return lambda response, value: count(response) >= number(value)


def at_most(count):
    return lambda response, value: count(response) <= number(value)


def number(value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("a limit of length is %r; it must be a number" % (value,))
    return value


def holds(response, phrase):
    pattern = r"\s+".join(re.escape(part) for part in str(phrase).split())
    return re.search(r"(?<!\w)" + pattern + r"(?!\w)", response, re.IGNORECASE) is not None


def listed(value):
    return value if isinstance(value, list) else [value]


# --- JSON ------------------------------------------------------------------------------------------------------------

NOT_JSON = object()
SCHEMA_KEYWORDS = ("type enum const properties required additionalProperties patternProperties items prefixItems contains minItems maxItems uniqueItems minProperties "
                   "maxProperties minLength maxLength pattern minimum maximum exclusiveMinimum exclusiveMaximum multipleOf anyOf allOf oneOf not $ref").split()
ANNOTATIONS = "$schema $id $comment $defs definitions title description default examples format deprecated readOnly writeOnly".split()
TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: is_number(value),
    "integer": lambda value: is_number(value) and value == int(value),
}


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def json_of(response):
    """The response as JSON, without the fence around it; NOT_JSON where it is none."""
    text = response.strip()
    fence = re.fullmatch(r"```[a-zA-Z]*\s*\n(.*?)\n?\s*```", text, re.DOTALL)
    try:
        return json.loads(fence.group(1) if fence else text, parse_constant=no_json)
    except (ValueError, RecursionError):
        return NOT_JSON


def no_json(name):
    raise ValueError(name + " is no JSON, though Python reads it")


def same(first, second):
    """Equality of JSON: 1 is 1.0, and true is not 1."""
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    return first == second


def fits(value, schema, root):
    """Whether the value fits the schema; root is the whole schema, for $ref."""
    if isinstance(schema, bool):
        return schema
    if not isinstance(schema, dict):
        raise ValueError("json_schema: %r is no schema" % (schema,))
    for keyword in schema:
        if keyword not in SCHEMA_KEYWORDS and keyword not in ANNOTATIONS:
            raise ValueError("json_schema: the keyword '%s' is not supported; there are %s" % (keyword, ", ".join(SCHEMA_KEYWORDS)))
    return (fits_any(value, schema, root) and (not isinstance(value, dict) or fits_object(value, schema, root))
            and (not isinstance(value, list) or fits_array(value, schema, root)) and (not isinstance(value, str) or fits_string(value, schema))
            and (not is_number(value) or fits_number(value, schema)))


def fits_any(value, schema, root):
    for name in listed(schema.get("type", [])):
        if name not in TYPES:
            raise ValueError("json_schema: there is no type '%s'" % name)
    return (("type" not in schema or any(TYPES[name](value) for name in listed(schema["type"])))
            and ("enum" not in schema or any(same(value, one) for one in schema["enum"]))
            and ("const" not in schema or same(value, schema["const"]))
            and all(fits(value, part, root) for part in schema.get("allOf", []))
            and ("anyOf" not in schema or any(fits(value, part, root) for part in schema["anyOf"]))
            and ("oneOf" not in schema or sum(fits(value, part, root) for part in schema["oneOf"]) == 1)
            and ("not" not in schema or not fits(value, schema["not"], root))
            and ("$ref" not in schema or fits(value, referred(schema["$ref"], root), root)))


def referred(reference, root):
    if not reference.startswith("#"):
        raise ValueError("json_schema: $ref '%s' leads out of the schema" % reference)
    for key in [part for part in reference[1:].split("/") if part]:
        root = root[key.replace("~1", "/").replace("~0", "~")]
    return root


def fits_object(value, schema, root):
    properties, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    if not all(key in value for key in schema.get("required", [])) or not schema.get("minProperties", 0) <= len(value) <= schema.get("maxProperties", len(value)):
        return False
    for key, part in value.items():
        schemas = ([properties[key]] if key in properties else []) + [one for pattern, one in patterns.items() if re.search(pattern, key)]
        if not all(fits(part, one, root) for one in (schemas or [schema.get("additionalProperties", True)])):
            return False
    return True


def fits_array(value, schema, root):
    first = schema.get("prefixItems", [])
    return (schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
            and (not schema.get("uniqueItems") or not any(same(value[i], value[j]) for i in range(len(value)) for j in range(i)))
            and all(fits(part, one, root) for part, one in zip(value, first))
            and all(fits(part, schema.get("items", True), root) for part in value[len(first):])
            and ("contains" not in schema or any(fits(part, schema["contains"], root) for part in value)))


def fits_string(value, schema):
    return schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)) and ("pattern" not in schema or re.search(schema["pattern"], value) is not None)


def fits_number(value, schema):
    quotient = value / schema["multipleOf"] if "multipleOf" in schema else 0
    return (schema.get("minimum", value) <= value <= schema.get("maximum", value) and abs(quotient - round(quotient)) < 1e-9
            and ("exclusiveMinimum" not in schema or value > schema["exclusiveMinimum"]) and ("exclusiveMaximum" not in schema or value < schema["exclusiveMaximum"]))


# --- language --------------------------------------------------------------------------------------------------------

# Languages with a script of their own are told by it.
SCRIPTS = {
    "el": "\u0370-\u03ff", "zh": "\u4e00-\u9fff", "ja": "\u3040-\u30ff\u4e00-\u9fff", "ko": "\uac00-\ud7af\u1100-\u11ff", "ar": "\u0600-\u06ff",
    "he": "\u0590-\u05ff", "hi": "\u0900-\u097f", "th": "\u0e00-\u0e7f", "ru": "\u0400-\u04ff", "uk": "\u0400-\u04ff",
}
# Letters that only one of the languages of a script has.
OWN_LETTERS = {"ja": "\u3040-\u30ff", "uk": "іїєґ", "ru": "ыэъё"}
# The rest is told by its commonest words.
STOP_WORDS = {
    "en": "the of and to in is that it was for on are with as his they at be this have from or had by not but what all were when we there can an your which their said if do will each about how up out then them she".split(),
    "de": "der die und das ist nicht ein eine ich sie zu mit den es auf für von dem im sich auch an als wie des aus bei nach wird wir oder einer einen war sind aber über hat noch nur kann zum zur".split(),
    "fr": "le la les de des et est un une dans que qui pour pas sur avec il elle ce cette au aux du en par plus mais ou nous vous ils sont être ont fait comme son sa ses tout très".split(),
    "es": "el la los las de y que en un una es por con para no se su del al lo como más pero sus le ya o fue este ha sí porque esta son entre cuando muy sin sobre también me hasta".split(),
    "it": "il lo la gli le di e che un una è per non in con si da sono come del della dei delle nel nella al più ma anche questo questa alla ha essere o se molto".split(),
    "pt": "o a os as de e que em um uma é por com para não se do da dos das no na nos nas ao mais mas como foi ele ela seu sua são muito também".split(),
    "nl": "de het een en van is dat in op te zijn met voor niet aan er om ook als bij door maar uit naar dan nog wel geen wordt zich hij ze deze werd".split(),
    "sv": "och det att i en jag som på är av för med han inte den till ett har de om var men sig så från vi kan när nu också eller".split(),
    "pl": "i w nie na się z do to że jest o jak po co tak za od by ale dla czy jego już są tylko przez może być oraz był".split(),
}


def in_language(response, language):
    language = str(language).lower().split("-")[0]
    if language not in SCRIPTS and language not in STOP_WORDS:
        raise ValueError("language is '%s'; there are %s" % (language, ", ".join(sorted({*SCRIPTS, *STOP_WORDS}))))
    letters = re.findall(r"[^\W\d_]", response)
    if not letters:
        return False
    if language in SCRIPTS:
        own = sum(re.match("[" + SCRIPTS[language] + "]", letter) is not None for letter in letters)
        other = {"zh": "ja", "ru": "uk", "uk": "ru"}.get(language)
        foreign = other is not None and re.search("[" + OWN_LETTERS[other] + "]", response.lower()) is not None
        if language == "ja" and not re.search("[" + OWN_LETTERS["ja"] + "]", response):
            return False
        return own >= 0.6 * len(letters) and not foreign
    if sum("LATIN" in script_of(letter) for letter in set(letters)) < 0.9 * len(set(letters)):
        return False
    found = [word.lower() for word in words(response)]
    counts = {name: sum(word in known for word in found) for name, known in STOP_WORDS.items()}
    # A few words may hold none of the commonest ones.
    return counts[language] == max(counts.values()) and (counts[language] > 0 or len(found) < 6)


def script_of(letter):
    return unicodedata.name(letter, "")


CHECKS = {
    "json": lambda response, value: (json_of(response) is not NOT_JSON) == bool(value),
    "json_schema": lambda response, value: json_of(response) is not NOT_JSON and fits(json_of(response), value, value),
    "regex": lambda response, value: all(re.search(pattern, response) for pattern in listed(value)),
    "min_characters": at_least(len), "max_characters": at_most(len),
    "min_words": at_least(lambda response: len(words(response))), "max_words": at_most(lambda response: len(words(response))),
    "min_sentences": at_least(lambda response: len(sentences(response))), "max_sentences": at_most(lambda response: len(sentences(response))),
    "min_lines": at_least(lambda response: len(lines(response))), "max_lines": at_most(lambda response: len(lines(response))),
    "required_words": lambda response, value: all(holds(response, phrase) for phrase in listed(value)),
    "forbidden_words": lambda response, value: not any(holds(response, phrase) for phrase in listed(value)),
    "starts_with": lambda response, value: response.lstrip().startswith(value),
    "ends_with": lambda response, value: response.rstrip().endswith(value),
    "language": in_language,
}
