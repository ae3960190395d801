"""Small programs and the lines on which the lifecycle rules report something, nothing else.

Each is what is left of a report that was wrong or missing.
"""

from __future__ import annotations

import re
import textwrap

import pytest

from joinlint.pipeline import check_files
from joinlint.sources import SourceFile

LIFECYCLE = {"JL101", "JL102", "JL105", "JL106"}

PROGRAMS = {
    "a loop that asks by way of a method": """
        import multiprocessing
        import time

        class Waiting:
            def __init__(self):
                self.workers = []

            def start(self):
                worker = multiprocessing.Process(target=print)
                worker.start()
                self.workers.append(worker)

            def finish(self):
                while not self.are_done():
                    time.sleep(1)

            def are_done(self):
                running = any(worker.is_alive() for worker in self.workers)
                told = 1 if running else 0
                return told == 0

        class Returning:
            def __init__(self):
                self.workers = []

            def start(self):
                worker = multiprocessing.Process(target=print)
                worker.start()
                self.workers.append(worker)

            def finish(self):
                while not self.are_done():
                    time.sleep(1)

            def are_done(self):
                for worker in self.workers:
                    if worker.is_alive():
                        return False
                return True

        class Looking:
            def __init__(self):
                self.workers = []

            def start(self):
                worker = multiprocessing.Process(target=print)
                worker.start()  # expect: JL101
                self.workers.append(worker)

            def finish(self):
                while not self.are_done():
                    time.sleep(1)

            def are_done(self):
                print(any(worker.is_alive() for worker in self.workers))
                return input() == ""

        """,
    "a class derived from a generic one": """
        from multiprocessing import Process
        from typing import Generic, TypeVar

        T = TypeVar("T")

        class Base(Process, Generic[T]):
            pass

        class Worker(Base[int]):
            pass

        def main():
            worker = Worker(target=print)
            worker.start()  # expect: JL101
        """,
    "numbers that can't be": """
        import multiprocessing

        def whole(n):
            if n == 0 or n == 1:
                print(n)
            else:
                p = multiprocessing.Process(target=print)
                p.start()
            if n < 0 or n > 1:
                p.join()

        def ratio(n):
            if n > 1:
                p = multiprocessing.Process(target=print)
                p.start()  # expect: JL102
            if n >= 2:
                p.join()

        def counted(items):
            count = 0
            for count, item in enumerate(items, 1):
                print(item)
            if count > 0:
                p = multiprocessing.Process(target=print)
                p.start()  # expect: JL101

        def added(n, m):
            if n > 0:
                return
            n += m
            if n > 1:
                p = multiprocessing.Process(target=print)
                p.start()  # expect: JL101

        def inner(n):
            def add():
                nonlocal n
                n += 1
            if n > 0:
                return
            add()
            if n > 1:
                p = multiprocessing.Process(target=print)
                p.start()  # expect: JL101

        def huge(x):
            if x == 0:
                return
            if x > 1e20:
                p = multiprocessing.Process(target=print)
                p.start()  # expect: JL101

        def between(n):
            if n > 1 and n != 2 and n < 4:
                p = multiprocessing.Process(target=print)
                p.start()
            if n == 3:
                p.join()

        def fraction(x):
            if x > 0.5:
                p = multiprocessing.Process(target=print)
                p.start()  # expect: JL102
            if x >= 1:
                p.join()

        def too_few(n):
            if n > 0:
                p = multiprocessing.Process(target=print)
                p.start()  # expect: JL102
            if n > 1:
                p.join()

        def changed(n):
            if n > 1:
                p = multiprocessing.Process(target=print)
                p.start()  # expect: JL102
            n -= 1
            if n >= 2:
                p.join()
        """,
    "processes that come from two starts to one end": """
        import multiprocessing

        def stop(process):
            process.terminate()  # expect: JL106

        def one():
            process = multiprocessing.Process(target=print)
            process.start()
            stop(process)

        def other():
            process = multiprocessing.Process(target=print)
            process.start()
            stop(process)
        """,
    "ending something else may fail": """
        import multiprocessing

        def main(container):
            p = multiprocessing.Process(target=print)
            p.start()  # expect: JL102
            try:
                container.kill()
            except Exception:
                return
            p.join()
        """,
    "ending another process is not expected to fail": """
        import multiprocessing

        def main():
            try:
                first = multiprocessing.Process(target=print)
                second = multiprocessing.Process(target=print)
                try:
                    first.start()
                    second.start()
                    print()
                finally:
                    first.terminate()  # expect: JL106
                    second.terminate()  # expect: JL106
            except (Exception, KeyboardInterrupt) as error:
                print(error)
        """,
    "a loop over what is given the process in the meantime": """
        import multiprocessing

        class Service:
            def run(self):
                for item in self.work:
                    self.work = multiprocessing.Process(target=print, args=(item,))
                    self.work.start()  # expect: JL101
        """,
    "functions that are handed on and have nothing to do with the process": """
        import functools, os
        from multiprocessing import Process

        def joined_paths(paths):
            paths = sorted(paths, key=lambda p: os.path.join("x", p))
            p = Process(target=print, args=(paths,))
            p.start()  # expect: JL101

        def decorated():
            @functools.lru_cache
            def name(p):
                return "/".join(p)
            p = Process(target=print, args=(name("ab"),))
            p.start()  # expect: JL101

        def in_the_child():
            workers = []
            def work():
                for worker in workers:
                    worker.join()
            worker = Process(target=work)
            worker.start()  # expect: JL101
            workers.append(worker)

        def shown():
            workers = []
            def stop():
                for worker in workers:
                    worker.join()
            print(stop)
            worker = Process(target=print)
            worker.start()  # expect: JL101
            workers.append(worker)
        """,
    "functions that are handed on and wait for the process": """
        import atexit, functools, weakref
        from multiprocessing import Process

        def by_name():
            worker = None
            def stop():
                worker.join()
            atexit.register(stop)
            worker = Process(target=print)
            worker.start()

        def by_lambda(owner):
            workers = []
            weakref.finalize(owner, lambda: [worker.join() for worker in workers])
            worker = Process(target=print)
            worker.start()
            workers.append(worker)

        def decorated():
            workers = []
            @atexit.register
            def stop():
                for worker in workers:
                    worker.join()
            worker = Process(target=print)
            worker.start()
            workers.append(worker)
        """,
    "a list that is emptied while a name still has the process": """
        import time
        from multiprocessing import Process

        def serve():
            server = Process(target=print)
            server.start()
            children = [server]
            while time.time() < 1e9:
                for child in children:
                    print(child.pid)
                children = []
                time.sleep(10)
            server.join()
        """,
    "a function that is handed on and joins words": """
        import os, threading
        from multiprocessing import Process

        def main():
            workers = []
            def watch():
                print(os.path.join("/tmp", str(len(workers))), ", ".join(map(str, workers)))
            threading.Timer(1, watch).start()
            worker = Process(target=print)
            worker.start()  # expect: JL101
            workers.append(worker)
        """,
    "a name that outlives the list that nothing reads again": """
        from multiprocessing import Process

        def main():
            workers = [Process(target=print) for _ in range(3)]
            for worker in workers:
                worker.start()  # expect: JL101
            print("last", worker.name)
        """,
    "a start that is expected to fail": """
        import multiprocessing

        class Test:
            def test_mixed(self):
                p = multiprocessing.get_context("spawn").Process(target=print)
                with self.assertRaisesRegex(RuntimeError, "fork"):
                    p.start()
        """,
    "a process that is stopped in each round and after the loop": """
        import os, signal
        from multiprocessing import get_context
        spawn_context = get_context("spawn")

        def start(target):
            process = spawn_context.Process(target=target)
            process.start()
            return Combined(process)

        class Combined:
            def __init__(self, p):
                self._p = p
            def stop(self, t=5):
                if self.is_alive():
                    os.kill(self.pid, signal.SIGINT)
                    try:
                        self.join(t)
                    except ValueError:
                        pass
                    if self.exitcode is None:
                        os.kill(self.pid, signal.SIGKILL)
                        self.join(t)
                else:
                    print("dead", self.exitcode)
            def is_alive(self):
                return self._p.is_alive()
            @property
            def pid(self):
                return self._p.pid
            def join(self, timeout):
                self._p.join(timeout)
            @property
            def exitcode(self):
                return self._p.exitcode

        def run(paths, target):
            process = start(target)
            try:
                for changes in paths:
                    process.stop()
                    process = start(target)
            finally:
                process.stop()
        """,
    "members joined by index, key or what they report": """
        import multiprocessing
        def one(buckets):
            ps = [multiprocessing.Process(target=print, args=(b,)) for b in buckets]
            for p in ps:
                p.start()
            for i in range(len(buckets)):
                ps[i].join()

        def two(n):
            ps = []
            for i in range(n):
                p = multiprocessing.Process(target=print, args=(i,))
                p.start()
                ps.append(p)
            for i in range(n):
                ps[i].join()

        def three(n):
            ps = {}
            for i in range(n):
                ps[i] = multiprocessing.Process(target=print, args=(i,))
                ps[i].start()
            for k in ps:
                ps[k].join()

        def four(names):
            ps = {}
            for name in names:
                ps[name] = multiprocessing.Process(target=print, args=(name,))
                ps[name].start()
            for name in names:
                ps[name].join()

        def five(n, q):
            ps = [multiprocessing.Process(target=print) for _ in range(n)]
            [p.start() for p in ps]
            while n:
                i = q.get()
                ps[i].join()
                n -= 1

        def six(n, q):
            ps = [multiprocessing.Process(target=print) for _ in range(n)]
            for p in ps:
                p.start()
            for _ in range(n):
                i = q.get()
                ps[i].join()
        def seven(buckets, q):
            ps = []
            for i, b in enumerate(buckets):
                ps.append(multiprocessing.Process(target=print, args=(b,)))
            for p in ps:
                p.start()
            for i in range(len(buckets)):
                n, r = q.get()
                ps[n].join()
        """,
    "only those that have ended are joined": """
        import multiprocessing, time
        def main(files, limit):
            procs = []
            for f in files:
                p = multiprocessing.Process(target=print, args=(f,))
                p.start()  # expect: JL102
                procs.append(p)
                while len(procs) >= limit:
                    for p in procs:
                        if p.exitcode is not None:
                            p.join()
                            procs.remove(p)
                    time.sleep(0.1)
        """,
    "a break among members joined by what they report": """
        import multiprocessing
        def main(buckets, q):
            ps = []
            for i, b in enumerate(buckets):
                ps.append(multiprocessing.Process(target=print, args=(b,)))
            for p in ps:
                p.start()  # expect: JL102
            for i in range(len(buckets)):
                n, r = q.get()
                if isinstance(r, Exception):
                    break
                ps[n].join()
        """,
    "a weak reference that joins at exit": """
        import atexit, weakref
        import multiprocessing
        def ensure(proc):
            def stop(ref):
                p = ref()
                if p is None:
                    return
                p.terminate()
                p.join()
            atexit.register(stop, weakref.ref(proc))
        class Prof:
            def start(self):
                self._proc = multiprocessing.Process(target=print)
                ensure(self._proc)
                self._proc.start()
            def stop(self):
                self._proc.terminate()
        def local():
            p = multiprocessing.Process(target=print)
            ensure(p)
            p.start()
        """,
    "a test of what the process is an instance of": """
        import multiprocessing
        import subprocess

        def ensure(process):
            if isinstance(process, list):
                return
            process.join()

        def through_a_helper():
            p = multiprocessing.Process(target=print)
            p.start()
            ensure(p)

        def of_either_kind(command):
            p = multiprocessing.Process(target=print)
            p.start()
            if isinstance(p, multiprocessing.Process):
                p.join()
            elif isinstance(p, (str, subprocess.Popen)):
                print(command)

        def of_a_class_that_is_not_known(cls):
            p = multiprocessing.Process(target=print)
            p.start()  # expect: JL102
            if isinstance(p, cls):
                p.join()
        """,
    "a wait by the pid in another function": """
        import multiprocessing
        import os
        import psutil

        def reap(pid):
            psutil.wait_procs([psutil.Process(pid)])

        def show(pid):
            print(os.path.exists(f"/proc/{pid}"))

        class Owner:
            def start(self):
                self.process = multiprocessing.Process(target=print)
                self.process.start()

            def stop(self):
                reap(self.process.pid)

        def shown():
            process = multiprocessing.Process(target=print)
            process.start()  # expect: JL101
            show(process.pid)
        """,
    "a join whose time is limited from outside": """
        import gevent
        import multiprocessing

        def main():
            p = multiprocessing.Process(target=print)
            p.start()
            with gevent.Timeout(3):
                p.join(10)

        def without_a_limit():
            p = multiprocessing.Process(target=print)
            p.start()
            with gevent.spawn(3):
                p.join(10)  # expect: JL105
        """,
    "a start before a block that is expected to fail": """
        import multiprocessing
        import pytest

        def test_mixed():
            p = multiprocessing.Process(target=print)
            p.start()  # expect: JL101
            with pytest.raises(AssertionError):
                p.start()
        """,
    "a field that another object takes over": """
        import multiprocessing
        import threading

        class Manager(threading.Thread):
            def __init__(self, executor):
                super().__init__()
                self.processes = executor._processes

            def run(self):
                for p in self.processes.values():
                    p.join()

        class Executor:
            def __init__(self):
                self._processes = {}

            def manage(self):
                self.manager = Manager(self)
                self.manager.start()

            def spawn(self):
                p = multiprocessing.Process(target=print)
                p.start()
                self._processes[p.pid] = p
        """,
    "a field that another object takes over and forgets": """
        import multiprocessing

        class Manager:
            def __init__(self, executor):
                self.processes = executor._processes

        class Executor:
            def __init__(self):
                self._processes = {}

            def spawn(self):
                p = multiprocessing.Process(target=print)
                p.start()  # expect: JL101
                self._processes[p.pid] = p
        """,
    "one report for a start that two callers get": """
        import multiprocessing

        def launch():
            p = multiprocessing.Process(target=print)
            p.start()  # expect: JL101
            for _ in range(3):
                if p.is_alive():
                    return p
            p.terminate()
            raise TimeoutError

        class Server:
            def __init__(self):
                self.process = launch()
        """,
    "a long chain of conditions": f"""
        import multiprocessing

        def main(a, b):
            p = multiprocessing.Process(target=print)
            p.start()  # expect: JL102
            x = {" and ".join(["a == b"] * 60)}
            if {" or ".join(["(a and b)"] * 60)}:
                p.join()
        """,
    "many calls with comparisons as arguments": f"""
        import multiprocessing

        def main(a, b):
            p = multiprocessing.Process(target=print)
            p.start()
            print({", ".join(["a == b"] * 40)}, p)
            p.join()
        """,
    "a server that never ends": """
        import multiprocessing

        def serve(server):
            while True:
                client = server.accept()
                process = multiprocessing.Process(target=print, args=(client,))
                process.start()  # expect: JL101
        """,
    "a server that reaps its children": """
        import multiprocessing

        def serve(server):
            while True:
                for child in multiprocessing.active_children():
                    child.join()
                process = multiprocessing.Process(target=print, args=(server.accept(),))
                process.start()
        """,
    "a server that keeps its children": """
        import multiprocessing

        def serve(server):
            children = []
            while True:
                children = [child for child in children if child.is_alive()]
                process = multiprocessing.Process(target=print, args=(server.accept(),))
                process.start()
                children.append(process)
        """,
    "processes as keys": """
        import multiprocessing

        def main(paths):
            outputs = {}
            for path in paths:
                p = multiprocessing.Process(target=print)
                p.start()
                outputs[p] = path
            for p, path in outputs.items():
                p.join()
        """,
    "stopped in a helper": """
        import multiprocessing

        def stop(process):
            process.terminate()  # expect: JL106

        def main():
            p = multiprocessing.Process(target=print)
            p.start()
            stop(p)
        """,
    "joined in a helper of a helper": """
        import multiprocessing

        def wait(process):
            process.join()

        def stop(process):
            process.terminate()
            wait(process)

        def main():
            p = multiprocessing.Process(target=print)
            p.start()
            stop(p)
        """,
    "recursion that joins in the end": """
        import multiprocessing

        def drain(workers):
            if workers:
                workers.pop().join()
                drain(workers)

        def main():
            workers = [multiprocessing.Process(target=print) for _ in range(3)]
            for worker in workers:
                worker.start()
            drain(workers)
        """,
    "what follows the call of an abstract method": """
        import multiprocessing

        class Base:
            def set_up(self):
                raise NotImplementedError

            def check(self):
                raise ValueError("no check")

            def fail(self):
                raise ValueError("for all")

        class Runner(Base):
            def run(self):
                self.set_up()
                p = multiprocessing.Process(target=print)
                p.start()  # expect: JL101

            def run_checked(self, quick):
                p = multiprocessing.Process(target=print)
                p.start()  # expect: JL102
                self.check()
                if quick:
                    return
                p.join()

            def never_starts(self):
                self.fail()
                p = multiprocessing.Process(target=print)
                p.start()

            def hands_over(self):
                p = multiprocessing.Process(target=print)
                p.start()
                self.take(p)

            def take(self, process):
                raise NotImplementedError("whoever takes it joins it")

        class Derived(Runner):
            def set_up(self):
                print("set up")

            def check(self):
                print("checked")
        """,
    "up a chain that may have no end": """
        import functools
        import multiprocessing

        def climb(node):
            p = multiprocessing.Process(target=print)
            p.start()  # expect: JL101
            while node.parent is not None:
                node = node.parent

        def wrap(call):
            p = multiprocessing.Process(target=print)
            p.start()  # expect: JL101
            for number in range(9):
                call = functools.partial(call, number)
            return call
        """,
    "what the program has put on a process is no way to it": """
        import multiprocessing
        from somewhere import consume

        class Worker(multiprocessing.Process):
            def __init__(self):
                super().__init__()
                self.queue = multiprocessing.Queue()

            def status(self):
                return self.exitcode

        class Waiting(multiprocessing.Process):
            def __init__(self):
                super().__init__()
                self.wait = self.join

        def own():
            w = Worker()
            w.start()  # expect: JL101
            consume(w.queue)

        def private(workers):
            p = multiprocessing.Process(target=print)
            p.start()  # expect: JL101
            consume("%d of %d" % (p.pid, p._parent_pid))

        def joins():
            w = Waiting()
            w.start()
            consume(w.wait)

        def method():
            w = Worker()
            w.start()
            consume(w.status)

        def polled():
            p = multiprocessing.Process(target=print)
            p.start()
            consume(p.is_alive)
        """,
    "a caller that joins all children": """
        import multiprocessing

        def launch():
            multiprocessing.Process(target=print).start()

        def main():
            launch()
            for p in multiprocessing.active_children():
                p.join()

        class Pool:
            def __init__(self):
                self.workers = []

            def start(self):
                p = multiprocessing.Process(target=print)
                p.start()
                self.workers.append(p)

            def finish(self):
                while len(multiprocessing.active_children()) > 0:
                    print("waiting")

        def quick_launch():
            multiprocessing.Process(target=print).start()  # expect: JL102

        def hurried(quick):
            quick_launch()
            if quick:
                return
            for p in multiprocessing.active_children():
                p.join()
        """,
    "loops that count the children that are left": """
        import multiprocessing
        import time

        def longer_than_none():
            multiprocessing.Process(target=print).start()
            while len(multiprocessing.active_children()) > 0:
                time.sleep(1)

        def none_left():
            multiprocessing.Process(target=print).start()
            while True:
                if len(multiprocessing.active_children()) == 0:
                    break

        def counted():
            multiprocessing.Process(target=print).start()
            left = len(multiprocessing.active_children())
            while left:
                left = len(multiprocessing.active_children())

        def counted_once():
            multiprocessing.Process(target=print).start()  # expect: JL101
            print(len(multiprocessing.active_children()))
        """,
    "those that have ended are taken out by their own names": """
        import multiprocessing

        def popped(jobs):
            running = {}
            for job in jobs:
                p = multiprocessing.Process(target=print, name=job)
                running[job] = p
                p.start()
            while running:
                for p in list(running.values()):
                    p.join(2)
                    if not p.is_alive():
                        running.pop(p.name)

        def deleted(jobs):
            running = {}
            for job in jobs:
                p = multiprocessing.Process(target=print)
                p.start()
                running[p.pid] = p
            while running:
                for p in list(running.values()):
                    p.join(2)
                    if not p.is_alive():
                        del running[p.pid]

        def dropped(jobs):
            running = {}
            for job in jobs:
                p = multiprocessing.Process(target=print)
                running[job] = p
                p.start()  # expect: JL101
            for job in jobs:
                running.pop(job)
        """,
    "a list on a field and a dict of that name elsewhere": """
        import multiprocessing

        def elsewhere():
            running = {}
            return running

        class Other:
            def __init__(self):
                self.running = {}

        class Server:
            def __init__(self):
                self.running = []

            def run(self):
                p = multiprocessing.Process(target=print)
                p.start()
                self.running.append(p)

            def finish(self):
                for p in self.running:
                    p.join()
        """,
    "ended, waited for and ended again": """
        import multiprocessing

        def kills_at_last():
            p = multiprocessing.Process(target=print)
            p.start()
            p.join(1)
            if p.is_alive():
                p.terminate()
                p.join(1)
                if p.is_alive():
                    p.kill()  # expect: JL106

        def kills_and_joins():
            p = multiprocessing.Process(target=print)
            p.start()
            p.terminate()
            p.join(1)
            if p.is_alive():
                p.kill()
                p.join()

        def waits_twice():
            p = multiprocessing.Process(target=print)
            p.start()
            p.join(1)
            if p.is_alive():
                p.join(20)
            if p.is_alive():
                p.terminate()  # expect: JL106

        class Engine:
            def __init__(self):
                self.engine = multiprocessing.Process(target=print)
                self.engine.start()

            def close(self):
                self.engine.terminate()
                self.engine.join(1)
                if self.engine.is_alive():
                    self.engine.kill()  # expect: JL106
                self.engine = None

        class Careful:
            def __init__(self):
                self.careful = multiprocessing.Process(target=print)
                self.careful.start()

            def close(self):
                self.careful.join(2)
                if self.careful.is_alive():
                    self.careful.join(20)
                if self.careful.is_alive():
                    self.careful.terminate()
                    self.careful.join(1)
        """,
    "joined for a while, then ended, on a field": """
        import multiprocessing

        class Field:
            def __init__(self):
                self.process = multiprocessing.Process(target=print)

            def start(self):
                self.process.start()

            def stop(self):
                self.process.join(timeout=1)
                if self.process.is_alive():
                    self.process.terminate()  # expect: JL106

        class Listed:
            def __init__(self):
                self.listed = []

            def start(self):
                p = multiprocessing.Process(target=print)
                p.start()
                self.listed.append(p)

            def stop(self):
                for p in self.listed:
                    p.join(timeout=1)
                    if p.is_alive():
                        p.terminate()  # expect: JL106

        class AtTheStart:
            def set_up(self):
                self.served = multiprocessing.Process(target=print)
                self.served.start()
                self.served.join(timeout=1)
                print(self.served.pid)

            def tear_down(self):
                self.served.terminate()  # expect: JL106

        class Joined:
            def __init__(self):
                self.joined = multiprocessing.Process(target=print)
                self.joined.start()

            def stop(self):
                self.joined.join(timeout=1)
                if self.joined.is_alive():
                    self.joined.terminate()

            def close(self):
                self.joined.join()
        """,
    "daemons that are ended or waited for": """
        import multiprocessing

        class Ended:
            def __enter__(self):
                self.ended = multiprocessing.Process(target=print)
                self.ended.daemon = True
                self.ended.start()
                return self

            def __exit__(self, *exc):
                self.ended.terminate()  # expect: JL106

        class Timed:
            def __init__(self):
                self.timed = multiprocessing.Process(target=print, daemon=True)
                self.timed.start()

            def cancel(self, timeout=1):
                self.timed.join(timeout)  # expect: JL105
                self.timed = None

        class Left:
            def __init__(self):
                self.left = multiprocessing.Process(target=print, daemon=True)
                self.left.start()

        class Reaped:
            def __init__(self):
                self.reaped = multiprocessing.Process(target=print, daemon=True)
                self.reaped.start()

            def close(self):
                self.reaped.terminate()
                self.reaped.join()

        def by_branch(stop):
            p = multiprocessing.Process(target=print, daemon=True)
            p.start()
            if stop:
                p.terminate()  # expect: JL106
            else:
                p.join()

        def by_handler():
            p = multiprocessing.Process(target=print, daemon=True)
            p.start()
            try:
                p.join()
            except KeyboardInterrupt:
                p.terminate()  # expect: JL106

        def in_two_ways(hard):
            p = multiprocessing.Process(target=print, daemon=True)
            p.start()
            if hard:
                p.kill()  # expect: JL106
            else:
                p.terminate()  # expect: JL106
        """,
    "asked before, not after": """
        import multiprocessing

        class Guarded:
            def start(self):
                self.guarded = multiprocessing.Process(target=print)
                self.guarded.start()

            def stop(self):
                if self.guarded.is_alive():
                    self.guarded.join(2)  # expect: JL105

        class Asked:
            def start(self):
                self.asked = multiprocessing.Process(target=print)
                self.asked.start()

            def stop(self):
                if self.asked.is_alive():
                    self.asked.join(2)

            def is_running(self):
                return self.asked.is_alive()

        def guarded_daemon():
            p = multiprocessing.Process(target=print, daemon=True)
            p.start()
            if p.is_alive():
                p.join(2)  # expect: JL105

        def guarded_in_full():
            p = multiprocessing.Process(target=print)
            p.start()
            if p.is_alive():
                p.join()
        """,
    "those that have ended are collected first, and taken out then": """
        import multiprocessing

        def deleted(names):
            flight = {}
            for name in names:
                worker = multiprocessing.Process(target=print)
                flight[name] = worker
                worker.start()
            while flight:
                finished = [name for name, worker in flight.items() if not worker.is_alive()]
                for name in finished:
                    del flight[name]

        def popped(names):
            flight = {}
            for name in names:
                worker = multiprocessing.Process(target=print)
                worker.start()
                flight[name] = worker
            while flight:
                dead = []
                for name, worker in flight.items():
                    if worker.exitcode is not None:
                        dead.append(name)
                for name in dead:
                    flight.pop(name)
        """,
    "a list that grows by lists": """
        import multiprocessing

        def added(n):
            workers = []
            for _ in range(n):
                workers = workers + [multiprocessing.Process(target=print)]
                workers[-1].start()
            for worker in workers:
                worker.join()
        """,
    "a join that passes on what it is given": """
        import multiprocessing

        class Sniffer:
            def start(self):
                self.sniffing = multiprocessing.Process(target=print)
                self.sniffing.start()

            def join(self, *args, **kwargs):
                self.sniffing.join(*args, **kwargs)

        class Keyword:
            def start(self):
                self.keyword = multiprocessing.Process(target=print)
                self.keyword.start()

            def join(self, **kwargs):
                self.keyword.join(**kwargs)
        """,
    "seen to have ended after the signal": """
        import multiprocessing
        import time

        def check(seconds):
            p = multiprocessing.Process(target=print)
            p.start()
            p.join(timeout=seconds)
            if p.is_alive():
                p.terminate()
                time.sleep(0.1)
            if p.is_alive():
                p.kill()  # expect: JL106
                time.sleep(0.1)
        """,
    "all children, in another method": """
        import multiprocessing

        class Server:
            def spawn(self):
                p = multiprocessing.Process(target=print)
                p.start()

            def stop(self):
                for p in multiprocessing.active_children():
                    p.join()

        class Counting:
            def spawn(self):
                p = multiprocessing.Process(target=print)
                p.start()  # expect: JL101

            def count(self):
                return len(multiprocessing.active_children())
        """,
    "asked for by its attributes": """
        import multiprocessing

        def stop_all():
            workers = []
            for _ in range(3):
                worker = multiprocessing.Process(target=print)
                worker.start()
                workers.append(worker)
            for worker in workers:
                if hasattr(worker, "terminate"):
                    worker.terminate()
                worker.join(1)
        """,
    "a poller that an event loop calls": """
        import multiprocessing

        class View:
            def __init__(self, root):
                self.root = root
                self.work = multiprocessing.Process(target=print)
                self.work.start()
                self.check()

            def check(self):
                if self.work.is_alive():
                    self.root.after(100, self.check)
                else:
                    print("done")

        class Timer:
            def __init__(self, timer):
                self.job = multiprocessing.Process(target=print)
                self.job.start()
                timer.timeout.connect(self.poll)

            def poll(self):
                if not self.job.is_alive():
                    print("done")

        class Asked:
            def __init__(self):
                self.asked = multiprocessing.Process(target=print)
                self.asked.start()  # expect: JL101

            def is_running(self):
                return self.asked.is_alive()
        """,
    "children that are asked for in each round": """
        import multiprocessing

        def server(wanted):
            p = multiprocessing.Process(target=print, name="collector")
            p.daemon = True
            p.start()
            while True:
                for process in multiprocessing.active_children():
                    if process.name not in wanted():
                        process.terminate()
        """,
    "a server that is interrupted inside of its loop": """
        import multiprocessing

        def serve(sock):
            workers = []
            while True:
                try:
                    connection = sock.accept()
                    p = multiprocessing.Process(target=print, args=(connection,))
                    p.start()
                    workers.append(p)
                except KeyboardInterrupt:
                    break
            for p in workers:
                p.join()

        def until_told(signal, queue):
            workers, stop = [], False

            def on_signal(*args):
                nonlocal stop
                stop = True

            signal(on_signal)
            while not stop:
                p = multiprocessing.Process(target=print, args=(queue.get(),))
                p.start()
                workers.append(p)
            for p in workers:
                p.join()
        """,
    "started, waited for and looked at in one method": """
        import multiprocessing

        class Runner:
            def run(self):
                self.running = multiprocessing.Process(target=print, daemon=True)
                self.running.start()
                self.running.join(10)
                if self.running.is_alive():
                    raise TimeoutError

        class Told:
            def run(self):
                self.told = multiprocessing.Process(target=print)
                self.told.start()
                self.told.join(10)
                return self.told.exitcode

        class Blind:
            def run(self):
                self.blind = multiprocessing.Process(target=print, daemon=True)
                self.blind.start()
                self.blind.join(10)  # expect: JL105
        """,
    "an attribute that knows its owner": """
        import multiprocessing

        class Control:
            def __init__(self, process):
                self.process = process

            def shut_down(self):
                self.process.terminate()
                self.process.join()

        class Worker(multiprocessing.Process):
            def __init__(self, group):
                super().__init__()
                self.control = Control(self)
                self.group = group
                self.group.add(self)

        class Sized(multiprocessing.Process):
            def __init__(self, group):
                super().__init__()
                self.size = len(group)

        def controlled(registry, group):
            w = Worker(group)
            w.start()
            registry.add(w.control)

        def grouped(registry, group):
            w = Worker(group)
            w.start()
            registry.add(w.group)

        def sized(registry, group):
            w = Sized(group)
            w.start()  # expect: JL101
            registry.add(w.size)
        """,
    "what another waits for is not ended here": """
        import multiprocessing

        def waits_twice(other):
            p = multiprocessing.Process(target=print)
            p.start()
            p.join(3)
            if p.is_alive():
                print("still there")
                p.join(10)
            other.terminate()
        """,
    "workers that know each other, and can't join": """
        import multiprocessing

        class Stage(multiprocessing.Process):
            def __init__(self, before):
                super().__init__()
                self.source = before.queue if before else None
                self.queue = multiprocessing.Queue()

        class Chained(multiprocessing.Process):
            def __init__(self, before):
                super().__init__()
                self.before = before

        def pipeline():
            last = None
            for _ in range(3):
                last = Stage(last)
                last.start()  # expect: JL102
            last.join()

        def chain():
            last = None
            for _ in range(3):
                last = Chained(last)
                last.start()
            last.join()

        class Owner:
            def start_all(self):
                for _ in range(3):
                    p = multiprocessing.Process(target=print, args=(self,))
                    p.start()  # expect: JL101
                    self.started.append(p)
        """,
    "fewer children than so many": """
        import multiprocessing
        import time

        def throttled(jobs):
            for job in jobs:
                p = multiprocessing.Process(target=print, args=(job,))
                p.start()  # expect: JL101
                while len(multiprocessing.active_children()) >= 4:
                    time.sleep(1)
        """,
    "joined for a while in a loop that asks": """
        import multiprocessing

        class Patient:
            def run(self, is_cancelled):
                self.patient = multiprocessing.Process(target=print, daemon=True)
                self.patient.start()
                while self.patient.is_alive():
                    self.patient.join(0.1)
                    if is_cancelled():
                        return
        """,
    "ended, and then all children asked for": """
        import atexit
        import multiprocessing

        def asked():
            p = multiprocessing.Process(target=print)
            p.start()
            p.terminate()
            print(multiprocessing.active_children())

        def asked_before():
            p = multiprocessing.Process(target=print)
            p.start()
            print(multiprocessing.active_children())
            p.terminate()  # expect: JL106

        def at_exit():
            p = multiprocessing.Process(target=print, daemon=True)
            p.start()
            atexit.register(p.terminate)
        """,
    "an attribute that is given its owner": """
        import multiprocessing

        class Worker(multiprocessing.Process):
            control = None

            def take(self, make):
                self.control = make(self)

        class Plain(multiprocessing.Process):
            control = None

            def take(self, make):
                self.control = make(self.name)

        def controlled(registry):
            w = Worker()
            w.start()
            registry.add(w.control)

        def plain(registry):
            w = Plain()
            w.start()  # expect: JL101
            registry.add(w.control)
        """,
    "looked at on one path alone": """
        import multiprocessing

        class First:
            def run(self, is_quick):
                self.first = multiprocessing.Process(target=print)
                self.first.start()
                self.first.join(1)  # expect: JL105
                if is_quick:
                    return
                print(self.first.is_alive())

        class Last:
            def run(self, is_thorough):
                self.last = multiprocessing.Process(target=print)
                self.last.start()
                self.last.join(1)  # expect: JL105
                if is_thorough:
                    return self.last.exitcode
                return None
        """,
    "a list of one class and a dict of another": """
        import multiprocessing

        class Numbered:
            def __init__(self):
                self.running = {}

        class Server:
            def __init__(self):
                self.running = []

            def run(self):
                p = multiprocessing.Process(target=print)
                p.start()
                self.running.append(p)

        def finish(owner):
            for p in owner.running:
                p.join()
        """,
    "a global that is now a dict and now a list": """
        import multiprocessing

        jobs = {}

        def start():
            global jobs
            jobs = []
            p = multiprocessing.Process(target=print)
            p.start()
            jobs.append(p)

        def stop():
            for p in jobs:
                p.join()
        """,
    "functions that end the process, and such as may not": """
        import multiprocessing
        import os
        import sys

        class Runner:
            def die(self):
                os._exit(1)

            def run(self, work, bad):
                p = multiprocessing.Process(target=work)
                p.start()
                if bad:
                    self.die()
                p.join()

            def run_and_raise(self, work, bad):
                p = multiprocessing.Process(target=work)
                p.start()  # expect: JL102
                if bad:
                    self.fail()
                p.join()

            def fail(self):
                raise ValueError

        def by_helper():
            print("over")
            hard()

        def hard():
            try:
                print("really")
            finally:
                os._exit(1)

        def either(code):
            with open("log") as log:
                if code:
                    os.abort()
                else:
                    by_helper()

        def soft(code):
            if code:
                os._exit(1)
            else:
                sys.exit(1)

        def perhaps(code):
            try:
                soft(code)
            except SystemExit:
                print("not yet")

        def again(code):
            again(code)
            os._exit(1)

        def to(code):
            fro(code)

        def fro(code):
            to(code)

        def use(work, bad):
            p = multiprocessing.Process(target=work)
            p.start()
            if bad == 1:
                by_helper()
            elif bad == 2:
                hard()
            elif bad == 3:
                either(bad)
            elif bad == 4:
                again(bad)
            else:
                p.join()

        def use_to(work, bad):
            p = multiprocessing.Process(target=work)
            p.start()
            if bad:
                to(bad)
            p.join()

        def use_soft(work, bad):
            p = multiprocessing.Process(target=work)
            p.start()  # expect: JL102
            if bad:
                soft(bad)
            p.join()

        def use_perhaps(work, bad):
            p = multiprocessing.Process(target=work)
            p.start()  # expect: JL102
            if bad:
                perhaps(bad)
            else:
                p.join()

        class Base:
            def stop(self):
                os._exit(1)

            def run(self, work, bad):
                p = multiprocessing.Process(target=work)
                p.start()  # expect: JL102
                if bad:
                    self.stop()
                else:
                    p.join()

        class Derived(Base):
            def stop(self):
                print("stopped")
        """,
    "processes that are counted, asked by comparison, or have no number yet": """
        import time
        from multiprocessing import Process

        def counts(ps):
            for p in ps:
                print(p)

        def by_truth(work):
            ps = [Process(target=work) for _ in range(3)]
            for p in ps:
                p.start()
            while True:
                alive = 0
                for p in ps:
                    if p.is_alive():
                        alive += 1
                if not alive:
                    break
                time.sleep(1)

        def by_number(work):
            ps = [Process(target=work) for _ in range(3)]
            for p in ps:
                p.start()
            while True:
                alive = 0
                for p in ps:
                    if p.is_alive() is True:
                        alive += 1
                if alive == 0:
                    return

        def only_some(work):
            ps = [Process(target=work) for _ in range(3)]
            for p in ps:
                p.start()  # expect: JL101
            while True:
                alive = 0
                for p in ps:
                    if p.is_alive():
                        alive += 1
                if alive <= 1:
                    break

        def down(work):
            ps = [Process(target=work) for _ in range(3)]
            for p in ps:
                p.start()  # expect: JL101
            alive = 1
            while alive:
                for p in ps:
                    if p.is_alive():
                        alive += 1
                        alive -= 1

        def never_started(work, go):
            p = Process(target=work)
            if go:
                p.start()
            if p.ident != None:
                p.join()

        def wrong_way_round(work, go):
            p = Process(target=work)
            if go:
                p.start()  # expect: JL101
            if p.pid is None:
                print("not started")

        def not_alive(work):
            p = Process(target=work)
            p.start()
            while p.is_alive() != False:
                time.sleep(1)
        """,
    "processes without a number, and a manager that counts": """
        from multiprocessing import Process

        def main(work, go):
            procs = [Process(target=work) for _ in range(3)]
            for p in procs:
                if go():
                    p.start()
            for p in procs:
                if p.pid is None:
                    continue
                p.join()

        def one(work, go):
            p = Process(target=work)
            if go:
                p.start()
            if p.pid is not None:
                p.join()
        """,
    "a poll that counts the living of a field": """
        import time
        from multiprocessing import Process

        class ProcessManager:
            def __init__(self):
                self.processes = {}

            def add(self, name, work):
                self.processes[name] = Process(target=work)

            def run(self):
                for p in self.processes.values():
                    p.start()
                alive = 1
                while alive > 0:
                    alive = 0
                    for p in self.processes.values():
                        if p.is_alive():
                            alive += 1
                    time.sleep(1)
                self.processes = {}
        """,
    "a dead one that is asked by comparison": """
        import time
        from multiprocessing import Process

        def main(work, items):
            processes = []
            for item in items:
                p = Process(target=work, args=(item,))
                p.start()
                processes.append(p)
            while len(processes) > 0:
                for p in processes:
                    if p.is_alive() == False:
                        p.terminate()
                        processes.remove(p)
                        break
                time.sleep(60)
        """,
    "interrupted behind its end": """
        from multiprocessing import Process

        def main(work, ready):
            p = Process(target=work, daemon=True)
            p.start()
            try:
                if not ready:
                    p.terminate()
                    p.join()
                p.join()
            except KeyboardInterrupt:
                raise SystemExit(1)

        def main2(work, ready):
            p = Process(target=work)
            p.start()  # expect: JL102
            try:
                if not ready:
                    p.terminate()
                    p.join()
                p.join()
            except KeyboardInterrupt:
                return 1
        """,
    "containers of other objects": """
        from multiprocessing import Process
        from lib import Unseen

        class Strategy:
            def __init__(self, manager):
                self.workers = manager.pool

            def queue_task(self, slot, task):
                worker = Process(target=print, args=(task,))
                self.workers[slot] = worker
                worker.start()

        class Manager:
            def __init__(self, n):
                self.pool = [None] * n

            def cleanup(self):
                for worker in self.pool:
                    if worker:
                        worker.join()

        class Careless:
            def __init__(self, manager):
                self.jobs = manager.jobs

            def queue_task(self, task):
                worker = Process(target=print, args=(task,))
                self.jobs.append(worker)
                worker.start()  # expect: JL101

        class ManagerOfCareless:
            def __init__(self):
                self.jobs = []

            def get_jobs(self):
                return self.jobs[:]

        class ListOfTheCaller:
            def __init__(self, procs):
                self.procs = procs

            def run(self, work):
                p = Process(target=work)
                self.procs.append(p)
                p.start()

        class ObjectOfTheCaller:
            def __init__(self, owner):
                self.owner = owner

            def run(self, work):
                p = Process(target=work)
                self.owner.children.append(p)
                p.start()

        class ListOfAKnownCaller:
            def __init__(self, known):
                self.known = known

            def run(self, work):
                p = Process(target=work)
                self.known.append(p)
                p.start()  # expect: JL101

        def caller():
            ListOfAKnownCaller([]).run(print)

        class WithDefault:
            def __init__(self, mine=None):
                self.mine = mine or []

            def run(self, work):
                p = Process(target=work)
                self.mine.append(p)
                p.start()  # expect: JL101

        class DictOfTheBase(Unseen):
            def run(self, work):
                p = Process(target=work)
                p.start()
                self._processes[p.pid] = p

        class OwnDict(Unseen):
            def __init__(self):
                self.others, self.mine = [], []

            def run(self, work):
                p = Process(target=work)
                p.start()  # expect: JL101
                self.mine.append(p)
        """,
    "attributes that setattr sets": """
        from multiprocessing import Process

        class SubEnv(Process):
            def run(self):
                pass

        class VecEnv:
            def __init__(self, n):
                self.envs = [SubEnv() for _ in range(n)]
                [setattr(p, "daemon", True) for p in self.envs]
                [p.start() for p in self.envs]

            def close(self):
                [p.terminate() for p in self.envs]  # expect: JL106

        class Keeper:
            def run(self, work):
                p = Process(target=work)
                p.start()
                setattr(self, "p", p)

            def stop(self):
                self.p.join()

        class Loser:
            def run(self, work):
                p = Process(target=work)
                p.start()  # expect: JL101
                setattr(self, "lost", p)

        def by_name(owner, name, work):
            p = Process(target=work)
            p.start()
            setattr(owner, name, p)
        """,
    "what is the class's own after all, and a count that others change": """
        from multiprocessing import Process

        class WithDefaultList:
            def __init__(self, mine=[]):
                self.mine = mine

            def run(self, work):
                p = Process(target=work)
                self.mine.append(p)
                p.start()  # expect: JL101

        class OfTwoKinds:
            def __init__(self, procs, manager):
                self.procs = procs
                if manager:
                    self.procs = manager.procs

            def run(self, work):
                p = Process(target=work)
                self.procs.append(p)
                p.start()  # expect: JL101

        def set_back_by_others(work):
            ps = [Process(target=work) for _ in range(3)]
            for p in ps:
                p.start()  # expect: JL101
            alive = 1

            def forget():
                nonlocal alive
                alive = 0

            while alive > 0:
                alive = 0
                for p in ps:
                    if p.is_alive():
                        alive += 1
                forget()
        """,
    "each round of a loop asks before it waits for a while": """
        from multiprocessing import Process

        def work():
            pass

        def until_none_lives(n):
            ps = [Process(target=work) for _ in range(n)]
            for p in ps:
                p.start()
            while True:
                alive = 0
                for p in ps:
                    if p.is_alive():
                        alive += 1
                        p.join(timeout=0.1)
                if alive == 0:
                    break

        def until_all_are_done(n):
            ps = [Process(target=work) for _ in range(n)]
            for p in ps:
                p.start()
            while True:
                done = 0
                for p in ps:
                    if p.is_alive():
                        p.join(timeout=0.1)
                    else:
                        done += 1
                if done == len(ps):
                    break

        def one_after_the_other(jobs):
            while jobs:
                p = Process(target=jobs.pop())
                p.start()
                if p.is_alive():
                    p.join(1)  # expect: JL105
        """,
    "endless loops that leave the process alone": """
        import time
        from multiprocessing import Process

        class Kept:
            def run(self):
                self.p = Process(target=print)
                self.p.start()
                n = 0
                while True:
                    n += 1
                    time.sleep(1)

            def stop(self):
                self.p.join()

        def ended_by_ctrl_c():
            p = Process(target=print)
            p.start()
            n = 0
            try:
                while True:
                    n += 1
                    time.sleep(1)
            except KeyboardInterrupt:
                p.join()

        def joined_on_the_way_out(listener):
            p = Process(target=print)
            p.start()
            n = 0
            try:
                while True:
                    n += listener.accept()
            finally:
                p.join()

        def never_joined():
            p = Process(target=print)
            p.start()  # expect: JL101
            n = 0
            while True:
                n += 1
                time.sleep(1)
        """,
    "a loop that says that the process has ended before it is left": """
        import time
        from multiprocessing import Process

        def main(log):
            p = Process(target=print)
            p.start()  # expect: JL102
            while True:
                try:
                    print(log.get())
                except ValueError:
                    return
                if not p.is_alive():
                    print("it has ended")
                    break
                time.sleep(0.001)
        """,
    "context managers made of generators": """
        import contextlib
        import time
        from contextlib import contextmanager
        from multiprocessing import Process

        @contextmanager
        def reaped(p):
            try:
                yield
            finally:
                p.terminate()
                p.join()

        @contextmanager
        def joined_if_all_goes_well(p):
            yield
            p.join()

        @contextlib.contextmanager
        def running(target):
            p = Process(target=target)
            p.start()
            yield p
            p.join()

        @contextmanager
        def timed(label):
            began = time.time()
            yield
            print(label, time.time() - began)

        @contextmanager
        def quiet(p):
            try:
                yield p
            except ValueError:
                pass

        def started_inside():
            p = Process(target=print)
            with reaped(p):
                p.start()

        def left_by_return(n):
            p = Process(target=print)
            with reaped(p):
                p.start()
                if n:
                    return n
                print(n)

        def left_by_break(ns):
            for n in ns:
                p = Process(target=print)
                with reaped(p):
                    p.start()
                    if n:
                        break
                    continue

        def left_by_an_exception(n):
            p = Process(target=print)
            p.start()  # expect: JL102
            with joined_if_all_goes_well(p):
                if n:
                    raise ValueError

        def made_there():
            with running(print) as p:
                print(p.pid)

        def several_at_once(n):
            p = Process(target=print)
            with timed("all"), reaped(p):
                p.start()
                with timed("some"), reaped(p):
                    if n:
                        return

        def swallowed(n):
            p = Process(target=print)
            p.start()
            with quiet(p):
                if n:
                    raise ValueError
            p.join()

        def measured():
            p = Process(target=print)
            with timed("some"):
                p.start()  # expect: JL101

        class Owner:
            @contextmanager
            def open(self):
                self.p = Process(target=print)
                self.p.start()
                try:
                    yield self
                finally:
                    self.p.join()

            def use(self):
                with self.open() as me:
                    return me.p.pid
        """,
    "rounds that note down which have ended": """
        import time
        from multiprocessing import Process

        def in_a_list():
            a, b = Process(target=print), Process(target=print)
            a.start()
            b.start()
            done = [False, False]
            while not all(done):
                time.sleep(0.1)
                if not a.is_alive():
                    done[0] = True
                if not b.is_alive():
                    done[1] = True

        def in_a_set(n):
            ps = [Process(target=print) for _ in range(n)]
            for p in ps:
                p.start()
            ended = set()
            while len(ended) < len(ps):
                for i, p in enumerate(ps):
                    if p.exitcode is not None:
                        ended.add(i)

        def by_a_count(n):
            ps = [Process(target=print) for _ in range(n)]
            for p in ps:
                p.start()
            running = len(ps)
            while running > 0:
                running = 0
                for p in ps:
                    if p.is_alive():
                        running += 1

        def noted_elsewhere(messages):
            p = Process(target=print)
            p.start()  # expect: JL101
            seen = []
            done = [False]
            while not all(done):
                if not p.is_alive():
                    seen.append(1)
                done[0] = messages.get()
        """,
    "a process that an inner function ends at exit": """
        import atexit
        from multiprocessing import Process

        def mount():
            p = Process(target=print)
            p.start()

            def unmount():
                p.terminate()

            atexit.register(unmount)
        """,
    "an endless loop that knows its children by number": """
        import time
        from multiprocessing import Process, Queue
        import psutil

        def serve(requests, most, many):
            waiting = []
            children = {}
            ended = Queue()
            while True:
                if not ended.empty():
                    try:
                        pid = ended.get()
                        child = children.pop(pid)
                        seen = psutil.Process(pid)
                        seen.kill()
                        seen.wait()
                    except Exception as e:
                        pass
                try:
                    if len(children) >= most:
                        time.sleep(1)
                        continue
                    waiting.append(requests.get())
                    if len(waiting) >= many:
                        p = Process(target=print, args=(waiting, ended))
                        p.start()
                        children[p.pid] = p
                        waiting = []
                except Exception as e:
                    if len(waiting) > 0:
                        p = Process(target=print, args=(waiting, ended))
                        p.start()
                        children[p.pid] = p
                        waiting = []
        """,
}


def expected(source: str) -> list[tuple[int, str]]:
    return [
        (row, match[1])
        for row, line in enumerate(source.splitlines(), start=1)
        if (match := re.search(r"# expect: (JL\d+)", line))
    ]


@pytest.mark.parametrize("source", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_reports(source: str) -> None:
    source = textwrap.dedent(source)
    (result,) = check_files([SourceFile("app.py", source)], LIFECYCLE)
    assert result.problem is None
    assert [(f.span.start.row, f.code) for f in result.findings] == expected(source)
