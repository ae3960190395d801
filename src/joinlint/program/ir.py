"""The small program representation that everything after parsing works on.

It keeps what decides the life of a worker: names, attributes, calls, containers and control flow.  Arithmetic,
f-strings and other expressions without a meaning of their own are `Opaque` with their parts.  Nodes compare by
identity, know nothing of LibCST and can be pickled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from joinlint.findings import Position, Span
from joinlint.notebooks.cells import Cell
from joinlint.records import by_identity


class Where(NamedTuple):
    """A place in the program: rows and columns are 1-based, the end is exclusive."""

    row: int
    column: int
    end_row: int
    end_column: int
    module: str


def to_span(where: Where) -> Span:
    """The same place as the span that findings use."""
    return Span(Position(where.row, where.column), Position(where.end_row, where.end_column))


# --- expressions
# -----------------------------------------------------------------------------------------------------------------


@by_identity
class Name:
    id: str


@by_identity
class Attribute:
    value: Expression
    attr: str


@by_identity
class Constant:
    """A literal: str, bytes, int, float, complex, bool, None or Ellipsis."""

    value: object


@by_identity
class Keyword:
    """A keyword argument; `name` is None for `**value`."""

    name: str | None
    value: Expression


@by_identity
class Call:
    """`bracketed` are those of the arguments that stand in parentheses of their own and are no tuple: `f((x))`."""

    func: Expression
    args: tuple[Expression, ...]
    keywords: tuple[Keyword, ...]
    where: Where
    bracketed: tuple[Expression, ...] = ()

    def keyword(self, name: str) -> Expression | None:
        """The value given for the keyword `name`, None where it is not given."""
        return next((k.value for k in self.keywords if k.name == name), None)

    def argument(self, position: int, name: str) -> Expression | None:
        """The argument at 0-based `position` or with the keyword `name`, None where neither is given plainly."""
        if len(self.args) > position and not any(isinstance(a, Starred) for a in self.args[: position + 1]):
            return self.args[position]
        return self.keyword(name)


@by_identity
class Display:
    """A list, tuple or set written out: `kind` is "list", "tuple" or "set"."""

    kind: str
    items: tuple[Expression, ...]
    where: Where


@by_identity
class DictDisplay:
    """A dict written out; a key is None for `**value`."""

    keys: tuple[Expression | None, ...]
    values: tuple[Expression, ...]
    where: Where


@by_identity
class Starred:
    value: Expression


@by_identity
class Subscript:
    """`index` is an `Opaque` for slices."""

    value: Expression
    index: Expression
    is_slice: bool


@by_identity
class Clause:
    """One `for target in iterable if …` of a comprehension."""

    target: Expression
    iterable: Expression
    conditions: tuple[Expression, ...]


@by_identity
class Comprehension:
    """`kind` is "list", "set", "dict" or "generator".  Names bound by it are renamed, so they clash with nothing
    outside."""

    kind: str
    key: Expression | None
    element: Expression
    clauses: tuple[Clause, ...]
    where: Where


@by_identity
class BoolOp:
    is_and: bool
    left: Expression
    right: Expression


@by_identity
class Not:
    value: Expression


@by_identity
class Compare:
    """`left op right`; a chain of comparisons is a BoolOp of these."""

    left: Expression
    op: str
    right: Expression


@by_identity
class BinaryOp:
    left: Expression
    op: str
    right: Expression
    where: Where


@by_identity
class Conditional:
    test: Expression
    body: Expression
    orelse: Expression


@by_identity
class Walrus:
    target: Expression
    value: Expression


@by_identity
class Lambda:
    function: Function


@by_identity
class Await:
    value: Expression


@by_identity
class Yield:
    value: Expression | None
    is_from: bool


@by_identity
class Opaque:
    """Any other expression, known by its parts alone."""

    parts: tuple[Expression, ...]


@by_identity
class Text(Opaque):
    """An f-string: its value is a str whatever its parts are."""


Expression = (
    Name | Attribute | Constant | Call | Display | DictDisplay | Starred | Subscript | Comprehension | BoolOp | Not
    | Compare | BinaryOp | Conditional | Walrus | Lambda | Await | Yield | Opaque
)  # fmt: skip


# --- statements
# ------------------------------------------------------------------------------------------------------------------


@by_identity
class Assign:
    targets: tuple[Expression, ...]
    value: Expression
    where: Where


@by_identity
class AugmentedAssign:
    target: Expression
    op: str
    value: Expression
    where: Where


@by_identity
class Evaluate:
    """An expression used as a statement."""

    value: Expression
    where: Where


@by_identity
class Return:
    value: Expression | None
    where: Where


@by_identity
class Raise:
    value: Expression | None
    where: Where


@by_identity
class Break:
    where: Where


@by_identity
class Continue:
    where: Where


@by_identity
class Assert:
    test: Expression
    where: Where


@by_identity
class Delete:
    targets: tuple[Expression, ...]
    where: Where


@by_identity
class Import:
    """`bindings` are (local name, dotted name it stands for); `stars` the modules of `from … import *`."""

    bindings: tuple[tuple[str, str], ...]
    stars: tuple[str, ...]
    where: Where


@by_identity
class If:
    """`test_where` is the place of the condition alone, `where` that of the `if` line."""

    test: Expression
    body: Block
    orelse: Block
    where: Where
    test_where: Where


@by_identity
class While:
    test: Expression
    body: Block
    orelse: Block
    where: Where
    test_where: Where


@by_identity
class For:
    target: Expression
    iterable: Expression
    body: Block
    orelse: Block
    where: Where


@by_identity
class Handler:
    """`except types as name`; `types` is None for a bare `except:`."""

    types: Expression | None
    name: str | None
    body: Block
    where: Where


@by_identity
class Try:
    body: Block
    handlers: tuple[Handler, ...]
    orelse: Block
    final: Block
    where: Where


@by_identity
class WithItem:
    context: Expression
    target: Expression | None


@by_identity
class With:
    items: tuple[WithItem, ...]
    body: Block
    where: Where


@by_identity
class Case:
    """`irrefutable` is true for `case _` and `case name` without a guard.

    `test` says what a pattern of plain values asks of a plain subject: `subject == value`.
    """

    captures: tuple[str, ...]
    irrefutable: bool
    test: Expression | None
    guard: Expression | None
    body: Block
    where: Where


@by_identity
class Match:
    subject: Expression
    cases: tuple[Case, ...]
    where: Where


@by_identity
class FunctionDef:
    function: Function
    decorators: tuple[Expression, ...]
    where: Where


@by_identity
class ClassDef:
    cls: Class
    decorators: tuple[Expression, ...]
    where: Where


Statement = (
    Assign | AugmentedAssign | Evaluate | Return | Raise | Break | Continue | Assert | Delete | Import | If | While
    | For | Try | With | Match | FunctionDef | ClassDef
)  # fmt: skip
Block = tuple[Statement, ...]


# --- definitions
# -----------------------------------------------------------------------------------------------------------------


@by_identity
class Parameter:
    """`kind` is "plain", "keyword" (keyword-only), "args" (`*name`) or "kwargs" (`**name`)."""

    name: str
    kind: str
    default: Expression | None
    annotation: Expression | None


@by_identity
class Function:
    """A function, method or lambda.

    `scope` is its unique name in the module ("Worker.stop", "main.<locals>.work@12").  `parent` is the scope of the
    enclosing function, None at module level or directly in a class at module level.  `owner` is the scope of the class
    whose body defines it. `bound` are the names that are its own (parameters and whatever its body binds, less what it
    declares global or nonlocal).
    """

    name: str
    scope: str
    parent: str | None
    owner: str | None
    parameters: tuple[Parameter, ...]
    body: Block
    decorators: tuple[Expression, ...]
    is_async: bool
    is_generator: bool
    bound: frozenset[str]
    where: Where

    @property
    def is_method(self) -> bool:
        return self.owner is not None


@by_identity
class Class:
    """A class: `body` holds the statements of its body, method definitions included; `keywords` are those beside its
    bases (`metaclass=…`)."""

    name: str
    scope: str
    parent: str | None
    bases: tuple[Expression, ...]
    body: Block
    where: Where
    keywords: tuple[Keyword, ...] = ()


@by_identity
class Module:
    """A parsed file.  `bound` holds the names that the module's own level binds; `cells` are None but in a notebook."""

    name: str
    filename: str
    is_package: bool
    body: Block
    bound: frozenset[str]
    functions: dict[str, Function]
    classes: dict[str, Class]
    lines: tuple[str, ...]
    cells: tuple[Cell, ...] | None = None

    @property
    def is_notebook(self) -> bool:
        """Is it run cell by cell in a kernel, whose main module no child can import?"""
        return self.cells is not None


