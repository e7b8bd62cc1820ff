/* Reads the values of slots as the library does, and writes them as they are read out. */
"use strict";

(function (CS) {
  const MONEY = /^(-?)(\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?:\.(\d{1,2}))?$/;
  const MONEY_HELP = "写成 1280.50";

  /** Return a sum in cents, or null. */
  function cents(text) {
    const found = MONEY.exec(text.trim().replace(/元$/, "").replace(/，/g, ","));
    if (!found) return null;
    const value = BigInt(found[2].replace(/,/g, "") + (found[3] || "").padEnd(2, "0"));
    return found[1] ? -value : value;
  }

  function money(value) {
    const sign = value < 0n ? "-" : "";
    const digits = String(value < 0n ? -value : value).padStart(3, "0");
    const yuan = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
    const rest = digits.slice(-2);
    return sign + yuan + (rest === "00" ? "" : "." + rest) + "元";
  }

  function day(text) {
    const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text.trim());
    if (!found) return null;
    const [year, month, date] = found.slice(1).map(Number);
    const made = new Date(Date.UTC(year, month - 1, date));
    return made.getUTCMonth() === month - 1 && made.getUTCDate() === date ? `${month}月${date}日` : null;
  }

  function lines(text) {
    return text.split(/\n+/).map((line) => line.trim()).filter(Boolean);
  }

  const READERS = {
    text: (text) => ({ text }),
    integer: (text) => (/^-?\d{1,6}$/.test(text.trim()) ? { text: String(Number(text)) } : { error: "写一个整数" }),
    money(text) {
      const value = cents(text);
      if (value === null || value < 0n) return { error: MONEY_HELP };
      return { text: money(value), cents: value };
    },
    date(text) {
      const read = day(text);
      return read ? { text: read } : { error: "选一个日子" };
    },
    fees(text) {
      const shown = [];
      let sum = 0n;
      for (const line of lines(text)) {
        const cells = line.split(/\s*[，,、\t]\s*|\s+/).filter(Boolean);
        const value = cents(cells[cells.length - 1] || "");
        if (cells.length < 2 || value === null) return { error: "一行一项：名目，依据，金额" };
        const basis = cells.slice(1, -1).join(" ");
        shown.push(cells[0] + money(value) + (basis ? `（${basis}）` : ""));
        sum += value;
      }
      return { text: shown.join("、"), sum };
    },
    plan(text) {
      const shown = [];
      let sum = 0n;
      let last = "";
      for (const line of lines(text)) {
        const [date, amount] = line.split(/\s*[，,]\s*|\s+/);
        const value = cents(amount || "");
        if (!day(date) || value === null || value <= 0n) return { error: "一行一期：2026-12-10 500" };
        if (date <= last) return { error: "日子要一期比一期晚" };
        last = date;
        shown.push(day(date) + money(value));
        sum += value;
      }
      return { text: shown.join("、"), sum, count: shown.length };
    },
  };

  /**
   * Read the values that were typed. Returns {texts, errors}: slot id to what is said, and to what is wrong.
   * `types` maps slot ids to their types; an empty value is none.
   */
  CS.readSlots = function (values, types) {
    const texts = {};
    const errors = {};
    const read = {};
    for (const [name, value] of Object.entries(values)) {
      if (!value.trim() || !types[name]) continue;
      const found = READERS[types[name]](value);
      if (found.error) {
        errors[name] = found.error;
        continue;
      }
      read[name] = found;
      texts[name] = CS.visible(found.text);
    }
    const whole = read.plan && read.balance ? "balance" : "amount";
    for (const [name, total] of [["fee_lines", "amount"], ["plan", whole]]) {
      if (read[name] && read[total] && read[name].sum !== read[total].cents) {
        errors[name] = `加起来是${money(read[name].sum)}，不等于${money(read[total].cents)}`;
        delete texts[name];
      }
    }
    return { texts, errors };
  };
})(window.CS);
