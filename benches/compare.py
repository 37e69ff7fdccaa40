#!/usr/bin/env python3
"""Compares whole processes in one run: chaffinch, the tools that only read a text, and what else takes articles out of pages.

    benches/compare.py [--pages N] [--rounds N] [--weights W,W,W | --real FOLDER] [--python PYTHON] [--program PROGRAM]

Pages are made of the fixtures (see pages.py). chaffinch reads the text dump of a page; what reads HTML gets the same
lines as a page with as much markup around them as real pages have: a weight is how many bytes of HTML there are for a
byte of text. 1.5 is about the least there can be, five is a light page, ten is usual. With --real, pages are those of a
folder, for instance of the tests of a tool that reads HTML, and their dumps are made by inscriptis; each is there as often
as it takes to come to N. What it takes to make a dump of a page is in none of the figures.

Every program is run several times by turns on one core, and the least processor time of each counts, which depends
little on what else the machine does; for whole folders, what the same program takes for a single page is taken off, so
that no one pays for starting. Only the lines that say so are of the clock on the wall; they want a machine with nothing
else to do. What is printed are ratios: seconds depend on the machine. Pages lie in TMPDIR, which had better be in memory:
on a disk, what it takes to write files is a good part of what chaffinch takes, and comes out different each time.

PYTHON is an interpreter that has trafilatura, resiliparse and justext (and inscriptis for --real); what is not installed
is left out. So is what benches/rivals (dom_smoothie, rs-trafilatura) has in it, if it can not be built.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pages

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


# Writes what inscriptis makes of a page, or nothing for one that is not UTF-8.
DUMP = """
import sys
from inscriptis import get_text
try:
    page = open(sys.argv[1], encoding="utf-8").read()
except UnicodeDecodeError:
    sys.exit()
sys.stdout.buffer.write(get_text(page).encode())
"""
# Bytes of text that a page has at least; others are redirections and the like.
LEAST = 2000

# The folder in which everything is there once more, but of the pages the first only.
SINGLE = "single"


def write(folder: Path, name: str, text: str, number: int) -> None:
    for place in [folder, folder / SINGLE][: 2 if number == 0 else 1]:
        (place / name).write_bytes(text.encode())


def rendered(count: int, weights: list):
    """Gives the dump of each page, and the page of each weight."""
    made = pages.fixtures(ROOT)
    for number in range(count):
        _, raw, labels = made[number % len(made)]
        # No two documents are the same, as no two pages are.
        raw = f"Page {number}\n{raw}"
        labels = {line + 1: label for line, label in labels.items()}
        yield raw, [pages.page(raw, labels, weight, number) for weight in weights]


def real(count: int, folder: Path, python: str):
    """The same of the pages in a folder that are UTF-8 and have some text."""
    found = []
    for path in sorted(folder.rglob("*.htm*")):
        done = subprocess.run([python, "-c", DUMP, path], stdout=subprocess.PIPE)
        if done.returncode != 0:
            sys.exit(f"{python} can not make a dump of {path}: it needs inscriptis")
        if len(done.stdout.strip()) >= LEAST:
            found.append((done.stdout.decode(), path.read_text(encoding="utf-8")))
    if not found:
        sys.exit(f"there are no pages in {folder}")
    print(f"{len(found)} pages of {folder.name} have {LEAST} bytes of text or more")
    for number in range(count):
        raw, page = found[number % len(found)]
        yield f"Page {number}\n{raw}", [f"{page}\n<!-- Page {number} -->\n"]


def corpus(folder: Path, made, weights: list) -> dict:
    """Writes the dumps, and the pages of each weight; gives what each weight came to."""
    sizes = dict.fromkeys(weights, 0)
    text = 0
    for name in ["text", *(f"html-{weight:g}" for weight in weights)]:
        (folder / name).mkdir()
        (folder / SINGLE / name).mkdir(parents=True)
    with open(folder / "all.txt", "w", encoding="utf-8", newline="") as every:
        for number, (raw, markup) in enumerate(made):
            every.write(raw + "\n")
            write(folder, f"text/{number:05}.txt", raw, number)
            text += sum(len(line.strip().encode()) for line in raw.split("\n"))
            for weight, page in zip(weights, markup):
                sizes[weight] += len(page.encode())
                write(folder, f"html-{weight:g}/{number:05}.html", page, number)
    return {weight: size / text for weight, size in sizes.items()}


class Contestant:
    """A program, and the least it took: processor time, and time by the clock on the wall."""

    def __init__(self, name: str, command: list, cores: int = 1, pages: bool = False):
        self.name, self.command, self.cores = name, [str(word) for word in command], cores
        self.cpu = self.wall = float("inf")
        # The same for a single page, where there are more.
        self.start = Contestant(f"{name}, one page", command, cores) if pages else None

    def pages(self) -> float:
        """Processor time of all pages but one."""
        return max(self.cpu - self.start.cpu, 1e-3)

    def run(self, folder: Path, cores: list) -> None:
        if self.start:
            self.start.run(folder / SINGLE, cores)
        shutil.rmtree(folder / "out", ignore_errors=True)
        pin = (lambda: os.sched_setaffinity(0, cores[: self.cores])) if cores else None
        env = {**os.environ, "LC_ALL": "C.UTF-8"}
        with tempfile.TemporaryFile() as said:
            start = time.perf_counter()
            process = subprocess.Popen(
                self.command, cwd=folder, env=env, preexec_fn=pin, stdout=subprocess.DEVNULL, stderr=said
            )
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                said.seek(0)
                sys.exit(f"{self.name} failed: {said.read().decode(errors='replace')[-500:]}")
        self.wall = min(self.wall, wall)
        self.cpu = min(self.cpu, usage.ru_utime + usage.ru_stime)


def usable() -> list:
    """The numbers of the cores that there are, where a system tells."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def program(args) -> Path:
    if not args.program:
        subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
        args.program = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release/chaffinch"
    return Path(args.program).resolve()


