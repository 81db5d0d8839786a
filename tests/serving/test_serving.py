"""Models that answer over HTTP: a real server on a loopback port, and clients as there are many."""

from __future__ import annotations

import base64
import html
import http.client
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

import gft
from gft.errors import UserError
from gft.inputs.category import CATEGORY
from gft.inputs.images import IMAGE, read_image
from gft.inputs.number import LOG, NUMBER
from gft.inputs.words import WORDS
from gft.serving import models
from gft.serving.access import bound
from gft.serving.app import Service
from gft.serving.batches import Job, RowQueue
from gft.serving.counters import Counters
from gft.serving.limits import Held, Limits
from gft.serving.openapi import described
from gft.serving.pages import docs_page
from gft.serving.refused import Refused
from gft.serving.serve import bound_memory
from gft.serving.server import server_of
from ran import Ran

TOKEN = "correct-horse-battery-staple"
IN_JSON = {"Content-Type": "application/json"}
IN_LINES = {"Content-Type": "application/jsonl"}
PREDICT = "/v1/models/colours/predict"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        """The one line of an error."""
        assert self.headers["content-type"] == "application/json"
        assert self.body.count("\n") == 1 and list(self.json) == ["error"]
        return str(self.json["error"])


@dataclass
class Client:
    port: int

    def __call__(
        self, path: str, body: Any = None, method: str | None = None, **headers: str
    ) -> Answer:
        """Ask; anything but bytes is sent as JSON, under its type."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body, named = json.dumps(body).encode(), {**IN_JSON, **named}
        line.request(method or ("GET" if body is None else "POST"), path, body, named)
        found = line.getresponse()
        text = found.read().decode()
        line.close()
        return Answer(found.status, {k.lower(): v for k, v in found.getheaders()}, text)


@contextmanager
def serving(app: Starlette) -> Iterator[Client]:
    """Serve an application of gft's in a thread of this process."""
    service: Service = app.state.service
    server = server_of(service)
    listening = bound("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, args=([listening],))
    port = listening.getsockname()[1]
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Client(port)
    server.should_exit = True
    thread.join(30)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def fitted(tiny: Path, colours: Path, tmp_path_factory: pytest.TempPathFactory) -> gft.Fit:
    folder = tmp_path_factory.mktemp("served") / "colours"
    return gft.fit(
        model=f"C:{tiny}",
        data=f"C:{colours}",
        eqn="classify: colour ~ text",
        output_dir=str(folder),
        num_train_epochs=8,
        learning_rate=1e-3,
    )


@pytest.fixture(scope="module")
def ask(fitted: gft.Fit) -> Iterator[Client]:
    app = gft.serve_app(f"C:{fitted.folder}", max_rows=600, max_megabytes=0.5, max_seconds=2)
    with serving(app) as client:
        yield client


def test_a_server_predicts_as_the_model_does(ask: Client, fitted: gft.Fit) -> None:
    texts = [f"river mark{n % 2} stone {n}" for n in range(40)]
    found = ask(PREDICT, {"rows": [{"text": one, "more": 1} for one in texts]})
    assert found.status == 200
    assert [one["label"] for one in found.json["predictions"]] == fitted.predict(texts)
    assert {"red", "blue"} == {one["label"] for one in found.json["predictions"]}
    asked = {"rows": [{"text": texts[0]}], "return_all_scores": True}
    [every] = ask(PREDICT, asked).json["predictions"]
    assert list(every["scores"]) == ["red", "blue"] and every["scores"]["red"] == every["score"]
    [best] = ask(PREDICT, {"rows": [{"text": texts[0]}], "top_k": 1}).json["predictions"]
    assert list(best["scores"]) == ["red"]
    assert ask(PREDICT, {"rows": []}).json == {"predictions": []}


def test_a_row_a_line_both_ways(ask: Client) -> None:
    body = b'{"text": "mark0"}\n\n{"text": "mark1"}\n'
    lines = ask(PREDICT, body, **IN_LINES)
    assert lines.headers["content-type"].startswith("application/jsonl")
    assert [json.loads(one)["label"] for one in lines.body.splitlines()] == ["red", "blue"]
    whole = ask(f"{PREDICT}?return_all_scores=true", body, **IN_LINES, Accept="application/json")
    assert [one["label"] for one in whole.json["predictions"]] == ["red", "blue"]
    assert len(whole.json["predictions"][0]["scores"]) == 2
    asked = {"rows": [{"text": "mark1"}] * 550}
    many = ask(PREDICT, asked, Accept="application/x-ndjson").body.splitlines()
    assert len(many) == 550 and len(set(many)) <= 2


WRONG = [
    ({"rows": [{"text": "a"}, {"txt": "b"}]}, 422, "row 2 has no column 'text' (it has 'txt'); "),
    ({"rows": [{"text": 5}]}, 422, "row 1, column 'text': expected a text, found 5"),
    ({"rows": [{"text": None}]}, 422, "row 1, column 'text': expected a text, found null"),
    ({"rows": ["a"]}, 422, "row 1: expected an object with 'text', found a text"),
    ({"rows": {"text": "a"}}, 422, "rows: expected a list of objects, "),
    ({"row": []}, 422, "no field 'row' in the body (did you mean 'rows'?); "),
    ({}, 422, "rows: expected a list of objects, "),
    ([1], 422, "expected an object, "),
    ({"rows": [], "top_k": 0}, 422, "top_k: expected a whole number from 1 on, found 0"),
    ({"rows": [], "return_all_scores": "x"}, 422, "return_all_scores: expected true or false"),
    ({"rows": [{"text": "a"}] * 601}, 413, "601 rows; a request has at most 600: "),
    (b"\xff\xfe", 400, "the body is not in UTF-8, from byte 0 on"),
    (b"{", 400, "the body is not JSON: "),
    (b" ", 400, 'the body is empty; expected {"rows": [{"column": "value"}]}'),
    (b'{"rows": [{"text": NaN}]}', 400, "the body is not JSON: NaN is no number"),
    (
        b'{"rows": [{"text": "a", "text": "b"}]}',
        400,
        "the body is not JSON: an object has 'text' twice",
    ),
    (b'{"rows": ' + b"9" * 5000 + b"}", 400, "the body is not JSON: a whole number with"),
    (b"[" * 100_000, 400, "the body is not JSON: lists or objects are nested too deeply"),
    (b'{"rows": [{"text": "\\ud800"}]}', 422, "row 1, column 'text': expected a text without lone"),
    (b" " * 600_000, 413, "the body has 600,000 bytes; expected at most 0.5 megabytes"),
]


@pytest.mark.parametrize(("body", "status", "told"), WRONG, ids=[one[2][:30] for one in WRONG])
def test_a_wrong_body_is_answered_in_one_line(
    ask: Client, body: Any, status: int, told: str
) -> None:
    found = ask(PREDICT, body, **IN_JSON)
    assert found.error.startswith(told) and found.status == status


def test_what_else_is_refused(ask: Client) -> None:
    assert ask("/v1/models/color/predict", {"rows": []}).error == (
        "no model 'color' (did you mean 'colours'?); available: colours"
    )
    plain = ask(PREDICT, b"{}", Content_Type="text/plain").error
    assert "application/json, or application/jsonl (one row per line), found" in plain
    assert ask(PREDICT, b"{}", **IN_JSON, Content_Encoding="gzip").status == 415
    assert ask(PREDICT, method="GET").error == "GET is not allowed here; expected POST"
    assert ask("/%0a%1b%5b31m").error.startswith("no page '/\\x1b[31m'; available: /, ")
    for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example",
                 "localhost:evil:80", 'localhost:80"><script>'):  # fmt: skip
        refused = ask("/health", Host=host)
        assert refused.status == 421 and "Host header" in refused.error
    assert ask("/health", Host="LOCALHOST:1").status == 200
    both = ask(PREDICT, b"0\r\n\r\n", Transfer_Encoding="chunked", Content_Length="5", **IN_JSON)
    assert both.status == 400 and "not both" in both.error
    crossed = ask(PREDICT, method="OPTIONS", Origin="https://evil.example")
    assert crossed.status == 405
    assert not [name for name in crossed.headers if name.startswith("access-control")]
    lines = ask(PREDICT, b'{"text": "a"}\n{"text": 1}\n', **IN_LINES)
    assert lines.error == "row 2, column 'text': expected a text, found 1"


