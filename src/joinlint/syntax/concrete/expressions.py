"""Expressions of LibCST's tree to the program representation."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import libcst as cst

from joinlint import limits
from joinlint.program import ir
from joinlint.syntax.concrete.positions import Position
from joinlint.syntax.scopes import ScopeStack


def dotted_name(node: cst.CSTNode) -> str:
    """`a.b.c` of a Name or Attribute node."""
    names: list[str] = []
    while isinstance(node, cst.Attribute):
        names.append(node.attr.value)
        node = node.value
    if isinstance(node, cst.Name):
        names.append(node.value)
    return ".".join(reversed(names))


class ExpressionLowering:
    """Lowers expressions; `Lowering` adds statements and functions."""

    def __init__(self, positions: Mapping[cst.CSTNode, tuple[Position, Position]], module_name: str) -> None:
        self._positions = positions
        self._module_name = module_name
        # Generators without parentheses of their own, which have those of the call.
        self._only_argument_of: dict[cst.CSTNode, cst.Call] = {}
        self.scopes = ScopeStack()

    def where(self, node: cst.CSTNode) -> ir.Where:
        """The place of the node, with the parentheses that belong to a tuple or generator, as CPython's tree has it."""
        (row, column), (end_row, end_column) = self._positions[node]
        if isinstance(node, (cst.Tuple, cst.GeneratorExp)):
            if node.lpar:
                (row, column), _ = self._positions[node.lpar[-1]]
                _, (end_row, end_column) = self._positions[node.rpar[0]]
            elif (call := self._only_argument_of.get(node)) is not None:
                _, (row, column) = self._positions[call.func.rpar[-1] if call.func.rpar else call.func]
                if isinstance(call.whitespace_after_func, cst.SimpleWhitespace):
                    column += len(call.whitespace_after_func.value)
                _, (end_row, end_column) = self._positions[call]
        return ir.Where(row, column + 1, end_row, end_column + 1, self._module_name)

    def optional(self, node: cst.BaseExpression | None) -> ir.Expression | None:
        return None if node is None else self.expression(node)

    def expression(self, node: cst.CSTNode) -> ir.Expression:
        method = _EXPRESSIONS.get(type(node))
        if method is not None:
            return method(self, node)
        return ir.Opaque(tuple(self._children(node)))

    def _children(self, node: cst.CSTNode) -> Iterable[ir.Expression]:
        for child in node.children:
            if isinstance(child, cst.BaseExpression):
                yield self.expression(child)
            elif not isinstance(child, (cst.BaseParenthesizableWhitespace, cst.LeftParen, cst.RightParen)):
                yield from self._children(child)

    def target(self, node: cst.CSTNode) -> ir.Expression:
        """An assignment target: binds the names in it."""
        if isinstance(node, cst.Name):
            self.scopes.bind(node.value)
            return ir.Name(node.value)
        if isinstance(node, (cst.Tuple, cst.List)):
            return ir.Display("tuple", tuple(self._target_element(e) for e in node.elements), self.where(node))
        return self.expression(node)

    def _target_element(self, element: cst.BaseElement) -> ir.Expression:
        target = self.target(element.value)
        return ir.Starred(target) if isinstance(element, cst.StarredElement) else target

    # --- leaves
    # --------------------------------------------------------------------------------------------------------------

    def _name(self, node: cst.Name) -> ir.Expression:
        if node.value in _CONSTANT_NAMES:
            return ir.Constant(_CONSTANT_NAMES[node.value])
        return ir.Name(self.scopes.rename(node.value))

    def _number(self, node: cst.Integer | cst.Float | cst.Imaginary | cst.SimpleString) -> ir.Expression:
        try:
            return ir.Constant(ast.literal_eval(node.value))
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return ir.Opaque(())

    def _concatenated(self, node: cst.ConcatenatedString) -> ir.Expression:
        left, right = self.expression(node.left), self.expression(node.right)
        if isinstance(left, ir.Constant) and isinstance(right, ir.Constant):
            return ir.Constant(left.value + right.value)  # type: ignore[operator]  # both are text, or both bytes
        return ir.Text(tuple(part for side in (left, right) if isinstance(side, ir.Text) for part in side.parts))

    def _formatted(self, node: cst.FormattedString) -> ir.Expression:
        return ir.Text(tuple(self._children(node)))

    def _ellipsis(self, node: cst.Ellipsis) -> ir.Expression:
        return ir.Constant(...)

    # --- access and calls
    # ----------------------------------------------------------------------------------------------------

    def _attribute(self, node: cst.Attribute) -> ir.Expression:
        return ir.Attribute(self.expression(node.value), node.attr.value)

    def _call(self, node: cst.Call) -> ir.Expression:
        func = self.expression(node.func)
        args: list[ir.Expression] = []
        keywords: list[ir.Keyword] = []
        bracketed: list[ir.Expression] = []
        for arg in node.args:
            if isinstance(arg.value, cst.GeneratorExp) and not arg.value.lpar:
                self._only_argument_of[arg.value] = node
            value = self.expression(arg.value)
            if arg.value.lpar and not isinstance(arg.value, (cst.Tuple, cst.GeneratorExp)):
                bracketed.append(value)
            if arg.keyword is not None:
                keywords.append(ir.Keyword(arg.keyword.value, value))
            elif arg.star == "**":
                keywords.append(ir.Keyword(None, value))
            else:
                args.append(ir.Starred(value) if arg.star else value)
        return ir.Call(func, tuple(args), tuple(keywords), self.where(node), tuple(bracketed))

    def _subscript(self, node: cst.Subscript) -> ir.Expression:
        value = self.expression(node.value)
        slices = [element.slice for element in node.slice]
        indices = [index for index in slices if isinstance(index, cst.Index)]
        if len(indices) == len(slices):
            return ir.Subscript(value, self._index(indices, isinstance(node.slice[-1].comma, cst.Comma)), False)
        bounds = tuple(e for element in node.slice for e in self._children(element))
        if len(slices) == 1 and isinstance(whole := slices[0], cst.Slice):
            if whole.lower is None and whole.upper is None and _is_one(whole.step):
                bounds = ()  # [:] and [::-1] leave nothing out
        return ir.Subscript(value, ir.Opaque(bounds), is_slice=True)

    def _index(self, indices: Sequence[cst.Index], ends_in_comma: bool) -> ir.Expression:
        values = [(index.value, index.star is not None) for index in indices]
        if len(values) == 1 and not values[0][1] and not ends_in_comma:
            only = values[0][0]
            if not isinstance(only, cst.Tuple) or not only.elements:
                return self.expression(only)
            values = [(element.value, isinstance(element, cst.StarredElement)) for element in only.elements]
        items = tuple([ir.Starred(self.expression(v)) if star else self.expression(v) for v, star in values])
        first, last = self.where(values[0][0]), self.where(values[-1][0])
        return ir.Display("tuple", items, first._replace(end_row=last.end_row, end_column=last.end_column))

    # --- containers
    # ----------------------------------------------------------------------------------------------------------

    def _display(self, node: cst.List | cst.Tuple | cst.Set) -> ir.Expression:
        items = []
        for element in node.elements:
            value = self.expression(element.value)
            items.append(ir.Starred(value) if isinstance(element, cst.StarredElement) else value)
        return ir.Display(type(node).__name__.lower(), tuple(items), self.where(node))

    def _dict(self, node: cst.Dict) -> ir.Expression:
        keys: list[ir.Expression | None] = []
        values: list[ir.Expression] = []
        for element in node.elements:
            keys.append(self.expression(element.key) if isinstance(element, cst.DictElement) else None)
            values.append(self.expression(element.value))
        return ir.DictDisplay(tuple(keys), tuple(values), self.where(node))

    def _starred(self, node: cst.StarredElement) -> ir.Expression:
        return ir.Starred(self.expression(node.value))

    def _comprehension(self, node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp) -> ir.Expression:
        # Names are renamed only once bound, so the first iterable still sees the names outside.
        self.scopes.enter_comprehension()
        clauses: list[ir.Clause] = []
        loop: cst.CompFor | None = node.for_in
        while loop is not None:
            iterable = self.expression(loop.iter)
            self._bind_comprehension_target(loop.target)
            target = self._renamed_target(loop.target)
            clauses.append(ir.Clause(target, iterable, tuple(self.expression(c.test) for c in loop.ifs)))
            loop = loop.inner_for_in
        if isinstance(node, cst.DictComp):
            kind, key, element = "dict", self.expression(node.key), self.expression(node.value)
        else:
            kind = {cst.ListComp: "list", cst.SetComp: "set"}.get(type(node), "generator")
            key, element = None, self.expression(node.elt)
        self.scopes.leave_comprehension()
        return ir.Comprehension(kind, key, element, tuple(clauses), self.where(node))

    def _bind_comprehension_target(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.Name):
            where = self.where(node)
            self.scopes.bind_in_comprehension(node.value, where.row, where.column)
        elif isinstance(node, (cst.Tuple, cst.List)):
            for element in node.elements:
                self._bind_comprehension_target(element.value)

    def _renamed_target(self, node: cst.CSTNode) -> ir.Expression:
        if isinstance(node, (cst.Tuple, cst.List)):
            items = []
            for element in node.elements:
                item = self._renamed_target(element.value)
                items.append(ir.Starred(item) if isinstance(element, cst.StarredElement) else item)
            return ir.Display("tuple", tuple(items), self.where(node))
        return self.expression(node)

    # --- operators
    # -----------------------------------------------------------------------------------------------------------

    def _boolean(self, node: cst.BooleanOperation) -> ir.Expression:
        # A long chain leans to the left: unrolled, so that it needs no deep recursion.
        chain: list[cst.BooleanOperation] = []
        current: cst.BaseExpression = node
        while isinstance(current, cst.BooleanOperation):
            chain.append(current)
            current = current.left
        result = self.expression(current)
        if len(chain) > limits.NESTING:
            return ir.Opaque((result, *(self.expression(link.right) for link in reversed(chain))))
        for link in reversed(chain):
            result = ir.BoolOp(isinstance(link.operator, cst.And), result, self.expression(link.right))
        return result

    def _unary(self, node: cst.UnaryOperation) -> ir.Expression:
        value = self.expression(node.expression)
        if isinstance(node.operator, cst.Not):
            return ir.Not(value)
        if (
            isinstance(node.operator, cst.Minus)
            and isinstance(value, ir.Constant)
            and type(value.value) in (int, float)
        ):
            return ir.Constant(-value.value)  # type: ignore[operator]
        return ir.Opaque((value,))

    def _binary(self, node: cst.BinaryOperation) -> ir.Expression:
        chain: list[cst.BinaryOperation] = []
        current: cst.BaseExpression = node
        while isinstance(current, cst.BinaryOperation):
            chain.append(current)
            current = current.left
        result = self.expression(current)
        if len(chain) > limits.NESTING:
            return ir.Opaque((result, *(self.expression(link.right) for link in reversed(chain))))
        for link in reversed(chain):
            result = ir.BinaryOp(result, type(link.operator).__name__, self.expression(link.right), self.where(link))
        return result

    def _comparison(self, node: cst.Comparison) -> ir.Expression:
        left = self.expression(node.left)
        result: ir.Expression | None = None
        for comparison in node.comparisons:
            right = self.expression(comparison.comparator)
            link = ir.Compare(left, _OPERATORS.get(type(comparison.operator), "?"), right)
            result = link if result is None else ir.BoolOp(True, result, link)
            left = right
        return result if result is not None else left

    def _conditional(self, node: cst.IfExp) -> ir.Expression:
        return ir.Conditional(self.expression(node.test), self.expression(node.body), self.expression(node.orelse))

    def _walrus(self, node: cst.NamedExpr) -> ir.Expression:
        value = self.expression(node.value)
        return ir.Walrus(self.target(node.target), value)

    def _await(self, node: cst.Await) -> ir.Expression:
        return ir.Await(self.expression(node.expression))

    def _yield(self, node: cst.Yield) -> ir.Expression:
        self.scopes.mark_generator()
        if isinstance(node.value, cst.From):
            return ir.Yield(self.expression(node.value.item), is_from=True)
        return ir.Yield(self.optional(node.value), is_from=False)

    def _lambda(self, node: cst.Lambda) -> ir.Expression:
        where = self.where(node)
        return ir.Lambda(self.function("<lambda>", node.params, lambda: (self._lambda_body(node),), where))

    def _lambda_body(self, node: cst.Lambda) -> ir.Return:
        return ir.Return(self.expression(node.body), self.where(node.body))

    def function(
        self,
        name: str,
        params: cst.Parameters,
        body: Callable[[], ir.Block],
        where: ir.Where,
        decorators: tuple[ir.Expression, ...] = (),
        is_async: bool = False,
    ) -> ir.Function:
        raise NotImplementedError

    def parameters(self, node: cst.Parameters) -> tuple[ir.Parameter, ...]:
        out = [self._parameter(p, "plain") for p in (*node.posonly_params, *node.params)]
        if isinstance(node.star_arg, cst.Param):
            out.append(self._parameter(node.star_arg, "args"))
        out.extend(self._parameter(p, "keyword") for p in node.kwonly_params)
        if node.star_kwarg is not None:
            out.append(self._parameter(node.star_kwarg, "kwargs"))
        return tuple(out)

    def _parameter(self, node: cst.Param, kind: str) -> ir.Parameter:
        annotation = None if node.annotation is None else self.expression(node.annotation.annotation)
        return ir.Parameter(node.name.value, kind, self.optional(node.default), annotation)


