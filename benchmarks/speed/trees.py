"""Code to measure on that is made up: one file that is full of processes, and projects that grow."""

from __future__ import annotations

from pathlib import Path

_FUNCTION = """
def run_{n}(items, parallel, queue):
    workers = []
    results = {{}}
    for index, item in enumerate(items):
        if not parallel and index % {n}:
            continue
        worker = multiprocessing.Process(target=work, args=(item, queue), name=f"worker-{n}-{{index}}")
        worker.start()
        workers.append(worker)
        if len(workers) >= 4:
            for running in workers:
                running.join(timeout=1.0)
            workers = [running for running in workers if running.is_alive()]
    try:
        while len(results) < len(items):
            key, value = queue.get()
            results[key] = value
            if value is None:
                logging.warning("nothing for %s in %d", key, {n})
    except OSError as error:
        logging.error("run_{n}: %s", error)
        raise
    finally:
        for worker in workers:
            worker.join()
    return {{key: value for key, value in sorted(results.items()) if value is not None}}
"""
_PLAIN = '''
class Record{n}:
    """One record of kind {n}."""

    def __init__(self, name, values):
        self.name = name
        self.values = [value for value in values if value % {m}]

    def total(self):
        result = 0
        for value in self.values:
            if value > {n}:
                result += value * {m}
            else:
                result -= value
        return result

    def describe(self):
        return f"{{self.name}}: {{self.total()}} of {{len(self.values)}}"
'''
_HEAD = '''"""Made up."""

import logging
import multiprocessing


def work(item, queue):
    queue.put((item, item))

'''


def heavy_file(path: Path, lines: int = 3000) -> None:
    """Write a file of about so many lines, all of which has to do with processes."""
    count = lines // _FUNCTION.count("\n")
    path.write_text(_HEAD + "\n".join(_FUNCTION.format(n=n + 2) for n in range(count)), encoding="utf-8")


def project(folder: Path, size: int) -> None:
    """Write a package of 40 modules times `size`, one in ten of which uses processes."""
    package = folder / "made_up"
    package.mkdir(parents=True)
    (folder / "pyproject.toml").write_text("", encoding="utf-8")
    (package / "__init__.py").write_text("", encoding="utf-8")
    for number in range(40 * size):
        text = '"""Made up."""\n\n' + "\n".join(_PLAIN.format(n=n, m=number + 2) for n in range(12))
        if number % 10 == 0:
            text = _HEAD + "\n".join(_FUNCTION.format(n=n + 2) for n in range(3)) + text
        (package / f"module_{number}.py").write_text(text, encoding="utf-8")
