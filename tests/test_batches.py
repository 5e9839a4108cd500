"""What does not fit into memory lies on disk, without a name and only for as long as it is wanted."""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
import pytest

from provision.batches import Spool


@pytest.mark.parametrize("written", [0, 1, 2])
def test_nothing_is_left_of_batches_that_nobody_wants(
    written: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    spool = Spool()
    for _ in range(written):
        spool.append(pd.DataFrame({"login": ["mia@acme.example"]}, dtype="str"))
    assert [len(frame) for frame in spool.each()] == [1] * written

    assert list(tmp_path.iterdir()) == []
    del spool
    gc.collect()  # a file that nobody closes is warned of, and a warning is an error here


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no such limit here")
def test_a_disk_without_room_is_told_in_words() -> None:
    program = (
        "import resource, signal\n"
        "import pandas as pd\n"
        "from provision.batches import Spool\n"
        "from provision.errors import InputError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))\n"
        "spool, frame = Spool(), pd.DataFrame({'n': range(100_000)})\n"
        "try:\n"
        "    spool.append(frame)\n"
        "except InputError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert done.stdout.startswith("What does not fit into memory cannot be kept on disk: File too large.")
    assert "TMPDIR" in done.stdout
    assert done.stderr == ""
