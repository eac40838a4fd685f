"""Which names of a CEL rule exist: documented, bound by a macro, or CEL's own.

The packages find an unknown variable when they execute it, and a misspelt property never: behind `has()` it is absent.
"""

import re

from tests.support.contract_document import Operation, operations, properties_of, resolve

__all__ = ["reads_inside_macros", "unknown_names"]

# What the rules of this contract use of CEL; another word is added here when a rule needs it.
_WORDS = {"in", "null", "true", "false", "int", "uint", "double", "string", "list", "map"}
_FUNCTIONS = {"all", "distinct", "double", "has", "lowerAscii", "map", "size", "type"}
_TEXT = re.compile(r'"[^"]*"')
# A name or the end of an index, the members behind it, and whether the last of them is called.
_PATH = re.compile(r"((?<![\w.])[A-Za-z_]\w*|\])((?:\.\w+)*)(\()?")
_ITEM = re.compile(r"\b(request|response)\.body\.(\w+)\.(?:all|map)\((\w+),")
# `[list].all(name, ...)` gives the list itself a name.
_WHOLE = re.compile(r"\[[\w.]+\]\.all\((\w+),")


def unknown_names(op: Operation, expression: str) -> list[str]:
    """Every path of an expression with a name in it that does not exist, as written."""
    code = _TEXT.sub('""', expression)
    bodies = {"request": properties_of(op.request["schema"]), "response": properties_of(op.answer["schema"])}
    ids = {other.id for other in operations()}
    known: dict[str, set[str]] = {
        "request.path": {parameter["name"] for parameter in op.item.get("parameters", [])},
        **{f"{side}.body": set(found) for side, found in bodies.items()},
        "run.ids": ids,
        "run.created": ids,
    }
    bound: dict[str, set[str]] = {name: set() for name in _WHOLE.findall(code)}
    for side, listed, name in _ITEM.findall(code):
        bound[name] = set(properties_of(resolve(bodies[side].get(listed, {})).get("items", {})))
    # Only test cases are looked up by their id among what the run created.
    bound["]"] = set(properties_of({"$ref": "#/components/schemas/TestCase"}))

    unknown = []
    for head, members, called in _PATH.findall(code):
        names = [head, *members.split(".")[1:]]
        exists = not called or names.pop() in _FUNCTIONS
        match names:
            case [] | ["]"]:
                pass
            case [name, *rest] if name in bound:
                exists &= len(rest) <= 1 and set(rest) <= bound[name]
            case [word]:
                exists &= word in _WORDS
            case [root, part, *rest]:
                exists &= len(rest) <= 1 and set(rest) <= known.get(f"{root}.{part}", set())
                exists &= f"{root}.{part}" in known
        if not exists:
            unknown.append(head + members)
    return unknown


def reads_inside_macros(expression: str) -> list[str]:
    """What the body of a macro over a list reads of the request and the answer, once for every item."""
    code = _TEXT.sub('""', expression)
    found: list[str] = []
    for macro in _ITEM.finditer(code):
        depth, end = 1, macro.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(code[end], 0)
            end += 1
        found += re.findall(r"\b(?:request|response|run)\.[\w.]+", code[macro.end() : end])
    return found
