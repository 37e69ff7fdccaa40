"use strict";
// What HTML and CSS can not do: keys, search, and decisions that leave the page as an answers file. Scraped text is
// only ever read from text nodes and written to text nodes; the policy of the page forbids everything else.
(() => {
  const $ = (id) => document.getElementById(id);
  const main = document.querySelector("main");
  const rows = [...main.querySelectorAll(".k, .r")];
  const place = new Map(rows.map((row, i) => [row, i]));
  const name = document.body.dataset.name;

  // Lines: their text, and the normalised form in which answers name them.

  const text = (row) => [...row.querySelectorAll(".x")].map((x) => x.textContent).join("");
  const IGNORED = /(?![\t-\r\x85])[\p{Cc}\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;
  const fold = (raw) =>
    raw
      .normalize("NFKC")
      .replace(IGNORED, "")
      .replace(/\p{White_Space}+/gu, " ")
      .replace(/^ | $/g, "")
      .replace(/[‘’‚‛′´`‹›]/g, "'")
      .replace(/[“”„‟″«»]/g, '"')
      .replace(/[‐‑‒–—―−]/g, "-")
      .replace(/…/g, "...")
      .replace(/[A-Z]+|[^\0-\x7f]/gu, (c) => c.toLowerCase());
  const key = (row) => row.dataset.line ?? fold(text(row));
  let same = null;
  const alike = (line) => {
    if (!same) {
      same = new Map();
      for (const row of rows) {
        const k = key(row);
        same.has(k) ? same.get(k).push(row) : same.set(k, [row]);
      }
    }
    return same.get(line) ?? [];
  };

  const label = (row) => row.classList[1];
  const judged = (row) => label(row) !== "unjudged";
  const doubtful = (row) => row.classList.contains("q");
  const score = (row) => row.querySelector(".y li")?.textContent ?? "too long to judge";
  const was = (row) => (row.classList.contains("k") ? "keep" : "drop");
  const answers = new Map();
  const now = (row) => row.dataset.now ?? was(row);

  // What the filters leave.

  const boxes = [...document.querySelectorAll("aside input[type=checkbox]")];
  const visible = () => {
    const off = new Set(boxes.filter((b) => !b.checked).map((b) => b.id.slice(5)));
    const level = $("sure-60").checked ? "qq" : $("sure-80").checked ? "q" : null;
    return (row) => !off.has(label(row)) && (!level || row.classList.contains(level));
  };
  const say = (message) => {
    $("say").textContent = message;
  };

  // Going from line to line.

  let current = null;
  const at = (y, way = 1) => {
    const box = main.getBoundingClientRect();
    for (let dy = 0; dy < 400; dy += 12) {
      const hit = document.elementFromPoint(box.left + box.width / 3, y + dy * way);
      const row = hit?.closest?.(".k, .r") ?? hit?.closest?.(".run")?.querySelector(".r");
      if (row) return place.get(row);
    }
    return null;
  };
  const inSight = (row) => {
    const box = row.getBoundingClientRect();
    return box.height > 0 && box.bottom > 0 && box.top < innerHeight;
  };
  const here = () => (current && inSight(current) ? place.get(current) : null);
  const count = () => {
    const shown = visible();
    const all = rows.filter((row) => doubtful(row) && shown(row));
    const i = all.indexOf(current);
    const total = all.length === 0 ? "no doubtful lines" : `${all.length} doubtful`;
    $("where").textContent = i < 0 ? total : `${i + 1} of ${total}`;
    $("prev").disabled = $("next").disabled = all.length === 0;
  };
  const button = () => {
    $("flip").disabled = !current || !judged(current);
    $("flip").textContent = current && now(current) === "drop" ? "Keep line" : "Drop line";
  };
  const reveal = (row) => {
    for (let e = row.parentElement; e !== main; e = e.parentElement) if (e.localName === "details") e.open = true;
  };
  const show = (row, focus = true) => {
    current?.classList.remove("cur");
    current = row;
    row.classList.add("cur");
    reveal(row);
    row.tabIndex = -1;
    row.scrollIntoView({ block: "center", behavior: "instant" });
    if (focus) row.focus({ preventScroll: true });
    const changed = row.dataset.now ? `, ${now(row) === "keep" ? "kept" : "dropped"} by you` : "";
    say(`Line ${row.id.slice(1)}, ${score(row)}${changed}: ${text(row).trim().slice(0, 300)}`);
    count();
    button();
  };
  const step = (way, wanted, nothing) => {
    const shown = visible();
    const from = here() ?? (at(90) ?? 0) - (way > 0 ? 1 : 0);
    for (let i = from + way; i >= 0 && i < rows.length; i += way)
      if (wanted(rows[i]) && shown(rows[i])) return show(rows[i]);
    say(nothing);
  };
  const nextDoubt = (way) => step(way, doubtful, way > 0 ? "No doubtful line below" : "No doubtful line above");

  // Decisions.

  const mark = (row, verdict) => {
    const changed = verdict !== was(row);
    row.classList.toggle("to-keep", changed && verdict === "keep");
    row.classList.toggle("to-drop", changed && verdict === "drop");
    row.querySelector(".me")?.remove();
    if (!changed) return delete row.dataset.now;
    row.dataset.now = verdict;
    const note = document.createElement("span");
    note.className = "me";
    note.textContent = verdict === "keep" ? "kept by you" : "dropped by you";
    row.querySelector(".y").before(note);
  };
  let saved = true;
  const flip = () => {
    const row = current && inSight(current) ? current : null;
    if (!row) return say("Choose a line first, with j or a click");
    if (!judged(row)) return say("This line is too long to judge");
    const line = key(row);
    const verdict = now(row) === "keep" ? "drop" : "keep";
    const rowsAlike = alike(line);
    rowsAlike.forEach((other) => mark(other, verdict));
    rowsAlike.some((other) => other.dataset.now) ? answers.set(line, verdict) : answers.delete(line);
    saved = answers.size === 0;
    const others = rowsAlike.length - 1;
    say(`Line ${row.id.slice(1)} ${verdict === "keep" ? "kept" : "dropped"}` +
      (others > 0 ? `, and ${others} equal line${others > 1 ? "s" : ""}` : ""));
    const n = answers.size;
    $("save").disabled = n === 0;
    $("save").parentElement.classList.toggle("any", n > 0);
    $("save").textContent = n === 0 ? "No answers yet" : `Save ${n} answer${n > 1 ? "s" : ""}`;
    button();
  };

  // JSON's strings are TOML's, but for what TOML wants escaped too, and what an editor would hide.
  const quoted = (s) =>
    JSON.stringify(s).replace(/[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
      (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
  const toml = () => {
    const scope = $("scope").value;
    let out = `# Answers for chaffinch, given in the report of ${quoted(name)}.\n`;
    for (const [line, verdict] of answers) {
      out += `\n[[answer]]\nline = ${quoted(line)}\nverdict = "${verdict}"\nscope = "${scope}"\n`;
      if (scope === "document") out += `document = ${quoted(name)}\n`;
      if (scope === "folder") out += `folder = ${quoted(name.replace(/[^/]*$/, "").replace(/(.)\/$/, "$1") || ".")}\n`;
    }
    return out;
  };
  const save = () => {
    if (answers.size === 0) return say("No answers yet");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([toml()], { type: "application/toml" }));
    link.download = "chaffinch.answers.toml";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    saved = true;
    say(`Saved ${answers.size} answer${answers.size > 1 ? "s" : ""} as chaffinch.answers.toml`);
  };
  addEventListener("beforeunload", (event) => saved || event.preventDefault());

  // Search.

  const MOST = 5000;
  const lit = window.CSS?.highlights && window.Highlight ? CSS.highlights : null;
  let hits = [];
  let hit = -1;
  const tell = () => {
    const many = hits.length >= MOST ? `${MOST}+` : hits.length;
    $("hits").textContent = !$("find").value ? "" : hits.length === 0 ? "none" : `${hit < 0 ? "" : `${hit + 1} of `}${many}`;
  };
  const look = () => {
    hits = [];
    hit = -1;
    const words = $("find").value.trim();
    if (words) {
      const safe = words.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replace(/\s+/g, "\\s+");
      const pattern = new RegExp(safe, "giu");
      const shown = visible();
      for (const row of rows) {
        if (hits.length >= MOST) break;
        if (!shown(row)) continue;
        for (const x of row.querySelectorAll(".x")) {
          const node = x.firstChild;
          for (const found of node ? node.data.matchAll(pattern) : []) {
            const range = document.createRange();
            range.setStart(node, found.index);
            range.setEnd(node, found.index + found[0].length);
            hits.push([row, range]);
            if (hits.length >= MOST) break;
          }
        }
      }
    }
    lit?.set("hit", new Highlight(...hits.map(([, range]) => range)));
    lit?.delete("hit-now");
    tell();
  };
  const nextHit = (way, focus) => {
    if (hits.length === 0) return say("Nothing found");
    if (hit < 0) {
      const from = here() ?? at(90) ?? 0;
      const first = hits.findIndex(([row]) => place.get(row) >= from);
      hit = way > 0 ? (first < 0 ? 0 : first) : (first <= 0 ? hits.length : first) - 1;
    } else {
      hit = (hit + way + hits.length) % hits.length;
    }
    const [row, range] = hits[hit];
    lit?.set("hit-now", new Highlight(range));
    for (const more of row.querySelectorAll(".more")) if (more.contains(range.startContainer)) more.open = true;
    show(row, focus);
    tell();
  };
  let waiting = 0;
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, 120);
  };
  const seek = (way) => {
    clearTimeout(waiting);
    if (waiting) look();
    waiting = 0;
    nextHit(way, false);
  };
  $("find").addEventListener("input", later);
  $("find").addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      seek(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      $("find").value = "";
      clearTimeout(waiting);
      look();
      current ? current.focus({ preventScroll: true }) : main.focus({ preventScroll: true });
    }
  });

  // Keys, buttons, filters.

  const help = () => ($("help").open ? $("help").close() : $("help").showModal());
  const reasons = () => {
    const why = current?.querySelector(".y");
    if (why) why.open = !why.open;
  };
  const actions = {
    j: () => nextDoubt(1),
    k: () => nextDoubt(-1),
    J: () => step(1, () => true, "This is the last line"),
    K: () => step(-1, () => true, "This is the first line"),
    x: flip,
    o: reasons,
    n: () => nextHit(1, true),
    N: () => nextHit(-1, true),
    e: save,
    "?": help,
    "/": () => {
      $("find").focus();
      $("find").select();
    },
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || !$("keys").checked) return;
    if (event.target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea")) return;
    if ($("help").open && event.key !== "?") return;
    const action = Object.hasOwn(actions, event.key) ? actions[event.key] : null;
    if (!action) return;
    event.preventDefault();
    action();
  });
  main.addEventListener("click", (event) => {
    const row = event.target.closest(".k, .r");
    if (!row || row === current || getSelection().toString()) return;
    current?.classList.remove("cur");
    current = row;
    row.classList.add("cur");
    count();
    button();
  });
  main.addEventListener("focusin", (event) => {
    const row = event.target.closest(".k, .r");
    if (!row || row === current) return;
    current?.classList.remove("cur");
    current = row;
    row.classList.add("cur");
    count();
    button();
  });
  // Arrows, too, are what a toolbar is expected to have.
  $("tools").addEventListener("keydown", (event) => {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!way || event.target.closest("input, select")) return;
    const all = [...$("tools").querySelectorAll("button:not(:disabled)")];
    all[(all.indexOf(event.target) + way + all.length) % all.length]?.focus();
  });
  $("prev").addEventListener("click", () => nextDoubt(-1));
  $("next").addEventListener("click", () => nextDoubt(1));
  $("flip").addEventListener("click", flip);
  $("save").addEventListener("click", save);
  $("ask").addEventListener("click", help);
  $("close").addEventListener("click", help);
  const filtered = () => {
    for (const box of boxes) document.body.classList.toggle(`off-${box.id.slice(5)}`, !box.checked);
    document.body.classList.toggle("only-q", $("sure-80").checked);
    document.body.classList.toggle("only-qq", $("sure-60").checked);
    count();
    look();
    // A folded run would hide the few lines that are left of it.
    if (!$("sure-all").checked)
      for (const fold of main.querySelectorAll(".fold.q:not([open])")) fold.open = true;
  };
  $("summary").addEventListener("change", filtered);

  // Where one is, on the map.

  const svg = document.querySelector(".map svg");
  const window_ = svg.querySelector("rect")?.cloneNode();
  if (window_) {
    const per = Number(svg.dataset.per);
    const height = svg.viewBox.baseVal.height;
    window_.setAttribute("class", "here");
    svg.append(window_);
    let asked = false;
    const draw = () => {
      asked = false;
      const top = at(0) ?? 0;
      const foot = at($("tools").getBoundingClientRect().top - 8, -1) ?? rows.length - 1;
      window_.setAttribute("y", Math.min(height - 1, top / per));
      window_.setAttribute("height", Math.max(1, height / 200, (foot - top) / per));
    };
    const ask = () => {
      if (!asked) requestAnimationFrame(draw);
      asked = true;
    };
    addEventListener("scroll", ask, { passive: true });
    addEventListener("resize", ask, { passive: true });
    ask();
  }

  // In the file the summary comes last; on the screen, and so for the tab key, it comes first.
  main.before($("summary"));
  $("tools").hidden = false;
  document.body.classList.add("live");
  filtered();
})();