_CONSTANT_NAMES = {"True": True, "False": False, "None": None}

_OPERATORS: dict[type, str] = {
    cst.Equal: "==",
    cst.NotEqual: "!=",
    cst.Is: "is",
    cst.IsNot: "is not",
    cst.In: "in",
    cst.NotIn: "not in",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
}

_EXPRESSIONS: dict[type, Callable[[ExpressionLowering, Any], ir.Expression]] = {
    cst.Name: ExpressionLowering._name,
    cst.Integer: ExpressionLowering._number,
    cst.Float: ExpressionLowering._number,
    cst.Imaginary: ExpressionLowering._number,
    cst.SimpleString: ExpressionLowering._number,
    cst.Ellipsis: ExpressionLowering._ellipsis,
    cst.ConcatenatedString: ExpressionLowering._concatenated,
    cst.FormattedString: ExpressionLowering._formatted,
    cst.Attribute: ExpressionLowering._attribute,
    cst.Call: ExpressionLowering._call,
    cst.Subscript: ExpressionLowering._subscript,
    cst.List: ExpressionLowering._display,
    cst.Tuple: ExpressionLowering._display,
    cst.Set: ExpressionLowering._display,
    cst.Dict: ExpressionLowering._dict,
    cst.StarredElement: ExpressionLowering._starred,
    cst.ListComp: ExpressionLowering._comprehension,
    cst.SetComp: ExpressionLowering._comprehension,
    cst.GeneratorExp: ExpressionLowering._comprehension,
    cst.DictComp: ExpressionLowering._comprehension,
    cst.BooleanOperation: ExpressionLowering._boolean,
    cst.UnaryOperation: ExpressionLowering._unary,
    cst.BinaryOperation: ExpressionLowering._binary,
    cst.Comparison: ExpressionLowering._comparison,
    cst.IfExp: ExpressionLowering._conditional,
    cst.NamedExpr: ExpressionLowering._walrus,
    cst.Await: ExpressionLowering._await,
    cst.Yield: ExpressionLowering._yield,
    cst.Lambda: ExpressionLowering._lambda,
}


def _is_one(step: cst.BaseExpression | None) -> bool:
    """Is the step of a slice 1 or -1?"""
    if isinstance(step, cst.UnaryOperation) and isinstance(step.operator, cst.Minus):
        step = step.expression
    return step is None or (isinstance(step, cst.Integer) and step.value == "1")