def test_pages(ask: Client) -> None:
    described = ask("/openapi.json").json
    row = described["paths"][PREDICT]["post"]["requestBody"]["content"]["application/jsonl"]
    assert row["schema"]["required"] == ["text"]
    for path in ("/", "/docs"):
        page = ask(path)
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "http://" not in page.body.replace(f"http://127.0.0.1:{ask.port}", "")
        assert "https://" not in page.body and "classify: colour ~ text" in page.body
    assert ask("/health").json == {"status": "ok"}
    [facts] = ask("/v1/models").json["models"]
    assert facts["labels"] == ["blue", "red"] and facts["columns"] == {"text": {"type": "string"}}


def test_requests_that_come_together_are_predicted_together(ask: Client, fitted: gft.Fit) -> None:
    texts = [f"mark{n % 2} {n}" for n in range(64)]

    def one(text: str) -> str:
        return str(ask(PREDICT, {"rows": [{"text": text}]}).json["predictions"][0]["label"])

    before = figures(ask)
    with ThreadPoolExecutor(16) as clients:
        labels = list(clients.map(one, texts))
    assert labels == fitted.predict(texts)
    after = figures(ask)
    rows = after['gft_rows_total{model="colours"}'] - before['gft_rows_total{model="colours"}']
    assert rows == 64
    assert after["gft_batch_rows_count"] - before["gft_batch_rows_count"] < 48
    asked = 'gft_requests_total{model="colours",status="200"}'
    assert after[asked] - before.get(asked, 0) == 64 and after["gft_waiting_rows"] == 0


