#!/usr/bin/env python3
"""Train the net that sees a page as a sequence: keep or drop, and the label, from the second stage's columns.

  model/net.py --work DIR --configuration 5     # after train.py has written that configuration's features

Needs Python 3.10 or later with numpy and torch; seconds on a GPU, an hour without. Writes DIR/N/net.npz (weights) and,
for the rows of the fold left out, DIR/N/net.npy (logits) and
DIR/N/net-labels.npy.

A residual net of dilated depthwise convolutions over lines (after Bai, Kolter and Koltun, "An empirical evaluation of
generic convolutional and recurrent networks for sequence modeling", 2018; depthwise and pointwise parts as in Chollet's
"Xception", 2017), small enough to be run with integers for every line.
"""
import argparse, json, time

import numpy as np
import torch
import torch.nn.functional as F

from rows import page_weights, weights

LENGTHS = (96, 192, 384, 768, 1536)
DILATIONS = (1, 2, 4, 8, 16)
TAPS = 5
LIMIT = 15.99          # what an activation holds as 16 bits with 8 of them behind the point, and room for sums


def log(*what):
    print(time.strftime("%H:%M:%S"), *what, flush=True)


class Rows:
    def __init__(self, args):
        folder = f"{args.work}/{args.configuration}"
        doc, _, keep, label, words = np.fromfile(f"{args.work}/rows.bin", dtype=np.int32).reshape(-1, 5).T
        docs = [json.loads(line) for line in open(f"{args.work}/documents.jsonl")]
        names = open(f"{folder}/views.txt").read().split("\n")[:-1]
        columns = [i for i, name in enumerate(names) if "@" not in name]
        self.names = [names[i] for i in columns]
        x = np.fromfile(f"{folder}/features.u8", dtype=np.uint8).reshape(-1, len(names))
        self.x = x = x[:, columns]
        self.fold = np.array([d["fold"] for d in docs])
        labelled, source = np.array([d["labelled"] for d in docs]), np.array([d["source"] for d in docs])
        weight = weights(doc, keep, words, len(docs)) * page_weights(labelled, source)[doc]
        self.start = np.searchsorted(doc, np.arange(len(docs) + 1))
        self.count = np.diff(self.start)
        train = (self.fold != args.configuration)[doc]
        some = x[train][::11].astype(np.float32)
        self.mean = some.mean(0)
        # No scale so small that a rare flag would drown the rest.
        self.scale = np.maximum(np.maximum(some.std(0), some.max(0) / 12), 0.5)
        on = lambda a, dtype: torch.as_tensor(np.append(a, np.zeros(1, a.dtype)).astype(dtype), device=args.device)
        self.y, self.w = on(keep == 1, np.float32), on(np.where(keep >= 0, weight, 0), np.float32)
        self.words = on(np.where(keep >= 0, words, 0), np.float32)
        self.label = torch.as_tensor(np.append(label, -1).astype(np.int64), device=args.device)
        # Lines that have their label from another dump of the page count less.
        self.label_weight = on(np.where(labelled[doc], 1.0, 0.3) * (label >= 0), np.float32)
        self.n = len(x)
        self.bytes = torch.as_tensor(np.vstack([x, np.round(self.mean)[None].astype(np.uint8)]), device=args.device)

    def batches(self, documents, rows, rng=None):
        """Indexes of rows, documents x lines; `n` where there is none. Long documents are cut where they are drawn."""
        out = []
        for k, length in enumerate(LENGTHS):
            low, last = LENGTHS[k - 1] if k else 0, k + 1 == len(LENGTHS)
            some = documents[(self.count[documents] > low) & ((self.count[documents] <= length) | last)]
            some = rng.permutation(some) if rng else some
            if not rng and last:      # to judge a document takes all of it
                out += [self.block(some[i:i + 1], int(self.count[some[i]])) for i in range(len(some))]
                continue
            size = max(1, rows // length)
            out += [self.block(some[i:i + size], length, rng) for i in range(0, len(some), size)]
        if rng:
            rng.shuffle(out)
        return out

    def block(self, documents, length, rng=None):
        index = np.full((len(documents), length), self.n, np.int64)
        for row, d in zip(index, documents):
            take = min(self.count[d], length)
            start = self.start[d] + (rng.integers(0, self.count[d] - take + 1) if rng else 0)
            row[:take] = np.arange(start, start + take)
        return index


class Net(torch.nn.Module):
    def __init__(self, mean, scale, width):
        super().__init__()
        normal = lambda size, by: torch.nn.Parameter(torch.randn(*size) * by)
        self.register_buffer("mean", torch.as_tensor(mean))
        self.register_buffer("scale", torch.as_tensor(scale))
        self.inside = normal((len(mean), width), len(mean) ** -0.5)
        self.inside_bias = torch.nn.Parameter(torch.zeros(width))
        self.taps = torch.nn.ParameterList(normal((TAPS, width), 0.3) for _ in DILATIONS)
        self.points = torch.nn.ParameterList(normal((width, width), width ** -0.5) for _ in DILATIONS)
        self.biases = torch.nn.ParameterList(torch.nn.Parameter(torch.zeros(width)) for _ in DILATIONS)
        self.out = normal((width, 20), 0.05)
        self.out_bias = torch.nn.Parameter(torch.zeros(20))

    def forward(self, x, mask, drop=0.0):
        h = (x.float() - self.mean) / self.scale
        if drop:
            h = h * (torch.rand(h.shape[0], 1, h.shape[2], device=h.device) >= drop) / (1 - drop)
        h = torch.clamp(h @ self.inside + self.inside_bias, 0, LIMIT) * mask
        for dilation, taps, point, bias in zip(DILATIONS, self.taps, self.points, self.biases):
            reach, length = dilation * (TAPS // 2), h.shape[1]
            padded = F.pad(h, (0, 0, reach, reach))
            z = sum(padded[:, k * dilation:k * dilation + length] * taps[k] for k in range(TAPS))
            h = torch.clamp(h + F.relu(torch.clamp(z, -LIMIT, LIMIT) @ point + bias), 0, LIMIT) * mask
        return h @ self.out + self.out_bias


def loss(rows, index, out, args):
    y, w, words, z = rows.y[index], rows.w[index], rows.words[index], out[..., 0]
    entropy = (w * F.binary_cross_entropy_with_logits(z, y, reduction="none")).sum() / w.sum().clamp(min=1e-6)
    p = torch.sigmoid(z)
    f1 = (2 * (p * words * y).sum(1) + 20) / ((p * words).sum(1) + (words * y).sum(1) + 20)
    has = (words.sum(1) > 0).float()
    label, known = rows.label[index], rows.label_weight[index]
    labels = F.cross_entropy(out[..., 1:].flatten(0, 1), label.clamp(min=0).flatten(), reduction="none") * known.flatten()
    return entropy + args.f1 * (has * (1 - f1)).sum() / has.sum().clamp(min=1) + args.labels * labels.sum() / known.sum().clamp(min=1)


def train(rows, args):
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    net = Net(rows.mean, rows.scale, args.width).to(args.device)
    optimiser = torch.optim.AdamW(net.parameters(), lr=args.rate, weight_decay=args.decay, betas=(0.9, 0.99))
    documents = np.flatnonzero((rows.fold != args.configuration) & (rows.count > 0))
    epochs, epoch, step, began = args.epochs, 0, 0, time.time()
    while epoch < epochs:
        total, batches = 0.0, rows.batches(documents, args.rows, rng)
        for i, index in enumerate(batches):
            done = (epoch + i / len(batches)) / epochs
            for group in optimiser.param_groups:
                group["lr"] = args.rate * min(1, (step + 1) / 100) * 0.5 * (1 + np.cos(np.pi * done))
            index = torch.as_tensor(index, device=args.device)
            mask = (index < rows.n)[..., None].float()
            value = loss(rows, index, net(rows.bytes[index], mask, args.drop), args)
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
            total, step = total + value.detach(), step + 1
        epoch += 1
        log(args.configuration, "epoch", epoch, "of", epochs, f"loss {float(total) / len(batches):.4f}", f"{time.time() - began:.0f} s")
        if epoch == 1 and args.seconds:
            epochs = max(2, min(epochs, int(args.seconds / (time.time() - began))))
    return net


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--work", required=True)
    p.add_argument("--configuration", type=int, default=5)
    p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    p.add_argument("--width", type=int, default=32)
    p.add_argument("--epochs", type=int, default=12)
    p.add_argument("--seconds", type=float, help="fewer epochs, if they would take longer than this")
    p.add_argument("--rows", type=int, default=12288, help="lines in a batch")
    p.add_argument("--rate", type=float, default=3e-3)
    p.add_argument("--decay", type=float, default=0.15)
    p.add_argument("--drop", type=float, default=0.3)
    p.add_argument("--f1", type=float, default=0.3)
    p.add_argument("--labels", type=float, default=0.1)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--name", default="net")
    args = p.parse_args()
    rows = Rows(args)
    log(args.configuration, rows.n, "rows of", len(rows.names), "columns")
    net = train(rows, args).eval()
    folder = f"{args.work}/{args.configuration}"
    held = np.flatnonzero((rows.fold == args.configuration) & (rows.count > 0))
    if len(held):
        out = np.zeros((rows.n, 20), np.float16)
        with torch.no_grad():
            for index in rows.batches(held, 4 * args.rows):
                at = torch.as_tensor(index, device=args.device)
                values = net(rows.bytes[at], (at < rows.n)[..., None].float()).cpu().numpy()
                out[index[index < rows.n]] = values[index < rows.n]
        held = np.concatenate([np.arange(rows.start[d], rows.start[d + 1]) for d in held])
        np.save(f"{folder}/{args.name}.npy", out[held, 0])
        np.save(f"{folder}/{args.name}-labels.npy", out[held[rows.label.cpu().numpy()[held] >= 0], 1:])
    np.savez(f"{folder}/{args.name}.npz", names=np.array(rows.names), **{k.replace(".", "_"): v.cpu().numpy() for k, v in net.state_dict().items()})


if __name__ == "__main__":
    main()
