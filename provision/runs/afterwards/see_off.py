"""What happens once a run has ended, however it did: its own programs, copies of its reports, messages to people, and metrics.

None of it undoes what was done: what goes wrong here is a finding.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from provision.errors import ProvisionError, RunFolderError
from provision.files import opened, whole
from provision.findings import Finding, Findings
from provision.job.nightly import RECEIVER, Attachment, Notify, NotifyEvent
from provision.job.settings import Job
from provision.notify.send import Parcel, named, send, sent_to
from provision.plan.planfile import PEOPLE_NAME, read_recorded
from provision.plan.value import Plan
from provision.report.messages.digest import ComingLine, digest
from provision.report.messages.handover import handovers, message_for, message_of_counts
from provision.report.messages.message import EndOfRun, message
from provision.report.messages.metrics import jobs_in, metrics, written_as
from provision.report.sentences.nightly import hook_failed, metrics_failed, notify_failed
from provision.report.summary import Summary
from provision.report.write import write_summary
from provision.runs.afterwards.copies import copied
from provision.runs.afterwards.hooks import environment, folder_of, run_hooks, tell
from provision.runs.afterwards.redact import write_without_people
from provision.runs.ending import Fact, RunResult
from provision.runs.folder import SUMMARY_NAME, RunFolder, runs_of
from provision.runs.observer import Observer, Remark

#: messages to receivers of content that one run sends
_MOST_RECEIVERS = 100
#: bytes of an earlier metrics file; ours has some thousands
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class EndedRun:
    """A run that has come to its end.

    ``folder`` is its run folder, None where it did not come as far. ``result`` is how it ended, None where an error ended it.
    ``own``: the folder's summary is of this command. ``preview``: nothing was to be changed.
    """

    job: Job
    folder: RunFolder | None
    summary: Summary
    result: RunResult | None
    own: bool
    preview: bool

    def but(self, findings: Iterable[Finding]) -> EndedRun:
        """The same, with more that was noticed, in the summary of the result too."""
        found = Findings(self.summary.findings, self.summary.findings_total).beside(findings)
        summary = replace(self.summary, findings=found.told, findings_total=found.total)
        return replace(self, summary=summary, result=self._with(summary))

    def _with(self, summary: Summary) -> RunResult | None:
        return replace(self.result, summary=summary) if self.result else None

    def failed_after(self, findings: Iterable[Finding]) -> EndedRun:
        """The same where programs failed that run after a run: that is told by its end as well, if nothing graver is."""
        findings = tuple(findings)
        ended = self.but(findings)
        if not findings or ended.result is None:
            return ended
        error = f"{'; '.join(each.sentence for each in findings)}\n  do: {findings[0].do}"
        result = ended.result.but(Fact.AFTER_RUN, error)
        return replace(ended, result=result, summary=result.summary)


def see_off(ended: EndedRun, observer: Observer) -> EndedRun:
    """Do all that, in the order in which the next one can tell of the one before; with what went wrong in it."""
    before = ended.summary
    if not ended.preview:
        ended = ended.failed_after(_hooks(ended, observer))
    ended = ended.but(copied(ended.folder, ended.job))
    ended = ended.but(_notified(ended, observer))
    if not ended.preview:
        ended = ended.but(_measured(ended, observer))
    new = [each for each in ended.summary.findings if each not in before.findings]
    for each in new:
        # no trouble of the run's own: with --quiet a run that ends with 0 says nothing
        observer.note(Remark(f"{each.level}: {each.sentence}\n  do: {each.do}"))
    if new and ended.own and ended.folder:
        with contextlib.suppress(RunFolderError):
            write_summary(ended.summary, ended.folder.path)
            status, code = ended.summary.status, int(ended.summary.exit_code)
            if code != before.exit_code:
                ended.folder.log("finished", observer.now(), status=status, exit_code=code)
    return ended


def _hooks(ended: EndedRun, observer: Observer) -> Iterator[Finding]:
    job, folder, summary = ended.job, ended.folder, ended.summary
    if not job.hooks.after_run or folder is None:
        return
    told = environment("after_run", job, folder)
    told |= {"PROVISION_STATUS": summary.status.value, "PROVISION_EXIT_CODE": str(int(summary.exit_code))}
    path = folder.path / SUMMARY_NAME
    if ended.own and path.exists():
        told["PROVISION_SUMMARY"] = str(path)
    for end in run_hooks(job.hooks.after_run, folder_of(job, folder), told):
        with contextlib.suppress(RunFolderError):  # a full disk keeps nobody from being told
            tell(end, "after_run", folder, observer)
        if end.why:
            yield hook_failed(end.path.name, end.why)


def _notified(ended: EndedRun, observer: Observer) -> list[Finding]:
    """Tell whoever wants to hear of such an end."""
    parcels, troubles = [], []
    for place, notify in enumerate(ended.job.notify, start=1):
        if not notify.url:
            continue
        try:
            parcel = _parcel(place, notify, ended, observer)
        except Exception as error:  # noqa: BLE001 - no message is worth the end of a run that has done its work
            why = f"no message could be made ({type(error).__name__})"
            troubles.append(notify_failed(named(place, notify.url), why))
        else:
            parcels += [*([parcel] if parcel else ()), *_for_receivers(place, notify, ended)]
    return [*troubles, *(notify_failed(address, why) for address, why in send(parcels))]


def _parcel(place: int, notify: Notify, ended: EndedRun, observer: Observer) -> Parcel | None:
    """What one address is told; None where it is nothing that it wants to hear."""
    coming = _coming(ended, notify)
    new = set(coming) - set(_coming_before(ended, notify)) if coming else set()
    path = str(ended.job.path or "JOB")
    told = EndOfRun(ended.summary, path, ended.preview, observer.now(), coming, bool(new))
    if not told.events & set(notify.on):
        return None
    return Parcel(place, notify.url, message(told, notify), tuple(_files(notify, ended)))


def _for_receivers(place: int, notify: Notify, ended: EndedRun) -> Iterator[Parcel]:
    """What those are told who get content of leavers; an address of one of them is a login, so whoever has none is left out."""
    if ended.preview or ended.result is None or NotifyEvent.RECEIVERS not in notify.on:
        return
    summary, outcomes = ended.summary, ended.result.reconciliation.outcomes
    found = handovers(ended.result.plan, outcomes, summary.started_at or ended.result.plan.as_of)
    job = summary.job or "provision"
    if found and not notify.names:
        yield Parcel(place, notify.url, message_of_counts(found, job))
        return
    for each in found[:_MOST_RECEIVERS]:
        if RECEIVER not in notify.url or "@" in each.key:
            yield Parcel(place, sent_to(notify.url, each.key), message_for(each, job))


def _coming(ended: EndedRun, notify: Notify) -> tuple[ComingLine, ...]:
    plan = ended.result.plan if ended.result else None
    return _coming_of(plan, ended.job, notify) if plan and NotifyEvent.DIGEST in notify.on else ()


def _coming_of(plan: Plan, job: Job, notify: Notify) -> tuple[ComingLine, ...]:
    return digest(plan.people, _day(plan, job), notify.days)


def _day(plan: Plan, job: Job) -> date:
    return datetime.fromisoformat(plan.as_of).astimezone(job.lifecycle.zone()).date()


def _coming_before(ended: EndedRun, notify: Notify) -> tuple[ComingLine, ...]:
    """The same of the last plan of the job before this one, so that nobody is news twice."""
    mine = ended.folder.path if ended.folder else None
    earlier = (path for path in runs_of(ended.job) if path != mine and (path / PEOPLE_NAME).exists())
    for path in earlier:
        with contextlib.suppress(ProvisionError):
            plan = read_recorded(path)
            if not plan.supposed:
                return _coming_of(plan, ended.job, notify)
    return ()


def _files(notify: Notify, ended: EndedRun) -> Iterator[Path]:
    files = ended.summary.files
    full = files.report_html or files.report_xlsx or files.report_csv
    if Attachment.REPORT_FULL in notify.attach and full:
        yield Path(full)
    if Attachment.REPORT in notify.attach and ended.result and ended.folder:
        with contextlib.suppress(ProvisionError):  # a message without its report is better than none
            yield from write_without_people(ended.folder, ("html",)).values()


def _measured(ended: EndedRun, observer: Observer) -> Iterator[Finding]:
    path = ended.job.metrics.textfile
    if path is None:
        return
    reconciliation = ended.result.reconciliation if ended.result else None
    try:
        before = _earlier(path)
        if others := jobs_in(before) - {written_as(ended.job.name)}:
            yield metrics_failed(str(path), f"it holds those of the job {', '.join(sorted(others))}")
            return
        text = metrics(ended.summary, reconciliation, observer.now(), before)
        whole(path, lambda part: _for_everybody(part, text))
    except RunFolderError as error:
        yield metrics_failed(str(path), error.what)
    except OSError as error:
        yield metrics_failed(str(path), error.strerror or type(error).__name__)


def _earlier(path: Path) -> str:
    try:
        with opened(path) as stream:
            return stream.read(_LARGEST).decode("utf-8", "replace")
    except FileNotFoundError:
        return ""


def _for_everybody(path: Path, text: str) -> None:
    """The monitoring system is another user; nobody is named in it."""
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)
