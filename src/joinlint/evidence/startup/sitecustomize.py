"""Found first on the path of a recorded program and of each of its children: loads the recorder, then the real
sitecustomize."""

import os
import sys
from importlib.machinery import PathFinder, SourceFileLoader

_HERE = os.path.dirname(os.path.abspath(__file__))
# multiprocessing's helper that removes what is left over runs nothing of the program.
_IS_TRACKER = any("multiprocessing.resource_tracker import main" in a for a in getattr(sys, "orig_argv", ()))


def _run_the_next_one() -> None:
    spec = PathFinder.find_spec("sitecustomize", sys.path)
    if spec is not None and spec.loader is not None:
        from importlib.util import module_from_spec

        spec.loader.exec_module(module_from_spec(spec))


def _load_recorder() -> None:
    # Without importlib.util, which would cost each child more than all else here.
    path = os.path.join(os.path.dirname(_HERE), "recorder.py")
    code = SourceFileLoader("_joinlint_recorder", path).get_code("_joinlint_recorder")
    module = sys.modules["_joinlint_recorder"] = type(sys)("_joinlint_recorder")
    module.__file__ = path
    if code is not None:
        exec(code, module.__dict__)


# The program sees its own path; children find this folder by the environment.
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != _HERE]
_run_the_next_one()
if "JOINLINT_RECORD" in os.environ and not _IS_TRACKER:
    _load_recorder()
