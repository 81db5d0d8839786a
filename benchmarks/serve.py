"""How a server of gft's does beside `Fit.predict`, and what it answers to hostile clients.

    python benchmarks/serve.py --model FOLDER --data FILE.tsv --column sentence [--minutes 10]

FOLDER is a fitted classifier of one column, FILE a table with a header. `predict` in a process of
its own, requests of 16 rows and of one row by 32 clients take turns; printed are rows per second,
medians over the rounds, processor seconds for 1,000 rows (which other work on the machine changes
little), and median and 99th percentile of a request's seconds. Then the memory of
the server while it is asked for `--minutes` (0.5), what happens to requests at SIGTERM, and one
line for each hostile body.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from gft.data.files import read_data

CLIENTS = 32
SECONDS = 10.0
"""How long a round of requests lasts."""
NAME = "served"
HEAD = (
    f"POST /v1/models/{NAME}/predict HTTP/1.1\r\nHost: localhost\r\n"
    "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n"
)


class Server:
    """A gft_serve in a process of its own."""

    def __init__(self, model: str) -> None:
        words = [f"{NAME}=C:{model}", "--port", "0"]
        self.process = subprocess.Popen(
            [str(Path(sys.executable).parent / "gft_serve"), *words],
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)/docs", line):
                self.port = int(found[1])
                break
        else:
            raise SystemExit("the server did not start")
        # Nobody reads the log from here on; a full pipe would stop the server.
        self.drain = subprocess.Popen(["cat"], stdin=self.process.stderr, stdout=subprocess.DEVNULL)

    def memory(self) -> float:
        """Return the resident memory in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def processor(self) -> float:
        """Return the seconds of processors that it has had."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> int:
        """End it as an operator would; return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


class Round:
    """What some seconds of requests brought."""

    def __init__(self) -> None:
        self.rows = 0
        self.seconds: list[float] = []
        self.lost = 0
        self.refused = 0


async def client(port: int, bodies: Iterator[bytes], rows: int, end: float, found: Round) -> None:
    """Ask again and again on one connection, a new one where the server closes it."""
    reader = writer = None
    while time.perf_counter() < end:
        body = next(bodies)
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            found.refused += 1  # It had not begun.
            return
        assert reader is not None
        began = time.perf_counter()
        try:
            writer.write(HEAD.format(len(body)).encode() + body)
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.split("content-length:")[1].split()[0])
            answer = await reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError):
            found.lost += 1
            writer = None
            continue
        assert " 200 " in head.splitlines()[0], answer[:200]
        found.rows += rows
        found.seconds.append(time.perf_counter() - began)
        if "connection: close" in head:
            writer.close()
            writer = None
    if writer is not None:
        writer.close()


