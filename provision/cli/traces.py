"""A trace of each command for whoever collects them: one span for the command, one for each long part of it. Nobody is named in it.

Sent with OpenTelemetry over HTTP, and set up by its own variables alone (opentelemetry.io/docs/specs/otel/protocol/exporter):
without an address nothing is loaded and nothing is sent. What goes wrong here changes no end of a command.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING

from provision.errors import ExitCode
from provision.report.summary import Summary
from provision.runs.observer import Phase

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import Span

#: where traces go, for all signals or for them alone
_ADDRESSES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
#: seconds until a collector is given up, unless OTEL_EXPORTER_OTLP_TIMEOUT says otherwise
_LIMIT = 5.0
_INSTALL = "pip install 'box-provision[otel]'"
#: ends that are no error: all done, and a preview with changes
_WELL = (ExitCode.DONE, ExitCode.CHANGES)


@dataclass(frozen=True, slots=True)
class Spell:
    """How long one part of a command took, and how many of what it counts were done."""

    phase: Phase
    began: datetime
    ended: datetime
    done: int


def wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a collector is named and nobody switched traces off."""
    return (
        any(environment.get(name) for name in _ADDRESSES)
        and environment.get("OTEL_SDK_DISABLED", "").casefold() != "true"
        and environment.get("OTEL_TRACES_EXPORTER", "otlp") == "otlp"
    )


def send(command: str, began: datetime, ended: datetime, spells: Sequence[Spell], summary: Summary) -> str:
    """Send the trace of a command that has ended; "" if it was taken, else why not, in a sentence. Never raises."""
    if find_spec("opentelemetry") is None:
        return f"A collector of traces is named, and the library for it is not installed: {_INSTALL}."
    try:
        with _hushed():
            taken = _sent(_spans(command, began, ended, spells, summary))
    except Exception as error:  # noqa: BLE001 - whatever a library does, a run that went well stays so; its text may hold an address
        return f"The trace was not sent: the library failed ({type(error).__name__})."
    return "" if taken else "The trace was not sent: the collector could not be reached, or refused it."


def _sent(spans: Sequence[ReadableSpan]) -> bool:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import SpanExportResult

    told = any(
        os.environ.get(name) for name in ("OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT")
    )
    exporter = OTLPSpanExporter(timeout=None if told else _LIMIT)
    return exporter.export(spans) is SpanExportResult.SUCCESS


def _spans(
    command: str, began: datetime, ended: datetime, spells: Sequence[Spell], summary: Summary
) -> Sequence[ReadableSpan]:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
    from opentelemetry.trace import set_span_in_context

    name = os.environ.get("OTEL_SERVICE_NAME") or "provision"
    made = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource.create({"service.name": name}), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(made))
    tracer = provider.get_tracer("provision")
    whole = tracer.start_span(f"provision {command}", context=_begun_by(), start_time=_nanoseconds(began))
    _describe(whole, summary)
    within = set_span_in_context(whole)
    for each in spells:
        part = tracer.start_span(
            each.phase.name.casefold(), context=within, start_time=_nanoseconds(each.began)
        )
        part.set_attribute("provision.done", each.done)
        part.end(_nanoseconds(each.ended))
    whole.end(_nanoseconds(ended))
    return made.get_finished_spans()


def _begun_by() -> Context:
    """The trace of whoever started the command, as schedulers and pipelines hand it over (TRACEPARENT), or an empty one."""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    given = {name: os.environ.get(name.upper(), "") for name in ("traceparent", "tracestate")}
    return TraceContextTextMapPropagator().extract(given)


def _describe(span: Span, summary: Summary) -> None:
    """What the summary counts; its sentences may name people and stay out."""
    from opentelemetry.trace import StatusCode

    api = summary.api
    told: dict[str, str | int | None] = {
        "provision.job": summary.job,
        "provision.run_id": summary.run_id,
        "provision.status": summary.status.value,
        "provision.exit_code": int(summary.exit_code),
        "provision.holds": summary.holds_total,
        "provision.findings": summary.findings_total,
        "provision.api.requests": api.requests,
        "provision.api.retries": api.retries,
        "provision.api.rate_limited": api.rate_limited,
    }
    told |= {f"provision.planned.{kind}": count for kind, count in summary.planned.items()}
    told |= {f"provision.outcomes.{outcome}": count for outcome, count in summary.outcomes.items()}
    span.set_attributes({name: value for name, value in told.items() if value is not None})
    span.set_status(StatusCode.OK if summary.exit_code in _WELL else StatusCode.ERROR)


def _nanoseconds(at: datetime) -> int:
    return int(at.timestamp() * 1e6) * 1000


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
    """What the library has to say of a collector is said here, in a sentence."""
    logger, silent = logging.getLogger("opentelemetry"), logging.NullHandler()
    before, logger.propagate = logger.propagate, False
    logger.addHandler(silent)
    try:
        yield
    finally:
        logger.removeHandler(silent)
        logger.propagate = before
