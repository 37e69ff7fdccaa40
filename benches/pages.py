"""Makes pages of the fixtures: what stands in a dump, with as much markup around it as real pages have.

The text of a page is exactly the lines of the dump. What is added is what a browser needs and a reader never sees: meta
elements, JSON-LD, style sheets and scripts in the head, and around each line nested elements with long lists of classes
and data attributes, pictures with srcset, icons as inline SVG. Everything is made by a generator that is seeded with the
page's number, so the same call gives the same bytes.
"""

import html
import json
import random
from pathlib import Path

# The labels of what belongs to the article.
KEPT = {"title", "standfirst", "heading", "body", "caption"}

# Of what is added to a page, how much is in the head and at the end of the body; the rest is around the lines.
UNSEEN = 0.45

WORDS = (
    "article layout grid card teaser media wrapper inner outer content header footer block module widget promo rail "
    "stack cluster sidebar primary secondary dark light wide narrow sticky lazy loaded visible hidden active desktop "
    "mobile tablet flex items-center justify-between gap-4 px-3 py-2 mt-6 text-base font-serif leading-7 tracking-tight"
).split()


def fixtures(root: Path) -> list:
    """Name, raw text and labels (line number: label) of each fixture."""
    found = []
    for folder in sorted((root / "fixtures").iterdir()):
        try:
            raw = (folder / "raw.txt").read_bytes().decode()
            rows = [row.split("\t") for row in (folder / "labels.tsv").read_text(encoding="utf-8").splitlines()]
        except (UnicodeDecodeError, FileNotFoundError, NotADirectoryError):
            continue
        found.append((folder.name, raw, {int(row[0]): row[1].split("|")[0] for row in rows if row[0].isdigit()}))
    return found


class Markup:
    """What is added; every method gives about as many characters as it is asked for, or none."""

    def __init__(self, seed):
        self.chance = random.Random(seed)

    def word(self) -> str:
        return self.chance.choice(WORDS)

    def token(self, length: int) -> str:
        return "".join(self.chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=length))

    def classes(self) -> str:
        names = [f"{self.word()}__{self.word()}--{self.token(5)}" for _ in range(self.chance.randint(2, 4))]
        return " ".join(names + self.chance.choices(WORDS, k=self.chance.randint(2, 6)))

    def data(self) -> str:
        value = {"id": self.token(12), "position": self.chance.randint(1, 90), "track": self.word(), "ab": self.token(4)}
        return f'data-component="{self.word()}" data-tracking="{html.escape(json.dumps(value))}"'

    def element(self) -> tuple:
        name = self.chance.choice(("div", "div", "div", "section", "span"))
        return f'<{name} class="{self.classes()}" {self.data()}>', f"</{name}>"

    def icon(self) -> str:
        steps = " ".join(
            f"{self.chance.choice('MLCQ')}{self.chance.uniform(0, 24):.2f} {self.chance.uniform(0, 24):.2f}"
            for _ in range(self.chance.randint(6, 24))
        )
        return (
            f'<svg class="icon icon--{self.word()}" aria-hidden="true" focusable="false" width="24" height="24" '
            f'viewBox="0 0 24 24"><path fill="currentColor" fill-rule="evenodd" d="{steps}z"/></svg>'
        )

    def picture(self) -> str:
        base = f"https://img.example/{self.token(8)}/{self.token(24)}"
        sizes = ", ".join(f"{base}.webp?w={width}&amp;q=75 {width}w" for width in (320, 640, 960, 1280, 1920))
        return (
            f'<figure class="{self.classes()}"><picture><source type="image/webp" srcset="{sizes}" '
            f'sizes="(min-width: 60em) 40rem, 100vw"><img src="{base}.jpg" alt="" loading="lazy" decoding="async" '
            f'width="1280" height="720"></picture></figure>'
        )

    def around(self, room: float) -> tuple:
        """What is written before and after a line; nested no deeper than pages are."""
        before, after = "", ""
        for _ in range(8):
            if len(before) + len(after) >= room:
                break
            opening, closing = self.element()
            before, after = before + opening, closing + after
        while len(before) + len(after) < room:
            after += self.picture() if self.chance.random() < 0.3 else self.icon()
        return before, after

    def meta(self) -> str:
        return f'<meta property="og:{self.word()}:{self.word()}" content="{self.token(40)}">\n'

    def json_ld(self) -> str:
        image = [{"@type": "ImageObject", "url": f"https://img.example/{self.token(30)}.jpg", "width": 1280} for _ in range(4)]
        about = {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "url": f"https://pages.example/{self.token(20)}",
            "datePublished": "2031-10-14T06:00:00+01:00",
            "image": image,
            "isPartOf": {"@type": ["CreativeWork", "Product"], "productID": self.token(16)},
        }
        return f'<script type="application/ld+json">{json.dumps(about)}</script>\n'

    def style(self) -> str:
        rules = (
            f".{self.word()}__{self.word()}--{self.token(5)}:not(.{self.word()})>a{{margin:0 {self.chance.randint(1, 40)}px;"
            f"color:#{self.chance.randrange(1 << 24):06x};transition:opacity .2s ease-in-out}}"
            for _ in range(20)
        )
        return f"<style>{''.join(rules)}</style>\n"

    def script(self) -> str:
        lines = (
            f"(function(e,t){{var n=window.{self.token(6)}||[];if(n.length<{self.chance.randint(1, 99)}&&e!==t)"
            f'{{n.push(["{self.token(10)}",{{k:"{self.token(16)}",v:!0}}])}}}})(document,"{self.word()}");'
            for _ in range(15)
        )
        return f"<script>{''.join(lines)}</script>\n"

    def unseen(self, room: float) -> str:
        made = []
        kinds = (self.meta, self.script, self.style, self.json_ld, self.script, self.meta)
        while room > 0:
            made.append(self.chance.choice(kinds)())
            room -= len(made[-1])
        return "".join(made)


