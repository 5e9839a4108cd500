"""How a command teaches itself: a line in the overview, its help with examples, wrapped only at a terminal."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click

#: columns where no terminal is: a file or a program gets each line whole
_WHOLE = 1 << 20
#: what somebody types, and what comes of it
Example = tuple[str, str]


class _Lines(click.HelpFormatter):
    """Help as wide as the terminal; each paragraph on one line where there is none."""

    def __init__(self, **_given: Any) -> None:
        shown = sys.stdout is not None and sys.stdout.isatty()
        super().__init__(width=max(shutil.get_terminal_size().columns - 1, 40) if shown else _WHOLE)


class _Context(click.Context):
    formatter_class = _Lines


class ExampledCommand(click.Command):
    """A command with examples below its options."""

    context_class = _Context

    def __init__(self, *given: Any, examples: Sequence[Example] = (), **more: Any) -> None:
        super().__init__(*given, **more)
        self.examples = tuple(examples)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, each line that is typed in one piece."""
        with formatter.section("Examples"):
            for typed, comes in self.examples:
                formatter.write(f"{'':>{formatter.current_indent}}{typed}\n")
                with formatter.indentation():
                    formatter.write_text(comes)
        super().format_epilog(ctx, formatter)


class Overview(click.Group):
    """The program: its commands in sections, in the order in which somebody meets them."""

    context_class = _Context
    sections: tuple[tuple[str, tuple[click.Command, ...]], ...] = ()

    def add_section(self, title: str, commands: tuple[click.Command, ...]) -> None:
        """Add commands under a heading of the overview."""
        self.sections = (*self.sections, (title, commands))
        for command in commands:
            self.add_command(command)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands first: they are what somebody looks for."""
        self.format_commands(ctx, formatter)
        click.Command.format_options(self, ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a section of commands after the other, a line each."""
        for title, commands in self.sections:
            with formatter.section(title):
                formatter.write_dl([(str(each.name), each.get_short_help_str(_WHOLE)) for each in commands])


def taught(
    short: str, *examples: Example, name: str | None = None
) -> Callable[[Callable[..., Any]], click.Command]:
    """Declare a command: its line in the overview, and examples; the rest of its help is its docstring."""
    return click.command(name, cls=ExampledCommand, short_help=short, examples=examples)
