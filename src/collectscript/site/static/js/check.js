/* The library's compliance check: what is unlawful in a text, where, and what to say instead. */
"use strict";

(function (CS) {
  const { BREAK, Lexicon, WordLists, elementsOf, compile, chains, sameClause, sentences, opening } = CS.patterns;
  const SPOKEN = [null, "phone", "visit", "voicebot"];
  const { opening: OPENING, window: WINDOW, shortest: SHORTEST, piece: PIECE, hedged: HEDGED, close: CLOSE, link: LINK } = CS.data.tables.limits.check;
  const { reach: REACH, longest: LONGEST, quote: QUOTE, quotes: QUOTES } = CS.data.tables.limits.reading;
  const KINDS = ["negation", "firm", "bare", "cancel", "break", "double", "attribution", "outside", "after", "whole"];

  /** Decides whether what a pattern found is really said. */
  class Reading {
    constructor(markers, lexicon) {
      this.element = {};
      for (const kind of KINDS) if (markers[kind] && markers[kind].length) this.element[kind] = lexicon.element(markers[kind]);
    }

    at(kind, found) {
      return found.get(this.element[kind]) || [];
    }

    /** Return what the lexicon found without words that are only part of a longer one. */
    words(found) {
      const wholes = this.at("whole", found);
      if (!wholes.length) return found;
      const within = (span) => wholes.some((whole) =>
        whole[0] <= span[0] && span[1] <= whole[1] && (span[0] !== whole[0] || span[1] !== whole[1]));
      const kept = new Map();
      for (const [element, spans] of found) {
        const left = spans.filter((span) => !within(span));
        if (left.length) kept.set(element, left);
      }
      return kept;
    }

    said(chars, found, chain) {
      const end = chain[chain.length - 1][1];
      if (this.at("outside", found).length || this.at("after", found).some((span) => span[0] >= end)) return false;
      return !this.quoted(chars, found, chain) && !this.denied(chars, found, chain);
    }

    hedged(chars, found) {
      if (this.at("outside", found).length || this.at("attribution", found).length) return true;
      return this.at("negation", found).some((span) => !this.cancelled(span, found) && !this.doubled(chars, span, found));
    }

    quoted(chars, found, chain) {
      return this.at("attribution", found).some((mark) =>
        chain.some((span) => mark[1] <= span[0] && sameClause(chars, mark[1], span[0])));
    }

    denied(chars, found, chain) {
      const stops = this.at("break", found);
      return this.reaches("negation", chars, found, chain, REACH, stops)
        || this.reaches("firm", chars, found, chain, LONGEST, [])
        || this.reaches("bare", chars, found, chain, 0, stops);
    }

    reaches(kind, chars, found, chain, reach, stops) {
      return this.at(kind, found).some((mark) => {
        if (chain.some((span) => span[0] < mark[1] && mark[0] < span[1])) return false;
        if (this.cancelled(mark, found) || this.doubled(chars, mark, found)) return false;
        return chain.some((span) => {
          const distance = span[0] - mark[1];
          return distance >= 0 && distance <= reach && sameClause(chars, mark[1], span[0])
            && !stops.some((stop) => mark[1] <= stop[0] && stop[1] <= span[0]);
        });
      });
    }

    cancelled(mark, found) {
      return this.at("cancel", found).some((whole) => whole[0] <= mark[0] && mark[1] <= whole[1]);
    }

    doubled(chars, mark, found) {
      return this.at("double", found).some((first) => first[1] <= mark[0] && sameClause(chars, first[1], mark[0]));
    }
  }

  function anyOf(words) {
    const found = (words || []).slice().sort((a, b) => b.length - a.length);
    return found.length ? found.map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("|") : "(?!)";
  }

  /** Return what finds the stretches of a text that are not the speaker's own words. */
  function notOurs(markers) {
    const line = `(?<![^\\n])[ \\t>*·\\-\\p{Nd}.、]{0,8}(?:${anyOf(markers.speaker)}|${anyOf(markers.rejected)})[ \\t*]{0,3}[：:][^\\n]*`;
    const said = `[“「『"][^“”「」『』"\\n]{0,${QUOTE}}`;
    const soon = `[^\\n，,。！？；“”「」『』"]{0,8}[：:，,]?[ \\t]?`;
    // What speaks of a quotation is the speaker's own: it is group 1, and kept.
    const quote = `(?:${anyOf(markers.attribution)})${soon}${said}|((?:${anyOf(markers.mention)})${soon})${said}`;
    const named = `(?:${said}[”」』"]、?){1,${QUOTES}}(?=${anyOf(markers.mentioned)})`;
    return new RegExp(`${line}|${quote}|${named}`, "gu");
  }

  function holds(scope, call) {
    return [["sectors", "sector"], ["parties", "party"], ["roles", "role"], ["channels", "channel"]].every(
      ([wanted, field]) => !scope[wanted].length || scope[wanted].includes(call[field]));
  }

  function windows(sentence) {
    const size = sentence.chars.length;
    if (size <= WINDOW) return [[0, size]];
    const starts = sentence.offsets;
    const ends = [...starts.slice(1).map((start) => start - 1), size];
    const found = size <= 2 * WINDOW ? [[0, size]] : [];
    let reached = 0;
    starts.forEach((start, number) => {
      let last = number;
      while (last + 1 < starts.length && ends[last + 1] - start <= WINDOW) last++;
      // A run that ends where the one before did lies within it.
      if (ends[last] <= reached) return;
      reached = ends[last];
      if (reached - start <= 2 * WINDOW) found.push([start, reached]);
      else for (let at = start; at < reached; at += WINDOW >> 1) found.push([at, Math.min(at + WINDOW, reached)]);
    });
    return found;
  }

  /** Return the word classes of the rules as lists that the phrase index knows. */
  function wordClasses(law, lexicon) {
    const lists = new WordLists(lexicon);
    for (const [name, words] of Object.entries(law.words)) lists.add(words, false, "§" + name);
    for (const rule of law.rules) {
      for (const [name, words] of Object.entries(rule.words)) lists.add(words, false, `§${rule.id}·${name}`);
    }
    for (const rule of law.rules) {
      rule.patterns.forEach(({ text }, number) => {
        elementsOf(text, { ...law.words, ...rule.words }).forEach(([words, numbers], place) =>
          lists.add(words, numbers, `§${rule.id}·${number}·${place}`));
      });
    }
    return lists;
  }

  class Checker {
    /** `law` is what site/rules data holds, `index` its phrase index, unpacked. */
    constructor(law, index, folder) {
      this.index = index;
      this.folder = folder;
      const lexicon = new Lexicon((word) => folder.fold(word).chars.join(""));
      this.lexicon = lexicon;
      this.others = notOurs(law.markers);
      this.reading = new Reading(law.markers, lexicon);
      this.lists = wordClasses(law, lexicon);
      this.rules = new Map();
      for (const rule of law.rules) {
        const classes = { ...law.words, ...rule.words };
        const all = (patterns) => patterns.map((one) => ({ ...one, pattern: compile(one.text, classes, lexicon) }));
        this.rules.set(rule.id, {
          rule,
          patterns: all(rule.patterns),
          unless: rule.unless.map((word) => lexicon.element([word])),
          waived: (rule.waived || []).map((word) => lexicon.element([word])),
          when: all(rule.when),
          elements: rule.elements.map((one) => ({ name: one.name, patterns: all(one.patterns) })),
        });
      }
      this.byElement = new Map();
      for (const compiled of this.rules.values()) {
        compiled.patterns.forEach(({ pattern }, place) => {
          // Every element must stand there; the one with the fewest words does so least often.
          const rarest = pattern.needed.reduce((best, one) => (lexicon.sizes[one] < lexicon.sizes[best] ? one : best));
          if (!this.byElement.has(rarest)) this.byElement.set(rarest, []);
          this.byElement.get(rarest).push([compiled, place]);
        });
      }
    }

    /** Return findings in order of the text; `call`: {sector, party, role, channel}, each an id or null. */
    check(text, call = {}) {
      const known = { sector: null, party: null, role: null, channel: null, ...call };
      const original = Array.from(text);
      const own = Array.from(text.replace(this.others, (found, kept = "") =>
        kept + " ".repeat(Array.from(found).length - Array.from(kept).length)));
      const found = [...this.missing(own, known)];
      const seen = new Set();
      let before = null;
      for (const sentence of sentences(own, this.folder)) {
        const told = this.sentence(sentence, original, known);
        if (before && follows(before, sentence, own)) told.push(...this.together(before, sentence, original, known));
        before = sentence;
        for (const one of told) {
          const key = one.rule + "@" + one.start;
          if (seen.has(key)) continue;
          seen.add(key);
          found.push(one);
        }
      }
      return found.sort((a, b) => a.start - b.start || a.end - b.end);
    }

    severity(rule, call) {
      const found = rule.bindings.find((one) => holds(one.scope, call));
      return found ? found.severity : rule.severity;
    }

    sentence(sentence, original, call) {
      const found = this.reading.words(this.lexicon.scan(sentence.chars));
      const hits = this.similar(sentence, found);
      for (const [compiled, places] of this.candidates(found)) {
        const span = this.severity(compiled.rule, call) ? this.find(compiled, places, sentence.chars, found, call) : null;
        if (span) hits.set(compiled.rule.id, { span, fired: "pattern", confidence: 1 });
      }
      return this.findings(hits, sentence, original, call);
    }

    /** Return what two short sentences are like together: a question and its answer mean one thing. */
    together(first, second, original, call) {
      const both = first.joined(second);
      return this.findings(this.similar(both, this.reading.words(this.lexicon.scan(both.chars))), both, original, call);
    }

    findings(hits, sentence, original, call) {
      const findings = [];
      for (const [id, { span, fired, confidence }] of hits) {
        const { rule } = this.rules.get(id);
        const severity = this.severity(rule, call);
        if (severity) findings.push(this.finding(rule, severity, sentence, span, original, fired, confidence));
      }
      return findings;
    }

    /** Return the patterns that a sentence may hold: rule to their places in it, both in order. */
    candidates(found) {
      const places = new Map();
      for (const element of found.keys()) {
        for (const [compiled, place] of this.byElement.get(element) || []) {
          if (!places.has(compiled)) places.set(compiled, []);
          places.get(compiled).push(place);
        }
      }
      return [...this.rules.values()].filter((one) => places.has(one)).map((one) => [one, places.get(one).sort((a, b) => a - b)]);
    }

    find(compiled, places, chars, found, call) {
      const cleared = compiled.unless.some((element) => found.has(element));
      for (const { scope, always, pattern } of places.map((place) => compiled.patterns[place])) {
        if (!holds(scope, call) || (cleared && !always)) continue;
        for (const chain of chains(pattern, chars, found)) {
          if (always || this.reading.said(chars, found, chain)) return [chain[0][0], Math.max(...chain.map((span) => span[1]))];
        }
      }
      return null;
    }

    finding(rule, severity, sentence, span, original, fired, confidence) {
      const [start, end] = sentence.span(span[0], span[1], original);
      const text = original.slice(start, end).join("");
      return { rule: rule.id, title: rule.title, severity, start, end, text, advice: rule.instead, fired, confidence, origin: rule.origin };
    }

    similar(sentence, found) {
      const whole = sentence.chars.filter((char) => char !== BREAK);
      if (this.ownNumber(whole) === this.index.none) return new Map();
      let wanted = this.index.calibration.threshold;
      if (this.reading.hedged(sentence.chars, found)) wanted = Math.max(wanted, HEDGED);
      const best = new Map();
      for (const [first, last] of windows(sentence)) {
        const chars = sentence.chars.slice(first, last).filter((char) => char !== BREAK);
        if (chars.length < SHORTEST && this.ownNumber(chars) === undefined) continue;
        const [numbers, confidence] = this.like(chars, this.lists.keys(found, first, last));
        if (confidence < (last - first === sentence.chars.length ? wanted : Math.max(wanted, PIECE))) continue;
        for (const id of numbers.map((number) => this.index.classes[number])) {
          // A phrase of the rule itself is cleared only by what an overlay gives a reason for.
          const { unless, waived } = this.rules.get(id);
          if ((confidence < 1 ? unless : waived).some((element) => found.has(element))) continue;
          if (!best.has(id) || best.get(id).confidence < confidence) best.set(id, { span: [first, last], fired: "similar", confidence });
        }
      }
      return best;
    }

    /** Return the number of the class that has this very text, undefined when none has. */
    ownNumber(chars) {
      return CS.ownClass(this.index, chars, () => CS.indexScores(this.index, CS.knownKeys(this.index, chars, [])));
    }

    /** Return the rules that a folded text is most like, one or two, and how sure it is that it breaks one. */
    like(chars, classes) {
      const { index } = this;
      const exact = this.ownNumber(chars);
      if (exact !== undefined) return exact === index.none ? [[], 0] : [[exact], 1];
      const keys = CS.knownKeys(index, chars, classes);
      const scores = CS.indexScores(index, keys);
      const lawful = scores.splice(index.none, 1)[0];
      if (!scores.length) return [[], 0];
      const order = scores.map((_, number) => number).sort((one, other) => scores[other] - scores[one] || one - other);
      const [first, ...rest] = order.slice(0, 2);
      const together = Math.log(scores.reduce((sum, score) => sum + Math.exp(score - scores[first]), 0)) + scores[first];
      const fitted = index.calibration;
      const logit = fitted.bias + fitted.size * Math.log2(1 + keys.size) + fitted.lead * (together - lawful);
      const close = rest.filter((number) => scores[first] - scores[number] < CLOSE);
      return [[first, ...close], logit > -700 ? 1 / (1 + Math.exp(-logit)) : 0];
    }

    /** Return a finding for each rule some required element of which a whole opener lacks. */
    missing(own, call) {
      const rules = [...this.rules.values()].filter((one) => one.elements.length && this.severity(one.rule, call));
      if (!SPOKEN.includes(call.channel) || call.party === "third-party" || !rules.length) return [];
      const sentence = opening(own, this.folder, OPENING);
      if (!sentence) return [];
      const found = this.lexicon.scan(sentence.chars);
      const stands = (one) => chains(one.pattern, sentence.chars, found).length > 0;
      const findings = [];
      for (const { rule, when, elements } of rules) {
        if (!when.some((one) => holds(one.scope, call) && stands(one))) continue;
        const lacking = elements.filter((element) => !element.patterns.some(stands)).map((element) => element.name);
        if (!lacking.length) continue;
        const advice = `缺：${lacking.join("、")}。${rule.instead}`;
        const severity = this.severity(rule, call);
        findings.push({ rule: rule.id, title: rule.title, severity, start: 0, end: 0, text: "", advice, fired: "pattern", confidence: 1, origin: rule.origin });
      }
      return findings;
    }
  }

  /** Tell whether two sentences stand in one line and are short enough to be compared as one. */
  function follows(first, second, own) {
    const between = own.slice(first.clauses[first.clauses.length - 1][1], second.clauses[0][0]);
    return first.chars.length + second.chars.length < WINDOW && !between.includes("\n") && between.length <= LINK;
  }

  /** Checks by the rules of the corpus and by those of its overlays, of which neither knows the other. */
  class JointChecker {
    constructor(ours, own) {
      this.ours = ours;
      this.own = own;
    }

    check(text, call) {
      const ours = this.ours.check(text, call);
      const same = (one) => ours.some((other) => one.rule === other.rule && overlap(one, other));
      const own = this.own.check(text, call).filter((one) => !same(one));
      return [...ours, ...own].sort((a, b) => a.start - b.start || a.end - b.end);
    }
  }

  /** Tell whether two findings are about the same place, or both about the text as a whole. */
  function overlap(one, other) {
    return (one.start < other.end && other.start < one.end) || one.end + other.end === 0;
  }

  CS.Checker = Checker;
  CS.JointChecker = JointChecker;
})(window.CS);
