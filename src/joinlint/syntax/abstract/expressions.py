"""Expressions of CPython's syntax tree to the program representation."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from joinlint import limits
from joinlint.program import ir
from joinlint.syntax.abstract.places import Places
from joinlint.syntax.scopes import ScopeStack
from joinlint.syntax.too_deep import TooDeep


class ExpressionLowering:
    """Lowers expressions; `Lowering` adds statements and functions."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.where = places.where
        self.scopes = ScopeStack()
        self._depth = 0

    def optional(self, node: ast.expr | None) -> ir.Expression | None:
        return None if node is None else self.expression(node)

    def expression(self, node: ast.expr) -> ir.Expression:
        self._depth += 1
        if self._depth > limits.NESTING:
            raise TooDeep(node.lineno)
        method = _EXPRESSIONS.get(type(node))
        result = ir.Opaque(tuple(map(self.expression, _inside(node)))) if method is None else method(self, node)
        self._depth -= 1
        return result

    def expressions(self, nodes: Sequence[ast.expr]) -> tuple[ir.Expression, ...]:
        return tuple([self.expression(node) for node in nodes])

    def target(self, node: ast.expr) -> ir.Expression:
        """An assignment target: binds the names in it."""
        if isinstance(node, ast.Name):
            self.scopes.bind(node.id)
            return ir.Name(node.id)
        if isinstance(node, (ast.Tuple, ast.List)):
            return ir.Display("tuple", tuple([self._target_element(e) for e in node.elts]), self.where(node))
        return self.expression(node)

    def _target_element(self, element: ast.expr) -> ir.Expression:
        return ir.Starred(self.target(element.value)) if isinstance(element, ast.Starred) else self.target(element)

    # --- leaves
    # --------------------------------------------------------------------------------------------------------------

    def _name(self, node: ast.Name) -> ir.Expression:
        return ir.Name(self.scopes.rename(node.id))

    def _constant(self, node: ast.Constant) -> ir.Expression:
        return ir.Constant(node.value)

    def _formatted(self, node: ast.JoinedStr) -> ir.Expression:
        return ir.Text(self.expressions(list(_inside(node))))

    # --- access and calls
    # ----------------------------------------------------------------------------------------------------

    def _attribute(self, node: ast.Attribute) -> ir.Expression:
        return ir.Attribute(self.expression(node.value), node.attr)

    def _call(self, node: ast.Call) -> ir.Expression:
        func = self.expression(node.func)
        args = self.expressions(node.args)
        keywords = tuple([ir.Keyword(k.arg, self.expression(k.value)) for k in node.keywords])
        return ir.Call(func, args, keywords, self.where(node), self._bracketed(node, args, keywords))

    def _bracketed(
        self, node: ast.Call, args: tuple[ir.Expression, ...], keywords: tuple[ir.Keyword, ...]
    ) -> tuple[ir.Expression, ...]:
        values = [a.value if isinstance(a, ast.Starred) else a for a in node.args] + [k.value for k in node.keywords]
        lowered = [a.value if isinstance(a, ir.Starred) else a for a in args] + [k.value for k in keywords]
        found = []
        last, opened = self.where(node.func), 1
        for value, expression in sorted(zip(values, lowered, strict=True), key=_by_place):
            place = self.where(value)
            if not isinstance(value, (ast.Tuple, ast.GeneratorExp)):
                if self.places.brackets(last.end_row, last.end_column, place) > opened:
                    found.append(expression)
            last, opened = place, 0
        return tuple(found)

    def _subscript(self, node: ast.Subscript) -> ir.Expression:
        value, index = self.expression(node.value), node.slice
        if isinstance(index, ast.Slice):
            bounds = self.expressions(list(_inside(index)))
            if index.lower is None and index.upper is None and _is_one(index.step):
                bounds = ()  # [:] and [::-1] leave nothing out
            return ir.Subscript(value, ir.Opaque(bounds), is_slice=True)
        if isinstance(index, ast.Tuple) and any(isinstance(element, ast.Slice) for element in index.elts):
            return ir.Subscript(value, ir.Opaque(self.expressions(list(_inside(index)))), is_slice=True)
        if isinstance(index, ast.Tuple) and index.elts:
            first, last = (e.value if isinstance(e, ast.Starred) else e for e in (index.elts[0], index.elts[-1]))
            where = self.places.header(self.where(first), self.where(last))
            return ir.Subscript(value, ir.Display("tuple", self.expressions(index.elts), where), is_slice=False)
        return ir.Subscript(value, self.expression(index), is_slice=False)

    # --- containers
    # ----------------------------------------------------------------------------------------------------------

    def _display(self, node: ast.List | ast.Tuple | ast.Set) -> ir.Expression:
        return ir.Display(type(node).__name__.lower(), self.expressions(node.elts), self.where(node))

    def _dict(self, node: ast.Dict) -> ir.Expression:
        keys: list[ir.Expression | None] = []
        values: list[ir.Expression] = []
        for key, value in zip(node.keys, node.values, strict=True):
            keys.append(self.optional(key))
            values.append(self.expression(value))
        return ir.DictDisplay(tuple(keys), tuple(values), self.where(node))

    def _starred(self, node: ast.Starred) -> ir.Expression:
        return ir.Starred(self.expression(node.value))

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> ir.Expression:
        # Names are renamed only once bound, so the first iterable still sees the names outside.
        self.scopes.enter_comprehension()
        clauses: list[ir.Clause] = []
        for loop in node.generators:
            iterable = self.expression(loop.iter)
            self._bind_comprehension_target(loop.target)
            target = self._renamed_target(loop.target)
            clauses.append(ir.Clause(target, iterable, self.expressions(loop.ifs)))
        if isinstance(node, ast.DictComp):
            kind, key, element = "dict", self.expression(node.key), self.expression(node.value)
        else:
            kind = {ast.ListComp: "list", ast.SetComp: "set"}.get(type(node), "generator")
            key, element = None, self.expression(node.elt)
        self.scopes.leave_comprehension()
        return ir.Comprehension(kind, key, element, tuple(clauses), self.where(node))

    def _bind_comprehension_target(self, node: ast.expr) -> None:
        if isinstance(node, ast.Name):
            where = self.where(node)
            self.scopes.bind_in_comprehension(node.id, where.row, where.column)
        elif isinstance(node, (ast.Tuple, ast.List)):
            for element in node.elts:
                self._bind_comprehension_target(element.value if isinstance(element, ast.Starred) else element)

    def _renamed_target(self, node: ast.expr) -> ir.Expression:
        if isinstance(node, (ast.Tuple, ast.List)):
            return ir.Display("tuple", tuple([self._renamed_target(e) for e in node.elts]), self.where(node))
        if isinstance(node, ast.Starred):
            return ir.Starred(self._renamed_target(node.value))
        return self.expression(node)

    # --- operators
    # -----------------------------------------------------------------------------------------------------------

    def _boolean(self, node: ast.BoolOp) -> ir.Expression:
        if len(node.values) > limits.NESTING + 1:
            return ir.Opaque(self.expressions(node.values))
        is_and = isinstance(node.op, ast.And)
        result = self.expression(node.values[0])
        for value in node.values[1:]:
            result = ir.BoolOp(is_and, result, self.expression(value))
        return result

    def _unary(self, node: ast.UnaryOp) -> ir.Expression:
        value = self.expression(node.operand)
        if isinstance(node.op, ast.Not):
            return ir.Not(value)
        if isinstance(node.op, ast.USub) and isinstance(value, ir.Constant) and type(value.value) in (int, float):
            return ir.Constant(-value.value)  # type: ignore[operator]
        return ir.Opaque((value,))

    def _binary(self, node: ast.BinOp) -> ir.Expression:
        # A long chain leans to the left: unrolled, so that it needs no deep recursion.
        chain: list[ast.BinOp] = []
        current: ast.expr = node
        while isinstance(current, ast.BinOp):
            chain.append(current)
            current = current.left
        result = self.expression(current)
        if len(chain) > limits.NESTING:
            return ir.Opaque((result, *[self.expression(link.right) for link in reversed(chain)]))
        for link in reversed(chain):
            op = BINARY_OPERATORS[type(link.op)]
            result = ir.BinaryOp(result, op, self.expression(link.right), self.where(link))
        return result

    def _comparison(self, node: ast.Compare) -> ir.Expression:
        left = self.expression(node.left)
        result: ir.Expression | None = None
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            right = self.expression(comparator)
            link = ir.Compare(left, _COMPARISONS[type(op)], right)
            result = link if result is None else ir.BoolOp(True, result, link)
            left = right
        return result if result is not None else left

    def _conditional(self, node: ast.IfExp) -> ir.Expression:
        return ir.Conditional(self.expression(node.test), self.expression(node.body), self.expression(node.orelse))

    def _walrus(self, node: ast.NamedExpr) -> ir.Expression:
        value = self.expression(node.value)
        return ir.Walrus(self.target(node.target), value)

    def _await(self, node: ast.Await) -> ir.Expression:
        return ir.Await(self.expression(node.value))

    def _yield(self, node: ast.Yield) -> ir.Expression:
        self.scopes.mark_generator()
        return ir.Yield(self.optional(node.value), is_from=False)

    def _yield_from(self, node: ast.YieldFrom) -> ir.Expression:
        self.scopes.mark_generator()
        return ir.Yield(self.expression(node.value), is_from=True)

    def _lambda(self, node: ast.Lambda) -> ir.Expression:
        return ir.Lambda(
            self.function("<lambda>", node.args, lambda: (self._lambda_body(node),), self.where(node)),
        )

    def _lambda_body(self, node: ast.Lambda) -> ir.Return:
        return ir.Return(self.expression(node.body), self.where(node.body))

    def function(
        self,
        name: str,
        parameters: ast.arguments,
        body: Callable[[], ir.Block],
        where: ir.Where,
        decorators: tuple[ir.Expression, ...] = (),
        is_async: bool = False,
    ) -> ir.Function:
        raise NotImplementedError

    def parameters(self, node: ast.arguments) -> tuple[ir.Parameter, ...]:
        plain = [*node.posonlyargs, *node.args]
        defaults: list[ast.expr | None] = [*[None] * (len(plain) - len(node.defaults)), *node.defaults]
        out = [self._parameter(p, "plain", default) for p, default in zip(plain, defaults, strict=True)]
        if node.vararg is not None:
            out.append(self._parameter(node.vararg, "args", None))
        out += [self._parameter(p, "keyword", d) for p, d in zip(node.kwonlyargs, node.kw_defaults, strict=True)]
        if node.kwarg is not None:
            out.append(self._parameter(node.kwarg, "kwargs", None))
        return tuple(out)

    def _parameter(self, node: ast.arg, kind: str, default: ast.expr | None) -> ir.Parameter:
        annotation = self.optional(node.annotation)
        return ir.Parameter(node.arg, kind, self.optional(default), annotation)


