"""What in a loop shows that one worker a round is meant: one predicate for each kind of intent.

Each takes a Round and says whether its loop shows that intent.
"""

from __future__ import annotations

from collections.abc import Callable

from joinlint.analysis.facts.dependence import base_names, carries_state, changes, handed, names_in, target_of
from joinlint.analysis.serial.rounds import Round, begin, end, exits, within
from joinlint.program import ir, models
from joinlint.program.index import Program
from joinlint.program.modules import FunctionKey


def intents(kind: str) -> tuple[Callable[[Round], bool], ...]:
    """All kinds of intent that a loop with one worker of that kind a round may show, the cheap ones first."""
    if kind in models.POOLS | models.EXECUTORS:
        return (leaves_afterwards, asks_the_user, keeps_a_pace, differs_by_round, checks_the_round, is_run_elsewhere)
    return (
        leaves_afterwards,
        looks_at_the_end,
        checks_the_round,
        repeats_a_test,
        compares_contexts,
        asks_the_user,
        keeps_a_pace,
        runs_stages,
        looks_at_results_first,
        next_round_needs_result,
        works_meanwhile,
        is_run_elsewhere,
        goes_on_from_shared_state,
    )


def leaves_afterwards(around: Round) -> bool:
    """Retry, search: what comes after the start may leave the loop."""
    return any(not around.is_before(where) for where in exits(around))


def looks_at_the_end(around: Round) -> bool:
    """Supervision: the round asks how the worker ended, ends it, or waits for a sign."""
    watched = {"exitcode", "terminate", "kill", "is_set", "wait"}
    return any(isinstance(n, ir.Attribute) and n.attr in watched for n in (*around.nodes, *around.helper_nodes))


def checks_the_round(around: Round) -> bool:
    """A test of what the round has done: an assert, `self.assertEqual(…)`, `with self.subTest(…)`."""
    if any(isinstance(n, ir.Assert) and not around.is_before(n.where) for n in around.nodes):
        return True
    names = (ir.word(call.func).lower() for call in around.calls)
    return any(name.startswith("assert") or name == "subtest" for name in names)


def repeats_a_test(around: Round) -> bool:
    """A test that does the same again and again, to see whether something is left behind or goes wrong once."""
    if not (isinstance(around.loop, ir.For) and _is_test(around.starters[0][1])):
        return False
    names = base_names(around.loop.target)
    used = names & {n for node in around.nodes if isinstance(node, ir.Name) for n in names_in(node)}
    if not used:
        return True
    # `for t in threads:` over a list of workers that are all alike
    return not around.is_inline and used <= _names_of_worker(around) and not handed(around.site)


def compares_contexts(around: Round) -> bool:
    """Each round takes its process from another context: one start method after the other is tried."""
    func = around.site.call.func
    return around.is_inline and isinstance(func, ir.Attribute) and bool(names_in(func.value) & around.fresh)


def differs_by_round(around: Round) -> bool:
    """Each round needs a pool of its own: of another size, with another start method or initializer."""
    made = around.site.call
    given = {n for value in (*made.args, *(k.value for k in made.keywords)) for n in names_in(value)}
    if around.is_inline:
        return bool((given | names_in(made.func)) & around.fresh)
    function = around.program.modules[around.site.module].functions.get(around.site.scope)
    return function is not None and bool(given & function.bound)


def asks_the_user(around: Round) -> bool:
    """The user says when it goes on."""
    return any(ir.word(call.func) in {"input", "confirm", "prompt", "getpass"} for call in around.calls)


def keeps_a_pace(around: Round) -> bool:
    """A schedule, a back-off: the rounds are set apart by pauses while nothing runs.  One of less than a second only
    lets things settle."""
    if isinstance(around.loop, ir.Comprehension):
        return False
    pauses = [call for call in around.calls if ir.word(call.func) == "sleep" and not _is_short(call)]
    waiting = _waiting_loop(around)
    while_waiting = {id(n) for n in ir.walk(waiting)} if waiting is not None else set()
    return any(not around.is_between(call.where) and id(call) not in while_waiting for call in pauses)


