/* The library's detector of stops and pauses; see collectscript/safety.py. */
"use strict";

(function (CS) {
  const { BREAK, Lexicon, compile, chains, foldText, sentences } = CS.patterns;
  const UNKNOWN = "unknown";
  const WEAK = "weak";
  const { shortest: SHORTEST, left_over: LEFT_OVER, clause: CLAUSE, clauses: CLAUSES, brief: BRIEF, overheard: OVERHEARD } = CS.data.tables.limits.safety;
  const { beyond_doubt: BEYOND_DOUBT, sure_of_else: SURE_OF_ELSE, half_heard: HALF_HEARD } = CS.data.tables.limits.safety;
  const { longest: LONGEST } = CS.data.tables.limits.patterns;

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
        else if (!verified.includes(fired.stop.unless) && !contradicted(fired, readings)) yield fired;
      }
      for (const stop of this.safety.stops) {
        if (stop.unless && context[stop.unless] === false) yield made(stop, "said", "还没有核实是不是本人");
        const lowered = suspected.has(stop.id) && !isElse(stop, readings.slice(0, 1));
        const wanted = lowered ? stop.suspected : stop.matcher;
        if (wanted === null) continue;
        const meant = readings.map((matches) => matches.filter((match) => means(stop, match, party)));
        const sure = meant.find((one) => one.length && anyOf(one) >= wanted);
        if (sure) yield made(stop, usualLevel(stop), `很像“${sure[0].entry.title}”`);
      }
    }

    * heard(text, party) {
      const original = Array.from(text);
      for (const turn of this.turns(text, original)) {
        const signalled = new Map();
        const overheard = new Map();
        for (const sentence of turn.sentences) {
          const found = this.lexicon.scan(sentence.chars);
          const signals = this.candidates(found);
          const sound = this.sound(sentence.chars);
          for (const [number, stop] of this.safety.stops.entries()) {
            if (!signals.has(number) && !this.learned[stop.id] && !stop.misheard.length) continue;
            const masked = this.masked(number, sentence.chars, found);
            for (const span of masked) put(overheard, number, { sentence, span });
            const audible = masked.length ? heardThrough(found, masked) : found;
            for (const { signal, pattern } of signals.get(number) || []) {
              if (signal.parties.length && !signal.parties.includes(party)) continue;
              const chain = chains(pattern, sentence.chars, audible)[0];
              if (chain) put(signalled, number, { signal, sentence, span: [chain[0][0], chain[chain.length - 1][1]] });
            }
            yield* this.soundsLike(number, sentence, sound, masked, original);
          }
        }
        for (const [number, stop] of this.safety.stops.entries()) {
          const signals = signalled.get(number) || [];
          if (this.learned[stop.id] && stop.learned !== null) {
            yield* this.judged(stop, turn, signals, overheard.get(number) || [], original);
            continue;
          }
          for (const { signal, sentence, span } of signals) {
            yield signal.level === WEAK ? made(stop, WEAK, "") : this.signalled(stop, signal, sentence, span, original);
          }
        }
      }
    }

    /** Yield what is read in one piece: a short text whole, of a longer one each sentence. */
    * turns(text, original) {
      const all = [...sentences(original, this.folder)];
      const folded = original.length <= LONGEST ? foldText(this.folder, original) : [];
      if (folded.length) yield { chars: folded, sentences: all };
      else for (const one of all) yield { chars: one.chars.filter((char) => char !== BREAK), sentences: [one] };
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

    /** Yield what was learned from examples hears in a turn, by itself or beside the signals in it. */
    * judged(stop, turn, signals, overheard, original) {
      const index = this.learned[stop.id];
      const apart = Math.max(stop.learned, LEFT_OVER);
      const said = (sentence, first, last) => sentence.span(first, last, original);
      let [level, share] = judge(index, turn.chars);
      const brief = turn.chars.length < BRIEF ? apart : stop.learned;
      const bar = overheard.length ? Math.max(stop.learned, OVERHEARD) : brief;
      if (turn.sentences.length && share >= bar) {
        const closing = turn.sentences[turn.sentences.length - 1];
        const [start] = said(turn.sentences[0], 0, turn.sentences[0].chars.length);
        const [, end] = said(closing, 0, closing.chars.length);
        yield this.like(stop, original.slice(start, end), level, share);
      }
      for (const [sentence, first, last] of pieces(turn)) {
        if (overheard.some((one) => one.sentence === sentence && touches([first, last], [one.span]))) continue;
        const chars = sentence.chars.slice(first, last).filter((char) => char !== BREAK);
        const [itsLevel, byItself] = judge(index, chars);
        level = itsLevel;
        share = Math.max(share, byItself);
        if (byItself >= apart) yield this.like(stop, original.slice(...said(sentence, first, last)), level, byItself);
      }
      if (stop.suspected !== null && share < stop.suspected) return;
      for (const { signal, sentence, span } of signals) {
        if (signal.level !== WEAK) yield this.signalled(stop, signal, sentence, span, original);
        // The signal speaks for it too.
        else if (stop.suspected !== null) yield { ...this.like(stop, original.slice(...said(sentence, ...span)), level, share), share: null };
      }
    }

    like(stop, words, level, share) {
      return { ...made(stop, level, `“${words.join("")}”像是这个意思（${this.safety.levels[level]}，${percent(share)}）`), share };
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

  /** Tell whether only examples speak for it, and not beyond doubt, while the matcher hears something else. */
  function contradicted({ stop, share = null }, readings) {
    return share !== null && share < BEYOND_DOUBT && isElse(stop, readings);
  }

  /** Tell whether the matcher is sure that a text means something else, and hears none of a stop in these readings. */
  function isElse(stop, readings) {
    const near = [...stop.entries, ...stop.undecided];
    const known = [].concat(...readings).filter((match) => near.includes(match.entry.id));
    const isSure = readings.length > 0 && readings[0].length > 0 && readings[0][0].confidence >= SURE_OF_ELSE;
    return isSure && !known.some((match) => match.confidence >= HALF_HEARD);
  }

  /** Return how sure it is that one of these was said. */
  function anyOf(matches) {
    return 1 - matches.reduce((all, match) => all * (1 - match.confidence), 1);
  }

  function usualLevel(stop) {
    const levels = stop.signals.map((signal) => signal.level);
    return levels.includes("hint") ? "hint" : levels.includes("in-progress") ? "in-progress" : "said";
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

  /** Return what of a turn is also judged by itself: [sentence, first, last] of each longer sentence and clause. */
  function pieces(turn) {
    const found = [];
    for (const sentence of turn.sentences) {
      const { offsets, chars } = sentence;
      if (turn.sentences.length > 1 && chars.length >= CLAUSE) found.push([sentence, 0, chars.length]);
      if (offsets.length < 2) continue;
      offsets.forEach((first, n) => {
        const last = n + 1 < offsets.length ? offsets[n + 1] - 1 : chars.length;
        if (last - first >= CLAUSE) found.push([sentence, first, last]);
      });
    }
    return found;
  }

  /** Return the likeliest level of a folded text and the share of all levels together. */
  function judge(index, chars) {
    const levels = index.classes.map((_, number) => number).filter((number) => number !== index.none);
    const scores = CS.indexScores(index, CS.knownKeys(index, chars, []));
    const exact = CS.ownClass(index, chars, () => scores);
    if (exact !== undefined) return exact === index.none ? [index.classes[levels[0]], 0] : [index.classes[exact], 1];
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
