"""The rules of this tree. A rule is a function: sources in, findings out. Each has a fixture that shows it failing."""

import os
import re
from dataclasses import dataclass

MAX_FILE_LINES = 800
MAX_FUNCTION_LINES = 70
HEAVY_HEADERS = {
    "chrono", "iostream", "sstream", "regex", "filesystem", "thread", "random", "fmt/format.h",
}
# The contract headers of io carry move-only callbacks; nobody else's header pays for <functional>.
FUNCTIONAL_ALLOWED = ("src/io/", "src/engine/routing/")


@dataclass
class Finding:
    rule: str
    path: str
    line: int
    text: str


def product(source):
    return source.path.startswith("src/")


def is_cpp(source):
    return source.path.endswith((".h", ".cc"))


def is_test(source):
    """Tests, and what only tests include: test_*.h, *test_support.h and their .cc."""
    stem = os.path.basename(source.path).split(".")[0]
    return stem.endswith(("_test", "_fuzz", "test_support")) or stem.startswith("test_") or source.path.startswith("tests/")


def each_code_line(source, pattern):
    for number, line in enumerate(source.code_lines, 1):
        if re.search(pattern, line):
            yield number


# -- layers ----------------------------------------------------------------------------------------------------------


def read_floors(text):
    floors = {}
    for line in text.split("\n"):
        line = line.split("#")[0].strip()
        if line:
            room, _, seen = line.partition(":")
            floors[room.strip()] = seen.split()
    return floors


def room_of(path, floors):
    """The room a path under src/ lies in: the longest declared name that covers it."""
    best = None
    for room in floors:
        if path.startswith(room + "/") and (best is None or len(room) > len(best)):
            best = room
    return best


def floors(source, table):
    if not product(source) or not is_cpp(source):
        return
    room = room_of(source.path[len("src/"):], table)
    if room is None:
        yield Finding("floors", source.path, 1, "lies in no room of build_support/floors.txt: add the room or move the file")
        return
    extra = ["io/linux", "io/sim"] if is_test(source) else []
    for number, included in source.includes():
        if included.startswith("tests/fuzz/") and is_test(source):
            continue
        target = room_of(included, table)
        if target is None or target == room:
            if target is None:
                yield Finding("floors", source.path, number, f'"{included}" is not written from src/ on, or lies in no room')
            continue
        if not any(target == seen or target.startswith(seen + "/") and seen != "io" for seen in table[room] + extra):
            yield Finding("floors", source.path, number, f"{room} may not see {target} (build_support/floors.txt)")


# -- sizes -----------------------------------------------------------------------------------------------------------


def sizes(source, ratchet):
    if not source.path.endswith((".h", ".cc", ".py", ".sh", ".java", ".inc")):
        return
    count = len(source.lines) - 1
    if count > ratchet.get(source.path, MAX_FILE_LINES):
        yield Finding("sizes", source.path, 1, f"{count} lines; {MAX_FILE_LINES} at most: a second obvious file is better")
    for function in source.functions:
        allowed = ratchet.get(f"{source.path}:{function.name}", MAX_FUNCTION_LINES)
        if function.lines > allowed:
            yield Finding("sizes", source.path, function.line,
                          f"{function.name} has {function.lines} lines; {MAX_FUNCTION_LINES} at most")


# -- what hides time, chance and threads -----------------------------------------------------------------------------

OUTSIDE_WORLD = ("src/io/linux/", "src/node/format", "src/node/process", "src/node/scripts", "sim/runner/", "bench/", "tests/")


def outside_world(source):
    if not is_cpp(source) or source.path.startswith(OUTSIDE_WORLD) or is_test(source):
        return
    banned = [
        (r"_clock::now\b|\bclock_gettime\b|\bgettimeofday\b|\btime\(nullptr\)", "reads a clock: take `Instant now` as an argument"),
        (r"\brand\(|\brandom_device\b|\bmt19937\b|\bgetrandom\b", "draws chance: take a seeded Random"),
        (r"\bgetenv\b", "reads the environment: node/config does, and hands values down"),
        (r"\bstd::thread\b|\bstd::jthread\b|\bpthread_create\b", "starts a thread: only io/linux does"),
        (r"\bthread_local\b", "is ambient state: pass it at construction"),
    ]
    allowed_env = source.path.startswith("src/node/config")
    for pattern, why in banned:
        if allowed_env and "getenv" in pattern:
            continue
        for number in each_code_line(source, pattern):
            yield Finding("outside-world", source.path, number, why)


