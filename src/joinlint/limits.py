"""How much of a program is looked into, all in one place.

What goes beyond a limit is given up: joinlint says nothing about it, rather than something that it has not seen to the
end.  Where a worker could not be followed, or a file not be read, it says so (`--verbose`).
"""

from __future__ import annotations

# --- files
# ---------------------------------------------------------------------------------------------------------------------

# Bytes of source in a run beyond which files that can't hold a finding are no longer parsed to see that they are
# Python: CPython's parser takes a quarter of a second for a million of them.
SYNTAX_CHECKED = 20_000_000

# LibCST's native parser recurses on the machine's stack without a check, and takes time by the square of the depth; all
# that comes after recurses as well.  (The deepest file of 940 from 55 packages has 46 levels.)
NESTING = 500

# What no Python can compile (MAXLEVEL and MAXINDENT of its tokenizer): a file that goes beyond them is none that
# joinlint fails to understand for being too new.
BRACKETS = 200
INDENTATION = 100

# Python frames for the recursion over such nests, and bytes of address space for the stack that they need; only what
# is used becomes memory.
FRAMES = 30_000
STACK_BYTES = 256 * 1024 * 1024

# How often files are added that get workers from those added before: wrappers of wrappers of wrappers.
IMPORT_ROUNDS = 3

# --- one run of the interpreter
# ---------------------------------------------------------------------------------------------------------------------
# A step is one statement in one state, or one look at what a statement mentions.

# 940 files of 55 packages: no site needs more for its history but those that would need them by a power of ten.
STEPS = 30_000
# What is done out of turn shows in short functions.
STEPS_BEYOND_JOIN = 2_500
# Real modules need less for all their sites together; a thousand sites in one function would need steps by the square
# of its length.  As many take some ten seconds.
STEPS_PER_MODULE = 300_000
# States are compared and copied with all their variables: every so many of them make a step dearer by one.
VARIABLES_PER_STEP = 50
# Functions in which is looked for a global take less.
FUNCTIONS_PER_STEP = 20
# Calls inside one another: helpers of helpers; what is called deeper gets the worker, as unknown code does.
CALL_DEPTH = 9
# States that may stand before one statement: eight independent branches.
STATES = 250
# Branches of a function that is run only to see what it makes of constants.
BRANCHES = 8
# Loops inside each other that are looked at twice to see which variables are read in the next round.
LIVENESS_LOOPS = 3
# Attributes and subscripts on the way to a worker: `self.groups[name].workers[i]`; attributes read in a row, and
# partials made of partials.  A loop may go on with either without end: `node = node.parent`.
PATH_STEPS = 4

# --- one site
# ---------------------------------------------------------------------------------------------------------------------

# Callers through which a worker is followed that a function hands back, and how many of them in a row; what more
# places get is left in their care.
CALLERS = 12
CALLERS_IN_A_ROW = 3
# Callers, and callers of these, that are run to see what is done to a worker out of turn.
MISUSING_CALLERS = 6
MISUSING_ROOTS = 12
# States in which a worker may lie in a field or global, and functions that reach it there: code beyond is taken to
# join it.
STORED_STATES = 8
STORING_FUNCTIONS = 60

# --- memory
# ---------------------------------------------------------------------------------------------------------------------

# Members of the sets of functions and words that are remembered at a time: a chain of 5,000 functions has as many sets
# of up to as many members.  Two million take some 150 MB, and there are three kinds of such sets.
REMEMBERED = 2_000_000

# --- names and values
# ---------------------------------------------------------------------------------------------------------------------

# Names that stand for names that stand for names.
NAME_STEPS = 12
# All that is looked at to tell what one expression stands for.  In 940 files of 55 packages none needs more than 200;
# names that are given each other's values again and again, as tables of data are, would need more by powers of ten.
NAME_LOOKUPS = 1_000
# Where a value comes from: assignments and calls in a row, expressions in the end, and steps for all of them.  A value
# that comes from everywhere tells nothing.
ORIGIN_DEPTH = 12
ORIGINS = 60
ORIGIN_STEPS = 1_500
# What one worker's work is made of, to see whether another's may depend on it: assignments in a row, and functions.
DEPENDENCE_DEPTH = 4
DEPENDENCE_FUNCTIONS = 30
# Containers, objects and partials inside each other that are pickled; classes whose objects hold objects.
HANDED_OVER_DEPTH = 4
OBJECT_DEPTH = 2
# Calls on the way to what settles the start method.
START_METHOD_DEPTH = 4
