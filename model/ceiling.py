#!/usr/bin/env python3
"""What the best cleaner could score: the labelled pages cut by their own labels, against the reference texts.

  model/ceiling.py --shared ../shared --work DIR --bin target/release/chaffinch

Captions and standfirsts stay (see DESIGN.md), but many references have none. So a cleaner that gave every line the label
its annotator gave it would not get all words right either; how many it would tells what can be asked of this one. DIR holds
fold-0.model to fold-4.model; scoring is that of ../shared/bench/evaluate.py.
"""
import gzip, json

from report import arguments, clean, mean, settled, table, words_f1

DROPPED = ((), ("caption",), ("caption", "standfirst"))


def main():
    args, ev = settled(arguments(__doc__))
    with gzip.open(f"{args.shared}/labels/dev.jsonl.gz", "rt", encoding="utf-8") as file:
        pages = [page for page in map(json.loads, file) if page.get("body")]
    scores = {}
    for dropped in DROPPED:
        extra = "--group-by none" + (f" --drop {','.join(dropped)}" if dropped else "")
        for fold in range(5):
            of_fold = [page for page in pages if page["fold"] == fold]
            for page, (text, _) in zip(of_fold, clean(args, of_fold, fold, extra)):
                labelled = zip(page["text"].split("\n"), page["line_labels"])
                by_label = "\n".join(line for line, label in labelled if label in ev.KEEP - set(dropped))
                both = words_f1(ev, page, by_label), words_f1(ev, page, text)
                scores.setdefault((page["source"], dropped), []).append(both)
    rows = []
    for (source, dropped), of in sorted(scores.items()):
        by_label, ours = ([mean([pair[at][figure] for pair in of]) for figure in range(3)] for at in range(2))
        rows.append([source, len(of), " and ".join(dropped) or "nothing", *by_label, *ours])
    table(["source", "pages", "dropped besides", "precision by label", "recall", "words F1", "precision of chaffinch", "recall", "words F1"], rows)


if __name__ == "__main__":
    main()
