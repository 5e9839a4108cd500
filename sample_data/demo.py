"""``make demo``: a nightly run and a portal run against a local Box, as a person would do them at the terminal.

Everything it makes lies in ``.demo``; what it starts, it stops. It exits with 1 as soon as something is not as promised.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".demo"
JOBS = ("nightly", "portal")


def main() -> int:
    """The whole demonstration; 0 if every promise held."""
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(mode=0o700)
    print("1. A local Box enterprise, seeded with 392 users of all kinds\n")
    sandbox = _start_sandbox()
    try:
        environment = _environment(json.loads(sandbox.stdout.readline()))
        return _nights(environment)
    finally:
        sandbox.terminate()
        sandbox.wait(timeout=10)
        print("\nThe local Box is stopped.")


def _start_sandbox() -> subprocess.Popen[str]:
    command = [
        sys.executable, "-m", "provision", "sandbox",
        "--seed", str(ROOT / "sample_data/enterprise.json"), "--config", str(HOME / "sandbox.json"),
    ]  # fmt: skip
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603  our own program


def _environment(announced: Mapping[str, str]) -> dict[str, str]:
    names = {
        "BOX_BASE_URL": "url", "BOX_CLIENT_ID": "client_id", "BOX_CLIENT_SECRET": "client_secret",
        "BOX_ENTERPRISE_ID": "enterprise_id", "BOX_JWT_CONFIG_FILE": "jwt_config",
    }  # fmt: skip
    print(f"   serving at {announced['url']}, enterprise {announced['enterprise_id']}")
    told = {variable: announced[key] for variable, key in names.items()}
    return dict(os.environ) | told | {"PROVISION_HOME": str(HOME)}


def _nights(environment: Mapping[str, str]) -> int:
    account = []
    for number, job in enumerate(JOBS, start=2):
        print(f"\n{number}. jobs/{job}.yaml: preview, apply, and once more to see that nothing is left\n")
        preview = _provision(environment, 2, "plan", f"jobs/{job}.yaml")
        applied = _provision(environment, 0, "apply", preview["files"]["run_dir"], "--yes")
        again = _provision(environment, 0, "run", f"jobs/{job}.yaml", "--yes")
        if not (applied["status"] == "applied" and again["status"] == "no_changes"):
            print(f"   not as promised: {applied['status']}, then {again['status']}")
            return 1
        account.append((job, applied, again))
    _who_needs_a_person(environment)
    _tell(account)
    return 0


#: somebody to be created, somebody who asks for rights that no file gives, and a row with a mistyped address
_VISITORS = """\
login,name,role
nadia.newcomer@acme.example,Nadia Newcomer,user
ragna.rights@acme.example,Ragna Rights,coadmin
tom.typo(at)acme.example,Tom Typo,user
"""
_VISITORS_JOB = """\
version: 1
name: visitors
box:
  base_url: ${BOX_BASE_URL}
  auth: {method: ccg, client_id: "${BOX_CLIENT_ID}", client_secret: "${BOX_CLIENT_SECRET}", enterprise_id: "${BOX_ENTERPRISE_ID}"}
roster: {path: visitors.csv, authority: partial}
scope: {domains: [acme.example]}
"""


def _who_needs_a_person(environment: Mapping[str, str]) -> None:
    """What it looks like when somebody is held and somebody's row is rejected: everybody else goes on, exit code 3."""
    print("\n4. .demo/visitors.yaml: one row can be used, one waits for a person, one has an error\n")
    (HOME / "visitors.csv").write_text(_VISITORS, encoding="utf-8")
    (HOME / "visitors.yaml").write_text(_VISITORS_JOB, encoding="utf-8")
    done = _provision(environment, 3, "run", str(HOME / "visitors.yaml"), "--yes")
    for hold in done["holds"]:
        print(f"     held      {hold['key']}: {hold['reason']}")
    for found in done["findings"]:
        if found["code"] == "row_rejected":
            print(f"     rejected  row {found['row']}, {found['column']}: {found['sentence']}")
    _provision(environment, 0, "holds", str(HOME / "visitors.yaml"))


def _provision(environment: Mapping[str, str], expected: int, *arguments: str) -> dict[str, Any]:
    """Run one command, say what it did in a line, and return its summary."""
    shown = " ".join(
        os.path.relpath(part, ROOT) if part.startswith(str(ROOT)) else part for part in arguments
    )
    print(f"   $ provision {shown}")
    command = [sys.executable, "-m", "provision", *arguments, "--json", "--quiet"]
    done = subprocess.run(  # noqa: S603  our own program
        command, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False
    )
    if done.returncode != expected:
        raise SystemExit(f"   exit {done.returncode}, not {expected}\n{done.stderr}")
    summary: dict[str, Any] = json.loads(done.stdout)
    if "planned" in summary:
        print(f"     {_sentence(summary)}")
    else:
        print(f"     {len(summary['holds'])} waits for a person")
    return summary


def _sentence(summary: Mapping[str, Any]) -> str:
    planned = ", ".join(f"{count} {kind}" for kind, count in summary["planned"].items())
    calls = f"{summary['api']['requests']} calls in {summary['api']['seconds']:.1f} s"
    if summary["status"] == "no_changes":
        return f"nothing to do ({calls})"
    if summary["status"] == "planned":
        return f"would do: {planned} ({calls})"
    return f"{summary['outcomes']['done']} of {sum(summary['planned'].values())} done: {planned} ({calls})"


def _tell(account: list[tuple[str, dict[str, Any], dict[str, Any]]]) -> None:
    print("\nWhat happened")
    for job, applied, _again in account:
        rows, users = applied["roster"]["rows"], applied["directory"]["users"]
        print(
            f"   {job:<8} {rows} roster rows against {users} users: {_sentence(applied)}; a second run had nothing to do"
        )
    print("\nWhere to look")
    for job, applied, _again in account:
        for name in ("report_html", "report_xlsx", "report_csv"):
            print(f"   {job:<8} {os.path.relpath(applied['files'][name], ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
