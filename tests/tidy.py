"""Style as numbers: checks of source text, each giving its complaints as `line: what is wrong`.

Every check is a pure function of one file's text (or of a list of paths), so that `test_tidy.py` can show on made-up
input that it is able to fail. The words that a check looks for are spelled here with brackets, or it would find itself.
"""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

FUNCTION_LINES_MAX = 60
FILE_LINES_MAX = 400
VAGUE_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "misc"})

Check = Callable[[str], list[str]]
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Documented = _Function | ast.ClassDef


def long_functions(source: str) -> list[str]:
    """Functions longer than one can see at once."""
    functions = (node for node in ast.walk(ast.parse(source)) if isinstance(node, _Function))
    lengths = ((node, (node.end_lineno or node.lineno) - node.lineno + 1) for node in functions)
    return [
        f"{node.lineno}: {node.name} has {lines} lines, {FUNCTION_LINES_MAX} are allowed"
        for node, lines in lengths
        if lines > FUNCTION_LINES_MAX
    ]


def long_file(source: str) -> list[str]:
    """Files longer than one can keep in mind."""
    lines = len(source.splitlines())
    return [f"{lines}: {FILE_LINES_MAX} lines are allowed"] if lines > FILE_LINES_MAX else []


def missing_docstrings(source: str) -> list[str]:
    """Modules, public classes, functions and methods without a docstring."""
    module = ast.parse(source)
    missing = [] if ast.get_docstring(module) else ["1: the module has no docstring"]
    public = (node for node in _public(module) if not ast.get_docstring(node))
    return missing + [f"{node.lineno}: {node.name} has no docstring" for node in public]


def _public(parent: ast.Module | ast.ClassDef) -> Iterator[_Documented]:
    for node in parent.body:
        if isinstance(node, _Documented) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node)


_SUPPRESSION = re.compile(r"#\s*(type:\s*ignore|noqa|pragma:\s*no\s)", re.IGNORECASE)
_EXPLAINED = re.compile(
    r"# (type: ignore\[[a-z-]+(, ?[a-z-]+)*\]|noqa: [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)*|pragma: no (cover|branch))  # \S.*"
)
_WHOLE_FILE = re.compile(r"#\s*(ruff:\s*noqa|flake8:|mypy:)")


def bare_suppressions(source: str) -> list[str]:
    """Checks switched off without naming which, or without saying why; or for a whole file."""
    return [
        f"{number}: name the code and add '  # reason': {comment}"
        for number, comment in _comments(source)
        if _WHOLE_FILE.search(comment) or (_SUPPRESSION.search(comment) and not _EXPLAINED.fullmatch(comment))
    ]


def _comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


_SKIPPING = frozenset({"skip", "skipif", "xfail", "importorskip", "skipTest", "SkipTest", "expectedFailure"})


def skipped_tests(source: str) -> list[str]:
    """Tests that may not run, or may fail."""
    names = ((node.lineno, _last_name(node)) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.expr))
    return [f"{line}: {name}: a test runs or is not there" for line, name in names if name in _SKIPPING]


def _last_name(node: ast.expr) -> str | None:
    return node.attr if isinstance(node, ast.Attribute) else None


def _found(pattern: str, complaint: str) -> Check:
    compiled = re.compile(pattern)

    def check(text: str) -> list[str]:
        lines = enumerate(text.splitlines(), start=1)
        return [f"{number}: {complaint}: {found[0]}" for number, line in lines if (found := compiled.search(line))]

    check.__doc__ = complaint
    return check


postponed = _found(r"\b(TO[D]O|FIX[M]E|X[X]X)\b", "an open end; do it or file it")
machine_paths = _found(
    r"(?<![\w.~$*})-])/(wor[k]|roo[t]|far[m]|hom[e]/\w+|User[s]/\w+)(?=/|\s|$|['\"`])", "a path of one machine"
)
package_indexes = _found(
    r"index[-]url|https?://[^ ]*/simpl[e]\b|pyp[i]\.\w|pythonhoste[d]|npmj[s]|deb\.debia[n]", "a package index"
)


def vague_names(paths: Iterable[str]) -> list[str]:
    """Modules and packages whose names say nothing."""
    parts = ((path, PurePosixPath(path).with_suffix("").parts) for path in paths)
    return [f"{path}: name it after what it does" for path, names in parts if VAGUE_NAMES & set(names)]


def unmirrored(paths: Iterable[str], exceptions: Mapping[str, str]) -> list[str]:
    """Modules of the package without a test file of their own, and exceptions that nothing needs any more.

    Args:
        paths: Every file of the repository, relative to its root.
        exceptions: Modules that need no test file, each with the reason.
    """
    there = set(paths)
    modules = {path for path in there if path.startswith("turnserver/") and path.endswith(".py")}
    alone = {path for path in modules if not path.endswith("__init__.py") and mirror(path) not in there}
    missing = [f"{path}: {mirror(path)} is missing" for path in sorted(alone - set(exceptions))]
    return missing + [f"{path}: not an exception any more" for path in sorted(set(exceptions) - alone)]


def mirror(module: str) -> str:
    """The test file of a module: `turnserver/wire/paths.py` has `tests/wire/test_paths.py`."""
    path = PurePosixPath(module)
    return str(PurePosixPath("tests", *path.parent.parts[1:], f"test_{path.name}"))
