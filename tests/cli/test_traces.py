"""What a collector of traces is told of a command, and what becomes of the command where there is none."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from provision.cli import traces
from tests.cli.conftest import dead_address
from tests.live import Canned

NAMES = (b"mia@", b"nina@", b"otto@", b"acme.example")
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def collector(canned, monkeypatch):
    server = canned(Canned())
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.url)
    return server


def spans(collector: Any) -> list[Any]:
    """What has come in so far, and nothing of it twice; no person is in any of it."""
    found = []
    for method, path, body in collector.asked:
        assert (method, path) == ("POST", "/v1/traces")
        assert not [name for name in NAMES if name in body]
        told = ExportTraceServiceRequest.FromString(body)
        found += [span for each in told.resource_spans for scope in each.scope_spans for span in scope.spans]
    collector.asked.clear()
    return found


def attributes(span: Any) -> dict[str, Any]:
    return {
        each.key.removeprefix("provision."): getattr(each.value, each.value.WhichOneof("value"))
        for each in span.attributes
    }


def test_each_command_is_a_span_with_its_long_parts_within_it(
    box, provision, make_job, collector, monkeypatch
):
    box()
    monkeypatch.setenv("TRACEPARENT", PARENT)
    job = make_job()
    said = provision("run", job, "--json")
    *parts, whole = spans(collector)

    assert whole.name == "provision run"
    assert (whole.trace_id.hex(), whole.parent_span_id.hex()) == (PARENT[3:35], PARENT[36:52])
    told = attributes(whole)
    assert (told["job"], told["run_id"], told["exit_code"]) == ("nightly", said.json["run_id"], said.code)
    assert told["outcomes.done"] == said.json["outcomes"]["done"]
    assert told["api.requests"] == said.json["api"]["requests"]
    assert [each.name for each in parts] == ["listing", "applying", "listing"]
    assert {each.parent_span_id for each in parts} == {whole.span_id}
    assert attributes(parts[1])["done"] == told["outcomes.done"]
    assert whole.start_time_unix_nano <= parts[0].start_time_unix_nano
    assert parts[-1].end_time_unix_nano <= whole.end_time_unix_nano

    provision("check", job.parent / "not-there.yaml")
    [failed] = spans(collector)
    assert (failed.name, failed.status.code) == ("provision check", Status.STATUS_CODE_ERROR)


@pytest.mark.parametrize(
    ("variable", "value"), [("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_EXPORTER", "none")]
)
def test_who_switches_traces_off_sends_none(provision, make_job, collector, monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    provision("check", make_job())
    assert spans(collector) == []


def test_a_collector_that_cannot_be_told_changes_no_end(provision, make_job, canned, monkeypatch):
    job = make_job()
    before = provision("check", job)
    assert "trace" not in before.err

    says_no = canned(Canned(status=400))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "1")
    for address in (dead_address(), says_no.url):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        said = provision("check", job)
        assert (said.code, said.out) == (before.code, before.out)
        assert (
            "warning: The trace was not sent: the collector could not be reached, or refused it." in said.err
        )

    monkeypatch.setattr(traces, "find_spec", lambda _name: None)
    assert "pip install 'box-provision[otel]'" in provision("check", job).err
