"""Structured abstract interpretation: one worker followed along every path through a function and what it calls."""

from joinlint.analysis.interpreter.interpreter import Interpreter
from joinlint.analysis.interpreter.machine import Answered, GaveUp, Mode
from joinlint.analysis.interpreter.outcome import Final

__all__ = ["Answered", "Final", "GaveUp", "Interpreter", "Mode"]