def figures(ask: Client) -> dict[str, float]:
    lines = ask("/metrics").body.splitlines()
    return {k: float(v) for k, v in (one.rsplit(" ", 1) for one in lines if one[0] != "#")}


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"GET / HTT", "the request did not arrive in time"),
        (
            f"POST {PREDICT} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            'Content-Length: 99\r\n\r\n{"rows'.encode(),
            "the request did not arrive within 2 seconds",
        ),
        (b"nonsense\r\n\r\n", "this is not an HTTP/1.1 request, or its headers are too long"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000, "this is not an HTTP/1.1 request, or its"),
    ],
    ids=["headers", "body", "nonsense", "long"],
)
def test_a_slow_or_broken_client_is_answered_and_let_go(
    ask: Client, sent: bytes, told: str
) -> None:
    with socket.create_connection(("127.0.0.1", ask.port), timeout=20) as line:
        line.sendall(sent)
        head, _, body = read_all(line).partition("\r\n\r\n")
    assert head.split()[1] in ("400", "408") and json.loads(body)["error"].startswith(told)


def read_all(line: socket.socket) -> str:
    parts = []
    try:
        while part := line.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts).decode()


def test_the_example_has_the_columns_in_their_order() -> None:
    columns = {"text": {"type": "string"}, "age": {"type": ["number", "null"]}}
    model = {"name": "m", "task": "ctc", "equation": None, "columns": columns, "scores": [],
             "answer": "prediction", "answer_schema": {"type": "string"}}  # fmt: skip
    limits = Limits(10, 1000, 2.0, 10, Held(1000))
    described_api = described([model], limits, "", False, "1")
    page = html.unescape(bytes(docs_page(described_api, "http://h").body).decode())
    assert """-d '{"rows": [{"text": "...", "age": 1.5}]}'""" in page
    assert "prediction</th><td>string" in page and "return_all_scores" not in page


