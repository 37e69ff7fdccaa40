#!/usr/bin/env python3
"""Train chaffinch's model, and cross-validate it.

  model/train.py --shared ../shared --work DIR      # all of it: model/chaffinch.model, and DIR/fold-N.model for the folds

Needs Python 3.10 or later with numpy, catboost 1.2 and torch; minutes with `--device gpu`, hours without. Builds and
runs `chaffinch-train` (Rust), which computes every feature; trains the trees; has net.py train the nets and assemble.py
put the model files together. Nested throughout: a fold's model, and every score its parts are trained on, comes from
other folds only.
"""
import argparse, json, os, shutil, struct, subprocess, sys, tempfile, time

import numpy as np
from catboost import CatBoostClassifier, Pool

from rows import page_weights, weights

HERE = os.path.dirname(os.path.abspath(__file__))


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
        self.weight = weights(self.doc, self.keep, self.words, len(self.docs)) * page_weights(self.labelled, self.source)[self.doc]

    def features(self, configuration, stage):
        subprocess.run([f"{self.args.target}/chaffinch-train", "features", self.args.shared, self.work, str(self.args.dumps),
                        str(configuration), stage], check=True)
        folder = f"{self.work}/{configuration}"
        names = open(f"{folder}/views.txt").read().split("\n")[:-1]
        return np.memmap(f"{folder}/features.u8", dtype=np.uint8, mode="r").reshape(-1, len(names)), names


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


def fit(data, x, y, rows, weight, names, iterations, depth, rate, classes=False, seed=1):
    """Oblivious trees. A GPU sees every row; without one, so many as leave the training a matter of minutes."""
    a = data.args
    gpu = a.device == "gpu"
    rows, weight = sample(rows, weight, 10**9 if gpu else 600_000, seed)
    pool = Pool(np.ascontiguousarray(x[rows]).astype(np.float32), y[rows], weight=weight, feature_names=names)
    where = dict(task_type="GPU", devices="0", gpu_ram_part=a.gpu_part) if gpu else dict(rsm=0.2 if classes else 0.25)
    model = CatBoostClassifier(iterations=iterations, depth=depth, learning_rate=rate, border_count=64, boosting_type="Plain",
                               bootstrap_type="Bernoulli", subsample=0.5, l2_leaf_reg=5, random_seed=seed,
                               loss_function="MultiClass" if classes else "Logloss", thread_count=a.threads, verbose=0,
                               allow_writing_files=False, **where)
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
    """-> the model of the first stage. Writes first.i32 with a logit for every row from a model that has not seen it"""
    x, names = data.features(configuration, "first")
    known, logits = data.keep >= 0, np.zeros(len(data.keep), np.int32)
    folds = [f for f in range(5) if f != configuration]
    a = data.args

    def trained(on):
        rows = np.flatnonzero(known & np.isin(data.row_fold, on))
        return fit(data, x, data.keep, rows, data.weight, names, a.first, a.depth, a.rate)

    for fold in folds:
        at = np.flatnonzero(data.row_fold == fold)
        logits[at] = to_logit(raw(trained([f for f in folds if f != fold]), x, at))
    model = trained(folds)
    at = np.flatnonzero(data.row_fold == configuration)
    if len(at):
        logits[at] = to_logit(raw(model, x, at))
    log(configuration, "first stage")
    logits.tofile(f"{data.work}/{configuration}/first.i32")
    return model


def trees(model, outputs):
    """An ensemble as the model file holds it: bias, names of the views, trees."""
    path = os.path.join(tempfile.mkdtemp(), "trees.json")
    model.save_model(path, format="json")
    m = json.load(open(path))
    shutil.rmtree(os.path.dirname(path))
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


def train(data, configuration):
    """Writes the parts that are trees, and what they say of the fold left out, to the configuration's folder."""
    a, folder = data.args, f"{data.work}/{configuration}"
    inside = data.row_fold != configuration
    held = np.flatnonzero(~inside)

    def save(name, model, outputs, rows):
        open(f"{folder}/{name}.trees", "wb").write(trees(model, outputs))
        if len(rows):
            np.save(f"{folder}/{name}.npy", raw(model, x, rows).astype(np.float16))
        log(configuration, name)

    save("first", first_stage(data, configuration), 1, held[:0])
    x, names = data.features(configuration, "second")
    rows = np.flatnonzero((data.keep >= 0) & inside)
    save("second", fit(data, x, data.keep, rows, data.weight, names, a.second, a.depth, a.rate), 1, held)
    rows = np.flatnonzero((data.label >= 0) & inside)
    # Lines that have their label from another dump of the page count less: their pages are there several times.
    weight = np.where(data.labelled[data.doc], 1.0, 0.3)
    labels = fit(data, x, data.label, rows, weight, names, a.labels, 6, 0.1, classes=True)
    assert list(labels.classes_) == list(range(19)), labels.classes_
    save("labels", labels, 19, held[data.label[held] >= 0])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--shared", default=os.path.join(HERE, "..", "..", "shared"))
    p.add_argument("--work", required=True)
    p.add_argument("--target", default=os.path.join(HERE, "..", "target", "release"))
    p.add_argument("--folds", type=lambda s: [int(f) for f in s.split(",")], default=list(range(6)), help="configurations: the fold left out; 5 leaves out none")
    p.add_argument("--dumps", type=int, default=5, help="dumps used of each page, 1 to 5")
    p.add_argument("--first", type=int, default=150)
    p.add_argument("--second", type=int, default=400)
    p.add_argument("--labels", type=int, default=300)
    p.add_argument("--depth", type=int, default=6)
    p.add_argument("--rate", type=float, default=0.12)
    p.add_argument("--device", choices=["cpu", "gpu"], default="cpu")
    p.add_argument("--gpu-part", type=float, default=0.9, help="share of the GPU's memory to take")
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--no-linear", action="store_true", help="keep the linear parts that are in the work folder")
    p.add_argument("--only-trees", action="store_true", help="train no nets and put nothing together")
    args = p.parse_args()
    if not args.no_linear:
        subprocess.run(["cargo", "build", "--release", "--features", "train", "--bin", "chaffinch-train"], cwd=os.path.join(HERE, ".."), check=True)
        subprocess.run([f"{args.target}/chaffinch-train", "linear", args.shared, args.work, str(args.dumps)], check=True)
    data = Data(args)
    for configuration in args.folds:
        train(data, configuration)
    if not args.only_trees:
        for configuration in args.folds:
            subprocess.run([sys.executable, f"{HERE}/net.py", "--work", args.work, "--configuration", str(configuration)], check=True)
        subprocess.run([sys.executable, f"{HERE}/assemble.py", "--work", args.work], check=True)


if __name__ == "__main__":
    main()
