"""CPython's syntax tree to program representation, in one walk.

Statements and scopes are here, expressions in `expressions`.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from joinlint import limits
from joinlint.program import ir
from joinlint.syntax.abstract.expressions import BINARY_OPERATORS, ExpressionLowering
from joinlint.syntax.abstract.places import Places
from joinlint.syntax.imports import package_of, source_of
from joinlint.syntax.lowered import Lowered
from joinlint.syntax.too_deep import TooDeep


def lower_abstract(tree: ast.Module, lines: Sequence[str], module_name: str, is_package: bool) -> Lowered:
    """The program of one parsed file; `lines` are its text without their ends, `module_name` is its dotted name.

    Raises TooDeep.
    """
    lowering = Lowering(Places(lines, module_name), module_name, is_package)
    body = lowering.block(tree.body)
    return Lowered(body, lowering.scopes.leave_module(), lowering.functions, lowering.classes)


_Function = ast.FunctionDef | ast.AsyncFunctionDef
_For = ast.For | ast.AsyncFor
_With = ast.With | ast.AsyncWith


class Lowering(ExpressionLowering):
    """The visitor: one method per kind of node, found by the node's type."""

    def __init__(self, places: Places, module_name: str, is_package: bool) -> None:
        super().__init__(places)
        self.functions: dict[str, ir.Function] = {}
        self.classes: dict[str, ir.Class] = {}
        self.package = package_of(module_name, is_package)

    def block(self, statements: Sequence[ast.stmt]) -> ir.Block:
        out: list[ir.Statement] = []
        self._depth += 1
        for statement in statements:
            if self._depth > limits.NESTING:
                raise TooDeep(statement.lineno)
            method = _STATEMENTS.get(type(statement))
            if method is not None and (lowered := method(self, statement)) is not None:
                out.append(lowered)
        self._depth -= 1
        return tuple(out)

    # --- simple statements
    # ---------------------------------------------------------------------------------------------------

    def _assign(self, node: ast.Assign) -> ir.Statement:
        value = self.expression(node.value)
        return ir.Assign(tuple([self.target(target) for target in node.targets]), value, self.where(node))

    def _annotated(self, node: ast.AnnAssign) -> ir.Statement | None:
        if node.value is None:
            if isinstance(node.target, ast.Name):
                self.scopes.bind(node.target.id)
            return None
        value = self.expression(node.value)
        return ir.Assign((self.target(node.target),), value, self.where(node))

    def _augmented(self, node: ast.AugAssign) -> ir.Statement:
        op = BINARY_OPERATORS[type(node.op)]
        return ir.AugmentedAssign(self.target(node.target), op, self.expression(node.value), self.where(node))

    def _evaluate(self, node: ast.Expr) -> ir.Statement | None:
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, (str, bytes)):
            return None  # a docstring
        return ir.Evaluate(self.expression(node.value), self.where(node))

    def _return(self, node: ast.Return) -> ir.Statement:
        return ir.Return(self.optional(node.value), self.where(node))

    def _raise(self, node: ast.Raise) -> ir.Statement:
        return ir.Raise(self.optional(node.exc), self.where(node))

    def _break(self, node: ast.Break) -> ir.Statement:
        return ir.Break(self.where(node))

    def _continue(self, node: ast.Continue) -> ir.Statement:
        return ir.Continue(self.where(node))

    def _assert(self, node: ast.Assert) -> ir.Statement:
        return ir.Assert(self.expression(node.test), self.where(node))

    def _delete(self, node: ast.Delete) -> ir.Statement:
        targets = node.targets
        if len(targets) == 1 and isinstance(targets[0], ast.Tuple):
            targets = targets[0].elts
        return ir.Delete(tuple([self.target(target) for target in targets]), self.where(node))

    def _global(self, node: ast.Global | ast.Nonlocal) -> None:
        for name in node.names:
            self.scopes.declare_outer(name)

    def _import(self, node: ast.Import) -> ir.Statement:
        bindings = []
        for alias in node.names:
            local = dotted = alias.name.partition(".")[0]
            if alias.asname is not None:
                local, dotted = alias.asname, alias.name
            self.scopes.bind(local)
            bindings.append((local, dotted))
        return ir.Import(tuple(bindings), (), self.where(node))

    def _import_from(self, node: ast.ImportFrom) -> ir.Statement:
        source = source_of(node.module or "", node.level, self.package)
        if node.names[0].name == "*":
            return ir.Import((), (source,), self.where(node))
        bindings = []
        for alias in node.names:
            local = alias.asname or alias.name
            self.scopes.bind(local)
            bindings.append((local, f"{source}.{alias.name}" if source else alias.name))
        return ir.Import(tuple(bindings), (), self.where(node))

    # --- compound statements
    # -------------------------------------------------------------------------------------------------

    def _if(self, node: ast.If) -> ir.Statement:
        # An elif chain is a nest of If nodes: built from the end, so that a long one needs no deep recursion.
        links: list[tuple[ast.If, ir.Expression, ir.Block]] = []
        current, rest = node, node.orelse
        while True:
            links.append((current, self.expression(current.test), self.block(current.body)))
            rest = current.orelse
            if len(rest) != 1 or not isinstance(rest[0], ast.If):
                break
            current = rest[0]
        orelse = self.block(rest)
        for link, test, body in reversed(links):
            of_test = self.where(link.test)
            orelse = (ir.If(test, body, orelse, self.places.header(self.where(link), of_test), of_test),)
        (outermost,) = orelse
        return outermost

    def _while(self, node: ast.While) -> ir.Statement:
        test, body = self.expression(node.test), self.block(node.body)
        of_test = self.where(node.test)
        where = self.places.header(self.where(node), of_test)
        return ir.While(test, body, self.block(node.orelse), where, of_test)

    def _for(self, node: _For) -> ir.Statement:
        iterable = self.expression(node.iter)
        target = self.target(node.target)
        where = self.places.header(self.where(node), self.where(node.iter))
        return ir.For(target, iterable, self.block(node.body), self.block(node.orelse), where)

    def _try(self, node: ast.Try) -> ir.Statement:
        body = self.block(node.body)
        handlers = tuple([self._handler(handler) for handler in node.handlers])
        orelse = self.block(node.orelse)
        final = self.block(node.finalbody)
        return ir.Try(body, handlers, orelse, final, _first_word(self.where(node), "try"))

    def _handler(self, node: ast.ExceptHandler) -> ir.Handler:
        types = self.optional(node.type)
        if node.name is not None:
            self.scopes.bind(node.name)
        where = _first_word(self.where(node), "except")
        if node.type is not None:
            where = self.places.header(where, self.where(node.type))
        return ir.Handler(types, node.name, self.block(node.body), where)

    def _with(self, node: _With) -> ir.Statement:
        items = []
        for item in node.items:
            context = self.expression(item.context_expr)
            items.append(ir.WithItem(context, None if item.optional_vars is None else self.target(item.optional_vars)))
        last = node.items[-1]
        where = self.places.header(self.where(node), self.where(last.optional_vars or last.context_expr))
        return ir.With(tuple(items), self.block(node.body), where)

    def _match(self, node: ast.Match) -> ir.Statement:
        subject = self.expression(node.subject)
        cases = []
        for case in node.cases:
            captures = tuple(_captures(case.pattern))
            for name in captures:
                self.scopes.bind(name)
            guard = self.optional(case.guard)
            irrefutable = guard is None and isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
            test = self._case_test(subject, case.pattern)
            where = _first_word(self.places.before(self.where(case.pattern), "case"), "case")
            cases.append(ir.Case(captures, irrefutable, test, guard, self.block(case.body), where))
        return ir.Match(subject, tuple(cases), self.places.header(self.where(node), self.where(node.subject)))

    def _case_test(self, subject: ir.Expression, pattern: ast.pattern) -> ir.Expression | None:
        """The comparison that `case value` and `case value | value` make; None for other patterns and subjects."""
        if not isinstance(subject, (ir.Name, ir.Attribute)):
            return None
        if isinstance(pattern, ast.MatchValue):
            return ir.Compare(subject, "==", self.expression(pattern.value))
        if isinstance(pattern, ast.MatchOr):
            tests = [self._case_test(subject, element) for element in pattern.patterns]
            known = [test for test in tests if test is not None]
            if len(known) == len(tests):
                return functools.reduce(lambda left, right: ir.BoolOp(False, left, right), known)
        return None

    # --- definitions
    # ---------------------------------------------------------------------------------------------------------

    def _function(self, node: _Function) -> ir.Statement:
        decorators = self.expressions(node.decorator_list)
        self.scopes.bind(node.name)
        where = self.places.definition(node)
        is_async = isinstance(node, ast.AsyncFunctionDef)
        function = self.function(node.name, node.args, lambda: self.block(node.body), where, decorators, is_async)
        return ir.FunctionDef(function, decorators, where)

    def function(
        self,
        name: str,
        parameters: ast.arguments,
        body: Callable[[], ir.Block],
        where: ir.Where,
        decorators: tuple[ir.Expression, ...] = (),
        is_async: bool = False,
    ) -> ir.Function:
        lowered = self.parameters(parameters)  # defaults and annotations belong to the scope outside
        parent, owner = self.scopes.function_scope, self.scopes.class_scope
        scope = self.scopes.enter_function(name, where.row, self.functions)
        for parameter in lowered:
            self.scopes.bind(parameter.name)
        block = body()
        bound, is_generator = self.scopes.leave_function()
        function = ir.Function(
            name, scope, parent, owner, lowered, block, decorators, is_async, is_generator, bound, where
        )
        self.functions[scope] = function
        return function

    def _class(self, node: ast.ClassDef) -> ir.Statement:
        decorators = self.expressions(node.decorator_list)
        bases = tuple([self.expression(b.value if isinstance(b, ast.Starred) else b) for b in node.bases])
        keywords = tuple([ir.Keyword(k.arg, self.expression(k.value)) for k in node.keywords])
        self.scopes.bind(node.name)
        parent = self.scopes.function_scope
        where = self.places.definition(node)
        scope = self.scopes.enter_class(node.name, where.row, self.classes)
        body = self.block(node.body)
        self.scopes.leave_class()
        cls = ir.Class(node.name, scope, parent, bases, body, where, keywords)
        self.classes[scope] = cls
        return ir.ClassDef(cls, decorators, where)


