"""What a confirmation says, as a JSON object, in plain ASCII; times are seconds since the run began."""

from __future__ import annotations

import json

from joinlint.confirmation.confirm import Confirmation, Confirmed
from joinlint.confirmation.history import Worker
from joinlint.confirmation.observed import Observation
from joinlint.confirmation.runs import Run, Verdict
from joinlint.confirmation.shown import Shown
from joinlint.report.json_report import as_object


def render(confirmation: Confirmation) -> str:
    """The whole object."""
    program = confirmation.program
    whole = {
        "program": {"command": list(program.command), "file": program.script, "folder": program.folder},
        "runs": [_run(run) for run in confirmation.runs],
        "findings": [_finding(confirmed) for confirmed in confirmation.findings],
        "observed": [_observation(observation) for observation in confirmation.observations],
        "not_run_with_hold": {method: list(holds) for method, holds in confirmation.skipped.items()},
    }
    return json.dumps(whole, indent=2) + "\n"


def _run(run: Run) -> dict[str, object]:
    recording = run.recording
    events = {event["event"] for event in recording.events}
    record = "empty" if not events else "cut" if events & {"record full", "recorder failed"} else "complete"
    return {
        "start_method": run.method,
        "hold": run.hold,
        **recording.ending._asdict(),
        "left": list(recording.ending.left),
        "pid": recording.pid,
        "code_ended": run.history.ends_at,
        "record": record,
        "stdout": recording.stdout,
        "stderr": recording.stderr,
    }


def _finding(confirmed: Confirmed) -> dict[str, object]:
    return {
        **as_object(confirmed.finding),
        "confirmed": confirmed.holds,
        "verdicts": [_verdict(verdict) for verdict in confirmed.verdicts],
    }


def _verdict(verdict: Verdict) -> dict[str, object]:
    if verdict.shown is None:
        return {"start_method": verdict.method, "verdict": "not observed", "reason": verdict.why_not}
    evidence = _evidence(verdict.shown)
    return {"start_method": verdict.method, "verdict": "confirmed", "hold": verdict.hold, **evidence}


def _observation(observation: Observation) -> dict[str, object]:
    return {
        "kind": observation.kind,
        "codes": list(observation.codes),
        "filename": observation.filename,
        "row": observation.row,
        "verdicts": [
            {"start_method": method, "verdict": "observed", **_evidence(evidence)}
            for method, evidence in observation.evidence.items()
        ],
    }


def _evidence(evidence: Shown) -> dict[str, object]:
    return {"evidence": evidence.text, "workers": [_worker(worker) for worker in evidence.workers]}


def _worker(worker: Worker) -> dict[str, object]:
    return {
        "kind": worker.kind,
        "pid": worker.ident if worker.kind == "process" else None,
        "parent": worker.parent,
        "filename": worker.file,
        "row": worker.line,
        "daemon": worker.daemon,
        "started": worker.started,
        "target_began": worker.begun,
        "target_ended": worker.ended,
        "raised": worker.raised or None,
        "reaped": worker.reaped,
        "exit_code": worker.exit_code,
        "unjoined_at": worker.left_at,
        "state_then": worker.state or None,
    }