def sleeping(source):
    if source.path.startswith(("tests/blackbox/", "tests/interop/", "tests/hostile/", "tests/differential/", "tests/support/", "tests/docs/", "bench/", "build_support/tidy/")):
        return
    pattern = r"\bsleep_for\b|\bsleep_until\(std|\busleep\(|\bnanosleep\(|(?<![\w.])sleep\(|\btime\.sleep\("
    for number, line in enumerate((source.code or source.text).split("\n"), 1):
        if re.search(pattern, line):
            yield Finding("sleeping", source.path, number, "sleeps: wait on an observable, or let the reactor's timer do it")


# -- coroutines ------------------------------------------------------------------------------------------------------


def coroutine_shape(source):
    # tests/toolchain asks the compiler for the shapes that we do not use.
    if not is_cpp(source) or source.path.startswith("tests/toolchain/"):
        return
    driver = ("src/io/", "src/link/", "src/engine/", "src/server/", "src/node/", "src/client/", "sim/", "bench/", "tests/")
    for match in re.finditer(r"\bco_(?:await|return|yield)\b[^;]*;", source.code):
        line = source.code.count("\n", 0, match.start()) + 1
        statement = match.group(0)
        if source.code[: match.start()].rstrip().endswith("operator"):
            continue
        if not source.path.startswith(driver):
            yield Finding("coroutine-shape", source.path, line, "a coroutine below the driver floors: machines decide, drivers wait")
        if not statement.startswith("co_await"):
            continue
        start = max(source.code.rfind(";", 0, match.start()), source.code.rfind("{", 0, match.start()),
                    source.code.rfind("}", 0, match.start()))
        whole = source.code[start + 1 : match.end()]
        body = whole.split("co_await", 1)[1]
        if re.search(r"(^|[(,=\s])\[[^\]]*\]\s*[({]", body) or "{" in body or "?" in whole:
            yield Finding("coroutine-shape", source.path, line,
                          "one shape only: `auto x = co_await f(named, args);` (no lambda, braces or ?: in the statement)")


# -- headers ---------------------------------------------------------------------------------------------------------


def headers(source):
    if not source.path.endswith(".h"):
        return
    if not source.text.lstrip().startswith("//"):
        yield Finding("header-contract", source.path, 1, "starts without a comment: say what it is, who owns it, units, limits, errors")
    if "#pragma once" not in source.text:
        yield Finding("header-contract", source.path, 1, "lacks #pragma once")
    for number, included in source.system_includes():
        if included in HEAVY_HEADERS or included.startswith(("boost/", "openssl/", "spdlog/", "nlohmann/json.hpp", "CLI/")):
            yield Finding("heavy-header", source.path, number, f"<{included}> in a header: every reader pays; move it to the .cc")
        if included == "functional" and not source.path.startswith(FUNCTIONAL_ALLOWED):
            yield Finding("heavy-header", source.path, number, "<functional> in a header: an interface or a template parameter is lighter")
    if not product(source) or source.path.startswith("src/foundation/wire/"):  # there a bool is a value to write
        return
    for match in re.finditer(r"[(,]\s*bool\s+\w+\s*(?:=[^,)]*)?[,)]", source.code):
        line = source.code.count("\n", 0, match.start()) + 1
        yield Finding("boolean-parameter", source.path, line, "a boolean parameter: two functions, an enum, or an options struct")


# -- language --------------------------------------------------------------------------------------------------------


def errors_are_values(source):
    if not product(source) or not is_cpp(source) or is_test(source) or source.path.startswith("src/node/config"):
        return
    for number in each_code_line(source, r"\bthrow\b"):
        yield Finding("errors-are-values", source.path, number, "throws: return a Result; only node/config may throw")
    for number in each_code_line(source, r"\bcatch\s*\(\s*\.\.\.\s*\)"):
        yield Finding("errors-are-values", source.path, number, "catches everything: name what is expected")


def version_numbers(source):
    if not product(source) or not is_cpp(source) or is_test(source):
        return
    if source.path.startswith(("src/protocol/", "src/foundation/wire/")):
        return
    for number in each_code_line(source, r"\bversion\w*(?:\(\))?\s*(?:>=|<=|==|<|>)\s*\d"):
        yield Finding("version-number", source.path, number, "compares a version: a named predicate in protocol/api says what it means")