async def asked(port: int, texts: list[str], column: str, rows: int, seconds: float) -> Round:
    """Ask with all clients for so many seconds."""
    parts = [texts[n : n + rows] for n in range(0, len(texts) - rows + 1, rows)]
    bodies = cycle(
        json.dumps({"rows": [{column: text} for text in part]}).encode() for part in parts
    )
    found, end = Round(), time.perf_counter() + seconds
    await asyncio.gather(*(client(port, bodies, rows, end, found) for _ in range(CLIENTS)))
    return found


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--column", default="sentence")
    parser.add_argument("--rows", type=int, default=0, help="the first so many (all)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=0.5)
    parser.add_argument("--predict", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    [table] = read_data(Path(args.data)).splits.values()
    texts = [str(text) for text in table.column(args.column)[: args.rows or None]]
    if args.predict:
        print(*predicted(args.model, texts))
        return
    throughput(args, texts)
    server = Server(args.model)
    memory(server, args, texts)
    hostile(server.port)
    farewell(server, args, texts)


def predicted(model: str, texts: list[str]) -> tuple[float, float]:
    """Return how many rows `Fit.predict` does in a second, and its processor seconds for 1,000."""
    import gft

    fit = gft.load(f"C:{model}")
    fit.predict(texts[:64])
    began, worked, rows = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - began < SECONDS:
        fit.predict(texts)
        rows += len(texts)
    worked = time.process_time() - worked
    return rows / (time.perf_counter() - began), worked / rows * 1000


def throughput(args: argparse.Namespace, texts: list[str]) -> None:
    """Print the speed of every arm."""
    speeds: dict[str, list[float]] = {"predict": [], "16 rows": [], "1 row": []}
    works: dict[str, list[float]] = {"predict": [], "16 rows": [], "1 row": []}
    waits: dict[str, list[float]] = {"16 rows": [], "1 row": []}
    for _ in range(args.rounds):
        done = subprocess.run(
            [sys.executable, __file__, *sys.argv[1:], "--predict"],
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        speed, work = map(float, done.stdout.split())
        speeds["predict"].append(speed)
        works["predict"].append(work)
        server = Server(args.model)
        for name, rows in (("16 rows", 16), ("1 row", 1)):
            asyncio.run(asked(server.port, texts, args.column, rows, 1.0))
            before = server.processor()
            found = asyncio.run(asked(server.port, texts, args.column, rows, SECONDS))
            works[name].append((server.processor() - before) / found.rows * 1000)
            speeds[name].append(found.rows / SECONDS)
            waits[name] += found.seconds
        server.stop()
    for name, values in speeds.items():
        line = f"{name:10}{statistics.median(values):8.0f} rows/s"
        line += f", {statistics.median(works[name]):.2f} processor s for 1,000"
        if name in waits:
            share = statistics.median(
                one / other for one, other in zip(values, speeds["predict"], strict=True)
            )
            cuts = statistics.quantiles(waits[name], n=100)
            line += f"   {share:.2f} of predict's; a request {cuts[49] * 1000:.0f} ms in the"
            line += f" median, {cuts[98] * 1000:.0f} ms at the 99th percentile"
        print(line, flush=True)


def memory(server: Server, args: argparse.Namespace, texts: list[str]) -> None:
    """Print the memory of the server while it is asked."""
    asyncio.run(asked(server.port, texts, args.column, 16, 5.0))
    sizes = [server.memory()]
    for _ in range(10):
        asyncio.run(asked(server.port, texts, args.column, 16, args.minutes * 6))
        sizes.append(server.memory())
    shown = ", ".join(f"{one:.0f}" for one in sizes)
    print(f"memory over {args.minutes:g} minutes, MB: {shown}", flush=True)


def hostile(port: int) -> None:
    """Print what hostile clients are answered."""
    deep, wrong = b"[" * 1_000_000, b'{"rows": [{"x": [1, {"a": null}]}]}'
    cases: dict[str, bytes] = {
        "a body of 100 MB": HEAD.format(100_000_000).encode() + b" " * 100_000_000,
        "deep JSON": HEAD.format(len(deep)).encode() + deep,
        "wrong types": HEAD.format(len(wrong)).encode() + wrong,
        "slow headers": b"POST / HTTP/1.1\r\nHost: lo",
        "a slow body": HEAD.format(1000).encode() + b"{",
        "no HTTP": b"\x16\x03\x01\x02\x00\r\n\r\n",
    }
    for name, sent in cases.items():
        began = time.perf_counter()
        answer = asyncio.run(raw(port, sent))
        head, _, body = answer.partition("\r\n\r\n")
        seconds = time.perf_counter() - began
        print(f"{name}: {head.split()[1]} after {seconds:.1f} s, {body.strip()}", flush=True)


async def raw(port: int, sent: bytes) -> str:
    """Send bytes and return what comes back until the answer is whole."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split()[0])
    body = await reader.readexactly(length)
    writer.close()
    return (head + body).decode()


def farewell(server: Server, args: argparse.Namespace, texts: list[str]) -> None:
    """Print what became of the requests of a server that is stopped meanwhile."""

    async def both() -> Round:
        asking = asyncio.create_task(asked(server.port, texts, args.column, 4, 6.0))
        await asyncio.sleep(3.0)
        server.process.send_signal(signal.SIGTERM)
        return await asking

    found = asyncio.run(both())
    status = server.process.wait(60)
    print(
        f"SIGTERM under load: {len(found.seconds)} requests answered, {found.lost} lost, exit "
        f"status {status}; {found.refused} clients found the port closed"
    )


if __name__ == "__main__":
    main()
