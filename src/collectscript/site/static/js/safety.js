/* The library's detector of stops and pauses; see collectscript/safety.py. */
"use strict";

(function (CS) {
  const { BREAK, Lexicon, WordLists, elementsOf, compile, chains, sentences } = CS.patterns;
  const UNKNOWN = "unknown";
  const WEAK = "weak";
  const HARMLESS = "harmless";
  const { shortest: SHORTEST, left_over: LEFT_OVER, clause: CLAUSE, clauses: CLAUSES } = CS.data.tables.limits.safety;

  class Detector {
    /** `safety`: {words, levels, stops}; `learned`: id of a stop to its unpacked index; `sounds`: character to sound. */
    constructor(safety, learned, folder, sounds) {
      this.safety = safety;
      this.learned = learned;
      this.folder = folder;
      this.sounds = sounds;
      this.levels = Object.keys(safety.levels);
      this.lexicon = new Lexicon((word) => folder.fold(word).chars.join(""));
      const ready = (text) => {
        const pattern = compile(text, safety.words, this.lexicon);
        return { pattern, anchor: Math.max(...pattern.needed) };
      };
      this.signals = new Map();
      this.silence = [];
      safety.stops.forEach((stop, number) => {
        for (const signal of stop.signals) {
          const { pattern, anchor } = ready(signal.pattern);
          put(this.signals, anchor, { number, signal, pattern });
        }
        const silent = new Map();
        for (const text of stop.silence) {
          const { pattern, anchor } = ready(text);
          put(silent, anchor, pattern);
        }
        this.silence.push(silent);
      });
      this.lists = new Map(safety.stops.filter((stop) => learned[stop.id]).map((stop) => [stop.id, cues(stop, safety.words, this.lexicon)]));
      this.misheard = safety.stops.map((stop) => stop.misheard.map((word) => {
        const chars = folder.fold(word).chars;
        return { chars, sound: this.sound(chars) };
      }));
    }

    sound(chars) {
      return chars.map((char) => this.sounds.get(char) || char);
    }

    /**
     * Return every stop and pause that fires, stops first, the gravest first. `readings` is what the matcher makes of
     * the text and of its clauses, the text first.
     */
    detect(text, context = {}, readings = []) {
      const party = context.party || UNKNOWN;
      const best = new Map();
      for (const fired of this.all(text, party, context, readings)) {
        const known = best.get(fired.stop.id);
        if (!known || this.weight(fired) < this.weight(known)) best.set(fired.stop.id, fired);
      }
      return this.safety.stops.filter((stop) => best.has(stop.id)).map((stop) => best.get(stop.id));
    }

    /** Return what decides which of several signals of one stop counts, the least first. */
    weight({ level, leads }) {
      return 2 * this.levels.indexOf(level) + (leads.length ? 0 : 1);
    }

    * all(text, party, context, readings) {
      const verified = this.safety.stops.map((stop) => stop.unless).filter((field) => field && context[field]);
      const suspected = new Set();
      for (const fired of this.heard(text, party)) {
        if (fired.level === WEAK) suspected.add(fired.stop.id);
        else if (!fired.stop.unless || !verified.includes(fired.stop.unless)) yield fired;
      }
      for (const stop of this.safety.stops) {
        if (stop.unless && context[stop.unless] === false) yield made(stop, "said", "还没有核实是不是本人");
        const wanted = suspected.has(stop.id) ? stop.suspected : stop.matcher;
        if (wanted === null) continue;
        const meant = readings.map((matches) => matches.filter((match) => means(stop, match, party)));
        const sure = meant.find((one) => one.length && anyOf(one) >= wanted);
        if (sure) yield made(stop, usualLevel(stop), `很像“${sure[0].entry.title}”`);
      }
    }

    * heard(text, party) {
      const original = Array.from(text);
      for (const sentence of sentences(original, this.folder)) {
        const found = this.lexicon.scan(sentence.chars);
        const signals = this.candidates(found);
        const sound = this.sound(sentence.chars);
        for (const [number, stop] of this.safety.stops.entries()) {
          const index = this.learned[stop.id];
          if (!signals.has(number) && !index && !stop.misheard.length) continue;
          const masked = this.masked(number, sentence.chars, found);
          const audible = masked.length ? heardThrough(found, masked) : found;
          let wanted = stop.learned;
          for (const { signal, pattern } of signals.get(number) || []) {
            if (signal.parties.length && !signal.parties.includes(party)) continue;
            const chain = chains(pattern, sentence.chars, audible)[0];
            if (!chain) continue;
            if (signal.level !== WEAK) yield this.signalled(stop, signal, sentence, [chain[0][0], chain[chain.length - 1][1]], original);
            else if (index) wanted = stop.suspected;
            else yield made(stop, WEAK, "");
          }
          yield* this.soundsLike(number, sentence, sound, masked, original);
          if (index && wanted !== null) yield* this.like(stop, index, sentence, masked, audible, wanted, original);
        }
      }
    }

    candidates(found) {
      const byStop = new Map();
      for (const element of found.keys()) {
        for (const one of this.signals.get(element) || []) put(byStop, one.number, one);
      }
      return byStop;
    }

    signalled(stop, signal, sentence, span, original) {
      const [start, end] = sentence.span(span[0], span[1], original);
      const topic = [this.safety.levels[signal.level], signal.topic].filter(Boolean).join("·");
      return made(stop, signal.level, `听到“${original.slice(start, end).join("")}”（${topic}）`, signal.leads);
    }

    masked(number, chars, found) {
      const spans = [];
      for (const element of found.keys()) {
        for (const pattern of this.silence[number].get(element) || []) {
          for (const chain of chains(pattern, chars, found)) spans.push([chain[0][0], chain[chain.length - 1][1]]);
        }
      }
      return spans;
    }

    /** Yield what only sounds like a word; the word itself is the business of the patterns. */
    * soundsLike(number, sentence, sound, masked, original) {
      const stop = this.safety.stops[number];
      for (const word of this.misheard[number]) {
        const at = placeOf(word.sound, sound);
        if (at < 0) continue;
        const span = [at, at + word.sound.length];
        if (word.chars.every((char, place) => sentence.chars[at + place] === char) || touches(span, masked)) continue;
        const [start, end] = sentence.span(span[0], span[1], original);
        yield made(stop, usualLevel(stop), `听到“${original.slice(start, end).join("")}”，音近“${word.chars.join("")}”`);
      }
    }

    * like(stop, index, sentence, masked, audible, wanted, original) {
      const lists = this.lists.get(stop.id);
      for (const [first, last] of pieces(sentence)) {
        const kept = [];
        for (let at = first; at < last; at++) if (!masked.some(([a, b]) => a <= at && at < b)) kept.push(at);
        const piece = kept.map((at) => sentence.chars[at]).filter((char) => char !== BREAK);
        if (piece.length < SHORTEST && kept.length < last - first) continue;
        const [level, share] = judge(index, piece, lists.keys(audible, first, last));
        if (share < (kept.length < last - first ? Math.max(wanted, LEFT_OVER) : wanted)) continue;
        const [start, end] = sentence.span(first, last, original);
        const words = original.slice(start, end).join("");
        yield made(stop, level, `“${words}”像是这个意思（${this.safety.levels[level]}，${percent(share)}）`);
      }
    }
  }

  function put(map, key, value) {
    if (!map.has(key)) map.set(key, []);
    map.get(key).push(value);
  }

  /** Write a share as Python's `:.0%` does: halves to even. */
  function percent(share) {
    const scaled = share * 100;
    const floor = Math.floor(scaled);
    return (scaled - floor === 0.5 ? floor + (floor % 2) : Math.round(scaled)) + "%";
  }

  function made(stop, level, why, leads = []) {
    return { stop, level, why, leads };
  }

  function means(stop, match, party) {
    return stop.entries.includes(match.entry.id) && (!stop.parties.length || stop.parties.includes(party));
  }

  /** Return how sure it is that one of these was said. */
  function anyOf(matches) {
    return 1 - matches.reduce((all, match) => all * (1 - match.confidence), 1);
  }

  function usualLevel(stop) {
    const levels = stop.signals.map((signal) => signal.level);
    return levels.includes("hint") ? "hint" : levels.includes("in-progress") ? "in-progress" : "said";
  }

  /** Return the word lists of a stop's patterns and of the safety files, as the index of the stop knows them. */
  function cues(stop, classes, lexicon) {
    const lists = new WordLists(lexicon);
    for (const [name, words] of Object.entries(classes)) lists.add(words, false, "§" + name);
    [...stop.signals.map((signal) => signal.pattern), ...stop.silence].forEach((pattern, number) => {
      elementsOf(pattern, classes).forEach(([words, numbers], place) => lists.add(words, numbers, `§${number}.${place}`));
    });
    return lists;
  }

  /** Return where `wanted` first stands in `chars`, or -1. */
  function placeOf(wanted, chars) {
    for (let at = 0; at + wanted.length <= chars.length; at++) {
      if (wanted.every((char, place) => chars[at + place] === char)) return at;
    }
    return -1;
  }

  function touches(span, masked) {
    return masked.some(([start, end]) => span[0] < end && start < span[1]);
  }

  function heardThrough(found, masked) {
    const left = new Map();
    for (const [element, spans] of found) {
      const audible = spans.filter((span) => !touches(span, masked));
      if (audible.length) left.set(element, audible);
    }
    return left;
  }

  function pieces(sentence) {
    const { offsets, chars } = sentence;
    const found = [[0, chars.length]];
    if (offsets.length < 2) return found;
    const clauses = offsets.map((start, n) => [start, n + 1 < offsets.length ? offsets[n + 1] - 1 : chars.length]);
    return found.concat(clauses.filter(([first, last]) => last - first >= CLAUSE));
  }

  /** Return the likeliest level of a folded text and the share of all levels together. */
  function judge(index, chars, lists) {
    const levels = index.classes.map((_, number) => number).filter((number) => ![HARMLESS, "none"].includes(index.classes[number]));
    const exact = CS.ownClass(index, chars, () => CS.indexScores(index, CS.knownKeys(index, chars, [])));
    if (exact !== undefined) return levels.includes(exact) ? [index.classes[exact], 1] : [index.classes[levels[0]], 0];
    const scores = CS.indexScores(index, CS.knownKeys(index, chars, lists));
    const top = Math.max(...scores);
    const shares = scores.map((score) => Math.exp(score - top));
    const likeliest = levels.reduce((best, number) => (shares[number] > shares[best] ? number : best));
    const all = shares.reduce((sum, share) => sum + share, 0);
    return [index.classes[likeliest], levels.reduce((sum, number) => sum + shares[number], 0) / all];
  }

  /** Return the longer clauses of a text that has several, as said. */
  CS.clauses = function (text, folder) {
    const original = Array.from(text);
    const found = [];
    for (const sentence of sentences(original, folder)) {
      for (const [start, end] of sentence.clauses) found.push(original.slice(start, end));
    }
    if (found.length < 2) return [];
    return found.slice(0, CLAUSES).filter((clause) => clause.length >= SHORTEST).map((clause) => clause.join(""));
  };

  CS.Detector = Detector;
})(window.CS);