def runs_stages(around: Round) -> bool:
    """`for stage in (fetch, unpack, index):`, where each is run: the order of a list written out may matter."""
    loop, target = around.loop, target_of(around.site)
    return (
        isinstance(loop, ir.For)
        and isinstance(loop.iterable, ir.Display)
        and isinstance(loop.target, ir.Name)
        and isinstance(target, ir.Name)
        and loop.target.id == target.id
        and around.is_inline
        and not handed(around.site)
    )


def looks_at_results_first(around: Round) -> bool:
    """Whether the round starts a worker depends on what those before it have done."""
    tests = [n.test for n in around.nodes if isinstance(n, (ir.If, ir.While)) and around.is_before(n.where)]
    if isinstance(around.loop, ir.While):
        tests.append(around.loop.test)
    assigned = _results(around)
    return any(assigned & names_in(test) or _looks_into(test, around.lasting) for test in tests)


def next_round_needs_result(around: Round) -> bool:
    """The worker is given something that the round before it has changed after its own start."""
    changed = _results(around)
    for call in around.calls:
        if not around.is_before(call.where) and any(_reads(around, value) for value in call.args):
            changed |= changes(call)
    return bool(around.given_names & changed)


def works_meanwhile(around: Round) -> bool:
    """The worker serves the round: between its start and the wait, something else is done than to wait."""
    level = 0
    same = min(len(around.starting), len(around.joining)) - 1
    while level < same and around.starting[level] == around.joining[level]:
        level += 1
    if level and around.starters[level] != around.joiners[level]:
        return False
    first, last = around.starting[level], around.joining[level]
    nodes = (
        around.nodes
        if level == 0
        else around.program.own_nodes(around.program.modules[around.starters[level][0]], around.starters[level][1])
    )
    waiting = next((n for n in nodes if isinstance(n, ir.While) and n.where == last), None)
    inside = {id(n) for n in ir.walk_own(waiting.body)} if waiting is not None else set()
    for node in nodes:
        if isinstance(node, ir.Call) and ir.word(node.func) not in _IDLE:
            if id(node) in inside or (end(first) <= begin(node.where) and begin(node.where) < begin(last)):
                return True
    return False


def is_run_elsewhere(around: Round) -> bool:
    """The function that starts and waits is not run to its end in the round: a coroutine that runs beside others, a
    generator, or what a decorator has made of it."""
    chains = ((around.starters, around.starting), (around.joiners, around.joining))
    for functions, statements in chains:
        for caller, statement, callee in zip(functions, statements, functions[1:], strict=False):
            function = around.program.modules[callee[0]].functions.get(callee[1])
            if function is None:
                continue
            if function.is_generator or not _keeps_meaning(function):
                return True
            if function.is_async and not _is_awaited(around.program, caller, statement, callee):
                return True
    return False


def goes_on_from_shared_state(around: Round) -> bool:
    """Every round works on the same object: it goes on from where the last one has left it."""
    return around.is_inline and carries_state(around.program, around.site, set(around.fresh))


# --- what the predicates ask
# ------------------------------------------------------------------------------------------------------------------

# Calls that do no work of their own: they report, note down, or wait for the worker and its result.
_IDLE = frozenset(
    {"print", "debug", "info", "warning", "warn", "error", "exception", "critical", "log", "write", "flush", "echo"}
    | {"secho", "set_postfix", "set_postfix_str", "set_description", "refresh", "update", "advance", "notify"}
    | {"append", "add", "extend", "insert", "setdefault", "put", "set", "format", "join", "str", "len", "repr", "int"}
    | {"time", "perf_counter", "monotonic", "strftime", "now", "sleep", "getpid", "range", "round"}
    | {"get", "recv", "is_alive", "start", "close", "items", "values", "keys"}
)
_ARITHMETIC = frozenset(
    {"datetime.timedelta", "dateutil.relativedelta.relativedelta", "builtins.int", "builtins.float"}
)
_SAME_FUNCTION = frozenset({"staticmethod", "classmethod", "abstractmethod", "override", "final", "wraps"})
_AWAITS = frozenset({"run", "run_until_complete", "wait_for", "shield"})


