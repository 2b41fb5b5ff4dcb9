"""Lists the public symbols whose comments are incomplete, and what they lack.

What every public symbol of our own needs:

    summary        a first paragraph that ends with a full stop
    parameters     each parameter under `- Parameter`
    returns        `- Returns:`, or a summary that names the result and does not begin with a verb, if there is a result
    throws         `- Throws:` if it throws
    precondition   `- Precondition:` if its body ends the process on a condition
    shape          a shape in brackets if its type is a tensor or rows of numbers
    cost           `- Complexity:` or a paragraph `Cost:` if it takes or makes whole tensors, batches, datasets or
                   networks and does more than store them, or where its body has a loop
    equation       a code fence without a language, in types that compute: cells, optimizers, losses and so on
                   (EQUATIONS); an enumeration of rules may have code for each case instead (RULES)
    source         `Source:` if somebody else has published it (SOURCES)

What is not counted: symbols that the compiler makes (members inherited from a protocol's extension, `init(rawValue:)`),
and those that meet a requirement of another module's protocol, such as `description` or `==`, whose meaning is known. A
symbol that meets a requirement of our own protocols needs a summary; its parameters, result, shapes and cost may stand
with the requirement.
"""

from __future__ import annotations

import json
import re
import urllib.parse
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from . import symbols
from .places import MODULES, ROOT, Failure
from .sources import SwiftFile

GRAPHS = ROOT / ".build/coverage"

# Types that compute something: by the protocol they conform to, by the last word of their name, and by name.
EQUATION_PROTOCOLS = ("RecurrentCell", "Optimizer")
EQUATION_ENDINGS = ("Loss", "Entropy", "Schedule", "Clipping", "Average")
EQUATIONS = (
    "Dense", "Embedding", "ImageAugmentation", "RecurrentLayer", "RecurrentStack", "Regularization",
    "SequenceModel", "SplitMix64", "LayerConfiguration", "TruncatedBackpropagation",
)
# Enumerations of which each case is a rule of its own.
RULES = ("Activation", "GradientClipping", "LearningRateSchedule", "Merge", "RegressionLoss", "WeightRule")
# What others have published, besides cells and optimizers.
SOURCES = (
    "Activation", "EarlyStopping", "Embedding", "GradientClipping", "IDXFile", "ImageAugmentation",
    "LearningRateSchedule", "MNIST", "PixelOrder", "PlateauSchedule", "SafeTensors", "SoftmaxCrossEntropy", "SplitMix64", "LayerConfiguration",
    "TruncatedBackpropagation", "ExponentialMovingAverage",
)

# Where these are taken or made, the work grows with their size.
BULK = {
    "DigitData", "IDXFile", "Parameters", "RecurrentStack", "SequenceBatch", "SequenceModel", "SequenceDataset",
    "StackState", "Tensor",
}
# Types that hold tensors of any shape.
ANY_SHAPE = ("Tensor", "Parameters", "SafeTensors")
# A condition may have a loop of its own, which is not the work.
ASKING = re.compile(r"(?<!\.)\b(?:precondition|require)\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")
LOOP = re.compile(r"\b(?:for|while)\b[^\n]*\{|\.(?:reduce|sorted|flatMap|compactMap|filter)\b|\brepeating:")
# Functions that end the process on a condition, those of ours among them; one that is tried throws instead.
CONDITION = re.compile(r"(?<!\.)\b(?:precondition|preconditionFailure|require(?:[A-Z]\w*)?|check(?:[A-Z]\w*)?)\(")
# First words that end like verbs and are not.
NOUNS = {"Predictions", "Batches", "Classes", "Images", "Its", "Keras", "Layers", "Rows", "Sequences", "This", "Zeros"}
CALLABLE = (
    "swift.func", "swift.func.op", "swift.init", "swift.method", "swift.subscript", "swift.type.method",
    "swift.type.subscript",
)
PROPERTY = ("swift.property", "swift.type.property", "swift.var")


def cover(modules: list[str]) -> None:
    if unknown := sorted(set(modules) - set(MODULES)):
        raise Failure(f"{unknown[0]}: found no such module, expected one of {', '.join(MODULES)}")
    full = count = 0
    figures = []
    for module in modules or MODULES:
        graph = Graph(symbols.extract(module, GRAPHS / module))
        own = sorted(graph.symbols, key=lambda symbol: symbol.place)
        lacking = [(symbol, lacks) for symbol in own if (lacks := graph.lacks(symbol))]
        for symbol, lacks in lacking:
            print(f"{symbol.place[0]}:{symbol.place[1] + 1}: {symbol.name}: {', '.join(lacks)}")
        full, count = full + len(own) - len(lacking), count + len(own)
        figures.append(_figure(module, len(own) - len(lacking), len(own)))
    print("\n".join([*figures, _figure("total", full, count)]))
    if full < count:
        raise Failure(f"{count - full} of {count} public symbols have no full comment; what they lack stands above")


def _figure(name: str, full: int, count: int) -> str:
    # Cut off, not rounded: 100 % means all.
    return f"{name}: documented: {full} of {count} public symbols ({int(1000 * full / max(count, 1)) / 10:g} %)"


