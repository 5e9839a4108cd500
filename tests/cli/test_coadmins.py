"""Co-admins: never removed, unless the job lists them by name."""

from __future__ import annotations

import pytest

from .conftest import person

LEAVING = "login,name,action\ncora@acme.example,Cora Coadmin,deactivate\n"


@pytest.mark.parametrize(
    ("listed", "code", "status"),
    [
        ((), 3, "active"),  # protected, and her row says she left: somebody has to know
        (("cora@acme.example",), 0, "inactive"),
        (("c*@acme.example",), 0, "inactive"),
        (("mia@*",), 3, "active"),
    ],
)
def test_a_coadmin_leaves_only_if_the_job_lists_her(box, provision, make_job, listed, code, status):
    server = box()
    scope = {"domains": ["acme.example"], "coadmins": list(listed)}
    said = provision("run", make_job(LEAVING, roster={"authority": "partial"}, scope=scope), "--json")

    assert (said.code, person(server, "cora@acme.example")["status"]) == (code, status)


def test_an_admin_is_none_of_them(box, provision, make_job):
    server = box()
    rows = LEAVING.replace("cora", "ada")
    scope = {"domains": ["acme.example"], "coadmins": ["*"]}
    provision("run", make_job(rows, roster={"authority": "partial"}, scope=scope), "--json")

    assert person(server, "ada@acme.example")["status"] == "active"