def _captures(pattern: ast.pattern) -> Iterator[str]:
    if isinstance(pattern, (ast.MatchAs, ast.MatchStar)) and pattern.name is not None:
        yield pattern.name
    if isinstance(pattern, ast.MatchMapping) and pattern.rest is not None:
        yield pattern.rest
    for child in ast.iter_child_nodes(pattern):
        if isinstance(child, ast.pattern):
            yield from _captures(child)


def _first_word(where: ir.Where, word: str) -> ir.Where:
    return where._replace(end_row=where.row, end_column=where.column + len(word))


_STATEMENTS: dict[type[ast.stmt], Callable[[Lowering, Any], ir.Statement | None]] = {
    ast.Assign: Lowering._assign,
    ast.AnnAssign: Lowering._annotated,
    ast.AugAssign: Lowering._augmented,
    ast.Expr: Lowering._evaluate,
    ast.Return: Lowering._return,
    ast.Raise: Lowering._raise,
    ast.Break: Lowering._break,
    ast.Continue: Lowering._continue,
    ast.Assert: Lowering._assert,
    ast.Delete: Lowering._delete,
    ast.Global: Lowering._global,
    ast.Nonlocal: Lowering._global,
    ast.Import: Lowering._import,
    ast.ImportFrom: Lowering._import_from,
    ast.If: Lowering._if,
    ast.While: Lowering._while,
    ast.For: Lowering._for,
    ast.AsyncFor: Lowering._for,
    ast.Try: Lowering._try,
    ast.TryStar: Lowering._try,
    ast.With: Lowering._with,
    ast.AsyncWith: Lowering._with,
    ast.Match: Lowering._match,
    ast.FunctionDef: Lowering._function,
    ast.AsyncFunctionDef: Lowering._function,
    ast.ClassDef: Lowering._class,
}