@dataclass
class Comment:
    """The parts of a comment."""

    summary: str = ""
    prose: str = ""
    fences: list[tuple[str, str]] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parsed(cls, lines: list[str]) -> Comment:
        comment = cls()
        paragraphs: list[str] = [""]
        fence: list[str] | None = None
        current = ""
        for line in lines:
            text = line.strip()
            if text.startswith("```"):
                if fence is None:
                    fence = [text[3:].strip()]
                    paragraphs.append("")
                else:
                    comment.fences.append((fence[0], "\n".join(fence[1:])))
                    fence = None
            elif fence is not None:
                fence.append(line)
            elif match := re.match(r"- (Parameters?|Returns|Throws|Precondition|Complexity)\b ?(\w*):\s*(.*)", text):
                kind, name, rest = match.groups()
                current = f"{kind} {name}".strip()
                if name:
                    comment.parameters[name] = rest
                comment.fields[current] = rest
                paragraphs.append(rest)
            elif current == "Parameters" and (match := re.match(r"- (\w+):\s*(.*)", text)):
                comment.parameters[match[1]] = match[2]
                paragraphs.append(match[2])
            elif not text:
                paragraphs.append("")
                current = current if current == "Parameters" else ""
            else:
                paragraphs[-1] = f"{paragraphs[-1]} {text}".strip()
                if current:
                    comment.fields[current] = f"{comment.fields[current]} {text}".strip()
        paragraphs = [paragraph for paragraph in paragraphs if paragraph]
        comment.summary = paragraphs[0] if paragraphs and not _is_field(lines) else ""
        comment.prose = "\n".join(paragraphs)
        return comment

    @property
    def has_equation(self) -> bool:
        return any(not language for language, _ in self.fences)

    @property
    def has_source(self) -> bool:
        return bool(re.search(r"^Source:", self.prose, re.MULTILINE) or re.search(r"\b(?:19|20)\d\d\b", self.prose))

    @property
    def has_cost(self) -> bool:
        return bool(self.fields.get("Complexity")) or bool(re.search(r"^Cost:", self.prose, re.MULTILINE))

    @property
    def has_shape(self) -> bool:
        return bool(re.search(r"`[^`]*\[[^`\]]+\][^`]*`", self.prose))


def _is_field(lines: list[str]) -> bool:
    return bool(lines) and lines[0].lstrip().startswith("- ")


@dataclass
class Symbol:
    """A public symbol that we have written."""

    identifier: str
    kind: str
    path: list[str]
    place: tuple[str, int, int]
    comment: Comment
    parameters: list[str]
    returns: str
    fragments: str

    @property
    def name(self) -> str:
        return ".".join(self.path)

    @property
    def is_bulky(self) -> bool:
        made = self.kind == "swift.init" and self.path[-2] in BULK
        return made or any(name in BULK for name in re.findall(r"\b\w+\b(?!\.)", self.fragments))

    @property
    def body(self) -> str | None:
        """What it does; None where that does not stand there."""
        if self.kind not in CALLABLE + PROPERTY:
            return None
        path, line, column = self.place
        return _file(path).body(line, column)


@lru_cache(maxsize=None)
def _file(path: str) -> SwiftFile:
    return SwiftFile(ROOT / path)


