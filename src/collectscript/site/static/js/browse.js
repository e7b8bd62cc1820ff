/* The browse page: everything, filtered by tags and searched by any piece of text; the address holds the view. */
"use strict";

(function (CS) {
  const { el, gloss } = CS;
  const { kinds, filters, names, rows } = CS.data.search;
  const PAGE = 60;
  const AROUND = 24;

  const byId = (id) => document.getElementById(id);
  const query = byId("query");
  const items = rows.map(([kind, title, name, path, tags, text]) => ({
    kind, title, name, path, tags: new Set(tags), text, low: `${title}\n${name}\n${text}`.toLowerCase(),
  }));
  let view = {};
  let shown = {};

  // -- the address -------------------------------------------------------------------------------------

  function readAddress() {
    const read = {};
    for (const part of location.hash.slice(1).split("&")) {
      const [name, value] = part.split("=");
      if (!value) continue;
      try {
        read[name] = decodeURIComponent(value);
      } catch (_) {
        // An address somebody cut off: that part says nothing.
      }
    }
    view = {};
    if (read.q) view.q = read.q;
    if (kinds[read.kind]) view.kind = read.kind;
    for (const name of Object.keys(filters)) {
      if (Object.prototype.hasOwnProperty.call(names[name], read[name] || "")) view[name] = read[name];
    }
  }

  function writeAddress() {
    const parts = Object.entries(view).filter(([, value]) => value);
    const hash = parts.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
    history.replaceState(null, "", hash ? "#" + hash : location.pathname + location.search);
  }

  function set(name, value) {
    if (value) view[name] = value;
    else delete view[name];
    shown = {};
    writeAddress();
    show();
  }

  // -- finding -----------------------------------------------------------------------------------------

  /** Return the terms of a query: all of it as one piece when it is found so anywhere, else its words. */
  function terms(text) {
    const whole = text.trim().toLowerCase();
    if (!whole) return [];
    return items.some((item) => item.low.includes(whole)) ? [whole] : whole.split(/\s+/);
  }

  function find() {
    const wanted = Object.keys(filters).filter((name) => view[name]).map((name) => `${name}=${view[name]}`);
    const words = terms(view.q || "");
    const found = items.filter((item) => wanted.every((tag) => item.tags.has(tag)) && words.every((word) => item.low.includes(word)));
    return { found, words };
  }

  // -- showing -----------------------------------------------------------------------------------------

  function show() {
    const { found, words } = find();
    const counts = {};
    for (const item of found) counts[item.kind] = (counts[item.kind] || 0) + 1;
    const plain = !words.length && !Object.keys(filters).some((name) => view[name]);
    const listed = Object.keys(kinds).filter((kind) => counts[kind] && (view.kind ? view.kind === kind : !(plain && kind === "responses")));
    query.value = view.q || "";
    for (const select of byId("filter-fields").querySelectorAll("select")) {
      select.value = view[select.name] || "";
      select.dataset.set = String(Boolean(view[select.name]));
    }
    showKinds(counts);
    const total = listed.reduce((sum, kind) => sum + counts[kind], 0);
    byId("count").textContent = total ? `${total} 条` : "一条也没有。换个说法，或者去掉一个条件。";
    const results = CS.empty(byId("results"));
    for (const kind of listed) results.append(section(kind, found.filter((item) => item.kind === kind), words));
  }

  function showKinds(counts) {
    const box = CS.empty(byId("kinds"));
    for (const [kind, name] of [["", "全部"], ...Object.entries(kinds)]) {
      if (kind && !counts[kind] && view.kind !== kind) continue;
      box.append(el("button", { type: "button", "aria-pressed": String((view.kind || "") === kind), onclick: () => set("kind", kind) },
        name, kind ? el("span", { class: "number" }, " " + (counts[kind] || 0)) : null));
    }
  }

  function section(kind, found, words) {
    const limit = shown[kind] || (view.kind ? PAGE : 12);
    const more = found.length - limit;
    return el("section", {},
      el("h3", {}, kinds[kind], el("span", { class: "fine" }, " " + found.length)),
      el("ul", { class: "results" }, found.slice(0, limit).map((item) => row(item, words))),
      more > 0 ? el("button", { type: "button", onclick: () => { shown[kind] = limit + 5 * PAGE; show(); } }, `再看 ${more} 条`) : null);
  }

  function row(item, words) {
    const line = words.length ? snippet(item, words[0]) : null;
    return el("li", {},
      el("a", { class: "title", href: item.path }, marked(item.title, words)), gloss(item.name),
      line ? el("p", { class: "snippet" }, line) : null);
  }

  /** Return the text around the first place of a word, marked; null when only the title holds it. */
  function snippet(item, word) {
    const at = item.text.toLowerCase().indexOf(word);
    if (at < 0) return null;
    const start = Math.max(0, at - AROUND);
    const end = Math.min(item.text.length, at + word.length + 2 * AROUND);
    const piece = item.text.slice(start, end).replace(/\n/g, " ");
    return [start ? "…" : "", ...marked(piece, [word]), end < item.text.length ? "…" : ""];
  }

  function marked(text, words) {
    if (!words.length) return [text];
    const low = text.toLowerCase();
    const pieces = [];
    let at = 0;
    for (let found = low.indexOf(words[0]); found >= 0; found = low.indexOf(words[0], at)) {
      pieces.push(text.slice(at, found), el("mark", {}, text.slice(found, found + words[0].length)));
      at = found + words[0].length;
    }
    return [...pieces, text.slice(at)];
  }

  function build() {
    const box = byId("filter-fields");
    for (const [name, title] of Object.entries(filters)) {
      box.append(el("label", {}, title, el("select", { name, onchange: (event) => set(name, event.target.value) },
        el("option", { value: "" }, "不限"),
        Object.entries(names[name]).map(([id, label]) => el("option", { value: id }, label)))));
    }
    query.addEventListener("input", () => set("q", query.value));
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    byId("clear").addEventListener("click", () => {
      view = {};
      shown = {};
      writeAddress();
      show();
      query.focus();
    });
    document.addEventListener("keydown", onKey);
    window.addEventListener("hashchange", () => { readAddress(); show(); });
  }

  function onKey(event) {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    const links = [...document.querySelectorAll("#results a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "Escape" && document.activeElement === query && query.value) set("q", "");
    else if (event.key === "Escape") query.focus();
    else if (event.key === "ArrowDown" && (at >= 0 || document.activeElement === query)) (links[at + 1] || links[0] || query).focus();
    else if (event.key === "ArrowUp" && at >= 0) (links[at - 1] || query).focus();
    else return;
    event.preventDefault();
  }

  build();
  readAddress();
  show();
  document.documentElement.dataset.ready = "true";
})(window.CS);