MODULE_SCOPE = "<module>"


def parts(node: object) -> tuple[object, ...]:
    """The IR nodes directly inside `node`, field by field; bodies of nested functions and classes count as inside."""
    inner = _PARTS.get(type(node))
    return () if inner is None else inner(node)


def word(node: object) -> str:
    """The identifier of a name, or the last one of an attribute; empty for any other node."""
    return node.id if isinstance(node, Name) else node.attr if isinstance(node, Attribute) else ""


def literal(constant: object) -> str:
    """What the constant looks like in a program, also where it is a number with more digits than Python prints."""
    return hex(constant) if isinstance(constant, int) and abs(constant) >> 64 else repr(constant)


def is_constant(value: Expression | None, constant: object) -> bool:
    """Is it this constant, in so many words?"""
    return isinstance(value, Constant) and value.value == constant


def walk(node: object) -> Iterator[object]:
    """`node` and every IR node below it, nested functions included."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        if (inner := _PARTS.get(type(current))) is not None:
            stack.extend(inner(current)[::-1])


def words(node: object) -> Iterator[str]:
    """The identifiers of the names and attributes in `node`, nested functions included."""
    for inner in walk(node):
        if isinstance(inner, Name):
            yield inner.id
        elif isinstance(inner, Attribute):
            yield inner.attr


def walk_own(block: Block) -> Iterator[object]:
    """Every node of `block` that runs as part of it: bodies of nested functions, lambdas and classes are left out."""
    stack: list[object] = list(reversed(block))
    while stack:
        current = stack.pop()
        yield current
        if not isinstance(current, (Function, Class)) and (inner := _PARTS.get(type(current))) is not None:
            stack.extend(inner(current)[::-1])


def _known(*nodes: object) -> tuple[object, ...]:
    return tuple([node for node in nodes if node is not None])


# A walk spends most of its time here: written out, these take a fifth of what a look at the fields takes.
_PARTS: dict[type, Callable[[Any], tuple[object, ...]]] = {
    Attribute: lambda n: (n.value,),
    Keyword: lambda n: (n.value,),
    Call: lambda n: (n.func, *n.args, *n.keywords),
    Display: lambda n: n.items,
    DictDisplay: lambda n: _known(*n.keys, *n.values),
    Starred: lambda n: (n.value,),
    Subscript: lambda n: (n.value, n.index),
    Clause: lambda n: (n.target, n.iterable, *n.conditions),
    Comprehension: lambda n: _known(n.key, n.element, *n.clauses),
    BoolOp: lambda n: (n.left, n.right),
    Not: lambda n: (n.value,),
    Compare: lambda n: (n.left, n.right),
    BinaryOp: lambda n: (n.left, n.right),
    Conditional: lambda n: (n.test, n.body, n.orelse),
    Walrus: lambda n: (n.target, n.value),
    Lambda: lambda n: (n.function,),
    Await: lambda n: (n.value,),
    Yield: lambda n: _known(n.value),
    Opaque: lambda n: n.parts,
    Text: lambda n: n.parts,
    Assign: lambda n: (*n.targets, n.value),
    AugmentedAssign: lambda n: (n.target, n.value),
    Evaluate: lambda n: (n.value,),
    Return: lambda n: _known(n.value),
    Raise: lambda n: _known(n.value),
    Assert: lambda n: (n.test,),
    Delete: lambda n: n.targets,
    If: lambda n: (n.test, *n.body, *n.orelse),
    While: lambda n: (n.test, *n.body, *n.orelse),
    For: lambda n: (n.target, n.iterable, *n.body, *n.orelse),
    Handler: lambda n: _known(n.types, *n.body),
    Try: lambda n: (*n.body, *n.handlers, *n.orelse, *n.final),
    WithItem: lambda n: _known(n.context, n.target),
    With: lambda n: (*n.items, *n.body),
    Case: lambda n: _known(n.test, n.guard, *n.body),
    Match: lambda n: (n.subject, *n.cases),
    FunctionDef: lambda n: (n.function, *n.decorators),
    ClassDef: lambda n: (n.cls, *n.decorators),
    Parameter: lambda n: _known(n.default, n.annotation),
    Function: lambda n: (*n.parameters, *n.body, *n.decorators),
    Class: lambda n: (*n.bases, *n.body, *n.keywords),
    Module: lambda n: n.body,
}
