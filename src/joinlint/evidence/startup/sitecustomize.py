"""Found first on the path of a recorded program and of each of its children: loads the recorder, then the real
sitecustomize."""

import importlib.machinery
import importlib.util
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
# multiprocessing's helper that removes what is left over runs nothing of the program.
_IS_TRACKER = any("multiprocessing.resource_tracker import main" in a for a in getattr(sys, "orig_argv", ()))


def _run_file(name: str, path: str) -> None:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is not None and spec.loader is not None:
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)


def _run_the_next_one() -> None:
    others = [entry for entry in sys.path if os.path.abspath(entry or ".") != _HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


_run_the_next_one()
if "JOINLINT_RECORD" in os.environ and not _IS_TRACKER:
    _run_file("_joinlint_recorder", os.path.join(os.path.dirname(_HERE), "recorder.py"))
    if os.environ.get("JOINLINT_HOLD", "").startswith("tasks"):
        _run_file("_joinlint_pool_recorder", os.path.join(os.path.dirname(_HERE), "pool_recorder.py"))
    if os.environ.get("JOINLINT_HOLD") == "drain":
        _run_file("_joinlint_drain_recorder", os.path.join(os.path.dirname(_HERE), "drain_recorder.py"))
    if os.environ.get("JOINLINT_HOLD") == "threads":
        _run_file("_joinlint_thread_recorder", os.path.join(os.path.dirname(_HERE), "thread_recorder.py"))
