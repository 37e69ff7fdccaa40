#!/usr/bin/env python3
"""Compares how fast chaffinch reads the scripts of the world.

    benches/scripts.py [--rounds N] [--program PROGRAM]

Pages are made of words that are drawn from the letters of an alphabet, the same words, lines and pages for each. What is
printed is the processor time on one core for a byte of text, by that for a byte in Latin letters: seconds depend on the
machine. Pages lie in TMPDIR, which had better be in memory.
"""

import argparse
import random
import tempfile
from pathlib import Path

from compare import Contestant, program, usable

PAGES, LINES, VOCABULARY = 60, 200, 2000


def letters(*ranges: tuple) -> str:
    return "".join(chr(c) for first, last in ranges for c in range(first, last + 1))


LATIN = letters((0x61, 0x7A))
ALPHABETS = {
    "Latin": LATIN,
    "German": LATIN + "äöüß",
    "Vietnamese": "abcdeghiklmnopqrstuvxy" + letters((0x1EA1, 0x1EF9)).lower() + "ăđơư",
    "Greek": letters((0x3B1, 0x3C9)) + "άέήίόύώ",
    "Cyrillic": letters((0x430, 0x44F)),
    "Armenian": letters((0x561, 0x586)),
    "Hebrew": letters((0x5D0, 0x5EA)),
    "Arabic": letters((0x621, 0x63A), (0x641, 0x64A)),
    "Arabic, with vowels": letters((0x628, 0x63A), (0x64B, 0x652)),
    "Devanagari": letters((0x915, 0x939), (0x93E, 0x94D)),
    "Bengali": letters((0x995, 0x9A8), (0x9AA, 0x9B0), (0x9BE, 0x9C4)),
    "Tamil": letters((0xBAE, 0xBB9), (0xBBE, 0xBC2)),
    "Thai": letters((0xE01, 0xE2E), (0xE30, 0xE3A)),
    "Burmese": letters((0x1000, 0x1021), (0x102B, 0x103E)),
    "Georgian": letters((0x10D0, 0x10F0)),
    "Ethiopic": letters((0x1200, 0x1246)),
    "Hangul": letters((0xAC00, 0xAD90)),
    "Han": letters((0x4E00, 0x5184)),
    "Kana": letters((0x3041, 0x3096), (0x30A1, 0x30FA)),
}


def page(words: list, draw: random.Random) -> str:
    lines = []
    for _ in range(LINES):
        count = draw.choice([1, 2, 3, 3, 4, 12, 30])
        line = " ".join(draw.choice(words) for _ in range(count))
        lines.append("  " * draw.randint(0, 3) + line + ("." if count > 5 else ""))
    return "\n".join(lines) + "\n"


def write(folder: Path, alphabet: str) -> int:
    """Writes the pages, and gives how many bytes they have."""
    draw = random.Random(1)
    spelled = [[draw.random() for _ in range(draw.randint(2, 9))] for _ in range(VOCABULARY)]
    words = ["".join(alphabet[int(place * len(alphabet))] for place in word) for word in spelled]
    folder.mkdir()
    return sum((folder / f"{number}.txt").write_bytes(page(words, draw).encode()) for number in range(PAGES))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--program", help="a chaffinch that is built already")
    args = parser.parse_args()
    binary, cores = program(args), usable()
    clean = [binary, "--out", "out", "--quiet", "--group-by", "none", "--jobs", 1]
    start = Contestant("start", [binary, "--quiet", "/dev/null"])
    field = {script: Contestant(script, [*clean, script]) for script in ALPHABETS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sizes = {script: write(folder / script, alphabet) for script, alphabet in ALPHABETS.items()}
        for _ in range(args.rounds):
            for contestant in [start, *field.values()]:
                contestant.run(folder, cores)
    per_byte = {script: (field[script].cpu - start.cpu) / sizes[script] for script in sizes}
    print("time for a byte, by that for a byte in Latin letters")
    for script, time in per_byte.items():
        print(f"  {script:<22}{time / per_byte['Latin']:6.2f}")


if __name__ == "__main__":
    main()
