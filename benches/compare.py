#!/usr/bin/env python3
"""Compares whole processes in one run: chaffinch, the tools that only read a text, and what else takes articles out of pages.

    benches/compare.py [--pages N] [--rounds N] [--python PYTHON] [--program PROGRAM]

Pages are made of the fixtures. chaffinch reads the raw text, as a scraper dumps it; what reads HTML gets the same lines
in a page of little markup (real ones have more, and take those longer). All use one core. Every program is run several
times by turns, the fastest run of each counts, and what is printed are ratios: seconds depend on the machine.

PYTHON is an interpreter that has trafilatura, resiliparse and justext; what is not installed is left out. So is what
benches/rivals (dom_smoothie, rs-trafilatura) has in it, if it can not be built.
"""

import argparse
import html
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PYTHON_RIVALS = {
    "trafilatura": "import trafilatura\nextract = trafilatura.extract",
    "resiliparse": "from resiliparse.extract.html2text import extract_plain_text\n"
    "extract = lambda page: extract_plain_text(page, main_content=True)",
    "justext": "import justext\nwords = justext.get_stoplist('English')\n"
    "extract = lambda page: '\\n'.join(p.text for p in justext.justext(page.encode(), words) if not p.is_boilerplate)",
}
PYTHON_LOOP = """
import os, sys
{extract}
source, target = sys.argv[1:]
os.makedirs(target, exist_ok=True)
for name in os.listdir(source):
    with open(os.path.join(source, name), encoding="utf-8") as page:
        text = extract(page.read())
    with open(os.path.join(target, name), "w", encoding="utf-8") as out:
        out.write(text or "")
"""


# The labels of what belongs to the article.
KEPT = {"title", "standfirst", "heading", "body", "caption"}


def page(raw: str, labels: dict) -> str:
    """The lines of a dump as a page: those of the article in paragraphs, the others in lists of links around it."""
    body = []
    inside = None
    for number, line in enumerate(raw.split("\n"), 1):
        text = line.strip()
        if not text:
            continue
        here = "article" if labels.get(number) in KEPT else "nav"
        if here != inside:
            if inside:
                body.append("</article>" if inside == "article" else "</ul></nav>")
            body.append("<article>" if here == "article" else '<nav class="menu"><ul>')
            inside = here
        text = html.escape(text)
        body.append(f"<p>{text}</p>" if here == "article" else f'<li class="item"><a href="/x/y">{text}</a></li>')
    if inside:
        body.append("</article>" if inside == "article" else "</ul></nav>")
    head = '<meta charset="utf-8"><title>A page</title><link rel="stylesheet" href="/x.css">'
    return f"<!DOCTYPE html><html><head>{head}</head><body>\n" + "\n".join(body) + "\n</body></html>\n"


def corpus(folder: Path, pages: int) -> None:
    fixtures = []
    for fixture in sorted((ROOT / "fixtures").iterdir()):
        try:
            raw = (fixture / "raw.txt").read_bytes().decode()
            rows = [row.split("\t") for row in (fixture / "labels.tsv").read_text().splitlines()]
        except (UnicodeDecodeError, FileNotFoundError, NotADirectoryError):
            continue
        labels = {int(row[0]): row[1] for row in rows if row[0].isdigit()}
        fixtures.append((raw, page(raw, labels)))
    (folder / "text").mkdir()
    (folder / "html").mkdir()
    with open(folder / "all.txt", "w", encoding="utf-8", newline="") as every:
        for number in range(pages):
            raw, markup = fixtures[number % len(fixtures)]
            # No two documents are the same, as no two pages are.
            raw = f"Page {number}\n{raw}"
            every.write(raw + "\n")
            (folder / f"text/{number:05}.txt").write_bytes(raw.encode())
            (folder / f"html/{number:05}.html").write_bytes(markup.encode())


class Contestant:
    def __init__(self, name: str, command: list, kind: str, cores: int = 1):
        self.name, self.command, self.kind, self.cores, self.best = name, [str(word) for word in command], kind, cores, None

    def run(self, folder: Path, cores: list) -> None:
        out = folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        pin = (lambda: os.sched_setaffinity(0, cores[: self.cores])) if hasattr(os, "sched_setaffinity") else None
        env = {**os.environ, "LC_ALL": "C.UTF-8"}
        start = time.perf_counter()
        done = subprocess.run(
            self.command, cwd=folder, env=env, preexec_fn=pin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        seconds = time.perf_counter() - start
        if done.returncode != 0:
            sys.exit(f"{self.name} failed: {done.stderr.decode(errors='replace')[-500:]}")
        self.best = min(self.best or seconds, seconds)


def contestants(args) -> list:
    if not args.program:
        subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
        args.program = ROOT / "target/release/chaffinch"
    program = Path(args.program).resolve()
    clean = [program, "text", "--out", "out", "--quiet"]
    found = [
        Contestant("chaffinch, a folder", [*clean, "--jobs", 1], "pages"),
        Contestant("chaffinch, a folder, two cores", [*clean, "--jobs", 2], "pages", cores=2),
        Contestant("chaffinch, a folder, with reports", [*clean, "--jobs", 1, "--report", "out/reports"], "pages"),
        Contestant("chaffinch, one stream", [program, "all.txt", "--quiet"], "stream"),
        Contestant("chaffinch, an empty stream", [program, "--quiet", "/dev/null"], "start"),
        Contestant("wc -w", ["wc", "-w", "all.txt"], "stream"),
        Contestant("wc -l", ["wc", "-l", "all.txt"], "stream"),
        Contestant("cat", ["cat", "all.txt"], "stream"),
    ]
    rivals = ROOT / "benches/rivals"
    if subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=rivals).returncode == 0:
        binary = rivals / "target/release/rivals"
        found += [Contestant(name, [binary, name, "html", "out"], "pages") for name in ("dom_smoothie", "rs-trafilatura")]
    else:
        print("left out: benches/rivals can not be built here", file=sys.stderr)
    for name, extract in PYTHON_RIVALS.items():
        if subprocess.run([args.python, "-c", f"import {name}"], stderr=subprocess.DEVNULL).returncode == 0:
            loop = PYTHON_LOOP.format(extract=extract)
            found.append(Contestant(f"{name} (Python)", [args.python, "-c", loop, "html", "out"], "pages"))
        else:
            print(f"left out: {args.python} does not have {name}", file=sys.stderr)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--program", help="a chaffinch that is built already")
    args = parser.parse_args()
    field = contestants(args)
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus(folder, args.pages)
        size = (folder / "all.txt").stat().st_size
        for _ in range(args.rounds):
            for contestant in field:
                if contestant.cores <= max(len(cores), 1):
                    contestant.run(folder, cores)
    best = {contestant.name: contestant.best for contestant in field if contestant.best}
    one, stream = best["chaffinch, a folder"], best["chaffinch, one stream"]
    print(f"{args.pages} pages, {size / 1e6:.1f} MB of raw text; the fastest of {args.rounds} runs, by turns, on one core")
    print(f"chaffinch: {size / 1e6 / one:.1f} MB/s and {args.pages / one:.0f} pages/s of a folder, "
          f"{size / 1e6 / stream:.1f} MB/s of a stream, {best['chaffinch, an empty stream'] * 1000:.1f} ms to start and end")
    for contestant in field:
        if contestant.best and contestant.kind != "start":
            base = one if contestant.kind == "pages" else stream
            print(f"{contestant.best / base:10.3f} × the time of chaffinch on the same   {contestant.name}")


if __name__ == "__main__":
    main()
