#!/usr/bin/env python3
"""Measure the cross-validated models of train.py: tables for MODEL.md, and the thresholds behind --max-loss.

  model/report.py --shared ../shared --work DIR --bin target/release/chaffinch > tables.md

DIR holds fold-0.model to fold-4.model; each page is cleaned by the model that has not seen its site. Scoring is that
of ../shared/bench/evaluate.py, whose functions are used. Writes DIR/losses.json for `train.py --losses`.
"""
import argparse, collections, json, os, shutil, subprocess, sys, tempfile

import numpy as np

SOURCES, DUMPS = ("wcxb", "fundus", "trafeval", "readability"), ("inscriptis", "blocks", "get_text", "markdown", "lynx")
SHARES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
MODES = ("article", "page", "auto")


def clean(args, documents, fold, extra=""):
    """-> for each document: clean text, {line: (verdict, label, score)}"""
    work = tempfile.mkdtemp(prefix="chaffinch-report-")
    try:
        os.mkdir(f"{work}/in")
        for i, d in enumerate(documents):
            open(f"{work}/in/{i:05}.txt", "w", encoding="utf-8", newline="").write(d["text"])
        command = [args.bin, "clean", f"{work}/in", "--out", f"{work}/out", "--report", f"{work}/rep", "--report-format", "jsonl",
                   "--model", f"{args.work}/fold-{fold}.model", "--quiet", *extra.split()]
        subprocess.run(command, check=True)
        for i in range(len(documents)):
            lines = {}
            for line in open(f"{work}/rep/{i:05}.jsonl", encoding="utf-8"):
                if line.startswith('{"type":"line"'):
                    o = json.loads(line)
                    lines[o["line"] - 1] = (o["verdict"], o["label"], o["score"])
            yield open(f"{work}/out/{i:05}.txt", encoding="utf-8", newline="").read(), lines
    finally:
        shutil.rmtree(work)


def words_f1(ev, d, text):
    title = ev.words(d.get("title"))
    if title:
        text = "\n".join(line for line in text.split("\n") if ev.words(line) != title)
    return ev.word_prf(text, d["body"])


def mean(values):
    return sum(values) / len(values) if values else float("nan")


def table(head, rows):
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(f"{v:.3f}" if isinstance(v, float) else str(v) for v in row) + " |")
    print()


def probability(verdict, label, score):
    """Of being editorial; what was computed to be a repeat is gone at any threshold."""
    if label.startswith("duplicate") and score >= 0.98:
        return -1.0
    return score if verdict == "keep" else 1 - score


def losses_of(documents, results, ev):
    """-> for each document with text: site, thresholds at which words are lost, share of words lost there"""
    out = []
    for d, (_, lines) in zip(documents, results):
        text = d["text"].split("\n")
        lost = [(probability(*lines[i]), len(ev.words(t))) for i, (t, c) in enumerate(zip(text, d["labels"])) if c == "k" and i in lines]
        total = sum(w for _, w in lost)
        if total >= 20:
            lost.sort()
            out.append((d["fold"], d["site"], np.array([p for p, _ in lost]), np.cumsum([w for _, w in lost]) / total))
    return out


def share_lost(losses, threshold):
    """Share of words lost in each document when lines of at most this probability go."""
    return np.array([c[n - 1] if (n := np.searchsorted(p, threshold, side="right")) else 0.0 for _, _, p, c in losses])


def bound(losses, threshold, rng):
    """95 % upper confidence bound of the mean loss over documents, by a bootstrap over sites."""
    by_site = collections.defaultdict(list)
    for (_, site, _, _), loss in zip(losses, share_lost(losses, threshold)):
        by_site[site].append(loss)
    sums = np.array([(sum(v), len(v)) for v in by_site.values()])
    draws = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=400) @ sums
    return float(np.quantile(draws[:, 0] / draws[:, 1], 0.95))


