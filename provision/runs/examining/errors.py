"""An error as what a look found."""

from __future__ import annotations

from provision.errors import ProvisionError
from provision.report.first_day.diagnosis import CheckLine, Sign


def of_error(sign: Sign, error: ProvisionError) -> CheckLine:
    """A look that ended with an error, whose cause may help as well."""
    what = "; ".join(line.strip() for line in error.what.splitlines()).rstrip(".")
    cause = f" (usual cause: {error.cause.rstrip('.')})" if error.cause else ""
    return CheckLine(sign, {"what": f"{what}{cause}", "do": error.remedy})
