/* What all pages share: making elements, copying, toasts, dialogs, theme, glosses, keys. */
"use strict";

(function (CS) {
  const root = document.documentElement;

  /** Make an element. Values become attributes or text, never markup; `on…` values are listeners. */
  CS.el = function (tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (name === "class") element.className = value;
      else element.setAttribute(name, value === true ? "" : value);
    }
    for (const child of children) {
      if (child === null || child === undefined || child === false) continue;
      if (Array.isArray(child)) child.forEach((one) => one && element.append(one));
      else element.append(child);
    }
    return element;
  };

  CS.empty = function (element) {
    while (element.firstChild) element.firstChild.remove();
    return element;
  };

  CS.root = root.dataset.root;

  CS.gloss = function (text) {
    return CS.el("span", { class: "gloss", lang: "en" }, text);
  };

  /** Replace characters that would steer the text around them; the length stays the same. */
  CS.visible = function (text) {
    return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u2028\u2029]/g, "\ufffd");
  };

  let hiding = 0;

  /** Show a line at the foot of the window; `undo` adds a button. */
  CS.toast = function (text, undo) {
    const toast = CS.empty(document.getElementById("toast"));
    toast.append(text);
    if (undo) {
      toast.append(" ", CS.el("button", { type: "button", onclick: () => { undo(); CS.toast("恢复了"); } }, "撤销"));
    }
    toast.classList.add("shown");
    clearTimeout(hiding);
    hiding = setTimeout(() => {
      toast.classList.remove("shown");
      CS.empty(toast);
    }, undo ? 8000 : 2500);
  };

  /** Copy a text; resolves to whether it worked. */
  CS.copy = async function (text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch (_) {
      return copyBySelection(text);
    }
  };

  // Older browsers give pages on a disk no clipboard; a selected field can still be copied.
  function copyBySelection(text) {
    const field = CS.el("textarea", { class: "visually-hidden", "aria-hidden": "true", tabindex: "-1" });
    const before = document.activeElement;
    field.value = text;
    document.body.append(field);
    field.select();
    let done = false;
    try {
      done = document.execCommand("copy");
    } catch (_) {
      done = false;
    }
    field.remove();
    if (before) before.focus();
    return done;
  }

  CS.isTyping = function (target) {
    return target instanceof HTMLElement && (target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])"));
  };

  function prefs() {
    try {
      return JSON.parse(localStorage.getItem("collectscript.prefs")) || {};
    } catch (_) {
      return {};
    }
  }

  function setPref(name, value) {
    try {
      localStorage.setItem("collectscript.prefs", JSON.stringify({ ...prefs(), [name]: value }));
    } catch (_) {
      // The choice holds for this page then.
    }
  }

  function start() {
    const gloss = document.getElementById("gloss-switch");
    const theme = document.getElementById("theme-switch");
    const help = document.getElementById("help");
    const names = { light: "浅色", dark: "深色", "": "跟随系统" };
    const showGloss = () => gloss.setAttribute("aria-pressed", String(root.dataset.gloss === "on"));
    gloss.addEventListener("click", () => {
      root.dataset.gloss = root.dataset.gloss === "on" ? "off" : "on";
      setPref("gloss", root.dataset.gloss === "on");
      showGloss();
    });
    theme.addEventListener("click", () => {
      const order = ["", "light", "dark"];
      const next = order[(order.indexOf(root.dataset.theme || "") + 1) % order.length];
      if (next) root.dataset.theme = next;
      else delete root.dataset.theme;
      setPref("theme", next);
      CS.toast("主题：" + names[next]);
    });
    document.getElementById("help-switch").addEventListener("click", () => help.showModal());
    for (const button of document.querySelectorAll("dialog [data-close]")) {
      button.addEventListener("click", () => button.closest("dialog").close());
    }
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || CS.isTyping(event.target)) return;
      if (document.querySelector("dialog[open]")) return;
      if (event.key === "?") {
        event.preventDefault();
        help.showModal();
      } else if (event.key === "/") {
        const field = document.querySelector("#said, #query, #check-text, main textarea, main input");
        if (!field) return;
        event.preventDefault();
        field.focus();
        if (field.select) field.select();
      }
    });
    showGloss();
  }

  start();
})(window.CS);