def threshold_for(losses, share):
    low, high = 0.0, 0.9
    if bound(losses, low, np.random.default_rng(7)) > share:
        return None
    for _ in range(18):
        middle = (low + high) / 2
        if bound(losses, middle, np.random.default_rng(7)) <= share:
            low = middle
        else:
            high = middle
    return low


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = os.path.dirname(os.path.abspath(__file__))
    p.add_argument("--shared", default=os.path.join(here, "..", "..", "shared"))
    p.add_argument("--work", required=True)
    p.add_argument("--bin", default=os.path.join(here, "..", "target", "release", "chaffinch"))
    p.add_argument("--args", default="", help="more arguments for chaffinch")
    p.add_argument("--no-losses", action="store_true")
    args = p.parse_args()
    args.bin = os.path.abspath(args.bin)
    sys.path.insert(0, os.path.join(args.shared, "bench"))
    import evaluate as ev

    scores = collections.defaultdict(list)   # (source, dump, type or language) -> (precision, recall, F1)
    lines_f1 = collections.defaultdict(list)
    worst, bins = [], np.zeros((10, 3))
    losses = {mode: [] for mode in MODES}
    corpora = ev.load(os.path.join(args.shared, "corpus"), None, None, None)
    for (source, dump), documents in corpora.items():
        for fold in range(5):
            part = [d for d in documents if d["fold"] == fold]
            results = list(clean(args, part, fold, args.args))
            for d, (text, lines) in zip(part, results):
                kept = {i for i, v in lines.items() if v[0] == "keep"}
                split = d["text"].split("\n")
                keys = {"all", d["type"], "lang " + (d.get("lang") or "?")}
                f = ev.line_f1(split, d["labels"], kept)
                for key in keys:
                    lines_f1[source, dump, key].append(f)
                if d.get("body"):
                    prf = words_f1(ev, d, text)
                    for key in keys:
                        scores[source, dump, key].append(prf)
                    if dump == "inscriptis" and d["type"] == "article":
                        worst.append((prf[2], source, d["id"], prf[0], prf[1]))
                for i, c in enumerate(d["labels"]):
                    if c in "kd" and i in lines and lines[i][1] != "blank" and probability(*lines[i]) >= 0:
                        q = probability(*lines[i])
                        n = max(1, len(ev.words(split[i])))
                        bins[min(9, int(q * 10))] += (n, n * q, n * (c == "k"))
            if source in ("wcxb", "fundus") and not args.no_losses:
                losses["auto"] += losses_of(part, results, ev)
                for mode, wanted in (("article", lambda d: d["type"] == "article"), ("page", lambda d: d["type"] != "article")):
                    some = [d for d in part if wanted(d)]
                    if some:
                        losses[mode] += losses_of(some, list(clean(args, some, fold, f"--mode {mode} {args.args}")), ev)
        print(f"measured {source} {dump}", file=sys.stderr, flush=True)

    print("### Words F1 by source and dump\n")
    f1 = lambda *key: mean([s[2] for s in scores[key]])
    rows = [(name, *(f1(source, dump, kind) for dump in DUMPS), mean([f1(source, dump, kind) for dump in DUMPS]))
            for name, source, kind in (("wcxb, article", "wcxb", "article"), ("wcxb, all types", "wcxb", "all"), ("fundus", "fundus", "all"))]
    table(("", *DUMPS, "mean"), rows)
    print("Lines F1 (silver sources have no reference text):\n")
    table(("", *DUMPS), [(s, *(mean(lines_f1[s, dump, "all"]) for dump in DUMPS)) for s in SOURCES])
    print("### wcxb by page type (inscriptis)\n")
    kinds = sorted({k for s, d, k in scores if s == "wcxb" and not k.startswith("lang") and k != "all"})
    table(("type", "pages", "precision", "recall", "words F1"),
          [(k, len(v := scores["wcxb", "inscriptis", k]), *(mean([s[i] for s in v]) for i in range(3))) for k in kinds])
    print("### fundus by language (inscriptis)\n")
    languages = sorted(k for s, d, k in scores if (s, d) == ("fundus", "inscriptis") and k.startswith("lang"))
    table(("language", "pages", "precision", "recall", "words F1"),
          [(k[5:], len(v := scores["fundus", "inscriptis", k]), *(mean([s[i] for s in v]) for i in range(3))) for k in languages])
    print("### Reliability: words by the probability that their line was given\n")
    table(("probability", "words", "mean probability", "share that is text"),
          [(f"{i / 10:.1f}–{(i + 1) / 10:.1f}", int(n), float(q / n) if n else 0.0, float(k / n) if n else 0.0) for i, (n, q, k) in enumerate(bins)])
    print("### The ten worst articles (inscriptis)\n")
    table(("words F1", "source", "page", "precision", "recall"), [(w[0], *w[1:]) for w in sorted(worst)[:10]])

    if not args.no_losses:
        print("### Bounds on losses\n")
        out, rows = [], []
        for m, mode in enumerate(MODES):
            for share in SHARES:
                t = threshold_for(losses[mode], share)
                if t is None:
                    rows.append((mode, f"{share:.1%}", "–", "–", "–"))
                    continue
                held = []
                for fold in range(5):
                    s = threshold_for([x for x in losses[mode] if x[0] != fold], share)
                    held.append(float(share_lost([x for x in losses[mode] if x[0] == fold], s).mean()) if s is not None else float("nan"))
                out.append((m, round(share * 1e6), round(t * 65536)))
                rows.append((mode, f"{share:.1%}", f"{t:.4f}", f"{share_lost(losses[mode], t).mean():.3%}", ", ".join(f"{h:.3%}" for h in held)))
        table(("mode", "bound", "threshold", "mean loss at it", "loss on each fold, calibrated on the other four"), rows)
        json.dump(out, open(f"{args.work}/losses.json", "w"))


if __name__ == "__main__":
    main()
