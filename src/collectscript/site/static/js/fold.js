/* Folds a text as the library does, with the table that site/folding.py made. */
"use strict";

(function (CS) {
  const DIGIT = "0";

  function eachRun(runs, use) {
    let end = 0;
    for (let at = 0; at < runs.length; at += 2) {
      const start = end + runs[at];
      end = start + runs[at + 1];
      use(start, end);
    }
  }

  /** Folds texts; `at(code)` gives what one code point becomes, "" when it is dropped. */
  class Folder {
    constructor(data) {
      this.same = [];
      eachRun(data.same, (start, end) => this.same.push([start, end]));
      this.special = new Map(Object.entries(data.long));
      const to = Array.from(data.to);
      Array.from(data.from).forEach((char, number) => this.special.set(char, to[number]));
      eachRun(data.digit, (start, end) => {
        for (let code = start; code < end; code++) this.special.set(String.fromCodePoint(code), DIGIT);
      });
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
