#!/usr/bin/env python3
"""Measure the cross-validated models of train.py: tables for MODEL.md, and the thresholds behind --max-loss.

  model/report.py --shared ../shared --work DIR --bin target/release/chaffinch > tables.md

DIR holds fold-0.model to fold-4.model; each page is cleaned by the model that has not seen its site. Scoring is that
of ../shared/bench/evaluate.py, whose functions are used. Writes DIR/losses.json for `assemble.py --losses`.
"""
import argparse, collections, json, os, shutil, subprocess, sys, tempfile

import numpy as np

SOURCES, DUMPS = ("wcxb", "fundus", "trafeval", "readability"), ("inscriptis", "blocks", "get_text", "markdown", "lynx")
SHARES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
# Thresholds that are tried for --max-loss (reports give scores in thousandths), and the dumps they are tried on.
GRID = (0.0005, 0.001, 0.002, 0.004, 0.007, 0.012, 0.02, 0.035, 0.06, 0.1, 0.17, 0.27, 0.4, 0.55)
LOSS_DUMPS = ("inscriptis", "get_text", "lynx")
MODES = ("article", "page", "auto")


def arguments(about):
    """A parser of what every measurement of cross-validated models needs."""
    p = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = os.path.dirname(os.path.abspath(__file__))
    p.add_argument("--shared", default=os.path.join(here, "..", "..", "shared"))
    p.add_argument("--work", required=True)
    p.add_argument("--bin", default=os.path.join(here, "..", "target", "release", "chaffinch"))
    return p


def settled(p):
    """-> the arguments, and ../shared/bench/evaluate.py as a module"""
    args = p.parse_args()
    args.bin = os.path.abspath(args.bin)
    sys.path.insert(0, os.path.join(args.shared, "bench"))
    import evaluate
    return args, evaluate


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


class Losses:
    """Shares of editorial words lost, page by page, at each threshold of GRID: of the words of the reference text that
    are in the dump, how many the cleaned text lacks. A repeat that goes while its copy stays loses nothing, unless the
    reference has it twice; of the tightest bounds repeats are left alone (`stay`)."""

    def __init__(self, ev):
        self.ev, self.folds, self.sites, self.lost = ev, [], [], {False: [], True: []}

    def measure(self, documents, results):
        for d, (_, lines) in zip(documents, results):
            if not d.get("body"):
                continue
            split = d["text"].split("\n")
            gold, left = collections.Counter(self.ev.words(d["body"])), collections.Counter(self.ev.words(d["text"]))
            there = (gold & left).total()
            if there < 20:
                continue
            lines = sorted((probability(*verdict), i) for i, verdict in lines.items() if verdict[1] != "blank")
            for stay in (False, True):
                some = collections.deque((p, i) for p, i in lines if p >= 0 or not stay)
                self.lost[stay].append(self.curve(some, split, gold, left.copy(), there))
            self.folds.append(d["fold"])
            self.sites.append(d["site"])

    def curve(self, lines, split, gold, left, there):
        row, now = [], there
        for threshold in GRID:
            while lines and lines[0][0] <= threshold:
                for word in self.ev.words(split[lines.popleft()[1]]):
                    now -= left[word] <= gold[word]
                    left[word] -= 1
            row.append(1 - now / there)
        return row

    def of(self, test, stay):
        """Folds for which `test` holds -> sites and losses."""
        use = [i for i, fold in enumerate(self.folds) if test(fold)]
        return [self.sites[i] for i in use], np.array([self.lost[stay][i] for i in use])

    def bounds(self, test, stay):
        """95 % upper confidence bounds of the mean loss over documents at each threshold, by a bootstrap over sites."""
        sites, lost = self.of(test, stay)
        names = sorted(set(sites))
        place = {site: i for i, site in enumerate(names)}
        sums, counts = np.zeros((len(names), len(GRID))), np.zeros(len(names))
        for site, row in zip(sites, lost):
            sums[place[site]] += row
            counts[place[site]] += 1
        draws = np.random.default_rng(7).multinomial(len(names), np.full(len(names), 1 / len(names)), size=1000)
        return np.quantile((draws @ sums) / (draws @ counts)[:, None], 0.95, axis=0)

    def limit(self, share, test=lambda fold: True):
        """The place in GRID of the largest threshold whose bound is not above `share`, and whether repeats stay; or None."""
        for stay in (False, True):
            fits = self.bounds(test, stay) <= share
            if fits[0]:
                return int(fits.argmin() - 1 if not fits.all() else len(GRID) - 1), stay
        return None