def rivals(args) -> dict:
    """Command by name; each is to be followed by the folder of pages and that of its results."""
    found = {}
    folder = ROOT / "benches/rivals"
    target = Path(os.environ.get("CARGO_TARGET_DIR", folder / "target"))
    if subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=folder).returncode == 0:
        found |= {name: [target / "release/rivals", name] for name in ("dom_smoothie", "rs-trafilatura")}
    else:
        print("left out: benches/rivals can not be built here", file=sys.stderr)
    for name, extract in PYTHON_RIVALS.items():
        if subprocess.run([args.python, "-c", f"import {name}"], stderr=subprocess.DEVNULL).returncode == 0:
            found[f"{name} (Python)"] = [args.python, "-c", PYTHON_LOOP.format(extract=extract)]
        else:
            print(f"left out: {args.python} does not have {name}", file=sys.stderr)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--weights", default="1.5,5,10", help="bytes of HTML for a byte of text")
    parser.add_argument("--real", type=Path, help="a folder of pages to take instead of those made of the fixtures")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--program", help="a chaffinch that is built already")
    args = parser.parse_args()
    weights = [0.0] if args.real else [float(weight) for weight in args.weights.split(",")]
    made = real(args.pages, args.real.resolve(), args.python) if args.real else rendered(args.pages, weights)
    binary = program(args)
    clean = [binary, "text", "--out", "out", "--quiet", "--group-by", "none", "--jobs"]
    one, two = Contestant("one core", [*clean, 1], pages=True), Contestant("two cores", [*clean, 2], cores=2)
    reports = Contestant("with reports", [*clean, 1, "--report", "out/reports"], pages=True)
    sites = Contestant("with templates", [binary, "text", "--out", "out", "--quiet", "--jobs", 1], pages=True)
    stream, empty = Contestant("a stream", [binary, "all.txt", "--quiet"]), Contestant("start", [binary, "--quiet", "/dev/null"])
    readers = [Contestant(" ".join(words), [*words, "all.txt"]) for words in (["wc", "-w"], ["wc", "-l"], ["cat"])]
    others = {
        name: [Contestant(f"{name} at {weight:g}", [*command, f"html-{weight:g}", "out"], pages=True) for weight in weights]
        for name, command in rivals(args).items()
    }
    cores = usable()
    if len(cores) == 1:
        two = None
    field = [one, reports, sites, stream, empty, *readers, *(each for row in others.values() for each in row)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reached = corpus(folder, made, weights)
        size = (folder / "all.txt").stat().st_size
        for _ in range(args.rounds):
            for contestant in field:
                contestant.run(folder, cores)
            # More often and right after each other: other programs disturb the clock on the wall.
            for contestant in [one, two] * 3 if two else []:
                contestant.run(folder, cores)

    print(f"{args.pages} pages, {size / 1e6:.1f} MB of raw text, {args.rounds} rounds; processor time on one core")
    print(f"  a folder with reports takes {reports.pages() / one.pages():.2f} × the time of one without")
    print(f"  a folder read twice, for the site's template, takes {sites.pages() / one.pages():.2f} × the time of one read once")
    print(f"  starting and ending takes {empty.cpu * 1000:.1f} ms")
    for reader in readers:
        print(f"  a stream takes {stream.cpu / max(reader.cpu, 1e-3):.1f} × the time of {reader.name}")
    if two:
        print(f"  two cores do {one.wall / two.wall:.2f} × the pages of one by the clock")
    print("\npages of chaffinch for one page of what reads HTML, by bytes of HTML for a byte of text:")
    print(" " * 24 + "".join(f"{reached[weight]:9.1f}" for weight in weights))
    for name, row in others.items():
        print(f"  {name:<22}" + "".join(f"{each.pages() / one.pages():9.1f}" for each in row))


if __name__ == "__main__":
    main()