def _inside(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions that the node is made of, in source order; text between those of an f-string is none."""
    match type(node).__name__:  # by name, since two of them came with Python 3.14
        case "JoinedStr" | "TemplateStr":
            for part in node.values:  # type: ignore[attr-defined]
                if not isinstance(part, ast.Constant):
                    yield from _inside(part)
        case "FormattedValue" | "Interpolation":
            yield node.value  # type: ignore[attr-defined]
            if node.format_spec is not None:  # type: ignore[attr-defined]
                yield from _inside(node.format_spec)  # type: ignore[attr-defined]
        case _:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.Slice):
                    yield from _inside(child)
                elif isinstance(child, ast.expr):
                    yield child


def _by_place(pair: tuple[ast.expr, ir.Expression]) -> tuple[int, int]:
    return pair[0].lineno, pair[0].col_offset


def _is_one(step: ast.expr | None) -> bool:
    """Is the step of a slice 1 or -1?"""
    if isinstance(step, ast.UnaryOp) and isinstance(step.op, ast.USub):
        step = step.operand
    return step is None or (isinstance(step, ast.Constant) and step.value == 1 and type(step.value) is int)


# By the names that LibCST gives to the same operators.
BINARY_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "Add",
    ast.Sub: "Subtract",
    ast.Mult: "Multiply",
    ast.MatMult: "MatrixMultiply",
    ast.Div: "Divide",
    ast.FloorDiv: "FloorDivide",
    ast.Mod: "Modulo",
    ast.Pow: "Power",
    ast.LShift: "LeftShift",
    ast.RShift: "RightShift",
    ast.BitAnd: "BitAnd",
    ast.BitOr: "BitOr",
    ast.BitXor: "BitXor",
}

_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}

_EXPRESSIONS: dict[type[ast.expr], Callable[[ExpressionLowering, Any], ir.Expression]] = {
    ast.Name: ExpressionLowering._name,
    ast.Constant: ExpressionLowering._constant,
    ast.JoinedStr: ExpressionLowering._formatted,
    ast.Attribute: ExpressionLowering._attribute,
    ast.Call: ExpressionLowering._call,
    ast.Subscript: ExpressionLowering._subscript,
    ast.List: ExpressionLowering._display,
    ast.Tuple: ExpressionLowering._display,
    ast.Set: ExpressionLowering._display,
    ast.Dict: ExpressionLowering._dict,
    ast.Starred: ExpressionLowering._starred,
    ast.ListComp: ExpressionLowering._comprehension,
    ast.SetComp: ExpressionLowering._comprehension,
    ast.GeneratorExp: ExpressionLowering._comprehension,
    ast.DictComp: ExpressionLowering._comprehension,
    ast.BoolOp: ExpressionLowering._boolean,
    ast.UnaryOp: ExpressionLowering._unary,
    ast.BinOp: ExpressionLowering._binary,
    ast.Compare: ExpressionLowering._comparison,
    ast.IfExp: ExpressionLowering._conditional,
    ast.NamedExpr: ExpressionLowering._walrus,
    ast.Await: ExpressionLowering._await,
    ast.Yield: ExpressionLowering._yield,
    ast.YieldFrom: ExpressionLowering._yield_from,
    ast.Lambda: ExpressionLowering._lambda,
}
