"""What an import statement imports from."""

from __future__ import annotations


def package_of(module_name: str, is_package: bool) -> str:
    """The dotted name of the package that a module's relative imports start from."""
    return module_name if is_package else module_name.rpartition(".")[0]


def source_of(module: str, level: int, package: str) -> str:
    """The dotted name of the module in `from …module import name`, with `level` leading dots."""
    if not level:
        return module
    parts = package.split(".") if package else []
    return ".".join([*parts[: len(parts) - level + 1], *([module] if module else [])])
