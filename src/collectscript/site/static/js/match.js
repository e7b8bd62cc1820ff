/* The library's matcher: same sums, same order, same confidence. See docs/matching.md. */
"use strict";

(function (CS) {
  const { close: CLOSE, mark_from: MARK_FROM, own: OWN, almost: ALMOST } = CS.data.tables.limits.match;
  const CONCERNS = CS.data.tables.limits.concerns;

  /** Round as Python does: exact, halves to even. */
  CS.round = function (value, digits) {
    const factor = 10 ** digits;
    const scaled = value * factor;
    const floor = Math.floor(scaled);
    // Only a multiple of 1/16 can lie exactly between two thousandths.
    if (scaled - floor === 0.5 && Number.isInteger(value * 16)) return (floor % 2 ? floor + 1 : floor) / factor;
    return Number(value.toFixed(digits));
  };

  /** Return the score of every class of an index for a set of key numbers. */
  CS.indexScores = function (index, keys) {
    const { rows, biases, scale, unit } = index;
    const size = biases.length;
    const sums = new Int32Array(size);
    let all = 0;
    let squares = 0;
    for (const key of keys) {
      const { rarity, base, ends, classes, values } = rows.block(key);
      const at = key % rows.packed.block;
      for (let n = ends[at]; n < ends[at + 1]; n++) sums[classes[n]] += values[n];
      all += base[at];
      squares += rarity[at] * rarity[at];
    }
    if (!keys.size) return biases.slice();
    const factor = scale * unit / Math.sqrt(squares);
    return biases.map((bias, number) => (sums[number] + all) * factor + bias);
  };

  class Matcher {
    /** `entries` maps an id to its objection, in taxonomy order; `concerns` maps ids to what they are about. */
    constructor(index, folder, entries, concerns) {
      this.index = index;
      this.folder = folder;
      this.entries = entries;
      this.concerns = concerns;
    }

    /** Return {matched, threshold, matches, ask}; `threshold` null uses the entry's or the corpus's own. */
    match(text, limit = 3, threshold = null) {
      const index = this.index;
      const folded = this.folder.fold(text);
      const found = this.occurrences(folded.chars);
      const known = new Set(found.map((one) => one.key));
      const scores = CS.indexScores(index, known);
      const exact = CS.ownClass(index, folded.chars, () => scores);
      if (exact === index.none || (!found.length && exact === undefined)) {
        return { text, matched: false, threshold: this.threshold(null, threshold), matches: [], ask: null };
      }
      const ranked = this.ranked(scores, exact, known.size, limit);
      const matches = this.matches(folded, found, ranked, threshold);
      const used = this.threshold(matches[0].entry, threshold);
      return { text, matched: matches[0].accepted, threshold: used, matches, ask: question(matches, exact !== undefined) };
    }

    ranked(scores, exact, known, limit) {
      const { none, calibration } = this.index;
      const top = Math.max(...scores);
      const total = Math.log(scores.reduce((sum, score) => sum + Math.exp(score - top), 0)) + top;
      const base = calibration.bias + calibration.size * Math.log2(1 + known);
      const numbers = scores.map((_, number) => number).filter((number) => number !== none);
      numbers.sort((a, b) => (a !== exact) - (b !== exact) || scores[b] - scores[a] || a - b);
      return numbers.slice(0, limit).map((number) => {
        const share = calibration.share * (scores[number] - total);
        const logit = base + share + calibration.lead * (scores[number] - scores[none]);
        const confidence = logit > -700 ? 1 / (1 + Math.exp(-logit)) : 0;
        return { number, confidence: number === exact ? OWN : Math.min(confidence, ALMOST) };
      });
    }

    threshold(entry, given) {
      if (given !== null) return given;
      if (entry && entry.threshold !== null) return entry.threshold;
      return this.index.calibration.threshold;
    }

    matches(folded, found, ranked, threshold) {
      const entries = ranked.map((one) => this.entries.get(this.index.classes[one.number]));
      const order = ranked.map((_, place) => place);
      const concern = (place) => CONCERNS.indexOf(this.concerns[entries[place].id] || "other");
      order.sort((a, b) => concern(a) - concern(b) || a - b);
      return ranked.map(({ number, confidence }, place) => ({
        entry: entries[place],
        confidence,
        evidence: this.evidence(folded, found, number),
        accepted: confidence >= this.threshold(entries[place], threshold),
        priority: order.indexOf(place) + 1,
      }));
    }

    /** Return every place where a key of the vocabulary stands in the text. */
    occurrences(chars) {
      const found = [];
      CS.eachKey(this.index, chars, (key, first, last, sound) => found.push({ key, first, last, sound }));
      return found;
    }

    /** Spread the weight of every key over its characters; return the stretches that carry the most. */
    evidence(folded, found, number) {
      const { rows } = this.index;
      const size = folded.chars.length;
      const carried = new Float64Array(size);
      const heard = new Float64Array(size);
      const words = new Set();
      for (const { key, first, last, sound } of found) {
        const value = rows.value(key, number);
        if (value <= 0) continue;
        const share = value / (last - first);
        for (let at = first; at < last; at++) carried[at] += share;
        if (sound) {
          heard[first] += share;
          heard[first + 1] += share;
        } else if (last - first >= 3) {
          words.add(first + "-" + last);
        }
      }
      const total = carried.reduce((sum, value) => sum + value, 0);
      if (!total) return [];
      const mark = MARK_FROM * carried.reduce((most, value) => Math.max(most, value), 0);
      const stretches = [];
      let at = 0;
      while (at < size) {
        if (carried[at] < mark) {
          at++;
          continue;
        }
        const first = at;
        while (at < size && carried[at] >= mark) at++;
        const [start, end] = this.folder.span(folded, first, at);
        const sum = (values) => values.slice(first, at).reduce((all, value) => all + value, 0);
        stretches.push({
          text: folded.original.slice(start, end).join(""),
          start, end,
          weight: CS.round(sum(carried) / total, 3),
          kind: kind(folded, first, at, start, end, 2 * sum(heard) > sum(carried), words),
        });
      }
      return stretches;
    }
  }

  function kind(folded, first, last, start, end, sounds, words) {
    if (sounds) return "sound";
    if (folded.original.slice(start, end).join("") !== folded.chars.slice(first, last).join("")) return "folded";
    return words.has(first + "-" + last) ? "word" : "same";
  }

  function question(matches, own) {
    if (own || matches.length < 2) return null;
    const [first, second] = matches;
    if (second.confidence < CLOSE * first.confidence || (first.accepted && second.accepted)) return null;
    for (const [entry, other] of [[first.entry, second.entry], [second.entry, first.entry]]) {
      const found = entry.distinctions.find((one) => one.other === other.id);
      if (found) return found.question;
    }
    return null;
  }

  CS.Matcher = Matcher;
})(window.CS);
