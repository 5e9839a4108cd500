"""The composition root: one small module a command; parse, build, call, print, return a code."""
