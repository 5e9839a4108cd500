"""The doctor: can this job sign in, and may it do what it has to? Everything is only read."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from provision.job.settings import Job
from provision.report.first_day.diagnosis import CheckLine, State, diagnosed, summed_up, what_is_wrong
from provision.report.summary import Summary, one_line
from provision.runs.ending import Fact, looked
from provision.runs.examining.here import look_here
from provision.runs.examining.there import BoxExamination
from provision.runs.observer import Observer, Remark
from provision.runs.planning.prepare import api_facts


@dataclass(frozen=True, slots=True)
class Diagnosis(Summary):
    """What the doctor found: the looks in the order in which they were made."""

    looks: tuple[CheckLine, ...] = ()

    def to_json(self) -> str:
        """One JSON object on one line: the summary, and ``checks`` beside it."""
        told = asdict(replace(self, looks=()))
        del told["looks"]
        return one_line(told | {"checks": [look.row for look in self.looks]})


def diagnose(job: Job, observer: Observer) -> Diagnosis:
    """Look at everything that a run of this job needs, here and at Box, and tell it line by line.

    Box is not asked where the sign-in lacks a variable.
    """
    started_at = observer.now().isoformat(timespec="seconds")
    here = look_here(job, observer)
    box = BoxExamination(job, here.roster, observer)
    looks = list(here.looks)
    _tell(looks, observer)
    if not job.unset:
        for look in box.looks():
            looks.append(look)
            _tell([look], observer)
    observer.note(Remark(summed_up(looks)))
    wrong = [look.by_box for look in looks if look.state is State.WRONG]
    end = looked({Fact.BOX_REFUSED: any(wrong), Fact.UNUSABLE: bool(wrong)})
    connection = box.connection
    summary = Diagnosis(
        job=job.name,
        status=end.status,
        exit_code=int(end.exit_code),
        enterprise_id=connection.me.enterprise_id if connection else None,
        error=what_is_wrong(looks),
        looks=tuple(looks),
    )
    return replace(summary, api=api_facts(connection, started_at, observer)) if connection else summary


def _tell(looks: list[CheckLine], observer: Observer) -> None:
    for look in looks:
        for line in diagnosed(look):
            observer.note(Remark(line))
