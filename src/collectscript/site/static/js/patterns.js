/* The library's patterns over folded sentences: words, classes and gaps; see collectscript/patterns.py. */
"use strict";

(function (CS) {
  const BREAK = "，";
  const NUMBER = "数";
  const NUMBERS = new RegExp(CS.data.tables.limits.numbers, "g");
  const GAPS = { "…": "wide", "……": "sentence", "＋": "any", "+": "any" };
  const { near: NEAR, wide: WIDE, longest: LONGEST, overlap: OVERLAP, many: MANY } = CS.data.tables.limits.patterns;
  const SMALLEST = CS.data.tables.limits.lists.smallest;
  const SENTENCE_ENDS = new Set("。！？!?；;\n\r\t\v\f\u0085\u2028\u2029");
  const CLAUSE_ENDS = new Set("，,（）()—…|");

  /** All words of all patterns, found in one pass over a sentence. Places are counted in code points. */
  class Lexicon {
    constructor(fold) {
      this.fold = fold;
      this.folded = new Map();
      this.tokens = new WeakMap();
      this.elements = new Map();
      this.sizes = [];
      this.single = new Map();
      this.pairs = new Map();
      this.numbers = [];
    }

    element(words, numbers = false) {
      const folded = [...new Set(words.map((word) => this.foldOnce(word)))].sort();
      const key = folded.join("\n") + (numbers ? "\n#" : "");
      if (!this.elements.has(key)) {
        const number = this.elements.size;
        this.elements.set(key, number);
        this.sizes.push(folded.length + (numbers ? MANY : 0));
        for (const word of folded) this.add(word, number);
        if (numbers) this.numbers.push(number);
      }
      return this.elements.get(key);
    }

    /** Return the number of what a token of a pattern asks for; the same tokens stand in many patterns. */
    token(text, classes) {
      let known = this.tokens.get(classes);
      if (!known) this.tokens.set(classes, known = new Map());
      let number = known.get(text);
      if (number === undefined) known.set(text, number = this.element(...wordsOf(text, classes)));
      return number;
    }

    foldOnce(word) {
      let folded = this.folded.get(word);
      if (folded === undefined) this.folded.set(word, folded = this.fold(word));
      return folded;
    }

    add(word, number) {
      const chars = Array.from(word);
      if (chars.length === 1) {
        if (!this.single.has(word)) this.single.set(word, []);
        this.single.get(word).push(number);
        return;
      }
      const pair = chars[0] + chars[1];
      if (!this.pairs.has(pair)) this.pairs.set(pair, new Map());
      const longer = this.pairs.get(pair);
      if (!longer.has(word)) longer.set(word, { chars, numbers: [] });
      longer.get(word).numbers.push(number);
    }

    /** Return for each element the places where it stands, in order. */
    scan(chars) {
      const found = new Map();
      const put = (number, first, last) => {
        if (!found.has(number)) found.set(number, []);
        found.get(number).push([first, last]);
      };
      for (let at = 0; at < chars.length; at++) {
        for (const number of this.single.get(chars[at]) || []) put(number, at, at + 1);
        const longer = this.pairs.get(chars[at] + (chars[at + 1] || ""));
        if (!longer) continue;
        for (const word of longer.values()) {
          if (!word.chars.every((char, place) => chars[at + place] === char)) continue;
          for (const number of word.numbers) put(number, at, at + word.chars.length);
        }
      }
      if (!this.numbers.length) return found;
      // A character outside the basic plane is no number; one unit for each keeps the places right.
      const text = chars.map((char) => (char.length > 1 ? " " : char)).join("");
      for (const { index, 0: digits } of text.matchAll(NUMBERS)) {
        for (const number of this.numbers) put(number, index, index + digits.length);
      }
      return found;
    }
  }

  function wordsOf(element, classes) {
    const words = [];
    let numbers = false;
    for (const one of element.split("/")) {
      const named = /^\{([^{}]+)\}$/.exec(one);
      if (named && named[1] === NUMBER) numbers = true;
      else if (named) words.push(...classes[named[1]]);
      else words.push(one);
    }
    // A word with 你 stands for the polite 您 too.
    return [words.concat(words.filter((word) => word.includes("你")).map((word) => word.replace(/你/g, "您"))), numbers];
  }

  /** Return [words, numbers] of each element that a pattern asks for. */
  function elementsOf(text, classes) {
    const tokens = text.split(/\s+/).filter(Boolean);
    const end = tokens.findIndex((token) => token === "！" || token === "!");
    return (end < 0 ? tokens : tokens.slice(0, end))
      .filter((token) => !Object.prototype.hasOwnProperty.call(GAPS, token))
      .map((token) => wordsOf(token.replace(/^\^/, ""), classes));
  }

  /** Compile one pattern line; lines are known to be readable, the corpus was checked. */
  function compile(text, classes, lexicon) {
    const tokens = text.split(/\s+/).filter(Boolean);
    const end = tokens.findIndex((token) => token === "！" || token === "!");
    const positive = end < 0 ? tokens : tokens.slice(0, end);
    const runs = [[]];
    let gap = "near";
    for (const token of positive) {
      if (Object.prototype.hasOwnProperty.call(GAPS, token)) {
        gap = GAPS[token];
        continue;
      }
      if (gap === "any") runs.push([]);
      const first = token.startsWith("^");
      const element = lexicon.token(first ? token.slice(1) : token, classes);
      runs[runs.length - 1].push({ element, gap, first });
      gap = "near";
    }
    const without = (end < 0 ? [] : tokens.slice(end + 1)).map((token) => lexicon.token(token, classes));
    const needed = [...new Set([].concat(...runs).map((step) => step.element))];
    return { runs, without, needed };
  }

  /** Return the places where a pattern holds in a folded sentence. */
  function chains(pattern, chars, found) {
    if (pattern.needed.some((one) => !found.has(one)) || pattern.without.some((one) => found.has(one))) return [];
    const ways = pattern.runs.map((run) => follow(run, chars, found));
    if (ways.some((way) => !way.length)) return [];
    if (ways.length === 1) return ways[0];
    return ways[0].map((first) => {
      const rest = ways.slice(1).map((way) => way.reduce((best, one) =>
        (Math.abs(one[0][0] - first[0][0]) < Math.abs(best[0][0] - first[0][0]) ? one : best)));
      return [].concat(first, ...rest).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    });
  }

  function follow(run, chars, found) {
    let ways = found.get(run[0].element).filter((span) => !run[0].first || span[0] === 0).map((span) => [span]);
    for (const step of run.slice(1)) {
      const reached = [];
      for (const span of found.get(step.element)) {
        let best = null;
        for (const way of ways) {
          if (follows(way[way.length - 1], span, step, chars) && (!best || way[0][0] >= best[0][0])) best = way;
        }
        if (best) reached.push([...best, span]);
      }
      ways = reached;
    }
    return ways;
  }

  function follows(before, span, step, chars) {
    const distance = span[0] - before[1];
    if (distance < 0) return false;
    if (step.gap === "sentence") return true;
    if (step.gap === "wide") return distance <= WIDE;
    return distance <= NEAR && sameClause(chars, before[1], span[0]);
  }

  function sameClause(chars, first, last) {
    for (let at = first; at < last; at++) if (chars[at] === BREAK) return false;
    return true;
  }

  // -- sentences ---------------------------------------------------------------------------------------

  /** Yield [start, end] of the longest runs of characters that are not in `ends`. */
  function* runsOf(chars, start, end, ends) {
    let at = start;
    while (at < end) {
      if (ends.has(chars[at])) {
        at++;
        continue;
      }
      const first = at;
      while (at < end && !ends.has(chars[at])) at++;
      yield [first, at];
    }
  }

  function* clausesOf(chars, start, end) {
    for (const [from, to] of runsOf(chars, start, end, CLAUSE_ENDS)) {
      let begin = from;
      while (to - begin > LONGEST) {
        yield [begin, begin + LONGEST];
        begin += LONGEST - OVERLAP;
      }
      yield [begin, to];
    }
  }

  /** One sentence: folded characters, its clauses joined by BREAK, and where they stood in the original. */
  class Sentence {
    constructor(clauses, folded, folder) {
      this.clauses = clauses;
      this.folded = folded;
      this.folder = folder;
      this.offsets = [];
      this.chars = [];
      for (const chars of folded) {
        if (this.offsets.length) this.chars.push(BREAK);
        this.offsets.push(this.chars.length);
        this.chars.push(...chars);
      }
    }

    /** Return this sentence and the one that follows it as one. */
    joined(next) {
      return new Sentence([...this.clauses, ...next.clauses], [...this.folded, ...next.folded], this.folder);
    }

    /** Return the span of the original behind the folded characters first to last - 1. */
    span(first, last, original) {
      return [this.place(first, original)[0], this.place(last - 1, original)[1]];
    }

    place(at, original) {
      let number = 0;
      while (number + 1 < this.offsets.length && this.offsets[number + 1] <= at) number++;
      const [begin, end] = this.clauses[number];
      const folded = this.folder.fold(original.slice(begin, end).join(""));
      const local = Math.min(at - this.offsets[number], folded.chars.length - 1);
      const [start, stop] = this.folder.span(folded, local, local + 1);
      return [begin + start, begin + stop];
    }
  }

  /** Fold as `Folder.fold` does: runs of digits are one even across characters that hold several. */
  function foldText(folder, chars) {
    return folder.fold(chars.join("")).chars.filter((char, at, all) => !(char === "0" && all[at - 1] === "0"));
  }

  /** Yield the sentences of a text (as code points) that hold anything after folding. */
  function* sentences(chars, folder) {
    for (const [from, to] of runsOf(chars, 0, chars.length, SENTENCE_ENDS)) {
      let spans = [];
      let folded = [];
      let size = 0;
      for (const [begin, end] of clausesOf(chars, from, to)) {
        const clause = foldText(folder, chars.slice(begin, end));
        if (!clause.length) continue;
        if (spans.length && size + clause.length > LONGEST) {
          yield new Sentence(spans, folded, folder);
          [spans, folded, size] = [[], [], 0];
        }
        spans.push([begin, end]);
        folded.push(clause);
        size += clause.length;
      }
      if (spans.length) yield new Sentence(spans, folded, folder);
    }
  }

  /** Return the first characters of a text as one sentence, or null. */
  function opening(chars, folder, length) {
    const spans = [];
    const folded = [];
    for (const [from, to] of runsOf(chars, 0, Math.min(length, chars.length), SENTENCE_ENDS)) {
      for (const [begin, end] of clausesOf(chars, from, to)) {
        const clause = foldText(folder, chars.slice(begin, end));
        if (!clause.length) continue;
        spans.push([begin, end]);
        folded.push(clause);
      }
    }
    return spans.length ? new Sentence(spans, folded, folder) : null;
  }

  /** Return the numbers of the keys of an index that a folded text holds; `lists` are keys of word lists beside them. */
  CS.knownKeys = function (index, chars, lists) {
    const known = new Set();
    CS.eachKey(index, chars, (key) => known.add(key));
    for (const list of lists) if (index.keys.lists.has(list)) known.add(index.keys.lists.get(list));
    return known;
  };

  /** Lists of words, each with a key under which an index knows it; see collectscript/classes.py. */
  class WordLists {
    constructor(lexicon) {
      this.lexicon = lexicon;
      this.key = new Map();
    }

    add(words, numbers, key) {
      if (words.length < SMALLEST) return;
      const element = this.lexicon.element(words, numbers);
      if (!this.key.has(element)) this.key.set(element, key);
    }

    /** Return the keys of the lists of which a word stands in `first` to `last` of a scanned text. */
    keys(found, first, last) {
      const keys = [];
      for (const [element, spans] of found) {
        const key = this.key.get(element);
        if (key !== undefined && spans.some((span) => first <= span[0] && span[1] <= last)) keys.push(key);
      }
      return keys;
    }
  }

  CS.patterns = { BREAK, Lexicon, WordLists, elementsOf, compile, chains, sameClause, foldText, sentences, opening };
})(window.CS);
