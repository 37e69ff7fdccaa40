#!/usr/bin/env python3
"""Put the parts that train.py and net.py left in DIR together: model/chaffinch.model and DIR/fold-N.model.

  model/assemble.py --work DIR [--losses model/losses.json]

How much the second stage's trees and the net count is fitted on the folds left out; for the model of a fold, on the
other four. Needs numpy.
"""
import argparse, json, os, struct, time

import numpy as np

from rows import weights

HERE = os.path.dirname(os.path.abspath(__file__))


class Held:
    """What the parts of a configuration say of the fold left out, and what is right."""

    def __init__(self, work, fold, rows, folds, by_hand, known_weight):
        doc, _, keep, label, words = rows
        held = np.flatnonzero(folds[doc] == fold)
        load = lambda name: np.load(f"{work}/{fold}/{name}.npy").astype(np.float64)
        known = keep[held] >= 0
        self.x = np.stack([load("second"), load("net"), np.ones(len(held))], 1)[known]
        self.y, self.w, self.words = keep[held][known] == 1, known_weight[held][known], words[held][known].astype(np.float64)
        labels = held[label[held] >= 0]
        self.label, self.label_trees, self.label_net = label[labels], load("labels"), load("net-labels")
        self.by_hand = by_hand[doc[labels]]


def logistic(parts):
    """Weights of trees, net and 1 that make the likeliest probabilities (Newton's method)."""
    x, y, w = (np.concatenate([getattr(p, name) for p in parts]) for name in "xyw")
    beta = np.array([0.5, 0.5, 0.0])
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        slope = x.T @ (w * (y - p))
        curve = (x * (w * p * (1 - p))[:, None]).T @ x
        beta = beta + np.linalg.solve(curve + 1e-6 * np.eye(3), slope)
    # What a score says is how many words in so many are text: moved until that is so. Weights of training count words
    # of long pages less.
    words, logits = np.concatenate([p.words for p in parts]), x @ beta
    low, high = -4.0, 4.0
    for _ in range(40):
        middle = (low + high) / 2
        short = (words / (1 + np.exp(-np.clip(logits + middle, -30, 30)))).sum() < words[y].sum()
        low, high = (middle, high) if short else (low, middle)
    print("fitted:", beta.round(3), "moved by", round(low, 3))
    return np.clip(beta + [0, 0, low], [0, 0, -4], [4, 4, 4])


def label_share(parts):
    """The net's share in the labels that gets most of them right."""
    right = lambda share: np.mean(np.concatenate(
        [((1 - share) * p.label_trees + share * p.label_net).argmax(1) == p.label for p in parts]))
    shares = np.arange(0, 0.95, 0.05)
    return max(shares, key=right), {round(float(s), 2): round(float(right(s)), 4) for s in (0.0, 0.3, 0.5, 0.7)}


def label_biases(parts, share):
    """What is added to each label so that rare ones are named too: accuracy and a third of macro F1, climbed label by
    label on the pages labelled line by line."""
    logits = np.concatenate([((1 - share) * p.label_trees + share * p.label_net)[p.by_hand] for p in parts])
    right = np.concatenate([p.label[p.by_hand] for p in parts])
    # The side is decided before.
    logits = np.where((np.arange(19) < 5)[None, :] == (right < 5)[:, None], logits, -1e9)

    def worth(biases):
        named = (logits + biases).argmax(1)
        hits = np.bincount(right[named == right], minlength=19)
        f1 = 2 * hits / np.maximum(1, np.bincount(right, minlength=19) + np.bincount(named, minlength=19))
        return (named == right).mean() + 0.3 * f1.mean()

    biases, best = np.zeros(19), worth(np.zeros(19))
    for _ in range(3):
        for label in range(19):
            for step in (-0.6, -0.3, -0.15, 0.15, 0.3, 0.6):
                tried = np.clip(biases + step * (np.arange(19) == label), -0.6, 0.6)
                if (value := worth(tried)) > best + 1e-6:
                    biases, best = tried, value
    return biases


def blend(parts, of_folds):
    """-> the section, and what is added to each label: for the model of no fold the mean of what was fitted for those of
    the folds, as single fits of rare labels go up and down."""
    beta, (share, table) = logistic(parts), label_share(parts)
    biases = np.mean(of_folds, 0) if len(of_folds) == 5 else label_biases(parts, share)
    print("trees, net, bias:", beta.round(3), " labels: net's share", round(float(share), 2), table)
    numbers = [round(beta[0] * 4096), round(beta[1] * 4096), round(beta[2] * 256), round((1 - share) * 4096), round(share * 4096)]
    return struct.pack("<24i", *numbers, *np.round(biases * 256).astype(int)), biases


