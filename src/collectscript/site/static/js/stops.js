/* Stops and pauses on the look-up page: a stop takes over the whole page, a pause stands above the answer. */
"use strict";

(function (CS) {
  const { el, library } = CS;
  const box = document.getElementById("stop");
  // A long turn would push away what is to be said now.
  const SAID = 120;
  // Half a sentence may sound grave: while letters come in, the stop stands above the answer and takes over at rest.
  const REST = 600;
  let setAside = null;
  let waiting = 0;

  /**
   * Show what a text calls for; returns the pauses, and the stops that were read and set aside. While `typing`, a stop
   * is among them and takes over as soon as the typing rests.
   */
  CS.showStops = function (fired, said, context, texts, typing) {
    const stops = fired.filter((one) => one.stop.kind === "stop");
    const grave = stops[0];
    clearTimeout(waiting);
    const isNew = grave && setAside !== keyOf(grave);
    if (isNew && typing) waiting = setTimeout(takeOver, REST, grave, said, context, texts);
    else if (isNew) takeOver(grave, said, context, texts);
    else close();
    if (!grave) setAside = null;
    return fired.filter((one) => one !== grave || typing || setAside === keyOf(one)).map((one) => banner(one));
  };

  CS.forgetStops = function () {
    clearTimeout(waiting);
    setAside = null;
    close();
  };

  /** What was set aside at one level takes over again at another. */
  function keyOf({ stop, level }) {
    return stop.id + ":" + level;
  }

  function others(hidden) {
    for (const one of document.body.children) if (one !== box && !one.contains(box)) one.inert = hidden;
    for (const one of document.getElementById("main").children) if (one !== box) one.inert = hidden;
  }

  function close() {
    if (box.hidden) return;
    box.hidden = true;
    CS.empty(box);
    others(false);
  }

  function takeOver(fired, said, context, texts) {
    const { stop, why } = fired;
    const back = el("button", { type: "button", class: "primary", onclick: () => {
      setAside = keyOf(fired);
      close();
      document.getElementById("said").dispatchEvent(new Event("input", { bubbles: true }));
      document.getElementById("said").focus();
    } }, "照这一页做了，回到查话术");
    CS.empty(box).append(el("div", {},
      el("h2", { id: "stop-title", tabindex: "-1" }, "停：", stop.title),
      el("p", { class: "echo" }, CS.visible(said.trim().slice(0, SAID))),
      el("p", {}, why),
      el("h3", {}, "现在只说这些"),
      library.halted([fired], [[]], context, texts, 3).map((one) => el("article", { class: "card" },
        el("dl", { class: "parts" }, one.parts.map(({ kind, text }) =>
          el("div", {}, el("dt", {}, library.tables.parts[kind] || kind), el("dd", {}, text)))))),
      stop.never.length ? el("ul", { class: "never-list" }, stop.never.map(([wrong, instead]) =>
        el("li", {}, el("span", { class: "wrong" }, wrong), " ", el("span", { class: "instead" }, instead)))) : null,
      el("h3", {}, "交给谁"), el("p", {}, stop.hand_over),
      stop.record.length ? el("h3", {}, "记录") : null,
      el("ul", {}, stop.record.map((line) => el("li", {}, line))),
      el("p", { class: "row" }, back, el("a", { href: `safety/${encodeURIComponent(stop.id)}.html` }, "整页"))));
    box.hidden = false;
    others(true);
    box.querySelector("h2").focus();
  }

  function banner(fired) {
    const { stop, why } = fired;
    return el("section", { class: "pause" },
      el("h3", {}, (stop.kind === "stop" ? "停：" : "缓：") + stop.title), el("p", {}, why),
      el("p", {}, "交给谁：", stop.hand_over, " ", el("a", { href: `safety/${encodeURIComponent(stop.id)}.html` }, "整页")));
  }
})(window.CS);
