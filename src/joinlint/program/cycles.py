"""Functions that may come to call each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

Node = TypeVar("Node")


def cycles(nodes: Iterable[Node], following: Callable[[Node], Iterable[Node]]) -> dict[Node, Node]:
    """By node: one that stands for all nodes that lead to each other, itself where it is on no cycle.

    Tarjan's algorithm with a stack of its own, since chains of calls are longer than Python's recursion goes.
    """
    found: dict[Node, Node] = {}
    order: dict[Node, int] = {}
    lowest: dict[Node, int] = {}
    open_nodes: list[Node] = []
    for start in nodes:
        if start in order:
            continue
        order[start] = lowest[start] = len(order)
        open_nodes.append(start)
        way = [(start, iter(following(start)))]
        while way:
            node, rest = way[-1]
            child = next(rest, None)
            if child is None:
                way.pop()
                if way:
                    lowest[way[-1][0]] = min(lowest[way[-1][0]], lowest[node])
                if lowest[node] == order[node]:
                    _close(node, open_nodes, found)
            elif child not in order:
                order[child] = lowest[child] = len(order)
                open_nodes.append(child)
                way.append((child, iter(following(child))))
            elif child not in found:
                lowest[node] = min(lowest[node], order[child])
    return found


def _close(node: Node, open_nodes: list[Node], found: dict[Node, Node]) -> None:
    """All nodes that were opened since `node` lead back to it."""
    while True:
        last = open_nodes.pop()
        found[last] = node
        if last == node:
            return