def test_a_token(fitted: gft.Fit, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    file.chmod(0o600)
    app = gft.serve_app(f"x=C:{fitted.folder}", token_file=str(file))
    with serving(app) as ask:
        asked = {"rows": [{"text": "mark0"}]}
        for wrong in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Basic {TOKEN}"}):
            found = ask("/v1/models/x/predict", asked, **wrong)
            assert found.status == 401 and found.headers["www-authenticate"] == "Bearer"
            assert ask("/docs", **wrong).status == ask("/metrics", **wrong).status == 401
        right = {"Authorization": f"Bearer {TOKEN}"}
        found = ask("/v1/models/x/predict", asked, **right)
        assert found.json["predictions"][0]["label"] == "red"
        page = ask("/")  # It asks for the token, and says nothing of the models.
        assert page.status == 401 and "colour" not in page.body and "Token" in page.body
        assert ask("/health").status == 200 and TOKEN not in ask("/docs", **right).body


def test_it_can_be_mounted(fitted: gft.Fit) -> None:
    inner = gft.serve_app(f"C:{fitted.folder}")
    outer = Starlette(routes=[Mount("/models", inner)])
    outer.state.service = inner.state.service
    service = inner.state.service
    service.app = lambda: outer
    with serving(outer) as ask:
        found = ask(f"/models{PREDICT}", {"rows": [{"text": "mark1"}]})
        assert found.json["predictions"][0]["label"] == "blue"
        assert ask("/models/openapi.json").json["servers"] == [{"url": "/models"}]
        assert f"http://127.0.0.1:{ask.port}/models{PREDICT}" in ask("/models/docs").body
        assert ask("/models/health", Host="evil.example").status == 421


def test_too_many_rows_are_told_to_come_again(ask: Client, fitted: gft.Fit) -> None:
    counters, going = Counters(), threading.Event()
    batches = RowQueue(10, counters)
    served = models.Served("slow", fitted, Slow(fitted.predictor, going))  # type: ignore[arg-type]
    jobs = [Job(served, {"text": ["mark0"] * 8}, 8, 1, gft_options()) for _ in range(3)]
    batches.add(jobs[:1])
    while batches.waiting:
        time.sleep(0.001)
    batches.add(jobs[1:2])
    with pytest.raises(Refused, match="8 rows are waiting; retry in") as refused:
        batches.add(jobs[2:])
    assert refused.value.status == 503 and int(refused.value.headers["Retry-After"]) >= 1
    batches.close()
    going.set()
    for job in jobs[:2]:  # What was taken is done, also after the end.
        assert [one["label"] for one in job.answers.result(10)] == ["red"] * 8
    with pytest.raises(Refused, match="the server is stopping"):
        batches.add(jobs[2:])


def test_rows_of_a_client_that_has_gone_are_not_predicted(fitted: gft.Fit) -> None:
    going = threading.Event()
    app = gft.serve_app(f"C:{fitted.folder}")
    service: Service = app.state.service
    slow = models.Served("colours", fitted, Slow(fitted.predictor, going))  # type: ignore[arg-type]
    service.models.by_name["colours"] = slow
    with serving(app) as ask, ThreadPoolExecutor(1) as patient:
        staying = patient.submit(ask, PREDICT, {"rows": [{"text": "mark1"}]})
        until(lambda: slow.predictor.busy)  # type: ignore[attr-defined]
        body = json.dumps({"rows": [{"text": "mark0"}] * 7}).encode()
        for accept in ("application/json", "application/jsonl"):
            with socket.create_connection(("127.0.0.1", ask.port)) as line:
                line.sendall(
                    f"POST {PREDICT} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n"
                    "Content-Type: application/json\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                until(lambda: service.batches.waiting == 7)
            until(lambda: service.batches.waiting == 0)
        going.set()
        assert staying.result(10).json["predictions"][0]["label"] == "blue"
        counted = figures(ask)
    assert counted['gft_requests_total{model="colours",status="499"}'] == 1
    assert counted['gft_rows_total{model="colours"}'] == 1


def test_a_level_that_train_has_not_is_told_in_the_answer(tmp_path: Path) -> None:
    rows = [f"{['red', 'blue'][n % 3 % 2]},{['left', 'right'][n % 2]}" for n in range(60)]
    (tmp_path / "d.csv").write_text("\n".join(["colour,side", *rows]) + "\n")
    folder = tmp_path / "m"
    gft.fit(data=str(tmp_path / "d.csv"), eqn="classify: colour ~ cat(side)",
            output_dir=str(folder))  # fmt: skip
    with serving(gft.serve_app(f"C:{folder}")) as ask:
        asked = {"rows": [{"side": "left"}, {"side": "above"}, {"side": None}]}
        found = ask("/v1/models/m/predict", asked).json["predictions"]
        assert [one.get("notes") for one in found] == [
            None,
            ["1 row has a level of side that is not in train; the average is used: 'above' (1)"],
            ["1 row has no side, which every row of train has; the average is used"],
        ]
        lines = ask("/v1/models/m/predict", asked, Accept="application/jsonl").body.splitlines()
        assert [json.loads(line) for line in lines] == found


def test_a_number_is_a_number_and_several_are_a_list(tmp_path: Path) -> None:
    rows = [f"{n},{2 * n + 1},{n % 3}" for n in range(60)]
    (tmp_path / "d.csv").write_text("\n".join(["size,price,rooms", *rows]) + "\n")
    for name, left in (("one", "price"), ("two", "price + rooms")):
        gft.fit(data=str(tmp_path / "d.csv"), eqn=f"regress: {left} ~ num(size)",
                output_dir=str(tmp_path / name))  # fmt: skip
    with serving(gft.serve_app(*(f"C:{tmp_path / name}" for name in ("one", "two")))) as ask:
        body = {"rows": [{"size": 100}]}
        [one] = ask("/v1/models/one/predict", body).json["predictions"]
        [two] = ask("/v1/models/two/predict", body).json["predictions"]
        assert one["prediction"] == pytest.approx(201) and len(two["prediction"]) == 2
        paths = ask("/openapi.json").json["paths"]
        schemas = [
            paths[f"/v1/models/{name}/predict"]["post"]["responses"]["200"]["content"][
                "application/jsonl"]["schema"]["properties"]["prediction"]
            for name in ("one", "two")
        ]  # fmt: skip
        assert schemas[0] == {"type": "number"}
        assert schemas[1] == {
            "type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2,
        }  # fmt: skip


class Slow:
    """What predicts once it is let go."""

    def __init__(self, predictor: Any, going: threading.Event) -> None:
        self.predictor, self.going, self.task = predictor, going, predictor.task
        self.busy = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.predictor, name)

    def rows(self, rows: Any) -> Any:
        self.busy = True
        self.going.wait(10)
        return self.predictor.rows(rows)


def gft_options() -> Any:
    from gft.language.program import Options

    return Options({})


def test_a_folder_that_is_fitted_anew_is_taken_over(
    fitted: gft.Fit, tiny: Path, colours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "LOOKS_EVERY", 0.05)
    folder = tmp_path / "m"
    assert fitted.folder is not None
    shutil.copytree(fitted.folder, folder)
    stopped, found = threading.Event(), []
    with serving(gft.serve_app(f"C:{folder}")) as ask:

        def keep_asking() -> None:
            while not stopped.is_set():
                found.append(ask("/v1/models/m/predict", {"rows": [{"text": "mark1"}]}))

        with ThreadPoolExecutor(2) as clients:
            waiting = [clients.submit(keep_asking) for _ in range(2)]
            gft.fit(
                model=f"C:{tiny}", data=f"C:{colours}", eqn="classify: size ~ text",
                output_dir=str(folder), overwrite_output_dir=True, max_steps=1,
            )  # fmt: skip
            until(lambda: ask("/v1/models/m").json["labels"] == ["0.0", "2.5"])
            until(lambda: found[-1].json["predictions"][0]["label"] in ("0.0", "2.5"))
            stopped.set()
            for one in waiting:
                one.result(10)
        assert {one.status for one in found} == {200}
        assert found[0].json["predictions"][0]["label"] == "blue"
        assert figures(ask)['gft_models_taken_over_total{model="m"}'] == 1


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_signal_ends_it_after_what_was_begun(fitted: gft.Fit, tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [Path(sys.executable).parent / "gft_serve", f"a=C:{fitted.folder}", "--port", "0"]
    with log.open("w") as err:
        server = subprocess.Popen(command, stderr=err, env={**os.environ, "OMP_NUM_THREADS": "1"})
    try:
        end = time.monotonic() + 90
        while "has a page for people" not in log.read_text():
            assert server.poll() is None and time.monotonic() < end, log.read_text()
            time.sleep(0.05)
        port = int(log.read_text().split("http://127.0.0.1:")[1].split("/")[0])
        rows = json.dumps({"rows": [{"text": "secret mark0 " * 40}] * 300}).encode()
        head = (
            "POST /v1/models/a/predict HTTP/1.1\r\nHost: localhost\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(rows)}\r\n\r\n"
        ).encode()
        lines = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(4)]
        for line in lines:
            line.sendall(head + rows)
        time.sleep(0.2)
        server.send_signal(signal.SIGTERM)
        answers = [read_all(line) for line in lines]
        for text in answers:
            assert text.split()[1] == "200" and text.count('"label"') == 300
        # Those that were answered before the signal was heard say nothing of it.
        assert any("connection: close" in text.lower() for text in answers)
        assert server.wait(60) == 0
    finally:
        server.kill()
    told = log.read_text()
    assert told.endswith("gft_serve: stopped; every request that had begun was answered\n")
    assert "POST /v1/models/a/predict 200 300 rows" in told and "secret" not in told


def test_mistakes_before_anything_is_loaded(
    gft: Callable[..., Ran], fitted: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("GFT_SERVE_TOKEN", raising=False)
    folder = f"C:{fitted.folder}"
    for name, token in (("short", "short"), ("empty", "\n"), ("two", "long-enough-line\n" * 2)):
        (tmp_path / name).write_text(token)
    taken = bound("127.0.0.1", 0)
    taken.listen()
    port = str(taken.getsockname()[1])
    for words, told in (
        (
            (folder, "--host", "0.0.0.0"),
            "--host 0.0.0.0: anyone who reaches this address could send ",
        ),
        ((folder, "--token_file", "nowhere"), "--token_file nowhere cannot be read: No such file"),
        ((folder, "--token_file", str(tmp_path / "short")), "expected a token of 16 characters"),
        ((folder, "--token_file", str(tmp_path / "short")), "without spaces, found 5 characters;"),
        ((folder, "--token_file", str(tmp_path / "empty")), "without spaces, found nothing; "),
        ((folder, "--token_file", str(tmp_path / "two")), "without spaces, found several lines; "),
        ((folder, "--host", "192.0.2.7"), "--host 192.0.2.7: this machine does not have that addr"),
        ((f"my model={folder}",), "'_' and '.' before the =, found 'my model'"),
        ((folder, folder), "would both be called colours; give one a name of its own"),
        ((), "gft_serve needs a model: gft_serve C:FOLDER"),
        ((folder, "--port", port), f"--port {port} of 127.0.0.1 is not available: "),
        (("C:nowhere/x",), "no model at nowhere/x"),
    ):
        ran = gft("serve", *words)
        assert ran.status == 2 and len(ran.errors) == 1 and told in ran.errors[0], ran.err
    taken.close()
    monkeypatch.setattr("gft.serving.serve.NEEDED", ("starlette", "no_such_package"))
    ran = gft("serve", folder)
    assert ran.status == 2 and "pip install 'gft[serve]'" in ran.errors[0]


def test_what_is_kept_for_shapes_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", raising=False)
    monkeypatch.setenv("LRU_CACHE_CAPACITY", "7")
    bound_memory()
    assert os.environ["ONEDNN_PRIMITIVE_CACHE_CAPACITY"] == "128"
    assert os.environ["LRU_CACHE_CAPACITY"] == "7"
    monkeypatch.delenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY")


def test_cells_of_json_are_values_and_never_names() -> None:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (3, 2), "red").save(out, "PNG")
    cell = IMAGE.from_json(base64.b64encode(out.getvalue()).decode())
    assert read_image(IMAGE.read([cell])[0]).size == (3, 2)
    for wrong in ("/etc/passwd", "https://example.org/a.png", "", 5, None, "bild.png", "ä"):
        with pytest.raises(ValueError, match="the bytes of a file in base64"):
            IMAGE.from_json(wrong)
    assert NUMBER.from_json(3) == 3 and NUMBER.from_json(None) is None
    for kind, wrong in (
        (NUMBER, "3"), (NUMBER, True), (NUMBER, 1e400), (LOG, 0), (NUMBER, []), (NUMBER, -1e20),
        (NUMBER, 10**400),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="a number"):
            kind.from_json(wrong)
    with pytest.raises(UserError, match=r"holds 1e\+308, and num\(\) takes numbers up to 1e\+19"):
        NUMBER.read([1e308])
    assert NUMBER.from_json(2**63) == 2**63 and LOG.from_json(1e308) == 1e308
    with pytest.raises(ValueError, match="a text, a number"):
        CATEGORY.from_json(1e400)
    assert CATEGORY.from_json("a") == "a" and CATEGORY.from_json(True) is True
    with pytest.raises(ValueError, match="a text, a number"):
        CATEGORY.from_json({})
    assert WORDS.from_json(["a", "b"]) == ["a", "b"]
    with pytest.raises(ValueError, match="a list of words"):
        WORDS.from_json([1])
