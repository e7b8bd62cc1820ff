/* What is known of this call, kept in this tab only and forgotten by itself: office computers are shared. */
"use strict";

(function (CS) {
  const KEY = "collectscript.call";
  const EXPIRY = 30 * 60 * 1000;

  function blank() {
    return { said: "", entry: null, context: { used: [] }, slots: {} };
  }

  class CallState {
    /** `expired` is called when the call has been forgotten by time. */
    constructor(expired) {
      this.expired = expired;
      this.value = this.read();
      setInterval(() => this.expire(), 15000);
      document.addEventListener("visibilitychange", () => this.expire());
    }

    read() {
      try {
        const saved = JSON.parse(sessionStorage.getItem(KEY));
        if (saved && Date.now() - saved.at < EXPIRY) {
          this.at = saved.at;
          const value = { ...blank(), ...saved.value };
          value.context = { used: [], ...value.context };
          return value;
        }
        sessionStorage.removeItem(KEY);
      } catch (_) {
        // No storage: the call lives as long as the page.
      }
      this.at = Date.now();
      return blank();
    }

    save() {
      this.at = Date.now();
      try {
        sessionStorage.setItem(KEY, JSON.stringify({ at: this.at, value: this.value }));
      } catch (_) {
        // See read.
      }
    }

    expire() {
      if (Date.now() - this.at < EXPIRY) return;
      this.clear();
      this.at = Date.now();
      this.expired();
    }

    /** Forget everything and return what was known, for undoing. */
    clear() {
      const before = this.value;
      this.value = blank();
      this.at = Date.now();
      try {
        sessionStorage.removeItem(KEY);
      } catch (_) {
        // See read.
      }
      return before;
    }
  }

  CS.CallState = CallState;
})(window.CS);
