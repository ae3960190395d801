"""LibCST's tree to program representation, in one walk.

Statements and scopes are here, expressions in `expressions`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import libcst as cst

from joinlint.program import ir
from joinlint.syntax.concrete.expressions import ExpressionLowering, dotted_name
from joinlint.syntax.concrete.positions import positions
from joinlint.syntax.imports import package_of, source_of
from joinlint.syntax.lowered import Lowered


def lower_concrete(tree: cst.Module, module_name: str, is_package: bool) -> Lowered:
    """The program of one parsed file; `module_name` is its dotted name."""
    lowering = Lowering(tree, module_name, is_package)
    body = lowering.block(tree.body)
    return Lowered(body, lowering.scopes.leave_module(), lowering.functions, lowering.classes)


class Lowering(ExpressionLowering):
    """The visitor: one method per kind of LibCST node, found by the node's type."""

    def __init__(self, tree: cst.Module, module_name: str, is_package: bool) -> None:
        super().__init__(positions(tree), module_name)
        self.functions: dict[str, ir.Function] = {}
        self.classes: dict[str, ir.Class] = {}
        self.package = package_of(module_name, is_package)

    def block(self, statements: Iterable[cst.CSTNode]) -> ir.Block:
        out: list[ir.Statement] = []
        for statement in statements:
            if isinstance(statement, cst.SimpleStatementLine):
                for small in statement.body:
                    out.extend(self.statement(small))
            else:
                out.extend(self.statement(statement))
        return tuple(out)

    def suite(self, body: cst.BaseSuite) -> ir.Block:
        if isinstance(body, cst.SimpleStatementSuite):
            return tuple(s for small in body.body for s in self.statement(small))
        return self.block(body.body)

    def statement(self, node: cst.CSTNode) -> Sequence[ir.Statement]:
        method = _STATEMENTS.get(type(node))
        return () if method is None else method(self, node)

    # --- simple statements
    # ---------------------------------------------------------------------------------------------------

    def _assign(self, node: cst.Assign) -> Sequence[ir.Statement]:
        value = self.expression(node.value)
        targets = tuple(self.target(t.target) for t in node.targets)
        return (ir.Assign(targets, value, self.where(node)),)

    def _annotated(self, node: cst.AnnAssign) -> Sequence[ir.Statement]:
        if node.value is None:
            if isinstance(node.target, cst.Name):
                self.scopes.bind(node.target.value)
            return ()
        value = self.expression(node.value)
        return (ir.Assign((self.target(node.target),), value, self.where(node)),)

    def _augmented(self, node: cst.AugAssign) -> Sequence[ir.Statement]:
        op = type(node.operator).__name__.removesuffix("Assign")
        return (ir.AugmentedAssign(self.target(node.target), op, self.expression(node.value), self.where(node)),)

    def _evaluate(self, node: cst.Expr) -> Sequence[ir.Statement]:
        value = self.expression(node.value)
        if isinstance(value, ir.Constant) and isinstance(value.value, (str, bytes)):
            return ()  # a docstring
        return (ir.Evaluate(value, self.where(node)),)

    def _return(self, node: cst.Return) -> Sequence[ir.Statement]:
        return (ir.Return(self.optional(node.value), self.where(node)),)

    def _raise(self, node: cst.Raise) -> Sequence[ir.Statement]:
        return (ir.Raise(self.optional(node.exc), self.where(node)),)

    def _break(self, node: cst.Break) -> Sequence[ir.Statement]:
        return (ir.Break(self.where(node)),)

    def _continue(self, node: cst.Continue) -> Sequence[ir.Statement]:
        return (ir.Continue(self.where(node)),)

    def _assert(self, node: cst.Assert) -> Sequence[ir.Statement]:
        return (ir.Assert(self.expression(node.test), self.where(node)),)

    def _delete(self, node: cst.Del) -> Sequence[ir.Statement]:
        target = node.target
        targets = tuple(e.value for e in target.elements) if isinstance(target, cst.Tuple) else (target,)
        return (ir.Delete(tuple(self.target(t) for t in targets), self.where(node)),)

    def _global(self, node: cst.Global | cst.Nonlocal) -> Sequence[ir.Statement]:
        for item in node.names:
            self.scopes.declare_outer(item.name.value)
        return ()

    def _import(self, node: cst.Import) -> Sequence[ir.Statement]:
        bindings = []
        for alias in node.names:
            dotted = dotted_name(alias.name)
            if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                local = alias.asname.name.value
            else:
                local = dotted = dotted.partition(".")[0]
            self.scopes.bind(local)
            bindings.append((local, dotted))
        return (ir.Import(tuple(bindings), (), self.where(node)),)

    def _import_from(self, node: cst.ImportFrom) -> Sequence[ir.Statement]:
        source = source_of("" if node.module is None else dotted_name(node.module), len(node.relative), self.package)
        if isinstance(node.names, cst.ImportStar):
            return (ir.Import((), (source,), self.where(node)),)
        bindings = []
        for alias in node.names:
            name = dotted_name(alias.name)
            local = name
            if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                local = alias.asname.name.value
            self.scopes.bind(local)
            bindings.append((local, f"{source}.{name}" if source else name))
        return (ir.Import(tuple(bindings), (), self.where(node)),)

    # --- compound statements
    # -------------------------------------------------------------------------------------------------

    def _if(self, node: cst.If) -> Sequence[ir.Statement]:
        # An elif chain is a nest of If nodes: built from the end, so that a long one needs no deep recursion.
        links: list[tuple[cst.If, ir.Expression, ir.Block]] = []
        current: cst.If | cst.Else | None = node
        while isinstance(current, cst.If):
            links.append((current, self.expression(current.test), self.suite(current.body)))
            current = current.orelse
        orelse = self.suite(current.body) if isinstance(current, cst.Else) else ()
        for link, test, body in reversed(links):
            orelse = (ir.If(test, body, orelse, self.header(link, link.test), self.where(link.test)),)
        return orelse

    def _while(self, node: cst.While) -> Sequence[ir.Statement]:
        test, body = self.expression(node.test), self.suite(node.body)
        return (ir.While(test, body, self._else(node.orelse), self.header(node, node.test), self.where(node.test)),)

    def _for(self, node: cst.For) -> Sequence[ir.Statement]:
        iterable = self.expression(node.iter)
        target = self.target(node.target)
        return (ir.For(target, iterable, self.suite(node.body), self._else(node.orelse), self.header(node, node.iter)),)

    def _else(self, node: cst.Else | None) -> ir.Block:
        return () if node is None else self.suite(node.body)

    def _try(self, node: cst.Try | cst.TryStar) -> Sequence[ir.Statement]:
        body = self.suite(node.body)
        handlers = tuple(self._handler(h) for h in node.handlers)
        orelse = self._else(node.orelse)
        final = () if node.finalbody is None else self.suite(node.finalbody.body)
        return (ir.Try(body, handlers, orelse, final, self._first_word(node, "try")),)

    def _handler(self, node: cst.ExceptHandler | cst.ExceptStarHandler) -> ir.Handler:
        types = self.optional(node.type)
        name = node.name.name.value if node.name is not None and isinstance(node.name.name, cst.Name) else None
        if name is not None:
            self.scopes.bind(name)
        where = self._first_word(node, "except")
        if node.type is not None:
            end = self.where(node.type)
            where = where._replace(end_row=end.end_row, end_column=end.end_column)
        return ir.Handler(types, name, self.suite(node.body), where)

    def _first_word(self, node: cst.CSTNode, word: str) -> ir.Where:
        where = self.where(node)
        return where._replace(end_row=where.row, end_column=where.column + len(word))

    def _with(self, node: cst.With) -> Sequence[ir.Statement]:
        items = []
        for item in node.items:
            context = self.expression(item.item)
            items.append(ir.WithItem(context, None if item.asname is None else self.target(item.asname.name)))
        last = node.items[-1]
        where = self.header(node, last.item if last.asname is None else last.asname.name)
        return (ir.With(tuple(items), self.suite(node.body), where),)

    def _match(self, node: cst.Match) -> Sequence[ir.Statement]:
        subject = self.expression(node.subject)
        cases = []
        for case in node.cases:
            captures = tuple(self._captures(case.pattern))
            for name in captures:
                self.scopes.bind(name)
            guard = self.optional(case.guard)
            irrefutable = guard is None and isinstance(case.pattern, cst.MatchAs) and case.pattern.pattern is None
            test = self._case_test(subject, case.pattern)
            where = self._first_word(case, "case")
            cases.append(ir.Case(captures, irrefutable, test, guard, self.suite(case.body), where))
        return (ir.Match(subject, tuple(cases), self.header(node, node.subject)),)

    def _case_test(self, subject: ir.Expression, pattern: cst.MatchPattern) -> ir.Expression | None:
        """The comparison that `case value` and `case value | value` make; None for other patterns and subjects."""
        if not isinstance(subject, (ir.Name, ir.Attribute)):
            return None
        if isinstance(pattern, cst.MatchValue):
            return ir.Compare(subject, "==", self.expression(pattern.value))
        if isinstance(pattern, cst.MatchOr):
            tests = [self._case_test(subject, element.pattern) for element in pattern.patterns]
            known = [test for test in tests if test is not None]
            if len(known) == len(tests):
                return functools.reduce(lambda left, right: ir.BoolOp(False, left, right), known)
        return None

    def _captures(self, pattern: cst.CSTNode) -> Iterable[str]:
        if isinstance(pattern, (cst.MatchAs, cst.MatchStar)) and isinstance(pattern.name, cst.Name):
            yield pattern.name.value
        if isinstance(pattern, cst.MatchMapping) and isinstance(pattern.rest, cst.Name):
            yield pattern.rest.value
        for child in pattern.children:
            if not isinstance(child, (cst.BaseExpression, cst.BaseParenthesizableWhitespace)):
                yield from self._captures(child)

    # --- definitions
    # ---------------------------------------------------------------------------------------------------------

    def _function(self, node: cst.FunctionDef) -> Sequence[ir.Statement]:
        decorators = tuple(self.expression(d.decorator) for d in node.decorators)
        self.scopes.bind(node.name.value)
        where = self.header(node, node.name)
        function = self.function(
            node.name.value,
            node.params,
            lambda: self.suite(node.body),
            where,
            decorators,
            node.asynchronous is not None,
        )
        return (ir.FunctionDef(function, decorators, where),)

    def function(
        self,
        name: str,
        params: cst.Parameters,
        body: Callable[[], ir.Block],
        where: ir.Where,
        decorators: tuple[ir.Expression, ...] = (),
        is_async: bool = False,
    ) -> ir.Function:
        parameters = self.parameters(params)  # defaults and annotations belong to the scope outside
        parent, owner = self.scopes.function_scope, self.scopes.class_scope
        scope = self.scopes.enter_function(name, where[0], self.functions)
        for parameter in parameters:
            self.scopes.bind(parameter.name)
        block = body()
        bound, is_generator = self.scopes.leave_function()
        function = ir.Function(
            name, scope, parent, owner, parameters, block, decorators, is_async, is_generator, bound, where
        )
        self.functions[scope] = function
        return function

    def _class(self, node: cst.ClassDef) -> Sequence[ir.Statement]:
        decorators = tuple(self.expression(d.decorator) for d in node.decorators)
        bases = tuple(self.expression(a.value) for a in node.bases)
        keywords = tuple(
            ir.Keyword(None if a.keyword is None else a.keyword.value, self.expression(a.value)) for a in node.keywords
        )
        self.scopes.bind(node.name.value)
        parent = self.scopes.function_scope
        where = self.header(node, node.name)
        scope = self.scopes.enter_class(node.name.value, where[0], self.classes)
        body = self.suite(node.body)
        self.scopes.leave_class()
        cls = ir.Class(node.name.value, scope, parent, bases, body, where, keywords)
        self.classes[scope] = cls
        return (ir.ClassDef(cls, decorators, where),)

    def header(self, node: cst.CSTNode, last: cst.CSTNode) -> ir.Where:
        """From the start of a compound statement to the end of `last`, the final part of its first line."""
        first = self.where(node)
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)) and node.decorators:
            first = self.where(node.decorators[0])
        end = self.where(last)
        return first._replace(end_row=end.end_row, end_column=end.end_column)


_STATEMENTS: dict[type, Callable[[Lowering, Any], Sequence[ir.Statement]]] = {
    cst.Assign: Lowering._assign,
    cst.AnnAssign: Lowering._annotated,
    cst.AugAssign: Lowering._augmented,
    cst.Expr: Lowering._evaluate,
    cst.Return: Lowering._return,
    cst.Raise: Lowering._raise,
    cst.Break: Lowering._break,
    cst.Continue: Lowering._continue,
    cst.Assert: Lowering._assert,
    cst.Del: Lowering._delete,
    cst.Global: Lowering._global,
    cst.Nonlocal: Lowering._global,
    cst.Import: Lowering._import,
    cst.ImportFrom: Lowering._import_from,
    cst.If: Lowering._if,
    cst.While: Lowering._while,
    cst.For: Lowering._for,
    cst.Try: Lowering._try,
    cst.TryStar: Lowering._try,
    cst.With: Lowering._with,
    cst.Match: Lowering._match,
    cst.FunctionDef: Lowering._function,
    cst.ClassDef: Lowering._class,
}
