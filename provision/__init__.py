"""Make a Box enterprise match a roster: plan it, apply it, prove it."""

__version__ = "0.1.0"
