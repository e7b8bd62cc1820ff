/* The look-up page: what the customer says is matched on every keystroke and answered. */
"use strict";

(function (CS) {
  const { el, gloss, library } = CS;
  const tables = library.tables;
  const SHOWN = 5;
  const FULL = 3;
  // Beside a sure match, what is less likely than this only takes room.
  const FAINT = 0.03;
  const TURNS = [["y", "if_yes", "他答应"], ["n", "if_no", "他不答应"], ["s", "if_silent", "不吭声"]];
  const CHIPS = [
    ["party", "谁在线上", tables.facets.party],
    ["band", "账龄", tables.facets.band],
    ["promises_broken", "爽约过几次", { 0: "没有", 1: "1次", 2: "2次", 3: "3次以上" }],
    ["temperament", "性格", tables.facets.temperament],
    ["identity_verified", "核过本人没有", { true: "核上了", false: "还没核" }],
  ];
  const SELECTS = [
    ["sector", "行业", tables.facets.sector],
    ["channel", "渠道", tables.facets.channel],
    ["call_number", "第几通", { 1: "第1通", 2: "第2通", 3: "第3通", 4: "第4通以上" }],
    ["psychology", "心理", tables.facets.psychology],
    ["attitude", "态度", tables.facets.attitude],
    ["situation", "处境", tables.facets.situation],
    ["pattern", "套路", tables.facets.pattern],
  ];
  const NUMBERS = ["promises_broken", "call_number"];

  const byId = (id) => document.getElementById(id);
  const field = byId("said");
  const call = new CS.CallState(() => { restoreForms(); update(); CS.toast("太久没动，这通电话的内容已经清掉"); });

  let result = null;
  let readings = [[]];
  let chosen = null;
  let usedBefore = [];
  let openTurn = null;
  let fired = [];
  let pauses = [];

  // -- what is known ---------------------------------------------------------------------------------

  function slotTexts() {
    return CS.readSlots(call.value.slots, tables.slot_types);
  }

  function context() {
    const known = { ...call.value.context, used: usedBefore };
    const days = Number(call.value.slots.days_overdue);
    if (call.value.slots.days_overdue && Number.isInteger(days)) known.days_overdue = days;
    const broken = Number(call.value.slots.promises_broken);
    if (call.value.slots.promises_broken && Number.isInteger(broken) && broken >= 0) known.promises_broken = broken;
    return known;
  }

  // -- the customer's words ----------------------------------------------------------------------------

  function update(typing = false) {
    const text = call.value.said;
    result = text.trim() ? library.match(text, SHOWN) : null;
    chosen = call.value.entry && library.entries.has(call.value.entry) ? call.value.entry : firstToHandle();
    readings = result ? library.readings(text, result.matches) : [[]];
    fired = result || call.value.context.identity_verified === false ? library.stops(text, context(), readings) : [];
    pauses = CS.showStops(fired, text, context(), slotTexts().texts, typing);
    showEcho();
    showFound();
    showAnswer();
  }

  function firstToHandle() {
    const said = result ? result.matches.filter((one) => one.accepted) : [];
    return said.length ? said.reduce((best, one) => (one.priority < best.priority ? one : best)).entry.id : null;
  }

  function showEcho() {
    const echo = CS.empty(byId("echo"));
    if (!result) return;
    const match = result.matches.find((one) => one.entry.id === chosen) || result.matches[0];
    const chars = Array.from(CS.visible(call.value.said));
    let at = 0;
    for (const one of match ? match.evidence : []) {
      echo.append(chars.slice(at, one.start).join(""));
      const label = { sound: "音近", folded: "写法不同" }[one.kind];
      echo.append(el("mark", { class: one.kind, title: label }, chars.slice(one.start, one.end).join("")));
      at = one.end;
    }
    echo.append(chars.slice(at).join(""));
  }

  function confidenceWords(confidence) {
    return tables.confidence.find(([least]) => confidence >= least)[1];
  }

  function showFound() {
    const found = CS.empty(byId("found"));
    if (!result) return;
    const { matches, matched, ask } = result;
    found.classList.toggle("sure", matched);
    if (!matched) {
      found.append(el("div", { class: "none" },
        el("h3", {}, "没有对上"),
        el("p", {}, `这句话跟哪一条都不${matches.length ? "够" : ""}像，先照“没听清的时候”问一句，或者`,
          el("a", { href: "browse.html#q=" + encodeURIComponent(call.value.said.trim().slice(0, 40)) }, "去目录里找"), "。"),
        matches.length ? el("p", {}, "最接近的是：") : null));
    }
    if (ask) found.append(el("p", { class: "question" }, el("b", {}, "先问清："), ask));
    const several = matches.filter((one) => one.accepted).length > 1;
    const listed = matches.filter((one) => !matched || one.accepted || one.confidence >= FAINT || one.entry.id === chosen);
    found.append(el("ol", { "aria-label": "可能的异议" }, listed.map((one) => matchRow(one, several))));
  }

  function matchRow(match, several) {
    const { entry, accepted, confidence } = match;
    const words = match.evidence.map((one) => {
      const label = { sound: "（音近）", folded: "（写法不同）" }[one.kind] || "";
      return `“${CS.visible(one.text)}”${label}`;
    });
    return el("li", {}, el("button", {
      type: "button", class: accepted ? "match" : "match near", "aria-pressed": String(entry.id === chosen),
      "data-entry": entry.id, onclick: () => choose(entry.id),
    },
    el("span", { class: "line" },
      several && accepted ? el("span", { class: "order", title: "先处理哪一件" }, String(match.priority)) : null,
      el("span", { class: "name" }, entry.title), gloss(entry.gloss),
      el("span", { class: "sure" }, `${confidenceWords(confidence)} ${Math.round(confidence * 100)}%`)),
    words.length ? el("span", { class: "because" }, "因为 " + words.join("、")) : null));
  }

  function choose(id) {
    call.value.entry = id;
    call.save();
    chosen = id;
    openTurn = null;
    for (const button of document.querySelectorAll(".match")) {
      button.setAttribute("aria-pressed", String(button.dataset.entry === id));
    }
    showEcho();
    showAnswer();
  }

  // -- the answer ------------------------------------------------------------------------------------

  function showAnswer() {
    const body = CS.empty(byId("answer-body"));
    const { texts, errors } = slotTexts();
    showSlotErrors(errors);
    if (!chosen && !result) {
      body.append(landing());
      markWanted([]);
      return;
    }
    const responses = sayable(texts);
    // A stop that was read and set aside stays above everything; a pause may follow what takes one breath to say.
    const stopped = fired.some((one) => one.stop.kind === "stop");
    if (stopped) body.append(...pauses);
    if (chosen) body.append(...head(library.entries.get(chosen)));
    else body.append(el("h3", {}, "没听清的时候，先问一句"));
    if (!stopped) body.append(...pauses);
    responses.slice(0, FULL).forEach((one, place) => body.append(card(one, place)));
    if (responses.length > FULL) body.append(rest(responses.slice(FULL)));
    markWanted([].concat(...responses.slice(0, FULL).map((one) => one.missing)));
  }

  /** Return what may be said now, best first: after a stop only its own, in a pause only what presses for nothing. */
  function sayable(texts) {
    if (fired.length) {
      const byHand = call.value.entry ? [[{ entry: library.entries.get(chosen), accepted: true, confidence: 1 }]] : readings;
      return library.halted(fired, byHand, context(), texts, null);
    }
    return chosen ? library.responses(chosen, context(), texts, null) : library.neutralLines(context(), texts, null);
  }

  /** Return the other responses folded; they are made when they are asked for, a keystroke has no time for them. */
  function rest(responses) {
    const fold = el("details", { class: "fold" }, el("summary", {}, "还有 " + responses.length + " 条"));
    fold.addEventListener("toggle", () => {
      if (fold.children.length === 1) fold.append(...responses.map((one, place) => card(one, place + FULL)));
    });
    return fold;
  }

  function head(entry) {
    return [
      el("div", { class: "answer-head" },
        el("h3", {}, entry.title, gloss(entry.gloss)),
        el("a", { href: `objections/${encodeURIComponent(entry.id)}.html` }, "整页")),
      el("dl", { class: "breath" },
        el("div", { class: "first" }, el("dt", {}, "先说"), el("dd", {}, entry.say)),
        el("div", {}, el("dt", {}, "再问"), el("dd", {}, entry.ask)),
        el("div", { class: "never" }, el("dt", {}, "别说"), el("dd", {}, entry.never))),
    ];
  }

  function card(ranked, place) {
    const { response } = ranked;
    const used = call.value.context.used.includes(response.id);
    const turns = TURNS.filter(([, name]) => response[name]);
    const shown = openTurn && openTurn.id === response.id ? turns.find(([key]) => key === openTurn.key) : null;
    return el("article", { class: "card response", tabindex: "0", "data-id": response.id, "aria-label": response.title },
      el("header", {},
        el("h4", {}, `${place + 1}. ${response.title}`),
        el("span", { class: "fine" }, `约 ${CS.seconds(ranked.text)} 秒`),
        used ? el("span", { class: "tag" }, "说过了") : null),
      tagList(response),
      response.condition ? el("p", { class: "reasons" }, "前提：" + response.condition) : null,
      el("dl", { class: "parts" }, response.parts.map(([kind, text]) =>
        el("div", {}, el("dt", {}, tables.parts[kind] || kind), el("dd", {}, spoken(text, ranked))))),
      el("div", { class: "row turns" },
        el("button", { type: "button", class: "primary", onclick: () => copyResponse(ranked) }, "复制", el("kbd", {}, "c")),
        el("button", { type: "button", onclick: () => markUsed(response, true) }, "说过了", el("kbd", {}, "u")),
        turns.map((turn) => el("button", {
          type: "button", "aria-pressed": String(turn === shown), onclick: () => showTurn(response.id, turn[0]),
        }, turn[2], el("kbd", {}, turn[0])))),
      shown ? el("p", { class: "turn" }, el("b", {}, shown[2] + "："), linked(ranked.fill(response[shown[1]]))) : null,
      el("dl", { class: "notes" },
        note("下一步", response.next_step, ranked), note("不要", response.avoid, ranked),
        el("div", {}, el("dt", {}, "排这里"), el("dd", { class: "fine" }, ranked.reasons.join("；")))));
  }

  function note(name, text, ranked) {
    return text ? el("div", {}, el("dt", {}, name), el("dd", {}, linked(ranked.fill(text)))) : null;
  }

  function tagList(response) {
    const axes = [
      ["technique", [response.technique]], ["structure", [response.structure]],
      ["influence", response.influence ? [response.influence] : []],
      ["firmness", [response.firmness]], ["goal", [response.goal]],
      ["customer", response.customer_types], ["band", response.bands], ["sector", response.sectors],
    ];
    const items = [].concat(...axes.map(([axis, ids]) => ids.map((id) => el("li", {}, el("a", {
      class: "tag tag-" + axis, href: `browse.html#${axis}=${encodeURIComponent(id)}`,
    }, library.tagName(axis, id), gloss(id))))));
    return el("ul", { class: "tags", "aria-label": "标签" }, items);
  }

  /** Return a part with its slots: values marked, open ones as buttons that lead to their field. */
  function spoken(template, ranked) {
    return CS.slotPieces(template).map(({ slot, text }) => {
      if (!slot) return text;
      const value = ranked.fill(`{${text}}`);
      if (!ranked.missing.includes(text)) return el("span", { class: "filled" }, value);
      return el("button", { type: "button", class: "slot", title: "填这一格", onclick: () => toSlot(text) }, value);
    });
  }

  /** Return a text in which names of pages are links; an objection opens here. */
  function linked(text) {
    return CS.linkPieces(text, tables.titles).map(({ text: piece, id, path }) => {
      if (!path) return piece;
      if (!library.entries.has(id)) return el("a", { href: path }, piece);
      return el("a", { href: "#show=" + id, onclick: (event) => { event.preventDefault(); choose(id); } }, piece);
    });
  }

  function landing() {
    return el("div", { class: "landing" },
      el("h3", {}, "知道是哪一条，直接点"),
      tables.groups.map(([id, title, name]) => {
        const members = [...library.entries.values()].filter((entry) => entry.group === id);
        if (!members.length) return null;
        return el("section", {}, el("h4", {}, title, gloss(name)), el("ul", {}, members.map((entry) =>
          el("li", {}, el("button", { type: "button", onclick: () => choose(entry.id) }, entry.title, gloss(entry.gloss))))));
      }));
  }

  // -- what is done with a response --------------------------------------------------------------------

  async function copyResponse(ranked) {
    const done = await CS.copy(ranked.text);
    CS.toast(done ? "复制好了，记作说过" : "浏览器不让复制，请用鼠标选中再复制");
    if (done) markUsed(ranked.response, false);
  }

  /** Note that a response was said; with `now` the others are ranked again at once. */
  function markUsed(response, now) {
    const { used } = call.value.context;
    for (const one of [response.id, response.technique]) if (!used.includes(one)) used.push(one);
    call.value.log = [...(call.value.log || []), { said: call.value.said.trim(), entry: chosen, response: response.title }];
    call.save();
    if (now) usedBefore = used.slice();
    refresh(response.id);
  }

  function showTurn(id, key) {
    openTurn = openTurn && openTurn.id === id && openTurn.key === key ? null : { id, key };
    refresh(id);
  }

  /** Draw the answer again and leave the focus on the same response. */
  function refresh(id) {
    const focused = byId("answer").contains(document.activeElement);
    const open = document.querySelector("#answer-body details");
    const wasOpen = open && open.open;
    showAnswer();
    const details = document.querySelector("#answer-body details");
    if (details && wasOpen) {
      details.open = true;
      details.dispatchEvent(new Event("toggle"));
    }
    const again = [...document.querySelectorAll(".response")].find((one) => one.dataset.id === id);
    if (focused && again) again.focus();
  }

  function currentCard() {
    const card = document.activeElement && document.activeElement.closest(".response");
    return card || document.querySelector("#answer-body .response");
  }

  function currentRanked() {
    const element = currentCard();
    if (!element) return null;
    const { texts } = slotTexts();
    return sayable(texts).find((one) => one.response.id === element.dataset.id) || null;
  }

  // -- context and slots -------------------------------------------------------------------------------

  function buildContext() {
    const form = byId("context");
    for (const [name, title, options] of CHIPS) {
      const chips = [["", "不清楚"], ...Object.entries(options)].map(([id, label]) => el("label", { class: "chip" },
        el("input", { type: "radio", name, value: id, checked: id === "" }),
        el("span", {}, label, id && tables.facets[name] ? gloss(id) : null)));
      form.append(el("fieldset", {}, el("legend", {}, title), el("div", { class: "chips" }, chips)));
    }
    form.append(el("div", { class: "selects" }, SELECTS.map(([name, title, options]) => el("label", {}, title,
      el("select", { name }, el("option", { value: "" }, "不清楚"),
        Object.entries(options).map(([id, label]) => el("option", { value: id }, label)))))));
    form.addEventListener("change", (event) => {
      const { name, value } = event.target;
      call.value.context[name] = value === "" ? null : NUMBERS.includes(name) || name === "identity_verified" ? JSON.parse(value) : value;
      call.save();
      showContext();
      update();
    });
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  function showContext() {
    const known = call.value.context;
    const names = [...CHIPS, ...SELECTS].map(([name, title, options]) => {
      const value = known[name];
      if (value === null || value === undefined) return null;
      return name === "promises_broken" ? (value ? "爽约" + options[value] : "没爽约") : options[value];
    });
    byId("context-shown").textContent = names.filter(Boolean).join(" · ");
  }

  function buildSlots() {
    const form = byId("slots");
    for (const [id, label] of Object.entries(tables.slots)) {
      const type = tables.slot_types[id];
      const many = type === "fees" || type === "plan";
      const help = { fees: "一行一项：名目，依据，金额", plan: "一行一期：2026-12-10 500", money: "1280.50" }[type];
      const input = many
        ? el("textarea", { id: "slot-" + id, name: id, rows: "2", placeholder: help })
        : el("input", { id: "slot-" + id, name: id, type: type === "date" ? "date" : "text", placeholder: help,
          inputmode: type === "money" ? "decimal" : type === "integer" ? "numeric" : null });
      form.append(el("div", { class: many ? "wide" : null }, el("label", { for: "slot-" + id }, label, gloss(id)), input,
        el("p", { class: "error", id: "slot-error-" + id, hidden: true })));
    }
    form.addEventListener("input", (event) => {
      call.value.slots[event.target.name] = event.target.value;
      call.save();
      showSlots();
      showAnswer();
    });
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  function showSlots() {
    const filled = Object.values(call.value.slots).filter((value) => value.trim()).length;
    byId("slots-shown").textContent = filled ? `填了 ${filled} 格` : "";
  }

  function showSlotErrors(errors) {
    for (const id of Object.keys(tables.slots)) {
      const place = byId("slot-error-" + id);
      const input = byId("slot-" + id);
      place.hidden = !errors[id];
      place.textContent = errors[id] || "";
      if (errors[id]) {
        input.setAttribute("aria-invalid", "true");
        input.setAttribute("aria-describedby", place.id);
      } else {
        input.removeAttribute("aria-invalid");
        input.removeAttribute("aria-describedby");
      }
    }
  }

  /** Mark the fields whose values the responses on screen lack. */
  function markWanted(missing) {
    for (const id of Object.keys(tables.slots)) {
      byId("slot-" + id).parentElement.classList.toggle("wanted", missing.includes(id));
    }
  }

  function toSlot(id) {
    byId("slots-fold").open = true;
    byId("slot-" + id).focus();
  }

  function restoreForms() {
    const { said, context: known, slots } = call.value;
    field.value = said;
    for (const [name] of [...CHIPS, ...SELECTS]) {
      const value = known[name] === null || known[name] === undefined ? "" : String(known[name]);
      const control = byId("context").elements.namedItem(name);
      if (control) control.value = value;
    }
    for (const id of Object.keys(tables.slots)) byId("slot-" + id).value = slots[id] || "";
    usedBefore = known.used.slice();
    showContext();
    showSlots();
    fit();
  }

  // -- the note, the end of the call -------------------------------------------------------------------

  function noteText() {
    const { texts } = slotTexts();
    const log = call.value.log || [];
    const title = (id) => (id ? library.entries.get(id).title : "没有对上");
    const reasons = [...new Set([...log.map((one) => title(one.entry)), ...(result ? [title(chosen)] : [])])];
    const said = [...new Set([...log.map((one) => one.said), call.value.said.trim()])].filter(Boolean);
    const now = new Date();
    const two = (value) => String(value).padStart(2, "0");
    const promise = [texts.promise_date, texts.promised_amount].filter(Boolean).join("，");
    const party = tables.facets.party[call.value.context.party] || "（写谁接的，核了什么）";
    const ranked = currentRanked();
    return [
      `时间：${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())} ${two(now.getHours())}:${two(now.getMinutes())}`,
      `接听：${party}`,
      `缘故：${reasons.join("；") || "（写他的话，不写评语）"}`,
      `原话：${said.map((text) => `“${text}”`).join("；")}`,
      `说了：${log.map((one) => one.response).join("；")}`,
      `约：${promise || "（哪天几点、多少、怎么付；没约到就写约了什么）"}`,
      `念：“${promise ? promise + "，有变您提前打给我，对吗？" : ""}”答：“”`,
      "我们答应：",
      `下次：${ranked && ranked.response.next_step ? ranked.fill(ranked.response.next_step) : ""}`,
    ].join("\n");
  }

  function openNote() {
    byId("note-text").value = CS.visible(noteText());
    byId("note").showModal();
    byId("note-text").focus();
  }

  function endCall() {
    const before = call.clear();
    CS.forgetStops();
    openTurn = null;
    history.replaceState(null, "", location.pathname + location.search);
    restoreForms();
    update();
    field.focus();
    CS.toast("清空了，可以接下一通", () => {
      call.value = before;
      call.save();
      restoreForms();
      update();
    });
  }

  // -- keys ------------------------------------------------------------------------------------------

  /** Let the field be as high as its text. */
  function fit() {
    field.rows = Math.min(6, Math.max(2, Math.ceil(field.value.length / 24), field.value.split("\n").length));
  }

  function moveMatch(step) {
    const buttons = [...document.querySelectorAll(".match")];
    if (!buttons.length) return;
    const at = buttons.findIndex((one) => one.dataset.entry === chosen);
    const next = buttons[Math.max(0, Math.min(buttons.length - 1, at + step))];
    choose(next.dataset.entry);
    next.scrollIntoView({ block: "nearest" });
  }

  function moveCard(step) {
    const cards = [...document.querySelectorAll("#answer-body .response")].filter((one) => one.offsetParent !== null);
    const at = cards.indexOf(document.activeElement.closest(".response"));
    const next = cards[at + step];
    if (next) next.focus();
    else if (step < 0) field.focus();
  }

  function onFieldKey(event) {
    if (event.isComposing) return;
    const first = document.querySelector("#answer-body .response");
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (first) first.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (field.value.includes("\n")) return;
      event.preventDefault();
      moveMatch(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape" && field.value) {
      event.preventDefault();
      field.value = "";
      onInput();
    }
  }

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (CS.isTyping(event.target) || document.querySelector("dialog[open]") || !byId("stop").hidden) {
      if (event.key === "Escape" && event.target !== field && CS.isTyping(event.target)) field.focus();
      return;
    }
    const inRadio = event.target.matches && event.target.matches("input");
    const ranked = () => currentRanked();
    const turn = TURNS.find(([key]) => key === event.key);
    if (event.key === "c") { const one = ranked(); if (one) copyResponse(one); }
    else if (event.key === "u") { const one = ranked(); if (one) markUsed(one.response, true); }
    else if (turn) { const one = ranked(); if (one && one.response[turn[1]]) showTurn(one.response.id, turn[0]); }
    else if (event.key === "w") openNote();
    else if (event.key === "e") endCall();
    else if (event.key === "Escape") field.focus();
    else if (event.key === "ArrowDown" && !inRadio && event.target.closest(".response")) moveCard(1);
    else if (event.key === "ArrowUp" && !inRadio && event.target.closest(".response")) moveCard(-1);
    else return;
    event.preventDefault();
  }

  /** Tell whether an input event is one letter among others, and not a text that was pasted whole. */
  function isLetter(event) {
    if (!event || !event.inputType) return false;
    return /^delete|Composition/.test(event.inputType) || (event.inputType === "insertText" && Array.from(event.data || "").length === 1);
  }

  function onInput(event) {
    call.value.said = field.value;
    call.value.entry = null;
    usedBefore = call.value.context.used.slice();
    openTurn = null;
    call.save();
    fit();
    update(isLetter(event));
  }

  function showHash() {
    const found = /^#show=([^&]+)/.exec(location.hash);
    if (!found) return;
    const id = decodeURIComponent(found[1]);
    if (library.entries.has(id)) choose(id);
  }

  buildContext();
  buildSlots();
  restoreForms();
  field.addEventListener("input", onInput);
  field.addEventListener("keydown", onFieldKey);
  document.addEventListener("keydown", onKey);
  byId("end-call").addEventListener("click", endCall);
  byId("note-copy").addEventListener("click", async () => {
    CS.toast((await CS.copy(byId("note-text").value)) ? "记录复制好了" : "浏览器不让复制，请用鼠标选中再复制");
  });
  window.addEventListener("hashchange", showHash);
  // Unpacking now, not at the first keystroke.
  library.match("", 1);
  library.stops("");
  update();
  showHash();
  if (window.matchMedia("(max-width: 62rem)").matches) byId("context-fold").open = false;
  else field.focus();
  document.documentElement.dataset.ready = "true";
  readAhead();

  /** Read the responses that were not asked for yet, a part at a time, while nothing else is to be done. */
  function readAhead() {
    const idle = window.requestIdleCallback || ((use) => setTimeout(use, 200));
    idle(() => { if (library.readAhead()) readAhead(); });
  }
})(window.CS);
