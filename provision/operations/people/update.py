"""Attributes other than the status are set; also those that a create cannot take, in a request of their own."""

from __future__ import annotations

from provision.because import Because
from provision.model import Kind
from provision.operations.kind import Operation, never_shown, nothing_learned
from provision.operations.people import attributes
from provision.operations.refusals import refused

UPDATE = Operation(
    Kind.UPDATE,
    rank=40,
    remembered=False,
    guard="updates",
    send=attributes.send,
    seen=attributes.seen,
    refused=refused,
    shown=never_shown,
    teach=nothing_learned,
    undone=Because.UNDO_UPDATE,
)
