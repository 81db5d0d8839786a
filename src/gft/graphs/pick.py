"""Whether a graph is used, and by which runtime: the one of the arguments, else the fastest."""

from __future__ import annotations

from dataclasses import replace

from gft.errors import UserError, listed
from gft.graphs.choice import fastest, fastest_in_8_bits, machine
from gft.graphs.files import Guide
from gft.graphs.runtimes import ONNX, OPENVINO, TORCH, check_runtimes, installed


def chosen(
    guide: Guide | None, runtime: str | None, precision: str, rows: int, name: str
) -> tuple[str, str] | None:
    """Return the runtime and the precision of the graph to use, None where the model is used.

    `runtime` and `precision` are those of the arguments, None and `auto` by default. Raises
    `UserError`, calling the model `name`, where the request cannot be met.
    """
    if runtime == TORCH or (runtime is None and precision in ("bf16", "fp16")):
        return None
    int8 = precision == "int8"
    wanted = "int8" if int8 else "fp32"
    if guide is None or wanted not in guide.graphs:
        if runtime is None and not int8:
            return None
        argument = f"--runtime {runtime}" if runtime else "--precision int8"
        more = " --precision int8" if int8 else ""
        raise UserError(
            f"{argument}: {name} has no graph{' in 8 bits' if int8 else ''} that can be used; "
            f"gft_export --model {name}{more} makes one"
        )
    if int8:
        check_runtimes([runtime] if runtime else [OPENVINO, ONNX])
        graph = guide.graphs["int8"]
        return runtime or fastest_in_8_bits(graph, installed(), rows, machine()), "int8"
    if runtime is not None:
        _check(runtime, precision)
        return runtime, "bf16" if precision == "bf16" else "fp32"
    graph, there = guide.graphs["fp32"], installed()
    if not graph["verified"]:
        return None
    if precision == "fp32":
        return (ONNX, "fp32") if ONNX in there else None
    found = fastest(graph, there, rows, machine())
    return None if found[0] == TORCH else found


def chosen_alone(
    guide: Guide, runtime: str | None, precision: str, rows: int, name: str
) -> tuple[str, str]:
    """Return the runtime and the precision of a graph that came without its model.

    Raises `UserError`, calling the graph `name`, where the request cannot be met.
    """
    if runtime == TORCH or precision == "fp16":
        argument = f"--runtime {runtime}" if runtime else f"--precision {precision}"
        raise UserError(f"{argument}: {name} is a graph without its model, which torch would need")
    if precision == "int8" and "int8" not in guide.graphs:
        raise UserError(
            f"--precision int8: {name} has no graph in 8 bits that can be used; export the "
            "model that it was made of with --precision int8"
        )
    if runtime is None and precision == "bf16":
        runtime = OPENVINO
    found = chosen(_of_graphs(guide), runtime, precision, rows, name)
    if found is not None:
        return found
    if "fp32" not in guide.graphs:
        raise UserError(f"{name} holds a graph in 8 bits alone; --precision int8 uses it")
    check_runtimes([ONNX, OPENVINO])
    return ONNX if ONNX in installed() else OPENVINO, "fp32"


def _of_graphs(guide: Guide) -> Guide:
    """Return a guide in which no speed is that of the model."""
    graphs = {
        name: {**one, "speeds": [speed for speed in one["speeds"] if speed["runtime"] != TORCH]}
        for name, one in guide.graphs.items()
    }
    return replace(guide, graphs=graphs)


def _check(runtime: str, precision: str) -> None:
    possible = ("auto", "fp32", "bf16") if runtime == OPENVINO else ("auto", "fp32")
    if precision not in possible:
        raise UserError(
            f"--precision {precision}: {runtime} computes in {listed((*possible[1:], 'int8'))}"
        )
