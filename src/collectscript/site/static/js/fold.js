/* Folds a text as the library does, with the table that site/folding.py made. */
"use strict";

(function (CS) {
  const DIGIT = "0";

  const SIZES = 12;
  const HALF = 20;

  /** Call `use(start, end)` for every run of a list of (gap since the last run's end, length). */
  function eachRun(decoder, name, count, use) {
    const gaps = decoder.table(name + 0);
    const lengths = decoder.table(name + 1);
    let end = 0;
    for (let at = 0; at < count; at += 2) {
      const start = end + decoder.number(gaps);
      end = start + decoder.number(lengths);
      use(start, end);
    }
  }

  /** Return numbers, each written in the context of the size of the one before. */
  function after(decoder, name, count) {
    const tables = Array.from({ length: SIZES + 1 }, (_, size) => decoder.table(name + size));
    const found = [];
    for (let n = 0, before = 0; n < count; n++) {
      found.push(before = decoder.number(tables[Math.min(32 - Math.clz32(before), SIZES)]));
    }
    return found;
  }

  /** Folds texts; `at(code)` gives what one code point becomes, "" when it is dropped. `heard` is the sound of a character. */
  class Folder {
    constructor(packed) {
      const decoder = new CS.Decoder(packed);
      const { same, digits, many, sounds } = packed.counts;
      this.same = [];
      this.special = new Map(Object.entries(packed.long));
      eachRun(decoder, "s", same, (start, end) => this.same.push([start, end]));
      eachRun(decoder, "d", digits, (start, end) => {
        for (let code = start; code < end; code++) this.special.set(String.fromCodePoint(code), DIGIT);
      });
      const from = after(decoder, "f", many);
      const to = after(decoder, "t", many);
      for (let n = 0, one = 0, other = 0; n < many; n++) {
        one += from[n];
        other += to[n] & 1 ? -((to[n] + 1) >> 1) : to[n] >> 1;
        this.special.set(String.fromCodePoint(one), String.fromCodePoint(other));
      }
      this.heard = new Map();
      const gaps = decoder.table("c");
      const codes = [];
      for (let n = 0, code = 0; n < sounds; n++) codes.push(code += decoder.number(gaps));
      const highs = decoder.table("h");
      const lows = Array.from({ length: packed.sounds.length / HALF + 1 }, (_, high) => decoder.table("l" + high));
      for (const code of codes) {
        const high = decoder.number(highs);
        this.heard.set(String.fromCodePoint(code), packed.sounds[HALF * high + decoder.number(lows[high])]);
      }
      this.seen = new Map();
    }

    at(char) {
      let folded = this.seen.get(char);
      if (folded === undefined) {
        folded = this.special.get(char);
        if (folded === undefined) folded = this.isKept(char.codePointAt(0)) ? char : "";
        this.seen.set(char, folded);
      }
      return folded;
    }

    isKept(code) {
      let low = 0;
      let high = this.same.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.same[middle][1] <= code) low = middle + 1;
        else high = middle;
      }
      return low < this.same.length && this.same[low][0] <= code;
    }

    /** Fold, keeping for each folded character the code point of the text it came from. */
    fold(text) {
      const original = Array.from(text);
      const chars = [];
      const starts = [];
      original.forEach((char, offset) => {
        const folded = this.at(char);
        if (folded === DIGIT && chars[chars.length - 1] === DIGIT) return;
        for (const one of folded) {
          chars.push(one);
          starts.push(offset);
        }
      });
      return { chars, starts, original };
    }

    /** Return the half-open span of the original behind the folded characters first to last - 1. */
    span(folded, first, last) {
      let end = last < folded.starts.length ? folded.starts[last] : folded.original.length;
      const least = folded.starts[last - 1] + 1;
      while (end > least && this.at(folded.original[end - 1]) === "") end--;
      return [folded.starts[first], Math.max(end, least)];
    }
  }

  CS.Folder = Folder;
})(window.CS);
