"""Times training on a GPU from a store, beside plain PyTorch fed from memory, in one run.

    KERAS_BACKEND=jax python benchmarks/training_gpu.py --store STORE --out docs/results/gpu.csv

For each network and size: this project's step in bfloat16 fed by its loader, augmentation included
("ours"), and the same architecture in plain PyTorch (channels last, autocast to bfloat16,
torch.compile) on one batch in the GPU's memory ("torch", where PyTorch and torchvision are
installed). A row per way: images per second (median of the rounds), its ratio to PyTorch's, and the
share of the chip's matrix rate: 3 x 2 x the multiply-adds of convolutions and dense layers of one
forward pass, times images per second, over the rate of a large bfloat16 matrix product measured in
the same process. Each way runs in a process of its own.

Without a GPU nothing is worth reporting; `--toy` runs it on a CPU, small, to show that it works.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from training_rows import FIVE, in_process, show, write
from training_ways import compiled, forever, made, opened, timed, torch_network

FIELDS = (
    "model",
    "way",
    "backend",
    "device",
    "size",
    "batch",
    "precision",
    "images_per_second",
    "of_torch",
    "build_seconds",
    "first_step_seconds",
    "gflops_per_image",
    "matrix_tflops",
    "matrix_share",
    "note",
)


def main() -> None:
    """Runs every way in a process of its own and writes the CSV."""
    options = arguments()
    if options.way:
        options.size = int(options.sizes)
        options.precision = "float32" if options.toy else "bfloat16"
        print(json.dumps({"torch": plain_torch, "ours": ours}[options.way](options)))
        return
    rows: list[dict[str, Any]] = []
    for model in options.models.split(","):
        for size in options.sizes.split(","):
            found: dict[str, float] = {}
            for way in ("torch", "ours"):
                row = {"model": model, "way": way, "size": size, "batch": options.batch}
                row |= in_process(__file__, "--models", model, "--sizes", size, "--way", way)
                found[way] = row.get("images_per_second") or math.nan
                row["of_torch"] = round(found[way] / found["torch"], 3)
                show(row, FIELDS)
                rows.append(row)
    write(rows, FIELDS, options.out)


def arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("training_gpu.csv"))
    parser.add_argument("--models", default=",".join(FIVE))
    parser.add_argument("--sizes", default="224,320")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--steps", type=int, default=50, help="steps of a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--toy", action="store_true", help="on a CPU, in float32, at toy size")
    parser.add_argument("--way", help=argparse.SUPPRESS)
    return parser.parse_args()


def ours(options: argparse.Namespace) -> dict[str, Any]:
    """This project's step, fed by its loader from the store."""
    from cxrcompare.training.steps import device

    backend = device.start()
    import keras

    name = device.gpu()
    if not name and not options.toy:
        raise SystemExit("no GPU found; --toy shows on a CPU that the script works")
    _store, learnt, source = opened(options)
    model, row = made(options, len(learnt.findings))
    step, batches = compiled(model), forever(options, source)

    def one() -> None:
        batch = next(batches)
        step.train(batch.pixels, batch.values, batch.weights, 1e-4)

    row |= timed(one, lambda: step.mean_loss(), options)
    batches.close()
    rate = matrix_rate(keras.ops, lambda x: np.asarray(keras.ops.convert_to_numpy(x)), options)
    flops = 6 * multiply_adds(model)
    return row | {
        "backend": backend,
        "device": name or "CPU",
        "gflops_per_image": round(flops / 1e9, 2),
        "matrix_tflops": round(rate / 1e12, 2),
        "matrix_share": round(flops * row["images_per_second"] / rate, 3),
    }


def multiply_adds(model: Any) -> int:
    """Returns the multiply-adds of a forward pass of one picture, convolutions and dense layers."""
    total = 0
    for layer in model._flatten_layers(include_self=False):
        kernel = getattr(layer, "kernel", None)
        if kernel is None or "normalization" in type(layer).__name__.lower():
            continue
        positions = math.prod(layer.output.shape[1:-1])
        weights = math.prod(kernel.shape)
        if type(layer).__name__ == "DepthwiseConv2D":
            weights = math.prod(kernel.shape[:2]) * layer.output.shape[-1]
        total += positions * weights
    return total


def matrix_rate(ops: Any, fetch: Callable[[Any], Any], options: argparse.Namespace) -> float:
    """Returns the multiply-adds times two per second of a large matrix product."""
    side, kind = (256, "float32") if options.toy else (8192, "bfloat16")
    matrix = ops.cast(ops.ones((side, side)), kind)
    fetch(ops.matmul(matrix, matrix)[:1, :1])
    rates = []
    for _ in range(5):
        begun, product = time.perf_counter(), matrix
        for _ in range(10):
            product = ops.matmul(matrix, product)
        fetch(ops.cast(product[:1, :1], "float32"))
        rates.append(10 * 2 * side**3 / (time.perf_counter() - begun))
    return max(rates)


def plain_torch(options: argparse.Namespace) -> dict[str, Any]:
    """The architecture in plain PyTorch on one batch in the device's memory."""
    import torch

    if not torch.cuda.is_available() and not options.toy:
        raise SystemExit("no GPU found; --toy shows on a CPU that the script works")
    where = "cuda" if torch.cuda.is_available() else "cpu"
    torch.backends.cudnn.benchmark = True
    torch.set_float32_matmul_precision("high")
    network = torch_network(options.models, 14)
    network = network.to(where, memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(network.parameters(), 1e-4, fused=where == "cuda")
    criterion = torch.nn.BCEWithLogitsLoss()
    compiled = network if options.toy else torch.compile(network)
    pixels = torch.rand(options.batch, 3, options.size, options.size, device=where)
    pixels = pixels.contiguous(memory_format=torch.channels_last)
    targets = torch.randint(0, 2, (options.batch, 14), device=where).float()

    def one() -> None:
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast(where, torch.bfloat16, enabled=not options.toy):
            loss = criterion(compiled(pixels), targets)
        loss.backward()
        optimiser.step()

    wait = torch.cuda.synchronize if where == "cuda" else lambda: None
    return timed(one, wait, options) | {
        "backend": "torch",
        "precision": options.precision,
        "device": torch.cuda.get_device_name(0) if where == "cuda" else "CPU",
    }


if __name__ == "__main__":
    main()
