/* Makes the matcher and the ranker of the data files, as `collectscript.load` does. */
"use strict";

(function (CS) {
  const data = CS.data;

  /** Return responses that travel as one list a field. */
  function responses({ kinds, texts, ...fields }) {
    return texts.map((parts, place) => {
      const response = { parts: parts.map((text, at) => [kinds[place][at], text]) };
      for (const [name, values] of Object.entries(fields)) response[name] = values[place];
      return response;
    });
  }

  const entries = new Map();
  const parts = [];
  for (const entry of data.entries.entries) {
    (parts[entry.part] ??= []).push(entry);
    // The responses of a part are read when one of them is first asked for.
    entries.set(entry.id, { ...entry, get responses() { return readPart(entry.part).get(entry.id); } });
  }

  /** Return the responses of the objections of a part by their ids. */
  function readPart(number) {
    if (parts[number] instanceof Map) return parts[number];
    const all = responses(JSON.parse(CS.unzip(data.responses[number])));
    const found = new Map();
    let taken = 0;
    for (const entry of parts[number]) {
      const own = all.slice(taken, taken += entry.responses);
      for (const one of own) if (one.id.startsWith("/")) one.id = entry.id + one.id;
      found.set(entry.id, own);
    }
    data.responses[number] = null;
    return parts[number] = found;
  }

  const ranker = new CS.Ranker(data.tables, (text) => folder.fold(text).chars.join(""));
  const neutral = responses(data.entries.neutral);
  const folder = new CS.Folder(data.folding);
  let matcher = null;
  let detector = null;
  let checker = null;

  function stopResponses(stop) {
    if (!stop.ready) stop.ready = responses(stop.responses);
    return stop.ready;
  }

  function reason({ stop, level }) {
    return stop.title + (level === "said" ? "" : `（${data.safety.levels[level]}）`);
  }

  function isCalm(response) {
    return data.tables.ranking.calm_goals.includes(response.goal) && response.firmness !== "firm";
  }

  /** Tell whether a response tells nothing of a bill. */
  function isSilent(response) {
    const text = response.parts.map((part) => part[1]).join("");
    const slots = [...text.matchAll(/\{([a-z_]+)\}/g)].map((found) => found[1]);
    return slots.every((slot) => data.safety.safe_slots.includes(slot)) && !data.safety.bill.some((word) => text.includes(word));
  }

  /** Return what may be said after a stop, the best first: its own words and those of its objections. */
  function stopWords({ stop, level, leads }) {
    const own = stopResponses(stop);
    const found = new Map(own.map((one) => [one.id, one]));
    for (const id of stop.entries) {
      for (const one of entries.has(id) ? entries.get(id).responses : []) {
        const calm = data.tables.ranking.calm_goals.includes(one.goal);
        if (calm && isSilent(one) && !found.has(one.id)) found.set(one.id, one);
      }
    }
    const order = stop.order[level] || [...found.keys()];
    return [...new Set([...leads, ...order, ...own.map((one) => one.id)])].filter((id) => found.has(id)).map((id) => found.get(id));
  }

  /** Return ranked responses with those first that the words heard ask for, and last what other words would ask for. */
  function led(ranked, { stop, leads }) {
    const asked = stop.signals.flatMap((signal) => signal.leads);
    const place = ({ response: { id } }) => (leads.includes(id) ? 0 : asked.includes(id) ? 2 : 1);
    return ranked.map((one, number) => ({ one, number })).sort((a, b) => place(a.one) - place(b.one) || a.number - b.number)
      .map(({ one }) => one);
  }

  CS.library = {
    entries,
    neutral,
    ranker,
    tables: data.tables,

    /** Return the Chinese name of a tag; `customer` stands for all axes of customers. */
    tagName(axis, id) {
      const axes = axis === "customer" ? data.tables.axes : [axis];
      const found = axes.find((one) => Object.prototype.hasOwnProperty.call(data.tables.facets[one], id));
      return found ? data.tables.facets[found][id] : id;
    },

    /** Read one part of the responses that was not asked for yet; return whether there was one. */
    readAhead() {
      const number = parts.findIndex((part) => !(part instanceof Map));
      if (number >= 0) readPart(number);
      return number >= 0;
    },

    /** Match a text as `kb.match` does. */
    match(text, limit, threshold) {
      if (!matcher) {
        matcher = new CS.Matcher(CS.unpackIndex(data.index, folder.heard), folder, entries, data.tables.concerns);
      }
      return matcher.match(text, limit, threshold);
    },

    /** Return what the matcher makes of a text, given its matches, and of its clauses; the text first. */
    readings(text, matches) {
      const { matches: limit } = data.safety;
      const whole = matches.length >= limit ? matches : this.match(text, limit, null).matches;
      return [whole, ...CS.clauses(text, folder).map((clause) => this.match(clause, limit, null).matches)];
    },

    /** Return the stops and pauses that a text calls for, the gravest first: [{stop, level, why, leads}]. */
    stops(text, context = {}, readings = []) {
      if (!detector) {
        const learned = {};
        for (const [id, packed] of Object.entries(data.signs)) learned[id] = CS.unpackIndex(packed, folder.heard);
        detector = new CS.Detector(data.safety, learned, folder, folder.heard);
      }
      return detector.detect(text, context, readings);
    },

    /** Return what is unlawful in a text, as `cs.check` does; null when this site has no rules. */
    check(text, call = {}) {
      if (!data.rules || !data.rules.rules.length) return null;
      if (!checker) {
        const read = (law) => new CS.Checker(law, CS.unpackIndex(law.index, folder.heard), folder);
        const { own, ...ours } = data.rules;
        checker = own ? new CS.JointChecker(read(ours), read({ ...ours, ...own })) : read(ours);
      }
      return checker.check(text, call);
    },

    /** Return what may be said after stops and pauses, the gravest of which decides. */
    halted(fired, readings, context, texts, limit, said) {
      const [first] = fired;
      const inOrder = (words) => ranker.inOrder(words, context, texts, limit, reason(first));
      if (first.stop.kind === "stop") return inOrder(stopWords(first));
      const own = inOrder(stopResponses(first.stop));
      const meant = [].concat(...readings).filter((one) => first.stop.entries.includes(one.entry.id));
      const surest = meant.length ? meant.reduce((best, one) => (one.confidence > best.confidence ? one : best)) : null;
      const match = surest || readings[0].find((one) => one.accepted);
      if (!match || fired.some((one) => one.stop.unless)) return own;
      const rank = (words) => ranker.rank(words, context, texts, null, "dispute", said);
      const calm = match.entry.responses.filter(isCalm);
      const fitting = first.stop.entries.includes(match.entry.id)
        ? led(rank([...calm, ...stopResponses(first.stop)]), first)
        : [...own, ...rank(calm)];
      const shown = limit === null ? fitting : fitting.slice(0, limit);
      // None is shown above the one before it.
      return shown.reduce((all, one) => [...all, { ...one, score: all.length ? Math.min(one.score, all[all.length - 1].score) : one.score }], []);
    },

    /** Rank the responses of an objection as `kb.responses` does. */
    responses(id, context, texts, limit = 3, said = "") {
      const entry = entries.get(id);
      const concern = data.tables.concerns[id] || "other";
      let ranked = ranker.rank(entry.responses, context, texts, limit, concern, said);
      if (!ranked.length && concern === "person" && (!context.party || context.party === "debtor")) {
        // The words themselves say that somebody else speaks: what was assumed of the party gives way.
        ranked = ranker.rank(entry.responses, { ...context, party: "third-party" }, texts, limit, concern, said);
        ranked = ranked.map((one) => ({ ...one, reasons: ["听起来不是本人：先按第三方", ...one.reasons] }));
      }
      return ranked.length ? ranked : this.neutralLines(context, texts, limit);
    },

    neutralLines(context, texts, limit = 3) {
      return ranker.rank(neutral, context, texts, limit, "other");
    },

    /** Answer a text as `kb.respond` does. */
    respond(text, context = {}, texts = {}, limit = 3, threshold = null) {
      const match = this.match(text, limit, threshold);
      const readings = this.readings(text, match.matches);
      const fired = this.stops(text, context, readings);
      if (fired.length) return { match, fired, responses: this.halted(fired, readings, context, texts, limit, text) };
      const said = match.matches.filter((one) => one.accepted);
      if (!said.length) return { match, fired, responses: this.neutralLines(context, texts, limit) };
      const first = said.reduce((best, one) => (one.priority < best.priority ? one : best));
      return { match, fired, responses: this.responses(first.entry.id, context, texts, limit, text) };
    },
  };
})(window.CS);