def _is_test(scope: str) -> bool:
    """Is it a function that a test runner calls, or in one?"""
    return any(part.startswith("test") for part in scope.split("."))


def _names_of_worker(around: Round) -> set[str]:
    """The names whose start() the round calls."""
    return {
        call.func.value.id
        for call in around.calls
        if isinstance(call.func, ir.Attribute) and call.func.attr == "start" and isinstance(call.func.value, ir.Name)
    }


def _results(around: Round) -> set[str]:
    """The names that the round assigns what it reads once the worker is started; a count of rounds is none."""
    found: set[str] = set()
    for node in around.nodes:
        if (
            isinstance(node, (ir.Assign, ir.AugmentedAssign))
            and not around.is_before(node.where)
            and _reads(around, node.value)
        ):
            for target in node.targets if isinstance(node, ir.Assign) else (node.target,):
                found |= base_names(target)
    return found


def _reads(around: Round, value: ir.Expression) -> bool:
    """Is it more than names and arithmetic, which don't need what the worker has done?"""
    match value:
        case ir.Name() | ir.Constant():
            return False
        case ir.BinaryOp(left=left, right=right):
            return _reads(around, left) or _reads(around, right)
        case ir.Call(func=func, args=args, keywords=keywords):
            module, scope = around.starters[0]
            is_arithmetic = bool(around.program.names[module].dotted(func, scope) & _ARITHMETIC)
            return not is_arithmetic or any(_reads(around, v) for v in (*args, *(k.value for k in keywords)))
        case _:
            return True


def _looks_into(test: ir.Expression, names: frozenset[str]) -> bool:
    """Does the test look at what one of the objects holds: `ok.value`, `len(results)`, `queue.empty()`?"""
    for node in ir.walk(test):
        if isinstance(node, (ir.Attribute, ir.Subscript)) and base_names(node) & names:
            return True
        if isinstance(node, ir.Call) and any(names_in(a) & names for a in node.args):
            return True
    return False


def _is_short(pause: ir.Call) -> bool:
    length = pause.args[0] if pause.args else None
    return isinstance(length, ir.Constant) and isinstance(length.value, (int, float)) and length.value < 1


def _waiting_loop(around: Round) -> ir.While | None:
    """`while p.is_alive(): …` in the loop, where that is the wait."""
    return next((n for n in around.nodes if isinstance(n, ir.While) and n.where == around.joining[0]), None)


def _keeps_meaning(function: ir.Function) -> bool:
    """Does a call of the function run it and nothing more, whatever stands above it?"""
    for decorator in function.decorators:
        target = decorator.func if isinstance(decorator, ir.Call) else decorator
        if ir.word(target) not in _SAME_FUNCTION:
            return False
    return True


def _is_awaited(program: Program, caller: FunctionKey, statement: ir.Where, callee: FunctionKey) -> bool:
    """Does the caller wait for each call of the coroutine function in the statement?"""
    module, scope = caller
    names = program.names[module]
    waited: set[int] = set()
    made: list[ir.Call] = []
    for node in program.own_nodes(program.modules[module], scope):
        if isinstance(node, ir.Await):
            waited.add(id(node.value))
        elif isinstance(node, ir.Call) and within(node.where, statement):
            if ir.word(node.func) in _AWAITS:
                waited |= {id(a) for a in node.args}
            if callee in program.called(node.func, module, scope, names):
                made.append(node)
    return bool(made) and all(id(call) in waited for call in made)
