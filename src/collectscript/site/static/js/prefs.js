/* Runs before the page is drawn: theme and glosses as they were chosen last time. */
"use strict";

(function () {
  const root = document.documentElement;
  let prefs = {};
  try {
    prefs = JSON.parse(localStorage.getItem("collectscript.prefs")) || {};
  } catch (_) {
    // Without storage the page follows the system.
  }
  if (prefs.theme === "light" || prefs.theme === "dark") root.dataset.theme = prefs.theme;
  root.dataset.gloss = prefs.gloss ? "on" : "off";
})();
