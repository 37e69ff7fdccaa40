#!/usr/bin/env python3
"""Train chaffinch's model, and cross-validate it.

  model/train.py --shared ../shared --work DIR                 # the model that ships: model/chaffinch.model
  model/train.py --shared ../shared --work DIR --folds 0,1,2,3,4   # a model for each fold left out: DIR/fold-N.model

Needs Python 3.10 or later with numpy and catboost 1.2; builds and runs `chaffinch-train` (Rust), which computes every
feature. Nested throughout: a fold's model, and every score its trees are trained on, comes from other folds only.
"""
import argparse, json, os, struct, subprocess, sys, time

import numpy as np
from catboost import CatBoostClassifier, Pool

HERE = os.path.dirname(os.path.abspath(__file__))
LABELS = ("title standfirst heading body caption byline navigation related subscription membership advertising sharing "
          "comments legal about duplicate-caption duplicate-quote duplicate interface").split()


def log(*what):
    print(time.strftime("%H:%M:%S"), *what, file=sys.stderr, flush=True)


class Data:
    """Rows (lines that are not blank) of all documents, and their features."""

    def __init__(self, args):
        self.args, self.work = args, args.work
        self.rows = np.fromfile(f"{self.work}/rows.bin", dtype=np.int32).reshape(-1, 5)
        self.docs = [json.loads(line) for line in open(f"{self.work}/documents.jsonl")]
        self.doc, self.line, self.keep, self.label, self.words = self.rows.T
        of = lambda key: np.array([d[key] for d in self.docs])
        self.fold, self.source, self.dump, self.labelled, self.type = map(of, ("fold", "source", "dump", "labelled", "type"))
        self.row_fold = self.fold[self.doc]
        self.weight = self.weights()

    def weights(self):
        """What a wrong decision about a row costs the page's words F1, roughly; silver pages and further dumps of a
        page count less, pages labelled line by line more."""
        kept = np.bincount(self.doc, weights=self.words * (self.keep == 1), minlength=len(self.docs))
        weight = np.minimum((self.words + 2.0) / (kept[self.doc] + 80), 0.3)
        per_page = np.where(self.labelled, 1.5, 1.0) * np.where(np.isin(self.source, ["wcxb", "fundus"]), 1.0, 0.7)
        return weight * per_page[self.doc]

    def features(self, configuration, stage):
        subprocess.run([f"{self.args.target}/chaffinch-train", "features", self.args.shared, self.work, str(self.args.dumps),
                        str(configuration), stage], check=True)
        names = open(f"{self.work}/views.txt").read().split("\n")[:-1]
        return np.memmap(f"{self.work}/features.u8", dtype=np.uint8, mode="r").reshape(-1, len(names)), names


def sample(rows, weight, most, seed=1):
    """At most about `most` of the rows, drawn by weight, and their weights such that sums stay what they were."""
    if len(rows) <= most:
        return rows, weight[rows]
    w = weight[rows]
    low, high = 0.0, most / w.sum() * 100
    for _ in range(50):
        c = (low + high) / 2
        low, high = (c, high) if np.minimum(1, c * w).sum() < most else (low, c)
    chance = np.minimum(1, c * w)
    taken = np.random.default_rng(seed).random(len(rows)) < chance
    return rows[taken], (w / chance)[taken]


def fit(x, y, rows, weight, names, iterations, depth, rate, classes=False, seed=1, most=600_000):
    rows, weight = sample(rows, weight, most, seed)
    pool = Pool(np.ascontiguousarray(x[rows]).astype(np.float32), y[rows], weight=weight, feature_names=names)
    model = CatBoostClassifier(iterations=iterations, depth=depth, learning_rate=rate, border_count=64, boosting_type="Plain",
                               bootstrap_type="Bernoulli", subsample=0.5, rsm=0.25 if not classes else 0.2, l2_leaf_reg=5, random_seed=seed,
                               loss_function="MultiClass" if classes else "Logloss", thread_count=2, verbose=0, allow_writing_files=False)
    model.fit(pool)
    return model


