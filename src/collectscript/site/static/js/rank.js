/* The library's ranking of responses by context: same weights, same sums, same reasons. */
"use strict";

(function (CS) {
  const AXES = ["temperament", "psychology", "attitude", "situation", "pattern"];
  const BAND_ENDS = [[0, "before-due"], [6, "d1-6"], [10, "d7-10"], [30, "d11-30"], [90, "d31-90"]];
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

  class Ranker {
    /** `tables`: {facets: {axis: {id: name}}, slots: {id: label}, weights: what respond.py exports}. */
    constructor(tables) {
      this.tables = tables;
      this.rules = tables.ranking;
      this.axis = {};
      for (const axis of AXES) for (const tag of Object.keys(tables.facets[axis])) this.axis[tag] = axis;
    }

    name(axis, tag) {
      return this.tables.facets[axis][tag];
    }

    /** Return the responses that may be said in this context, best first, filled with `texts`. */
    rank(responses, context, texts, limit, concern) {
      const allowed = responses.filter((response) => this.allowed(response, context));
      let ordered = allowed.map((response, place) => ({ response, place, ...this.score(response, context, concern) }));
      ordered.sort((a, b) => b.score - a.score || a.place - b.place);
      if (ordered.length && !this.rules.gentle.includes(concern)) {
        ordered = this.firstByFirmness(ordered, context.promises_broken || 0);
      }
      const units = toUnit(ordered.map((one) => one.score));
      const shown = limit === null ? ordered : ordered.slice(0, limit);
      return shown.map((one, place) => this.filled(one, context, texts, units[place]));
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

    score(response, context, concern) {
      const weights = this.rules.weights;
      const reasons = [];
      let score = 0;
      const add = (weight, reason, times = 1) => {
        score += weights[weight] * times;
        if (reason) reasons.push(reason);
      };
      this.scoreCalendar(response, context, add);
      const used = context.used || [];
      if (context.sector && response.sectors.includes(context.sector)) {
        add("sector", "行业：" + this.name("sector", context.sector));
      } else if (response.sectors.length || (!context.party && !isForDebtor(response.parties))) {
        add("special");
      }
      this.scorePerson(response, context, add);
      if (response.min_promises_broken) add("promises", "已爽约" + context.promises_broken + "次");
      if (this.rules.gentle.includes(concern) && this.rules.calm_goals.includes(response.goal)) {
        add("calm_goal", "先" + this.name("goal", response.goal) + "，不催");
      }
      if (response.condition) add("conditional", "前提：" + response.condition);
      if (used.includes(response.technique)) {
        add("used_technique", "这通用过" + this.name("technique", response.technique));
      }
      if (used.includes(response.id)) add("used_response", "这通说过这一条");
      return { score, reasons };
    }

    scoreCalendar(response, context, add) {
      const band = CS.bandOf(context);
      if (!band) return;
      const order = Object.keys(this.tables.facets.band);
      if (response.bands.includes(band)) {
        add("band", this.name("band", band));
      } else if (response.bands.length) {
        const here = order.indexOf(band);
        add("band_away", null, Math.min(...response.bands.map((one) => Math.abs(here - order.indexOf(one)))));
      }
      const step = this.rules.firmness.indexOf(response.firmness);
      if (step >= 0) add("firmness_away", null, Math.abs(step - this.rules.calendar[band]) / 2);
    }

    scorePerson(response, context, add) {
      for (const field of AXES) {
        const tag = context[field];
        if (!tag) continue;
        const same = response.customer_types.filter((one) => this.axis[one] === field);
        const reason = "客户：" + this.name(field, tag);
        if (field !== "temperament") {
          if (same.includes(tag)) add("type", reason);
        } else if (same.includes(tag)) {
          add(same[0] === tag ? "temperament_first" : "temperament", reason);
        } else if (same.length) {
          add("temperament_other");
        }
      }
    }

    step(response) {
      return Math.max(this.rules.firmness.indexOf(response.firmness), 0);
    }

    /** Move the response to the front that is firm enough for the promises broken. */
    firstByFirmness(ordered, promises) {
      const floors = this.rules.promise_floor;
      let chosen = ordered[0];
      let before = 0;
      for (let broken = 0; broken <= Math.min(promises, floors.length - 1); broken++) {
        const fitting = ordered.filter((one) => one.response.min_promises_broken <= broken);
        if (!fitting.length) continue;
        const firmest = Math.max(...fitting.map((one) => this.step(one.response)));
        const floor = Math.min(Math.max(before, floors[broken]), firmest);
        chosen = fitting.find((one) => this.step(one.response) >= floor);
        before = this.step(chosen.response);
      }
      const reasons = promises ? [...chosen.reasons, `爽约${promises}次，力度不低于这一档`] : chosen.reasons;
      return [{ ...chosen, reasons }, ...ordered.filter((one) => one !== chosen)];
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

  function isForDebtor(parties) {
    return !parties.length || (parties.length === 1 && parties[0] === "debtor");
  }

  /** Bring scores to 0..1, falling. */
  function toUnit(scores) {
    if (!scores.length) return [];
    const high = Math.max(...scores, 6);
    const low = Math.min(...scores, -6);
    const unit = scores.map((score) => CS.round((score - low) / (high - low), 3));
    for (let place = unit.length - 2; place >= 0; place--) unit[place] = Math.max(unit[place], unit[place + 1]);
    return unit;
  }

  CS.Ranker = Ranker;
  CS.AXES = AXES;
})(window.CS);
