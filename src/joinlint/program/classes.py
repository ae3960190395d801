"""The classes of the project: bases, subclasses and methods, across modules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from joinlint.program import ir, models
from joinlint.program.names import ClassKey, Names, Reference


class Classes:
    """The class hierarchy over all modules of a run."""

    def __init__(self, names: Mapping[str, Names], process_classes: Sequence[str] = ()) -> None:
        """`process_classes` are the dotted names of classes that are processes whatever they derive from."""
        self._names = names
        self._process_classes = process_classes
        self._bases: dict[ClassKey, tuple[ClassKey, ...]] = {}

    def definition(self, cls: ClassKey) -> ir.Class | None:
        names = self._names.get(cls[0])
        return None if names is None else names.module.classes.get(cls[1])

    def bases(self, cls: ClassKey) -> tuple[ClassKey, ...]:
        """All project classes that `cls` derives from, nearest first."""
        if cls not in self._bases:
            self._bases[cls] = ()  # a class that derives from itself has no further bases
            found: dict[ClassKey, None] = {}
            pending = [cls]
            while pending:
                current = pending.pop(0)
                for reference in self._direct(current):
                    key = (reference.module, reference.name)
                    if reference.kind == "class" and key != cls and key not in found:
                        found[key] = None
                        pending.append(key)
            self._bases[cls] = tuple(found)
        return self._bases[cls]

    def _direct(self, cls: ClassKey) -> Iterator[Reference]:
        for references in self.declared_bases(cls):
            yield from references

    def declared_bases(self, cls: ClassKey) -> Iterator[Sequence[Reference]]:
        """What each of the bases that the class names may stand for."""
        known = self.definition(cls)
        if known is not None:
            for base in known.bases:
                generic = base.value if isinstance(base, ir.Subscript) else base  # `Base[int]` is Base
                yield self._names[cls[0]].resolve(generic, known.parent or ir.MODULE_SCOPE)

    def library_bases(self, cls: ClassKey) -> frozenset[str]:
        """The dotted names of all library classes that `cls` derives from, in the standard library's terms."""
        found = set()
        for current in (cls, *self.bases(cls)):
            found |= {models.canonical(r.name) for r in self._direct(current) if r.kind == "library"}
            if self.is_declared_process(current):
                found.add(models.PROCESS_CLASS)
        return frozenset(found)

    def is_declared_process(self, cls: ClassKey) -> bool:
        """Has the user said that the class is one of processes?"""
        return any(is_named(f"{cls[0]}.{cls[1]}", name) for name in self._process_classes)

    def has_unknown_base(self, cls: ClassKey) -> bool:
        """Does `cls` derive from a class whose methods can't be seen, the library's own workers aside?"""
        for current in (cls, *self.bases(cls)):
            for references in self.declared_bases(current):
                names = {models.canonical(r.name) for r in references if r.kind == "library"}
                if not references or any(models.worker_kind(n) is None and n != "builtins.object" for n in names):
                    return True
        return False

    @cached_property
    def _subclasses(self) -> dict[ClassKey, list[ClassKey]]:
        table: dict[ClassKey, list[ClassKey]] = {}
        for name, names in self._names.items():
            for scope in names.module.classes:
                for base in self.bases((name, scope)):
                    table.setdefault(base, []).append((name, scope))
        return table

    def subclasses(self, cls: ClassKey) -> tuple[ClassKey, ...]:
        """The project classes that derive from `cls`."""
        return tuple(self._subclasses.get(cls, ()))

    def family(self, cls: ClassKey) -> tuple[ClassKey, ...]:
        """`cls`, its bases, and all that derive from any of them, each once: the classes whose methods may see the same
        object."""
        related = (cls, *self.bases(cls))
        return tuple(dict.fromkeys((*related, *(derived for known in related for derived in self.subclasses(known)))))

    def method(self, cls: ClassKey, name: str) -> tuple[str, ir.Function] | None:
        """The method that `name` finds on an instance of `cls`, with its module."""
        for module, scope in (cls, *self.bases(cls)):
            names = self._names.get(module)
            method = None if names is None else names.module.functions.get(f"{scope}.{name}")
            if method is not None:
                return module, method
        return None

    def member(self, cls: ClassKey, attr: str) -> Iterator[Reference]:
        """What the attribute of an instance may stand for."""
        for module, scope in (cls, *self.bases(cls)):
            names = self._names.get(module)
            if names is None:
                continue
            method = names.module.functions.get(f"{scope}.{attr}")
            if method is not None:
                yield Reference("function", method.scope, module)
                return
            values = names.attribute_values.get((scope, attr), ())
            for expression, where in values:
                yield from names.resolve(expression, where)
            if values:
                return


def is_named(dotted: str, name: str) -> bool:
    """Is `name` the dotted name of what the run knows as `dotted`, which may begin with the folders around it?"""
    return dotted == name or dotted.endswith("." + name)
