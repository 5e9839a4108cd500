"""What a person sees in a sheet otherwise than a program: merged cells, hidden rows and columns."""

from __future__ import annotations

from collections.abc import Iterator

from provision.findings import Code, Finding, Level
from provision.roster.files.grid import Grid
from provision.roster.mapping.mapping import Mapping
from provision.wording import plural, tidy


def looks(grid: Grid, mapping: Mapping) -> Iterator[Finding]:
    """What somebody should look at, of the columns that are read and of all rows."""
    read = {place: target.field for target in mapping.targets for place in target.places}
    for place in sorted(read.keys() & grid.merged.keys()):
        header = tidy(grid.headers[place])
        yield Finding(
            Code.MERGED_CELLS,
            Level.WARNING,
            f"merged cells (as {grid.merged[place]}): only the first of them has the value, the others say nothing of {read[place]}",
            do="split the cells in the spreadsheet and fill each of them, or export from the system itself",
            column=header,
        )
    for place in sorted(read.keys() & grid.hidden_columns):
        header = tidy(grid.headers[place])
        yield Finding(
            Code.HIDDEN_COLUMNS,
            Level.WARNING,
            f"the column is hidden in the sheet, and read as {read[place]}",
            do=f"show it and look what stands in it; if it is not meant: roster.columns: {{{header}: ignore}}",
            column=header,
        )
    hidden = 0 if grid.hidden is None else int(grid.hidden.sum())
    if grid.hidden is not None and hidden:
        yield Finding(
            Code.HIDDEN_ROWS,
            Level.WARNING,
            f"{hidden:,} of {len(grid.lines):,} rows {plural(hidden, 'is', 'are')} hidden in the sheet, by a filter or by hand, and read like all others",
            do="delete these rows if they are not meant",
            row=int(grid.lines[int(grid.hidden.argmax())]),
        )
