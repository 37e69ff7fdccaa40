#!/usr/bin/env python3
"""What each part of the model is worth where classifying is hard: a table for MODEL.md.

  target/release/chaffinch-train estimates ../shared DIR 5      # what the parts say of every line
  model/cases.py --shared ../shared --work DIR --bin target/release/chaffinch

DIR holds fold-0.model to fold-4.model. Columns are the linear part alone, the first trees (the line and its
neighbours), the second trees (the page and its topic), trees and net together, each cut at one half, and the program
as it ships: threshold by page, repeats, titles and captions by their label.
"""
import collections, json, os, re, sys

import numpy as np

from report import arguments, clean, settled, table

POINT = re.compile(r"\s*([*•·–-]|\d{1,2}[.)])\s|.*(\s\|\s|\t|\S {3,}\S)|.*\?\s*$")
CLOCK = re.compile(r"\s*\W{0,3}(\d{1,2}[:.]\d{2}|\d{1,2} ?(am|pm|Uhr|h))\b")


def main():
    args, ev = settled(arguments(__doc__))

    doc, line, *_ = np.fromfile(f"{args.work}/rows.bin", dtype=np.int32).reshape(-1, 5).T
    logits = np.fromfile(f"{args.work}/estimates.i32", dtype=np.int32).reshape(-1, 5)[:, [0, 1, 2, 4]]
    documents = [json.loads(row) for row in open(f"{args.work}/documents.jsonl")]
    start = np.searchsorted(doc, np.arange(len(documents) + 1))
    place = {(d["source"], d["dump"], d["id"], d["labelled"]): i for i, d in enumerate(documents)}
    # The bias of the last column's blend is moved for words of long pages; one half was meant by the weights of training.
    halves = np.array([0, 0, 0, 174])
    shares, scores = collections.defaultdict(list), collections.defaultdict(list)

    def kept_by(d, shipped, labelled):
        """-> for each column the lines that are kept"""
        at = place[d["source"], d["dump"], d["id"], labelled]
        rows = slice(start[at], start[at + 1])
        columns = [set(line[rows][logits[rows, c] > halves[c]].tolist()) for c in range(4)]
        return columns + [{i for i, v in shipped.items() if v[0] == "keep"}]

    def judged(documents, fold, labelled):
        some = [d for d in documents if d["fold"] == fold]
        for d, (_, lines) in zip(some, clean(args, some, fold, "--group-by none")):
            yield d, d["text"].split("\n"), kept_by(d, lines, labelled)

    labelled = [d for part in ev.load(os.path.join(args.shared, "labels"), None, None, None).values() for d in part]
    corpora = ev.load(os.path.join(args.shared, "corpus"), ("wcxb", "fundus"), ("inscriptis", "get_text", "lynx"), None)
    for fold in range(5):
        for d, lines, columns in judged(labelled, fold, True):
            for i, label in enumerate(d["line_labels"]):
                words = len(ev.words(lines[i]))
                case, wanted = {
                    "comments": ("reader comments", False), "about": ("author boxes and imprints", False),
                    "related": ("teasers of eight words and more", False) if words >= 8 else (None, None),
                    "body": ("lists, tables and questions of the text", True) if POINT.match(lines[i]) else (None, None),
                }.get(label, (None, None))
                if case:
                    shares[case].append([words, *(words * ((i in kept) == wanted) for kept in columns)])
        for (source, dump), part in corpora.items():
            for d, lines, columns in judged(part, fold, False):
                if d["type"] != "article":
                    continue
                f1 = [ev.line_f1(lines, d["labels"], kept) for kept in columns]
                kept = sum(len(ev.words(t)) for t, c in zip(lines, d["labels"]) if c == "k")
                cases = {"get_text": ["pages cut at links (get_text)"], "lynx": ["pages wrapped at 80 columns (lynx)"]}.get(dump, [])
                if dump == "inscriptis":
                    cases.append("all articles (inscriptis)")
                    if source == "fundus" and d.get("lang") != "en":
                        cases.append("languages other than English (fundus)")
                    if 0 < kept < min(200, 0.2 * len(ev.words(d["text"]))):
                        cases.append("short articles on long pages")
                    if sum(c == "k" and bool(CLOCK.match(t)) for t, c in zip(lines, d["labels"])) >= 5:
                        cases.append("tickers and timetables")
                for case in cases:
                    scores[case].append(f1)
        print(f"measured fold {fold}", file=sys.stderr, flush=True)

    columns = ("words alone", "first trees", "second trees", "trees and net", "as shipped")
    print("Lines F1, mean over pages:\n")
    table(("", "pages", *columns), [(case, len(v), *map(float, np.mean(v, 0))) for case, v in sorted(scores.items())])
    print("Share of words on the right side, pages labelled line by line:\n")
    table(("", "words", *columns), [(case, n, *map(float, sums / n)) for case, v in sorted(shares.items()) for n, sums in [(int(np.sum(v, 0)[0]), np.sum(v, 0)[1:])]])


if __name__ == "__main__":
    main()