def lines(raw: str, labels: dict) -> list:
    """Those with text: whether each belongs to the article, and the text."""
    numbered = ((number, line.strip()) for number, line in enumerate(raw.split("\n"), 1))
    return [(labels.get(number) in KEPT, html.escape(text)) for number, text in numbered if text]


def page(raw: str, labels: dict, weight: float, seed: int = 0) -> str:
    """The lines of a dump as a page of about `weight` bytes for each byte of the dump's text, but no less than it takes:
    those of the article in paragraphs, the others in lists of links around it."""
    rows = lines(raw, labels)
    size = sum(len(text.encode()) for _, text in rows)
    least = size + sum(len("<p></p>\n") if kept else len('<li><a href="/x"></a></li>\n') for kept, _ in rows)
    markup, extra = Markup(seed), max(0.0, weight * size - least)
    room = extra * (1 - UNSEEN) / max(len(rows), 1)
    body, inside = [], None
    for kept, text in rows:
        here = "article" if kept else "nav"
        if here != inside:
            if inside:
                body.append("</article>" if inside == "article" else "</ul></nav>")
            body.append("<article>" if kept else "<nav><ul>")
            inside = here
        # An element takes some 200 characters; with less room than that, only some lines get one.
        before, after = markup.around(room) if markup.chance.random() * 200 < room else ("", "")
        line = f"<p>{text}</p>" if kept else f'<a href="/x">{text}</a>'
        body.append(f"{before}{line}{after}" if kept else f"<li>{before}{line}{after}</li>")
    if inside:
        body.append("</article>" if inside == "article" else "</ul></nav>")
    text = "\n".join(body)
    left = max(0.0, weight * size - len(text.encode()))
    head = '<meta charset="utf-8"><title>A page</title>\n' + markup.unseen(left * 0.7)
    return f"<!DOCTYPE html><html><head>{head}</head><body>\n{text}\n{markup.unseen(left * 0.3)}</body></html>\n"
