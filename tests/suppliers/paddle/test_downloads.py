"""Files at fixed addresses: whole or not there, whatever happens on the way."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gft.errors import GftError, UserError
from gft.language.program import Options
from gft.suppliers.paddle import downloads
from gft.suppliers.paddle.downloads import NotFound, Unreachable, fetch_file, mirrored, paddle_home
from hub.mirror import Mirror

DATA = bytes(range(256)) * 40
MD5 = hashlib.md5(DATA).hexdigest()
NOBODY = "http://127.0.0.1:9"
WORKER = (
    "import sys; from pathlib import Path; from gft.language.program import Options; "
    "from gft.suppliers.paddle.downloads import fetch_file; "
    "fetch_file(sys.argv[1], Path(sys.argv[2]), sys.argv[3], Options({}))"
)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "WAITS", (0.0, 0.0))


@pytest.fixture
def url(mirror: Mirror) -> str:
    return mirror.put("/some/data.bin", DATA)


def fetch(url: str, target: Path, md5: str | None = MD5, **given: Any) -> Path:
    return fetch_file(url, target, md5, Options(given))


def failed(kind: type[GftError], *arguments: Any) -> str:
    with pytest.raises(GftError) as caught:
        fetch(*arguments)
    assert type(caught.value) is kind
    [message] = caught.value.messages
    assert "\n" not in message
    return str(message)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class TestFetched:
    def test_once(self, mirror: Mirror, url: str, tmp_path: Path) -> None:
        target = tmp_path / "deep" / "data.bin"
        assert fetch(url, target).read_bytes() == DATA
        assert fetch(url, target, None) == target
        assert mirror.asked == [("/some/data.bin", None)]
        assert names(target.parent) == ["data.bin"]

    def test_a_file_with_another_checksum_is_replaced(self, url: str, tmp_path: Path) -> None:
        target = tmp_path / "data.bin"
        target.write_bytes(b"an older one")
        assert fetch(url, target).read_bytes() == DATA

    def test_without_a_checksum_it_can_be_asked_for_again(
        self, mirror: Mirror, url: str, tmp_path: Path
    ) -> None:
        target = tmp_path / "data.bin"
        target.write_bytes(b"an older one")
        assert fetch(url, target, None).read_bytes() == b"an older one"
        for _ in range(2):
            assert fetch(url, target, None, overwrite_cache=True).read_bytes() == DATA
        assert len(mirror.asked) == 1

    def test_two_processes_fetch_it_once(self, mirror: Mirror, url: str, tmp_path: Path) -> None:
        mirror.pause = 0.5
        words = [sys.executable, "-c", WORKER, url, str(tmp_path / "data.bin"), MD5]
        both = [subprocess.Popen(words, env=here()) for _ in range(2)]
        assert [one.wait(timeout=60) for one in both] == [0, 0]
        assert len(mirror.asked) == 1
        assert (tmp_path / "data.bin").read_bytes() == DATA

    @pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
    def test_a_bar_on_a_terminal_only(self, url: str, tmp_path: Path) -> None:
        import pty

        ours, theirs = pty.openpty()
        words = [sys.executable, "-c", WORKER, url, str(tmp_path / "a.bin"), MD5]
        assert subprocess.run(words, env=here(), stderr=theirs, check=False).returncode == 0
        os.close(theirs)
        assert b"a.bin" in os.read(ours, 10_000)
        words[4] = str(tmp_path / "b.bin")
        done = subprocess.run(words, env=here(), capture_output=True, check=True)
        assert (done.stdout, done.stderr) == (b"", b"")


class TestBroken:
    def test_a_line_that_breaks_is_gone_on_with(
        self, mirror: Mirror, url: str, tmp_path: Path
    ) -> None:
        # More often than there are attempts: it goes on as long as something comes.
        mirror.cuts = [1000, 2000, 1, 5000]
        assert fetch(url, tmp_path / "data.bin").read_bytes() == DATA
        starts = [wanted for _, wanted in mirror.asked]
        assert starts == [None, "bytes=1000-", "bytes=3000-", "bytes=3001-", "bytes=8001-"]

    @pytest.mark.parametrize("md5", [MD5, None])
    def test_an_interrupted_download_is_gone_on_with_the_next_time(
        self, mirror: Mirror, url: str, tmp_path: Path, md5: str | None
    ) -> None:
        target = tmp_path / "data.bin"
        mirror.cuts = [1000, 0, 0]
        assert "the part downloaded is kept, so run it again" in failed(
            Unreachable, url, target, md5
        )
        assert not target.exists()
        mirror.asked.clear()
        assert fetch(url, target, md5).read_bytes() == DATA
        assert mirror.asked == [("/some/data.bin", "bytes=1000-")]
        assert names(tmp_path) == ["data.bin"]

    def test_the_file_changed_meanwhile(self, mirror: Mirror, url: str, tmp_path: Path) -> None:
        mirror.cuts = [1000, 0, 0]
        failed(Unreachable, url, tmp_path / "data.bin", None)
        mirror.put("/some/data.bin", DATA[::-1])
        assert fetch(url, tmp_path / "data.bin", None).read_bytes() == DATA[::-1]

    @pytest.mark.parametrize("start", [b"damaged", DATA + b"and more", DATA])
    def test_what_an_earlier_run_left_is_not_trusted(
        self, mirror: Mirror, url: str, tmp_path: Path, start: bytes
    ) -> None:
        (tmp_path / "data.bin.partial").write_bytes(start)
        assert fetch(url, tmp_path / "data.bin").read_bytes() == DATA
        assert names(tmp_path) == ["data.bin"]
        if start == DATA:
            assert mirror.asked == []

    def test_a_start_that_nothing_vouches_for_is_dropped(self, url: str, tmp_path: Path) -> None:
        (tmp_path / "data.bin.partial").write_bytes(b"another file")
        assert fetch(url, tmp_path / "data.bin", None).read_bytes() == DATA

    def test_a_server_without_ranges(self, mirror: Mirror, url: str, tmp_path: Path) -> None:
        mirror.ranges, mirror.cuts = False, [1000]
        assert fetch(url, tmp_path / "data.bin").read_bytes() == DATA

    def test_a_wrong_checksum(self, url: str, tmp_path: Path) -> None:
        message = failed(GftError, url, tmp_path / "data.bin", "0" * 32)
        assert message == (
            f"{url}: the file that came has the md5 {MD5} and should have {'0' * 32}; "
            "it was removed"
        )
        assert names(tmp_path) == []


class TestRefused:
    def test_statuses(self, mirror: Mirror, url: str, tmp_path: Path) -> None:
        target = tmp_path / "data.bin"
        missing = f"{mirror.url}/nothing"
        told = f"there is no file at {missing} (the server answers 404)"
        assert failed(NotFound, missing, target) == told
        mirror.statuses = [403]
        assert "was refused: the server answers 403" in failed(GftError, url, target)
        mirror.statuses = [503, 429]
        assert fetch(url, target).read_bytes() == DATA

    def test_a_server_that_stays_busy(self, mirror: Mirror, url: str, tmp_path: Path) -> None:
        mirror.statuses = [503] * 3
        message = failed(Unreachable, url, tmp_path / "data.bin")
        assert message == f"{url} could not be fetched (it answers 503); run it again later"
        assert names(tmp_path) == []

    def test_no_network(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        message = failed(Unreachable, f"{NOBODY}/data.bin", tmp_path / "data.bin")
        assert message.startswith(f"{NOBODY} cannot be reached (")
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
        message = failed(Unreachable, f"{NOBODY}/data.bin", tmp_path / "data.bin")
        assert message == "HF_HUB_OFFLINE is set"

    def test_a_place_that_cannot_be_written(self, url: str, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        message = failed(UserError, url, tmp_path / "file" / "data.bin")
        assert f"data.bin cannot be written to {tmp_path / 'file'}" in message
        assert "--cache_dir names another folder" in message

    def test_a_full_disk(self, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        usage = SimpleNamespace(free=10)
        monkeypatch.setattr(downloads.shutil, "disk_usage", lambda path: usage)
        message = failed(GftError, url, tmp_path / "data.bin")
        assert "has 0 MB free, and 0 MB of data.bin are still to come" in message


def test_a_mirror_has_the_same_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    address = "https://bj.example.com/dataset/imdb%2Fx.tar.gz?a=b"
    monkeypatch.delenv("GFT_PADDLE_MIRROR", raising=False)
    assert mirrored(address) == address
    monkeypatch.setenv("GFT_PADDLE_MIRROR", "http://here:80/top/")
    assert mirrored(address) == "http://here:80/top/dataset/imdb%2Fx.tar.gz?a=b"
    monkeypatch.setenv("GFT_PADDLE_MIRROR", "here")
    with pytest.raises(UserError, match="GFT_PADDLE_MIRROR=here: expected an address"):
        mirrored(address)


def test_the_cache_is_paddles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PPNLP_HOME", raising=False)
    assert paddle_home(Options({})) == Path.home() / ".paddlenlp"
    monkeypatch.setenv("PPNLP_HOME", str(tmp_path / "home"))
    assert paddle_home(Options({})) == tmp_path / "home"
    assert paddle_home(Options({"cache_dir": str(tmp_path)})) == tmp_path


def here() -> dict[str, str]:
    import gft

    return {**os.environ, "PYTHONPATH": str(Path(next(iter(gft.__path__))).parent)}
