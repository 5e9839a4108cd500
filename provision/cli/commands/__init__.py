"""One small module a command.

Here: flags in, one use case of runs/ called, its answer printed. Not here: names and help of commands (declared/), and any
use case.
"""
