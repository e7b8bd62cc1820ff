/* The library's ranking of responses by context: same weights, same sums, same reasons. */
"use strict";

(function (CS) {
  const AXES = ["temperament", "psychology", "attitude", "situation", "pattern"];
  const BAND_ENDS = [[0, "before-due"], [6, "d1-6"], [10, "d7-10"], [30, "d11-30"], [90, "d31-90"]];
  const BEFORE = "before-due";
  const SLOT = /\{([a-z][a-z0-9_]*)\}/g;

  /** Return the band of a number of days overdue. */
  CS.band = function (days) {
    const found = BAND_ENDS.find(([end]) => days <= end);
    return found ? found[1] : "d91-plus";
  };

  /** Return {text, missing}: slots filled as plain text; a slot without a value reads 【its label】. */
  CS.fill = function (template, texts, labels) {
    const missing = [];
    const text = template.replace(SLOT, (_, name) => {
      if (Object.prototype.hasOwnProperty.call(texts, name)) return texts[name];
      if (!missing.includes(name)) missing.push(name);
      return "【" + (labels[name] || name) + "】";
    });
    return { text, missing };
  };

  /** Conditions that the context can decide: true, false, or null when it does not say. */
  const DECIDE = {
    good_record: (context, rules) =>
      context.promises_broken || rules.late.includes(CS.bandOf(context)) ? false : null,
    first_call: ({ call_number: number }) => (isUnknown(number) ? null : number === 1),
    verified: ({ identity_verified: known }) => (isUnknown(known) ? null : known),
    unverified: ({ identity_verified: known }) => (isUnknown(known) ? null : !known),
  };

  class Ranker {
    /**
     * `tables`: {facets: {axis: {id: name}}, slots: {id: label}, ranking: what scoring.py exports}; `fold` brings text
     * and words to one spelling before they are compared.
     */
    constructor(tables, fold) {
      this.tables = tables;
      this.fold = fold;
      this.rules = tables.ranking;
      this.axis = {};
      for (const axis of AXES) for (const tag of Object.keys(tables.facets[axis])) this.axis[tag] = axis;
    }

    name(axis, tag) {
      return this.tables.facets[axis][tag];
    }

    /** Return the responses that may be said in this context, best first, filled with `texts`. */
    rank(responses, context, texts, limit, concern, said = "") {
      const call = { responses, context, concern, said: this.fold(said) };
      const ordered = this.rules.gentle.includes(concern) ? this.ordered(call) : this.orderedByFirmness(call);
      const units = toUnit(ordered.map((one) => one.score), this.rules.span);
      const shown = limit === null ? ordered : ordered.slice(0, limit);
      return shown.map((one, place) => this.filled(one, context, texts, units[place]));
    }

    /** Return what may be said in this context with score and reasons, best first. */
    ordered({ responses, context, concern, said }) {
      const allowed = responses.filter((response) => this.allowed(response, context));
      const scored = allowed.map((response, place) => ({ response, place, ...this.score(response, context, concern, said) }));
      return scored.sort((a, b) => b.score - a.score || a.place - b.place);
    }

    /** Return the same with a response first that is firm enough for the promises broken. */
    orderedByFirmness(call) {
      const promises = call.context.promises_broken || 0;
      const floors = call.concern === "complaint" ? this.rules.complaint_floor : this.rules.promise_floor;
      let ordered = [];
      let chosen = null;
      let before = 0;
      for (let broken = 0; broken <= promises; broken++) {
        if (broken >= floors.length && broken < promises) continue;
        const context = broken === promises ? call.context : { ...call.context, promises_broken: broken };
        ordered = this.ordered({ ...call, context });
        if (!ordered.length) continue;
        const firmest = Math.max(...ordered.map((one) => this.step(one.response)));
        const floor = Math.min(Math.max(before, floors[Math.min(broken, floors.length - 1)]), firmest);
        chosen = ordered.find((one) => this.step(one.response) >= floor);
        before = this.step(chosen.response);
      }
      if (!ordered.length) return [];
      const reasons = promises ? [...chosen.reasons, `爽约${promises}次，力度不低于这一档`] : chosen.reasons;
      return [{ ...chosen, reasons }, ...ordered.filter((one) => one !== chosen)];
    }

    allowed(response, context) {
      const fits = [["party", "parties"], ["sector", "sectors"], ["channel", "channels"]];
      for (const [field, wanted] of fits) {
        const value = context[field];
        if (value && response[wanted].length && !response[wanted].includes(value)) return false;
      }
      if (response.min_promises_broken > (context.promises_broken || 0)) return false;
      return response.min_call <= (context.call_number || 1);
    }

    score(response, context, concern, said) {
      const { weights } = this.rules;
      const reasons = [];
      let score = 0;
      const add = (weight, reason, times = 1) => {
        score += weights[weight] * times;
        if (reason) reasons.push(reason);
      };
      const words = this.words(response);
      const heard = said ? words.find((word) => said.includes(this.fold(word))) : undefined;
      this.scoreCalendar(response, context, add);
      this.scoreFirmness(response, context, concern, add);
      this.scoreTone(response, context, concern, add);
      this.scoreSector(response, context, add);
      this.scorePerson(response, context, heard !== undefined, add);
      const isCalm = this.rules.calm.includes(concern);
      const pressesNothing = this.rules.calm_goals.includes(response.goal);
      if (response.min_promises_broken && (pressesNothing || !isCalm)) {
        add("promises", "已爽约" + context.promises_broken + "次");
      }
      if (pressesNothing && this.rules.patient.includes(concern)) {
        add(concern === "hardship" ? "calm_hardship" : "calm", "先" + this.name("goal", response.goal) + "，不催");
      }
      this.scoreCondition(response, context, words, heard, add);
      const used = context.used || [];
      if (used.includes(response.technique)) {
        add("used_technique", "这通用过" + this.name("technique", response.technique));
      }
      if (used.includes(response.id)) add("used_response", "这通说过这一条");
      return { score, reasons };
    }

    scoreCalendar({ bands }, context, add) {
      const band = CS.bandOf(context);
      if (!band || !bands.length) return;
      const isBefore = band === BEFORE;
      if (isBefore ? !bands.includes(BEFORE) : bands.length === 1 && bands[0] === BEFORE) add("due_crossed");
      if (bands.includes(band)) {
        add("band", this.name("band", band));
      } else {
        const order = Object.keys(this.tables.facets.band);
        const here = order.indexOf(band);
        add("band_away", null, Math.min(...bands.map((one) => Math.abs(here - order.indexOf(one)))));
      }
    }

    scoreFirmness(response, context, concern, add) {
      const { firmness, gentle_step: least, calendar, promise_floor: floors, calm } = this.rules;
      const step = firmness.indexOf(response.firmness);
      if (step < 0) return;
      const band = CS.bandOf(context);
      const promises = context.promises_broken || 0;
      if (concern === "hardship") {
        if (step > least) add("firm_hardship", null, step - least);
        else if (!isUnknown(context.promises_broken)) {
          const asked = promises >= this.rules.hard_after ? least : 0;
          add("firmness_away", null, Math.abs(step - asked));
        }
      } else if (band || promises) {
        const late = band ? calendar[band] : 0;
        const promised = floors[Math.min(promises, floors.length - 1)];
        const asked = calm.includes(concern) ? Math.min(late, least) : Math.max(late, promised);
        add("firmness_away", null, Math.abs(step - asked));
      }
    }

    scoreTone(response, context, concern, add) {
      const { strict, hard_after: hardAfter, gentle, calm, calm_goals: calmGoals, patient } = this.rules;
      const broken = context.promises_broken;
      if (isUnknown(broken)) return;
      const isPatient = broken < 1 || patient.includes(concern);
      if (isPatient && response.structure === "serious" && !strict.includes(context.temperament)) add("serious_unfit");
      if (broken >= hardAfter && !gentle.includes(concern)) {
        if (response.structure === "empathic") add("soft_late");
        if (response.technique === "praising") add("praise_late");
        if (!calm.includes(concern) && !calmGoals.includes(response.goal)) add("step_late");
      }
    }

    scoreSector(response, context, add) {
      if (context.sector && response.sectors.includes(context.sector)) {
        const weight = context.sector === "consumer-credit" ? "sector_credit" : "sector";
        add(weight, "行业：" + this.name("sector", context.sector));
      } else if (response.sectors.length || (!context.party && !isForDebtor(response.parties))) {
        add("special");
      }
    }

    scorePerson(response, context, isHeard, add) {
      const named = response.customer_types.filter((one) => this.axis[one] === "temperament");
      const isMarked = named.length && this.rules.marked.includes(named[0]);
      if (!context.temperament && isMarked && !response.min_promises_broken) add("temperament_guessed");
      for (const field of AXES) {
        const tag = context[field];
        if (!tag) continue;
        const reason = "客户：" + this.name(field, tag);
        if (field !== "temperament") {
          if (response.customer_types.includes(tag)) add("type", reason);
        } else if (named.includes(tag)) {
          add(named[0] === tag ? "temperament_first" : "temperament", reason);
        } else if (!isHeard) {
          add(named.length ? "temperament_other" : "temperament_open");
        }
      }
    }

    scoreCondition(response, context, words, heard, add) {
      const reason = "前提：" + response.condition;
      if (heard !== undefined) {
        add("heard", "客户说到“" + heard + "”");
        if (this.rules.calm_first.includes(response.goal)) add("heard_calm");
      } else if (words.length) {
        add("unheard", reason);
      } else if (response.condition) {
        const known = this.holds(response.condition, context);
        if (!known) add(known === null ? "conditional" : "condition_false", reason);
      }
    }

    /** Return the words of the customer that a response is made for. */
    words({ condition }) {
      const start = condition && this.rules.said.find((one) => condition.startsWith(one));
      return start ? condition.slice(start.length).split("、") : [];
    }

    /** Tell whether a condition holds as far as the context says; null when it does not say. */
    holds(condition, context) {
      const found = Object.entries(this.rules.conditions).filter(([words]) => condition.includes(words));
      const decided = found.map(([, name]) => DECIDE[name](context, this.rules));
      return decided.includes(false) ? false : decided.length ? decided[0] : null;
    }

    step(response) {
      return Math.max(this.rules.firmness.indexOf(response.firmness), 0);
    }

    /** Return the responses that may be said in this context, in the order given; what was said goes last. */
    inOrder(responses, context, texts, limit, reason) {
      const used = context.used || [];
      const allowed = responses.filter((one) => this.allowed(one, context));
      const place = (one) => (used.includes(one.id) ? 10 : 0) + this.channelPlace(one, context.channel);
      allowed.sort((a, b) => place(a) - place(b));
      const scored = allowed.slice(0, limit === null ? undefined : limit);
      return scored.map((response, at) => {
        const score = Math.max(CS.round(1 - this.rules.step_down * at, 3), 0);
        return this.filled({ response, reasons: [reason] }, context, texts, score);
      });
    }

    /** Return 0 for what is made for this written channel, 2 for what is not spoken where the channel is unknown. */
    channelPlace(response, channel) {
      const { channels } = response;
      if (!channel) return channels.length && !channels.includes(this.rules.spoken) ? 2 : 1;
      return channel !== this.rules.spoken && channels.includes(channel) ? 0 : 1;
    }

    filled({ response, reasons }, context, texts, score) {
      const known = { ...texts };
      for (const name of ["days_overdue", "promises_broken"]) {
        const value = context[name];
        if (value !== null && value !== undefined && !(name in known)) known[name] = String(value);
      }
      // Days before the due date are no days overdue.
      if (/^[-0]/.test(known.days_overdue || "")) delete known.days_overdue;
      const filled = response.parts.map(([kind, text]) => ({ kind, ...CS.fill(text, known, this.tables.slots) }));
      return {
        response,
        parts: filled.map(({ kind, text }) => ({ kind, text })),
        text: filled.map((one) => one.text).join(""),
        missing: [...new Set([].concat(...filled.map((one) => one.missing)))],
        fill: (text) => CS.fill(text, known, this.tables.slots).text,
        score,
        reasons: reasons.length ? reasons : ["通用"],
      };
    }
  }

  /** Return the band of a context: of its days, else the one that was chosen. */
  CS.bandOf = function (context) {
    const days = context.days_overdue;
    return days !== null && days !== undefined ? CS.band(days) : context.band || null;
  };

  function isUnknown(value) {
    return value === null || value === undefined;
  }

  function isForDebtor(parties) {
    return !parties.length || (parties.length === 1 && parties[0] === "debtor");
  }

  /** Bring scores to 0..1, falling. */
  function toUnit(scores, span) {
    if (!scores.length) return [];
    const high = Math.max(...scores, span);
    const low = Math.min(...scores, -span);
    const unit = scores.map((score) => CS.round((score - low) / (high - low), 3));
    for (let place = unit.length - 2; place >= 0; place--) unit[place] = Math.max(unit[place], unit[place + 1]);
    return unit;
  }

  CS.Ranker = Ranker;
  CS.AXES = AXES;
})(window.CS);
