"""The terminal: flags in, words, colours and an exit code out, and the signals that stop a run.

Declared in declared/, which imports nothing heavy; one small module a command in commands/; whatever a command does is a use case of runs/, none of it lives here.
"""
