/* Practise: choose a reply, write one, tell neighbours apart, play a customer. Progress stays in this browser. */
"use strict";

(function (CS) {
  const { el, library } = CS;
  const data = CS.data.practice;
  const tables = library.tables;
  const KEY = "collectscript.practice";
  const DAY = 24 * 60 * 60 * 1000;
  const WAITS = [0, 1, 3, 7, 14, 30];
  // A corpus of its own may have no entries that are told apart.
  const MODES = { choose: "选一句", write: "自己写", ...(data.pairs.length ? { apart: "分得清", play: "对练" } : {}) };
  const SCORES = ["接住了他这句话", "真缘故问出来了", "只问了一件事", "约的四样齐：日子、数、渠道、有变怎么联系", "没有一处越线"];
  const ids = [...library.entries.keys()];

  const byId = (id) => document.getElementById(id);
  const box = byId("exercise");
  let mode = "choose";
  let progress = read();
  let onNumber = null;
  let onNext = null;

  // -- progress ----------------------------------------------------------------------------------------

  function read() {
    try {
      return JSON.parse(localStorage.getItem(KEY)) || {};
    } catch (_) {
      return {};
    }
  }

  /** Note an answer: a right one waits longer and longer, a wrong one comes again at once. */
  function note(name, right) {
    const before = progress[name] || { step: 0, times: 0, right: 0 };
    const step = right ? Math.min(before.step + 1, WAITS.length - 1) : 0;
    progress[name] = { step, times: before.times + 1, right: before.right + (right ? 1 : 0), due: Date.now() + WAITS[step] * DAY };
    save();
    showProgress();
  }

  function save() {
    try {
      localStorage.setItem(KEY, JSON.stringify(progress));
    } catch (_) {
      // Progress lasts as long as the page then.
    }
  }

  function showProgress() {
    const mine = Object.entries(progress).filter(([name]) => name.startsWith(mode + ":"));
    const times = mine.reduce((sum, [, one]) => sum + one.times, 0);
    const right = mine.reduce((sum, [, one]) => sum + one.right, 0);
    const due = mine.filter(([, one]) => one.due <= Date.now()).length;
    const line = CS.empty(byId("progress"));
    if (mode === "play") return;
    line.append(times ? `练了 ${times} 题，对 ${right} 题；练过 ${mine.length} 条，该复习的 ${due} 条。` : "还没练过。练过的隔一天、三天、一周、两周、一个月再来。");
    if (times) {
      line.append(" ", el("button", { type: "button", onclick: () => {
        const before = progress;
        progress = {};
        save();
        showProgress();
        CS.toast("进度清掉了", () => { progress = before; save(); showProgress(); });
      } }, "清掉进度"));
    }
  }

  /** Return the name that is to be practised next: one that is due, else a new one, else the earliest. */
  function next(names) {
    const now = Date.now();
    const due = names.filter((name) => progress[name] && progress[name].due <= now);
    const fresh = names.filter((name) => !progress[name]);
    if (due.length && (!fresh.length || Math.random() < 0.6)) return pick(due);
    if (fresh.length) return pick(fresh);
    return names.slice().sort((a, b) => progress[a].due - progress[b].due)[0];
  }

  function pick(list) {
    return list[Math.floor(Math.random() * list.length)];
  }

  function shuffled(list) {
    const order = list.slice();
    for (let at = order.length - 1; at > 0; at--) {
      const other = Math.floor(Math.random() * (at + 1));
      [order[at], order[other]] = [order[other], order[at]];
    }
    return order;
  }

  // -- common pieces -------------------------------------------------------------------------------------

  function start(...children) {
    CS.empty(box).append(...children);
  }

  /** Return a text with the names of its slots in place of their values. */
  function plain(text) {
    return CS.fill(text, {}, tables.slots).text;
  }

  function customer(text) {
    return el("p", { class: "customer" }, text);
  }

  function contextOf(entry) {
    const debtor = entry.responses.filter((one) => !one.parties.length || one.parties.includes("debtor"));
    const model = pick(debtor.length ? debtor : entry.responses);
    const known = { used: [] };
    if (debtor.length) known.party = "debtor";
    if (model.bands.length) known.band = pick(model.bands);
    const temper = model.customer_types.find((one) => library.ranker.axis[one] === "temperament");
    if (temper) known.temperament = temper;
    if (model.min_promises_broken) known.promises_broken = model.min_promises_broken;
    if (model.sectors.length) known.sector = model.sectors[0];
    return known;
  }

  function contextLine(known) {
    const parts = ["party", "band", "sector", "temperament"].filter((axis) => known[axis]).map((axis) => tables.facets[axis][known[axis]]);
    if (known.promises_broken) parts.push(`爽约${known.promises_broken}次`);
    return el("p", { class: "fine" }, "这通电话：" + (parts.join(" · ") || "还不清楚"));
  }

  function nextButton(action, label = "下一题") {
    onNext = action;
    return el("button", { type: "button", class: "primary", onclick: action }, label, el("kbd", {}, "Enter"));
  }

  function entryLink(id) {
    return el("a", { href: `objections/${encodeURIComponent(id)}.html` }, library.entries.get(id).title);
  }

  /** Show options as buttons; once one is picked, mark the right one and say why of each. */
  function options(list, done) {
    const rows = list.map((option, place) => {
      const button = el("button", { type: "button", onclick: () => answer(option) }, el("span", {}, `${place + 1}. ${option.text}`));
      return el("li", {}, button);
    });
    const answer = (picked) => {
      onNumber = null;
      list.forEach((option, place) => {
        rows[place].classList.toggle("right", option.right);
        rows[place].classList.toggle("picked", option === picked);
        rows[place].firstChild.disabled = true;
        if (option.right || option === picked) {
          rows[place].append(el("div", { class: "verdict" },
            el("span", { class: option.right ? "good" : "bad" }, option.right ? "这句更合适。" : "不选这句。"), option.why));
        }
      });
      done(picked.right);
    };
    onNumber = (number) => { if (list[number - 1]) answer(list[number - 1]); };
    return el("ol", { class: "options" }, rows);
  }

  // -- choose ----------------------------------------------------------------------------------------------

  function choose() {
    onNext = null;
    const name = next(ids.map((id) => "choose:" + id));
    const entry = library.entries.get(name.slice(7));
    const about = data.entries[entry.id];
    const known = contextOf(entry);
    const ranked = library.responses(entry.id, known, {}, null).filter((one) => one.response.id.startsWith(entry.id + "/"));
    if (!ranked.length) return choose();
    const best = ranked[0];
    const list = [{ text: best.text, right: true, why: "合这通电话：" + best.reasons.join("；") + "。" + (about.why[best.response.id] || "") }];
    const last = ranked[ranked.length - 1];
    if (ranked.length > 2 && last.score < best.score) {
      list.push({ text: last.text, right: false, why: "也是这一条的话，但不合这通电话：" + misfit(last.response, known) });
    }
    const neighbour = pick(entry.distinctions.filter((one) => library.entries.has(one.other)) || []);
    if (neighbour) {
      const other = library.entries.get(neighbour.other);
      list.push({
        text: library.responses(other.id, known, {}, 1)[0].text, right: false,
        why: [`这是回“${other.title}”的。拿不准就问：${neighbour.question}`],
      });
    }
    const never = about.never.length ? pick(about.never) : null;
    if (never) list.push({ text: plain(never[0]).replace(/^“|”$/g, ""), right: false, why: ["不能说。换成：", plain(never[1])] });
    const after = el("div", { class: "row" });
    start(contextLine(known), customer(pick(about.said)), el("p", {}, "您回哪一句？"),
      options(shuffled(list), (right) => {
        note(name, right);
        after.append(nextButton(choose), el("span", {}, "这是 ", entryLink(entry.id)));
        after.firstChild.focus();
      }), after);
  }

  function misfit(response, known) {
    const reasons = [];
    const band = known.band;
    if (band && response.bands.length && !response.bands.includes(band)) reasons.push("账龄不对，它是给" + response.bands.map((one) => tables.facets.band[one]).join("、"));
    const tempers = response.customer_types.filter((one) => library.ranker.axis[one] === "temperament");
    if (known.temperament && tempers.length && !tempers.includes(known.temperament)) reasons.push("性格不对，它是给" + tempers.map((one) => tables.facets.temperament[one]).join("、"));
    if (response.sectors.length && !response.sectors.includes(known.sector)) reasons.push("行业不对，它是给" + response.sectors.map((one) => tables.facets.sector[one]).join("、"));
    return reasons.length ? reasons.join("；") + "。" : "另一句更贴。";
  }

  // -- write -----------------------------------------------------------------------------------------------

  function write() {
    onNumber = onNext = null;
    const name = next(ids.map((id) => "write:" + id));
    const entry = library.entries.get(name.slice(6));
    const known = contextOf(entry);
    const after = el("div", { "aria-live": "polite" });
    const field = el("textarea", { rows: "4", id: "written", spellcheck: "false" });
    start(contextLine(known), customer(pick(data.entries[entry.id].said)),
      el("label", { for: "written" }, "您怎么回？写下来，照着念得出口的那种。"), field,
      el("p", { class: "row" }, el("button", { type: "button", class: "primary", onclick: () => judge(field.value, entry, known, name, after) }, "看看")), after);
    field.focus();
  }

  const THREAT = /坐牢|抓|上门|单位|家人|拉黑|曝光|通讯录|起诉你|后果自负|老赖/;
  const PROMISE = /免息|全免|一定批|保证.*征信|删.*征信|不再打/;

  /** Return what can be said of a written reply without a person: [right, words]. */
  function points(text) {
    const questions = (text.match(/[？?]/g) || []).length;
    const length = text.replace(/\s/g, "").length;
    const ending = /[？?]\s*$/.test(text) || /(我|咱们).*(给您|回您|发您|等您|打给您)/.test(text);
    return [
      [length > 0 && length <= 120, length > 120 ? `${length} 个字，太长，听的人记不住；收到 120 字以内。` : `${length} 个字，一口气念得完。`],
      [questions <= 1, questions > 1 ? `问了 ${questions} 件事，只留一件。` : "只问了一件事。"],
      [ending, ending ? "最后是一个问题，或者一个明确的下一步。" : "最后要有一个问题，或者一个明确的下一步。"],
      [!THREAT.test(text), THREAT.test(text) ? "有吓人的话。" : "没有吓人的话。"],
      [!PROMISE.test(text), PROMISE.test(text) ? "许诺了做不了主的事。" : "没有许诺做不了主的事。"],
    ];
  }

  function judge(text, entry, known, name, after) {
    if (!text.trim()) return;
    const best = library.responses(entry.id, known, {}, 1)[0];
    const findings = library.check(text, { party: known.party || null, sector: known.sector || null }) || [];
    const judged = points(text);
    const right = judged.every(([good]) => good) && !findings.some((one) => one.severity !== "caution");
    note(name, right);
    CS.empty(after).append(
      el("ul", { class: "findings" }, judged.map(([good, words]) => el("li", {}, el("span", { class: good ? "good" : "bad" }, good ? "✓ " : "✗ "), words)),
        findings.map((one) => el("li", {}, el("span", { class: "bad" }, "✗ "), `${one.text ? `“${one.text}”：` : ""}${one.title}。${plain(one.advice)}`))),
      el("h2", {}, "可以这样回"),
      el("div", { class: "card" }, el("p", {}, best.text), el("p", { class: "fine" }, best.reasons.join("；") + "。" + (data.entries[entry.id].why[best.response.id] || ""))),
      el("p", {}, "别说：", el("span", { class: "bad" }, entry.never)),
      el("p", { class: "row" }, nextButton(write), el("span", {}, "这是 ", entryLink(entry.id))));
    after.querySelector("button.primary").focus();
  }

  // -- tell apart ------------------------------------------------------------------------------------------

  function apart() {
    onNext = null;
    const name = next(data.pairs.map(([first, second]) => `apart:${first}:${second}`));
    const pair = name.split(":").slice(1);
    const said = pick(pair);
    const question = (one, other) => (library.entries.get(one).distinctions.find((found) => found.other === other) || {}).question;
    const ask = question(pair[0], pair[1]) || question(pair[1], pair[0]);
    const after = el("div", {});
    start(customer(pick(data.entries[said].said)), el("p", {}, "他说的是哪一条？"),
      options(pair.map((id) => {
        const entry = library.entries.get(id);
        return { text: entry.title, right: id === said, why: [" 先说：" + entry.say] };
      }), (right) => {
        note(name, right);
        after.append(el("p", { class: "question" }, el("b", {}, "拿不准就问："), ask), el("p", { class: "row" }, nextButton(apart), entryLink(pair[0]), entryLink(pair[1])));
        after.querySelector("button").focus();
      }), after);
  }

  // -- play ------------------------------------------------------------------------------------------------

  function play() {
    onNumber = null;
    const [first, second] = shuffled(pick(data.pairs));
    const surface = library.entries.get(first);
    const hidden = library.entries.get(second);
    const found = surface.distinctions.find((one) => one.other === second) || hidden.distinctions.find((one) => one.other === first);
    const [temper, manner] = pick(Object.entries(data.temperaments)) || [null, null];
    const secret = el("details", { class: "fold" }, el("summary", {}, "给演客户的人看（坐席别看）"),
      el("div", { class: "secret" },
        manner ? el("p", {}, `您是${manner.title}。` + (manner.manner.length ? "您这样说话：" + manner.manner.slice(0, 3).join("；") : "")) : null,
        el("p", {}, "嘴上说：", ...data.entries[first].said.slice(0, 1).map((text) => `“${text}”`), `（${surface.title}）`),
        el("p", {}, "真缘故：", el("b", {}, hidden.title), "。真话大概是：", `“${pick(data.entries[second].said)}”`),
        el("p", {}, "有人这样问，您就说真话：", found.question),
        el("p", {}, "有人这样说，您就挂：", surface.never)));
    const total = el("p", { class: "row", role: "status" });
    const rows = SCORES.map((text, place) => el("tr", {},
      el("th", { scope: "row" }, el("label", { for: "score-" + place }, text)),
      el("td", {}, el("input", { type: "checkbox", id: "score-" + place, onchange: count }))));
    function count() {
      const number = box.querySelectorAll(".score input:checked").length;
      CS.empty(total).append(`${number} 分，满分 5 分。` + (box.querySelector("#score-4").checked ? "" : "有一处越线，这一轮另外讲。"));
    }
    start(el("p", {}, "三个人：客户、坐席、旁听。五分钟练，三分钟讲。"),
      el("div", { class: "card" }, el("h2", {}, "坐席的卡"), customer(pick(data.entries[first].said)), contextLine({ temperament: temper })),
      secret,
      el("h2", {}, "旁听打分：做到一样一分"), el("table", { class: "score" }, el("tbody", {}, rows)), total,
      el("p", { class: "row" }, nextButton(play, "换一张卡")));
    count();
  }

  // -- the page --------------------------------------------------------------------------------------------

  function open(name) {
    mode = name;
    history.replaceState(null, "", "#mode=" + name);
    for (const button of byId("modes").children) button.setAttribute("aria-pressed", String(button.dataset.mode === name));
    showProgress();
    ({ choose, write, apart, play })[name]();
  }

  for (const [name, title] of Object.entries(MODES)) {
    byId("modes").append(el("button", { type: "button", "data-mode": name, "aria-pressed": "false", onclick: () => open(name) }, title));
  }
  document.addEventListener("keydown", (event) => {
    if (CS.isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[1-9]$/.test(event.key) && onNumber) onNumber(Number(event.key));
    else if (event.key === "Enter" && onNext && !event.target.closest("button, a, summary, input")) onNext();
  });
  open(MODES[location.hash.slice(6)] ? location.hash.slice(6) : "choose");
  document.documentElement.dataset.ready = "true";
})(window.CS);