def silent_default(source):
    if not product(source) or not is_cpp(source):
        return
    for match in re.finditer(r"\bdefault\s*:\s*(?:break|return)\s*;", source.code):
        line = source.code.count("\n", 0, match.start()) + 1
        yield Finding("silent-default", source.path, line, "a default that hides new cases: list them, or say what is dropped and why")


def unordered_iteration(source, by_path):
    """Rule L5: nothing that decides or drives walks a hash map in address order."""
    if not source.path.startswith(("src/machines/", "src/engine/", "src/server/")) or not is_cpp(source) or is_test(source):
        return
    texts = [source.code]
    header = source.path[: -len(".cc")] + ".h" if source.path.endswith(".cc") else None
    if header in by_path:
        texts.append(by_path[header].code)
    names = set()
    for text in texts:
        for match in re.finditer(r"\b(?:flat_hash_(?:map|set)|node_hash_(?:map|set)|unordered_(?:map|set))<[^;{}()]*>\s+(\w+)\s*[;={]", text):
            names.add(match.group(1))
    for number, line in enumerate(source.code_lines, 1):
        found = re.search(r"\bfor\s*\([^;]*:\s*\*?(?:\w+(?:\.|->))*(\w+)\s*\)", line)
        if found and found.group(1) in names and "any order" not in source.lines[number - 1]:
            yield Finding("unordered-iteration", source.path, number,
                          f"walks the hash map {found.group(1)}: use an ordered container, or end the line with `// any order: why`")


def names(source):
    parts = source.path.split("/")
    stem = os.path.splitext(parts[-1])[0]
    if source.path.startswith(("src/", "sim/", "bench/", "tests/")):
        for part in parts[:-1] + [stem]:
            if part in ("util", "utils", "common", "helpers", "helper", "misc"):
                yield Finding("names", source.path, 1, f"`{part}` has no owner: let it live with its user, or in base by base's rule")
    if is_cpp(source):
        for number, line in enumerate(source.code_lines, 1):
            found = re.search(r"\b(?:class|struct)\s+(\w*(?:Manager|Helper|Util|Utils))\b[^;]*\{", line)
            if found:
                yield Finding("names", source.path, number, f"{found.group(1)}: say what it decides or owns")
        for match in re.finditer(r'TEST_CASE\("([^"]*)"', source.text):
            if len(match.group(1).split()) < 3:
                line = source.text.count("\n", 0, match.start()) + 1
                yield Finding("names", source.path, line, f'"{match.group(1)}" says nothing when it fails: write a sentence')


def words(source, forbidden):
    """docs/words.md: one word per idea; the right-hand words are not written in code."""
    if not product(source) or not is_cpp(source):
        return
    for number, line in enumerate(source.code_lines, 1):
        for wrong, right in forbidden.items():
            if re.search(rf"\b{re.escape(wrong)}\b", line):
                yield Finding("words", source.path, number, f"`{wrong}`: this tree says `{right}` (docs/words.md)")


def rule_numbers(source, known):
    """A comment may cite `rule L4` only when docs/rules.md says what that is."""
    if source.path.startswith("build_support/tidy/"):
        return
    for number, line in enumerate(source.lines, 1):
        for cited in re.findall(r"(?:\b[Rr]ule |//.*\()([A-Z]\d{1,2})\b(?!\.)", line):
            if cited not in known:
                yield Finding("rule-number", source.path, number, f"cites {cited}, which docs/rules.md does not know")


def unfinished(source):
    if source.path.startswith("build_support/tidy/"):
        return
    for number, line in enumerate(source.lines, 1):
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))", line) and not source.path.endswith(".md"):
            yield Finding("unfinished", source.path, number, "an open end without its issue: `TODO(#12)`, or finish it")


def this_tree_alone(source):
    if source.path.startswith("build_support/tidy/"):
        return
    for number, line in enumerate(source.lines, 1):
        if re.search(r"(?<![\w.~$}/-])/(?:work|root|home)/", line):
            yield Finding("this-tree-alone", source.path, number, "a path of one machine")


def links(source, exists):
    if not source.path.endswith(".md"):
        return
    folder = os.path.dirname(source.path)
    for number, line in enumerate(source.lines, 1):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", line):
            if "://" in target or target.startswith("mailto:"):
                continue
            if not exists(os.path.normpath(os.path.join(folder, target))):
                yield Finding("links", source.path, number, f"links to {target}, which is not there")