def main():
    p = arguments(__doc__)
    p.add_argument("--args", default="", help="more arguments for chaffinch")
    p.add_argument("--no-losses", action="store_true")
    args, ev = settled(p)

    scores = collections.defaultdict(list)   # (source, dump, type or language) -> (precision, recall, F1)
    lines_f1 = collections.defaultdict(list)
    worst, bins, by_page = [], np.zeros((10, 3)), {}     # the latter: words F1, and that of the best choice of lines
    losses = {mode: Losses(ev) for mode in MODES}
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
                    best = "\n".join(t for t, c in zip(split, d["labels"]) if c == "k")
                    by_page[source, d["type"], d["id"], dump] = prf[2], ev.word_prf(best, d["body"])[2]
                    for key in keys:
                        scores[source, dump, key].append(prf)
                    if dump == "inscriptis" and d["type"] == "article":
                        worst.append((prf[2], source, d["id"], prf[0], prf[1]))
                for i, c in enumerate(d["labels"]):
                    if c in "kd" and i in lines and lines[i][1] != "blank" and probability(*lines[i]) >= 0:
                        q = probability(*lines[i])
                        n = max(1, len(ev.words(split[i])))
                        bins[min(9, int(q * 10))] += (n, n * q, n * (c == "k"))
            if source in ("wcxb", "fundus") and dump in LOSS_DUMPS and not args.no_losses:
                losses["auto"].measure(part, results)
                for mode, wanted in (("article", lambda d: d["type"] == "article"), ("page", lambda d: d["type"] != "article")):
                    if some := [d for d in part if wanted(d)]:
                        losses[mode].measure(some, clean(args, some, fold, f"--mode {mode} {args.args}"))
        print(f"measured {source} {dump}", file=sys.stderr, flush=True)

    print("### Words F1 by source and dump\n")
    f1 = lambda *key: mean([s[2] for s in scores[key]])
    rows = [(name, *(f1(source, dump, kind) for dump in DUMPS), mean([f1(source, dump, kind) for dump in DUMPS]))
            for name, source, kind in (("wcxb, article", "wcxb", "article"), ("wcxb, all types", "wcxb", "all"), ("fundus", "fundus", "all"))]
    table(("", *DUMPS, "mean"), rows)
    print("Behind inscriptis, on the pages of which the dump has the text (the best choice of its lines is not more than 0.1 of words\n"
          "F1 behind), and the number of pages where it has not:\n")
    rows = []
    for name, source, kinds in (("wcxb, article", "wcxb", ("article",)), ("wcxb, all types", "wcxb", None), ("fundus", "fundus", None)):
        row = [name]
        for dump in DUMPS[1:]:
            pairs = [(v, by_page[key]) for (of, kind, page, other), v in by_page.items() if of == source and other == dump
                     and (not kinds or kind in kinds) and (key := (of, kind, page, "inscriptis")) in by_page]
            there = [base[0] - own[0] for own, base in pairs if own[1] >= base[1] - 0.1]
            row.append(f"{mean(there):.3f} ({len(pairs) - len(there)})")
        rows.append(row)
    table(("", *DUMPS[1:]), rows)
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
                limit = losses[mode].limit(share)
                if limit is None:
                    rows.append((mode, f"{share:.1%}", "–", "–", "–", "–"))
                    continue
                held = []
                for fold in range(5):
                    others = losses[mode].limit(share, lambda f: f != fold)
                    held.append("–" if others is None else f"{losses[mode].of(lambda f: f == fold, others[1])[1][:, others[0]].mean():.3%}")
                at, stay = limit
                out.append((m + 4 * stay, round(share * 1e6), round(GRID[at] * 65536)))
                mean_loss = losses[mode].of(lambda f: True, stay)[1][:, at].mean()
                rows.append((mode, f"{share:.1%}", f"{GRID[at]:.4f}", "stay" if stay else "go", f"{mean_loss:.3%}", ", ".join(held)))
        table(("mode", "bound", "threshold", "sure repeats", "mean loss", "loss on each fold, calibrated on the other four"), rows)
        json.dump(out, open(f"{args.work}/losses.json", "w"))


if __name__ == "__main__":
    main()