def raw(model, x, rows):
    out = []
    for part in np.array_split(rows, max(1, len(rows) // 200_000)):
        out.append(model.predict(np.ascontiguousarray(x[part]).astype(np.float32), prediction_type="RawFormulaVal"))
    return np.concatenate(out)


def to_logit(values):
    return np.clip(np.round(values * 256), -30000, 30000).astype(np.int32)


def first_stage(data, configuration):
    """-> the model of the first stage; writes first.i32 with a logit for every row from a model that has not seen it"""
    x, names = data.features(configuration, "first")
    known, logits = data.keep >= 0, np.zeros(len(data.keep), np.int32)
    folds = [f for f in range(5) if f != configuration]
    halves = [folds[::2], folds[1::2]]
    a = data.args
    for half in halves:
        inside = np.isin(data.row_fold, half)
        others = np.isin(data.row_fold, [f for f in folds if f not in half])
        model = fit(x, data.keep, np.flatnonzero(known & inside), data.weight, names, a.first, a.depth, a.rate)
        at = np.flatnonzero(others)
        logits[at] = to_logit(raw(model, x, at))
        log("first stage, half", half)
    model = fit(x, data.keep, np.flatnonzero(known & np.isin(data.row_fold, folds)), data.weight, names, a.first, a.depth, a.rate)
    at = np.flatnonzero(data.row_fold == configuration)
    if len(at):
        logits[at] = to_logit(raw(model, x, at))
    log("first stage, whole")
    logits.tofile(f"{data.work}/first.i32")
    return model, logits


def trees(model, outputs):
    """An ensemble as the model file holds it: bias, names of the views, trees."""
    model.save_model("/tmp/chaffinch-trees.json", format="json")
    m = json.load(open("/tmp/chaffinch-trees.json"))
    os.remove("/tmp/chaffinch-trees.json")
    scale, bias = m["scale_and_bias"]
    assert scale == 1
    bias = bias if isinstance(bias, list) else [bias]
    bias = bias if bias else [0.0] * outputs
    bias = bias * outputs if len(bias) == 1 and outputs > 1 else bias
    names = [f["feature_id"] for f in m["features_info"]["float_features"]]
    used = sorted({s["float_feature_index"] for t in m["oblivious_trees"] for s in t["splits"]})
    at = {f: i for i, f in enumerate(used)}
    out = [struct.pack("<H", outputs), *(struct.pack("<i", round(b * 4096)) for b in bias), struct.pack("<H", len(used))]
    for f in used:
        name = names[f].encode()
        out.append(bytes([len(name)]) + name)
    out.append(struct.pack("<H", len(m["oblivious_trees"])))
    for t in m["oblivious_trees"]:
        splits = t["splits"] or []
        out.append(bytes([len(splits)]))
        for s in splits:
            out.append(struct.pack("<HB", at[s["float_feature_index"]], int(np.floor(s["border"]))))
        values = np.clip(np.round(np.array(t["leaf_values"]) * 4096), -32768, 32767).astype("<i2")
        assert len(values) == outputs << len(splits)
        out.append(values.tobytes())
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
    out = [b"CHAFMODL", struct.pack("<II", 1, len(sections))]
    for name, data in sections:
        out += [bytes([len(name)]), name.encode(), struct.pack("<I", len(data)), data]
    data = b"".join(out)
    with open(path + ".part", "wb") as f:
        f.write(data + struct.pack("<Q", checksum(data)))
    os.replace(path + ".part", path)


def train(data, configuration, path):
    a = data.args
    first, _ = first_stage(data, configuration)
    x, names = data.features(configuration, "second")
    inside = data.row_fold != configuration
    second = fit(x, data.keep, np.flatnonzero((data.keep >= 0) & inside), data.weight, names, a.second, a.depth, a.rate)
    log("second stage")
    rows = np.flatnonzero((data.label >= 0) & inside)
    # Lines that have their label from another dump of the page count less: their pages are there several times.
    weight = np.where(data.labelled[data.doc], 1.0, 0.3)
    labels = fit(x, data.label, rows, weight, names, a.labels, 6, 0.12, classes=True)
    assert list(labels.classes_) == list(range(19)), labels.classes_
    log("labels")
    losses = json.load(open(a.losses)) if a.losses else []
    losses = b"".join(struct.pack("<BII", *entry) for entry in losses)
    linear = open(f"{data.work}/linear-{configuration if configuration < 5 else ''}.bin", "rb").read()
    size = 4 + (24 << 17)
    version = f"{a.date}{'' if configuration == 5 else f', without fold {configuration}'}".encode()
    write(path, [("version", bytes([len(version)]) + version), ("linear", linear[:size]), ("types", linear[size:]),
                 ("first", trees(first, 1)), ("second", trees(second, 1)), ("labels", trees(labels, 19)), ("losses", losses)])
    return second, labels, x, names


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--shared", default=os.path.join(HERE, "..", "..", "shared"))
    p.add_argument("--work", required=True)
    p.add_argument("--target", default=os.path.join(HERE, "..", "target", "release"))
    p.add_argument("--folds", type=lambda s: [int(f) for f in s.split(",")], default=[5], help="configurations; 5 leaves nothing out")
    p.add_argument("--dumps", type=int, default=5, help="dumps used of each page, 1 to 5")
    p.add_argument("--first", type=int, default=150)
    p.add_argument("--second", type=int, default=300)
    p.add_argument("--labels", type=int, default=220)
    p.add_argument("--depth", type=int, default=6)
    p.add_argument("--rate", type=float, default=0.12)
    p.add_argument("--losses", help="losses.json of report.py, for --max-loss")
    p.add_argument("--date", default=time.strftime("%Y-%m-%d"))
    p.add_argument("--no-linear", action="store_true", help="keep the linear parts that are in the work folder")
    args = p.parse_args()
    if not args.no_linear:
        subprocess.run(["cargo", "build", "--release", "--features", "train", "--bin", "chaffinch-train"], cwd=os.path.join(HERE, ".."), check=True)
        subprocess.run([f"{args.target}/chaffinch-train", "linear", args.shared, args.work, str(args.dumps)], check=True)
    data = Data(args)
    for configuration in args.folds:
        log("configuration", configuration)
        train(data, configuration, f"{args.work}/fold-{configuration}.model" if configuration < 5 else os.path.join(HERE, "chaffinch.model"))


if __name__ == "__main__":
    main()
