"""What every mapping of a job file is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, PrivateAttr


class Section(BaseModel):
    """A mapping in the job file; unknown keys are refused, and no value is repeated in an error."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
        coerce_numbers_to_str=True,
    )


class FromFile(Section):
    """A mapping that is a whole file."""

    _path: Path | None = PrivateAttr(None)
    _unset: tuple[str, ...] = PrivateAttr(())
    _fleet: Path | None = PrivateAttr(None)

    @property
    def path(self) -> Path | None:
        """The file it was loaded from, absolute; None for one made otherwise."""
        return self._path

    @property
    def unset(self) -> tuple[str, ...]:
        """Variables that it names for the sign-in and that were not there when it was loaded to be looked at only."""
        return self._unset

    @property
    def fleet(self) -> Path | None:
        """The fleet file that says with which variables it was loaded, and where its memory and its runs lie; None for none."""
        return self._fleet

    def model_post_init(self, context: Any, /) -> None:
        """Keep where it comes from, which decides nothing."""
        if isinstance(context, dict):
            self._path, self._unset = context.get("path"), context.get("unset", ())
            self._fleet = context.get("fleet")
