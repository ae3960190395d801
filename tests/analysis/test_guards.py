"""What a main guard comes to in the script and in the child, and what is said of those that are none."""

from __future__ import annotations

import pytest

from joinlint.pipeline import check_files
from joinlint.program.guards import CHILD, SCRIPT, truth
from joinlint.program.ir import Evaluate
from joinlint.sources import SourceFile
from joinlint.syntax.lower import lower

HEAD = """\
import os, sys
from multiprocessing import Process


def main():
    p = Process(target=print)
    p.start()
    p.join()


"""


@pytest.mark.parametrize(
    ("test", "in_script", "in_child"),
    [
        ('__name__ == "__main__"', True, False),
        ('"__main__" == __name__', True, False),
        ('not __name__ != "__main__"', True, False),
        ('__name__ in ("__main__", "builtins")', True, False),
        ('__name__ in "__main__"', True, False),
        ('"__main__" in __name__', True, False),
        ('"main" in __name__', True, True),
        ('__name__.startswith("__main")', True, False),
        ('__name__.lower() == "__main__"', True, False),
        ('globals()["__name__"] == "__main__"', True, False),
        ('__name__ == "__main__" or __name__ == "main"', True, False),
        ('__name__ == "__main__" or __name__ == "__mp_main__"', True, True),
        ('__name__ == "__main__" and len(sys.argv) > 1', None, False),
        ('__name__ == "__main__" or os.environ.get("FORCE")', True, None),
        ('all([__name__ == "__main__", len(sys.argv) > 1])', None, False),
        ('any([__name__ == "__main__"])', True, False),
        ('(__name__ == "__main__") is True', True, False),
        ('__name__ == "main"', False, False),
        ('not __name__ == "main"', True, True),
        ("__name__", True, True),
        ("__name__ == package", None, None),
        ("__name__.partition(1)", None, None),
        ("__name__.startswith(prefix)", None, None),
        ("__name__ < 3", None, None),
        ("len(__name__) > 3", None, None),
    ],
)
def test_truth(test: str, in_script: bool | None, in_child: bool | None) -> None:
    (statement,) = lower(f"({test})\n", "app.py", "app").body
    assert isinstance(statement, Evaluate)
    assert (truth(statement.value, SCRIPT), truth(statement.value, CHILD)) == (in_script, in_child)


def reports(source: str, filename: str = "app.py") -> list[str]:
    """The codes and messages of JL201 and JL202."""
    (result,) = check_files([SourceFile(filename, HEAD + source)], {"JL201", "JL202"})
    assert result.problem is None
    return [f"{finding.code} {finding.message}" for finding in result.findings]


WORKS = {
    "match": 'match __name__:\n    case "__main__":\n        main()\n',
    "match of several": 'match __name__:\n    case "x" | "__main__":\n        main()\n',
    "set": 'if __name__ in {"__main__", "cli"}:\n    main()\n',
    "two halves": 'if __name__ == "__main__" or __name__ == "main":\n    main()\n',
    "other things decide as well": 'if __name__ == "__main__" or os.environ.get("FORCE"):\n    main()\n',
    "module of the name": 'if sys.modules[__name__] is sys.modules["__main__"]:\n    main()\n',
    "helper": 'def is_script():\n    return __name__ == "__main__"\n\n\nif is_script():\n    main()\n',
    "parameter": 'def enter(name):\n    if name == "__main__":\n        main()\n\n\nenter(__name__)\n',
    "conditional": 'main() if __name__ == "__main__" else None\n',
    "meant for both": 'if __name__ in {"__main__", "__mp_main__"}:\n    0\nif __name__ == "__main__":\n    main()',
}


@pytest.mark.parametrize("source", WORKS.values(), ids=WORKS.keys())
def test_works(source: str) -> None:
    assert reports(source) == []


def test_match_without_a_guard() -> None:
    source = 'match sys.argv[1]:\n    case "run":\n        main()\n'
    assert [r[:5] for r in reports(source)] == ["JL201"]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('if __name__ == "main":\n    main()\n', "`__name__` is never 'main'"),
        ('if __name__ == "__main__()":\n    main()\n', "is never '__main__()'"),
        ('if not __name__ == "main":\n    main()\n', "holds in the child too"),
        ('if "__main__" and sys.argv:\n    main()\n', "is always true"),
        ('if __name__ is "__main__":\n    main()\n', "depends on the Python version"),
        ('if __name__ == "__main__":\n    main()\nelse:\n    sys.exit()\n', "the `else` of this guard"),
        ('if not __name__ == "__main__":\n    sys.exit()\nmain()\n', "this exit also ends"),
        ('if __name__ != "__main__":\n    raise ImportError\nmain()\n', "this exit also ends"),
        ('assert __name__ == "__main__"\nmain()\n', "this assertion also ends"),
        ('if __name__ == "__main__" or __name__ == "__mp_main__":\n    main()\n', "holds there too"),
    ],
)
def test_malformed(source: str, words: str) -> None:
    (report,) = reports(source)
    assert report.startswith("JL202")
    assert words in report


def test_a_package_run_by_its_name_is_not_imported_again() -> None:
    assert reports('if __name__ != "__main__":\n    sys.exit()\nmain()\n', "pkg/__main__.py") == []


def test_names_of_other_modules_are_not_guards() -> None:
    assert reports('if __name__ == "builtins":\n    main()\n') == []


def test_the_branch_for_imports() -> None:
    (report,) = reports('if __name__ == "__main__":\n    print()\nelse:\n    main()\n')
    assert report.startswith("JL201")
    assert "this branch of the guard in line 11 runs on import" in report