class Graph:
    """The symbols of a module and how they hang together."""

    def __init__(self, folder: Path) -> None:
        graphs = [json.loads(path.read_text()) for path in sorted(folder.glob("*.symbols.json"))]
        found = [symbol for graph in graphs for symbol in graph["symbols"]]
        names = {symbol["identifier"]["precise"]: symbol["pathComponents"] for symbol in found}
        relationships = [relationship for graph in graphs for relationship in graph["relationships"]]
        self._conforming: dict[str, set[str]] = {}
        # The requirement that a symbol meets, and those that are requirements themselves.
        origins: dict[str, str] = {}
        self._requirements: set[str] = set()
        for relationship in relationships:
            source, target = relationship["source"], relationship["target"]
            if relationship["kind"] == "conformsTo":
                name = names.get(target, [relationship.get("targetFallback", "")])[-1]
                self._conforming.setdefault(source, set()).add(name)
            elif relationship["kind"] in ("requirementOf", "optionalRequirementOf"):
                self._requirements.add(source)
            elif relationship["kind"] == "defaultImplementationOf":
                origins[source] = target
            if origin := relationship.get("sourceOrigin"):
                origins[source] = origin["identifier"]
        self.symbols: list[Symbol] = []
        comments: dict[str, Comment] = {}
        for symbol in found:
            identifier = symbol["identifier"]["precise"]
            lines = [line["text"] for line in symbol.get("docComment", {}).get("lines", [])]
            comments[identifier] = Comment.parsed(lines)
            is_ours = "location" in symbol and "::SYNTHESIZED::" not in identifier
            if is_ours and (origins.get(identifier, identifier) in names):
                self.symbols.append(_symbol(symbol, comments[identifier]))
        self._comments = comments
        # What a symbol need not repeat: the comment of the requirement that it meets.
        self._inherited = {source: comments[target] for source, target in origins.items() if target in comments}
        self._rules_by_case = {
            symbol.path[-1] for symbol in self.symbols
            if symbol.kind == "swift.enum" and symbol.path[-1] in RULES and not symbol.comment.has_equation
        }

    def lacks(self, symbol: Symbol) -> list[str]:
        comment, inherited = symbol.comment, self._inherited.get(symbol.identifier)
        if not comment.summary:
            return ["no comment"]
        lacks = []
        if not re.search(r"\.\)?$", comment.summary):
            lacks.append("no full stop after the summary")
        both = [comment, *([inherited] if inherited else [])]
        lacks += [f"parameter {name}" for name in symbol.parameters if not any(part.parameters.get(name) for part in both)]
        if symbol.returns and not any(_says_what_is_returned(part) for part in both):
            lacks.append("returns")
        if re.search(r"\b(?:re)?throws\b", symbol.fragments) and not any(part.fields.get("Throws") for part in both):
            lacks.append("throws")
        body = None if symbol.identifier in self._requirements else symbol.body
        if body and self._has_condition(body) and not any(part.fields.get("Precondition") for part in both):
            lacks.append("precondition")
        if self._needs_shape(symbol) and not any(part.has_shape for part in both):
            lacks.append("shape")
        if self._needs_cost(symbol, body) and not any(part.has_cost for part in both):
            lacks.append("cost")
        return lacks + self._lacks_of_type(symbol)

    def _lacks_of_type(self, symbol: Symbol) -> list[str]:
        comment, lacks, name = symbol.comment, [], symbol.path[-1]
        if symbol.kind == "swift.enum.case":
            if symbol.path[-2] in self._rules_by_case and not (comment.has_equation or "`" in comment.prose):
                lacks.append("equation")
            return lacks
        if symbol.kind not in ("swift.struct", "swift.enum", "swift.class", "swift.protocol"):
            return lacks
        conforming = self._conforming.get(symbol.identifier, set())
        is_cell_or_optimizer = bool(conforming & set(EQUATION_PROTOCOLS))
        needs_equation = is_cell_or_optimizer or name.endswith(EQUATION_ENDINGS) or name in EQUATIONS
        if needs_equation and name not in RULES and not comment.has_equation:
            lacks.append("equation")
        if (is_cell_or_optimizer or name in SOURCES) and not comment.has_source:
            lacks.append("source")
        if is_cell_or_optimizer and not comment.has_cost:
            lacks.append("cost")
        if "RecurrentCell" in conforming and not comment.has_shape:
            lacks.append("shape")
        return lacks

    @staticmethod
    def _has_condition(body: str) -> bool:
        return any(not re.search(r"\btry\s+(?:Self\.)?$", body[: match.start()]) for match in CONDITION.finditer(body))

    @staticmethod
    def _needs_shape(symbol: Symbol) -> bool:
        if any(name in ANY_SHAPE for name in symbol.path[:-1]):
            return False
        if symbol.kind in PROPERTY:
            return bool(re.search(r"\bTensor\b|\[\[|Pointer<Float>", symbol.fragments))
        return symbol.kind in CALLABLE and bool(re.search(r"\bTensor\b|\[\[", symbol.fragments))

    @staticmethod
    def _needs_cost(symbol: Symbol, body: str | None) -> bool:
        if symbol.kind not in CALLABLE + PROPERTY:
            return False
        work = None if body is None else re.sub(r"\bfor\b[^\n{]*\{\s*\}", "", ASKING.sub("", body))
        if symbol.kind in CALLABLE and symbol.is_bulky and (work is None or "(" in work):
            return True
        return bool(work and LOOP.search(work))


def _says_what_is_returned(comment: Comment) -> bool:
    if comment.fields.get("Returns"):
        return True
    first = re.match(r"\w*", comment.summary)
    is_verb = first is not None and re.fullmatch(r"[A-Z][a-z]+s", first[0]) and first[0] not in NOUNS
    return not is_verb or bool(re.search(r"\breturns\b|\bsays\b", comment.summary))


def _symbol(symbol: dict[str, Any], comment: Comment) -> Symbol:
    location = symbol["location"]
    path = Path(urllib.parse.unquote(urllib.parse.urlsplit(location["uri"]).path)).relative_to(ROOT)
    signature = symbol.get("functionSignature", {})
    kind = symbol["kind"]["identifier"]
    fragments = "".join(fragment["spelling"] for fragment in symbol["declarationFragments"])
    returns = "".join(fragment["spelling"] for fragment in signature.get("returns", []))
    return Symbol(
        identifier=symbol["identifier"]["precise"], kind=kind, path=symbol["pathComponents"],
        place=(str(path), location["position"]["line"], location["position"]["character"]), comment=comment,
        parameters=[parameter.get("internalName", parameter["name"]) for parameter in signature.get("parameters", [])],
        returns="" if kind == "swift.init" or returns in ("()", "Void", "Self") else returns, fragments=fragments,
    )
