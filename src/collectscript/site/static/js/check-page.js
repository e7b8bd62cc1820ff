/* The page on which words are checked before they are said or sent. */
"use strict";

(function (CS) {
  const { el, library } = CS;
  const { facets } = library.tables;
  const SEVERITIES = { forbidden: "不能说", required: "少了必须有的", caution: "当心" };
  const AXES = [["party", "对谁说"], ["sector", "行业"], ["role", "我们是谁"], ["channel", "怎么发"]];
  const box = document.getElementById("checker");

  if (library.check("") === null) {
    box.append(el("p", { class: "alert" }, "这一份语料没有合规规则，这里查不了。"));
    document.documentElement.dataset.ready = "true";
    return;
  }

  const field = el("textarea", { id: "check-text", rows: "6", spellcheck: "false", placeholder: "打字或者粘贴，一边打一边查" });
  const selects = AXES.map(([axis, title]) => el("label", {}, title, el("select", { name: axis },
    el("option", { value: "" }, "不清楚"),
    Object.entries(facets[axis]).map(([id, name]) => el("option", { value: id }, name)))));
  const shown = el("div", { "aria-live": "polite" });
  const form = el("form", { autocomplete: "off" }, el("label", { for: "check-text" }, "要说的话"), field,
    el("div", { class: "selects" }, selects));

  function update() {
    CS.empty(shown);
    const text = field.value;
    if (!text.trim()) return;
    const call = {};
    for (const [axis] of AXES) call[axis] = form.elements.namedItem(axis).value || null;
    const findings = library.check(text, call);
    const chars = Array.from(CS.visible(text));
    const echo = el("p", { class: "echo" });
    let at = 0;
    for (const one of findings) {
      if (one.start < at || one.start === one.end) continue;
      echo.append(chars.slice(at, one.start).join(""), el("mark", { class: one.severity }, chars.slice(one.start, one.end).join("")));
      at = one.end;
    }
    echo.append(chars.slice(at).join(""));
    shown.append(echo);
    if (!findings.length) {
      shown.append(el("p", {}, el("b", { class: "good" }, "没有查出越线的地方。"), "查不出来不等于合法。"));
      return;
    }
    shown.append(el("ul", { class: "findings" }, findings.map((one) => el("li", { class: "card" },
      el("p", {}, el("span", { class: one.severity === "caution" ? "fine" : "bad" }, SEVERITIES[one.severity] + "："),
        one.text ? `“${CS.visible(one.text)}” ` : null,
        el("a", { href: `compliance/${encodeURIComponent(one.rule)}.html` }, one.title),
        one.origin ? el("span", { class: "tag origin" }, "来自 " + one.origin) : null),
      el("p", {}, "可以这样说：", CS.fill(one.advice, {}, library.tables.slots).text)))));
  }

  box.append(form, shown);
  form.addEventListener("input", update);
  form.addEventListener("change", update);
  form.addEventListener("submit", (event) => event.preventDefault());
  field.focus();
  document.documentElement.dataset.ready = "true";
})(window.CS);