def net(path):
    """The net in integers, as src/model/net.rs reads it."""
    data = np.load(path)
    names, inside = data["names"], data["inside"] / data["scale"][:, None]
    width = inside.shape[1]
    steps = 32767 / np.abs(inside).max(0)
    whole = np.round(inside * steps)
    bias = data["inside_bias"] - (data["mean"] @ whole) / steps
    words = lambda a: np.clip(np.round(a), -32767, 32767).astype("<i2").tobytes()
    longs = lambda a: np.round(a).astype("<i4").tobytes()
    out = [struct.pack("<H", len(names))]
    out += [bytes([len(n)]) + n for n in (str(name).encode() for name in names)]
    out += [struct.pack("<H", width), words(whole.T), longs(256 / steps * 2**32), longs(bias * 256)]
    layers = sum(key.startswith("taps_") for key in data.files)
    out.append(bytes([layers]))
    for i in range(layers):
        out += [bytes([1 << i]), words(data[f"taps_{i}"] * 4096), words(data[f"points_{i}"].T * 4096), longs(data[f"biases_{i}"] * 256)]
    out += [words(data["out"].T * 4096), longs(data["out_bias"] * 256)]
    return b"".join(out)


def checksum(data):
    mask, total = (1 << 64) - 1, 0xCBF29CE484222325 ^ len(data)
    whole = len(data) // 8 * 8
    for (word,) in struct.iter_unpack("<Q", data[:whole]):
        total = ((total ^ word) * 0x9E3779B97F4A7C15) & mask
        total = (total << 29 | total >> 35) & mask
    for byte in data[whole:]:
        total = ((total ^ byte) * 0x100000001B3) & mask
    return total ^ total >> 32


def write(path, sections):
    out = [b"CHAFMODL", struct.pack("<II", 3, len(sections))]
    for name, data in sections:
        out += [bytes([len(name)]), name.encode(), struct.pack("<I", len(data)), data]
    data = b"".join(out)
    with open(path + ".part", "wb") as f:
        f.write(data + struct.pack("<Q", checksum(data)))
    os.replace(path + ".part", path)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--work", required=True)
    p.add_argument("--out", default=f"{HERE}/chaffinch.model", help="where the model of no fold goes")
    p.add_argument("--losses", help="losses.json of report.py, for --max-loss")
    p.add_argument("--date", default=time.strftime("%Y-%m-%d"))
    args = p.parse_args()
    rows = np.fromfile(f"{args.work}/rows.bin", dtype=np.int32).reshape(-1, 5).T
    doc, _, keep, _, words = rows
    docs = [json.loads(line) for line in open(f"{args.work}/documents.jsonl")]
    folds = np.array([d["fold"] for d in docs])
    by_hand = np.array([d["labelled"] for d in docs])
    weight = weights(doc, keep, words, len(docs))
    there = lambda c, name: os.path.exists(f"{args.work}/{c}/{name}")
    held = {f: Held(args.work, f, rows, folds, by_hand, weight) for f in range(5) if there(f, "net.npy") and there(f, "labels.npy")}
    losses = json.load(open(args.losses)) if args.losses else []
    losses = b"".join(struct.pack("<BII", *entry) for entry in losses)
    of_folds = []
    for c in range(6):
        if not all(there(c, name) for name in ("first.trees", "second.trees", "labels.trees", "net.npz")):
            continue
        others = [held[f] for f in held if f != c] or list(held.values())
        blended, biases = blend(others, of_folds)
        of_folds.append(biases)
        linear = lambda name: open(f"{args.work}/{name}-{c if c < 5 else ''}.bin", "rb").read()
        part = lambda name: open(f"{args.work}/{c}/{name}.trees", "rb").read()
        version = f"{args.date}{'' if c == 5 else f', without fold {c}'}".encode()
        path = args.out if c == 5 else f"{args.work}/fold-{c}.model"
        write(path, [("version", bytes([len(version)]) + version), ("linear", linear("linear")), ("types", linear("types")),
                     ("first", part("first")), ("second", part("second")), ("labels", part("labels")),
                     ("net", net(f"{args.work}/{c}/net.npz")), ("blend", blended), ("losses", losses)])
        print(path, os.path.getsize(path), "bytes")


if __name__ == "__main__":
    main()
