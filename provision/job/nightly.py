"""What a job does beside its work, night after night: who is told of it, what is measured, and which programs run with it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from provision.job.section import Section
from provision.job.values import JobPath


class NotifyEvent(StrEnum):
    """What somebody wants to be told of; an end of a run is one of the first three, ``changes``, or nothing."""

    FAILED = "failed"
    HELD = "held"
    REFUSED = "refused"
    CHANGES = "changes"
    DIGEST = "digest"
    RECEIVERS = "receivers"


#: where an address has this, the login of who gets content takes its place
RECEIVER = "{receiver}"


class Attachment(StrEnum):
    """What a message may carry: the report without people in it, or as it is."""

    REPORT = "report"
    REPORT_FULL = "report_full"


class Notify(Section):
    """One address that is told how runs end."""

    url: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(
        repr=False,
        description="an Apprise address (mailto://, slack://, msteams://, json:// …); name variables for what is secret; empty: nobody",
    )
    on: tuple[NotifyEvent, ...] = Field(
        (NotifyEvent.FAILED, NotifyEvent.HELD, NotifyEvent.REFUSED),
        description="what to report: a run that failed, that holds something, that was refused, that changes something; "
        "digest: also who starts, leaves or is absent for the first time, when there is somebody new among them; "
        "receivers: a message for each who gets the content of leavers",
    )
    attach: tuple[Attachment, ...] = Field(
        (),
        description="report: the report without people in it; report_full: as it is, with all personal data",
    )
    names: bool = Field(
        False,
        description="whether the message names people; without it they are counted, and addresses left out",
    )
    days: int = Field(7, ge=1, le=90, description="how many days ahead the digest looks")

    @model_validator(mode="after")
    def _reaches_receivers(self) -> Notify:
        if RECEIVER in self.url and (self.on != (NotifyEvent.RECEIVERS,) or not self.names):
            raise ValueError(f"{RECEIVER} in the address needs on: [receivers] and names: true")
        return self


def _textfile(path: JobPath) -> JobPath:
    if path.suffix != ".prom":
        raise ValueError("must end in .prom, which alone node_exporter reads")
    return path


class MetricsSettings(Section):
    """What a monitoring system reads after each run."""

    textfile: Annotated[JobPath, AfterValidator(_textfile)] | None = Field(
        None,
        description="file for Prometheus (textfile collector), written at the end of each run; one a job",
    )


class Hooks(Section):
    """Programs of one's own around a run: no shell, no secrets in their environment, 60 seconds each."""

    before_apply: tuple[JobPath, ...] = Field(
        (),
        description="programs that run before anything is sent; one that fails refuses the run (guard hook)",
    )
    after_run: tuple[JobPath, ...] = Field(
        (),
        description="programs that run after each run, however it ended; one that fails is a finding, and exit code 3",
    )
