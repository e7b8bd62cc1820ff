/* Folds a text as the library does, with the table that site/folding.py made. */
"use strict";

(function (CS) {
  const DIGIT = "0";

  const SIZES = 12;
  const HALF = 20;

  /** Call `use(start, end)` for every run of a list of (gap since the last run's end, length). */
  function eachRun(next, count, use) {
    let end = 0;
    for (let at = 0; at < count; at += 2) {
      const start = end + next(0);
      end = start + next(1);
      use(start, end);
    }
  }

  /** Folds texts; `at(code)` gives what one code point becomes, "" when it is dropped. `heard` is the sound of a character. */
  class Folder {
    constructor(packed) {
      const decoder = new CS.Decoder(packed);
      const next = (name) => decoder.number(decoder.table(name));
      const [same, digits, many, sounds] = packed.counts;
      this.same = [];
      this.special = new Map(Object.entries(packed.long));
      eachRun((kind) => next("s" + kind), same, (start, end) => this.same.push([start, end]));
      eachRun((kind) => next("d" + kind), digits, (start, end) => {
        for (let code = start; code < end; code++) this.special.set(String.fromCodePoint(code), DIGIT);
      });
      const from = [];
      const size = (value) => Math.min(32 - Math.clz32(value), SIZES);
      for (let n = 0, before = 0, code = 0; n < many; n++) from.push(code += before = next("f" + size(before)));
      for (let n = 0, before = 0, code = 0; n < many; n++) {
        before = next("t" + size(before));
        code += before & 1 ? -((before + 1) >> 1) : before >> 1;
        this.special.set(String.fromCodePoint(from[n]), String.fromCodePoint(code));
      }
      this.heard = new Map();
      const chars = [];
      for (let n = 0, code = 0; n < sounds; n++) chars.push(String.fromCodePoint(code += next("c")));
      for (const char of chars) {
        const high = next("h");
        this.heard.set(char, packed.sounds[HALF * high + next("l" + high)]);
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
