/* Reads what site/coder.py wrote: small symbols in contexts, by how frequent they are there (rANS). */
"use strict";

(function (CS) {
  const DIRECT = 24;
  const PRECISION = 10;
  const WHOLE = 1 << PRECISION;
  const PART = WHOLE - 1;
  const LEAST = 1 << 16;
  const NEVER = "(".charCodeAt(0);

  /** Return 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20 ...: four steps an octave. */
  function step(level) {
    return level < 4 ? level : (4 + (level % 4)) << ((level >> 2) - 1);
  }

  /**
   * Make the table of a context from the letters of its symbols: for each of the parts of a whole the symbol that it stands
   * for, what the share of this symbol is less one, and which of its parts it is, in one number.
   */
  function table(letters) {
    const parts = Array.from(letters, (letter) => step(letter.charCodeAt(0) - NEVER));
    const total = parts.reduce((sum, part) => sum + part, 0);
    const shares = parts.map((part) => part && Math.max(Math.floor((part * WHOLE) / total), 1));
    shares[shares.indexOf(Math.max(...shares))] += WHOLE - shares.reduce((sum, share) => sum + share, 0);
    const code = new Int32Array(WHOLE);
    let end = 0;
    shares.forEach((share, symbol) => {
      const first = (symbol << (2 * PRECISION)) | ((share - 1) << PRECISION);
      for (let part = 0; part < share; part++) code[end++] = first | part;
    });
    return code;
  }

  /** Reads one stream of symbols. */
  CS.Decoder = class Decoder {
    constructor(packed) {
      this.bytes = CS.bytes(packed.bits);
      this.codes = packed.codes;
      this.tables = new Map();
      this.start(0);
    }

    /** Go on reading at a byte from which on the rest can be read alone. */
    start(at) {
      this.state = (this.bytes[at] << 16) | (this.bytes[at + 1] << 8) | this.bytes[at + 2];
      this.at = at + 3;
    }

    /** Return the table of a context. */
    table(name) {
      let code = this.tables.get(name);
      if (!code && Object.prototype.hasOwnProperty.call(this.codes, name)) {
        code = table(this.codes[name]);
        this.tables.set(name, code);
      }
      return code;
    }

    /** Read a symbol in a context that is given by its table. */
    decode(code) {
      const next = code[this.state & PART];
      let state = (((next >> PRECISION) & PART) + 1) * (this.state >> PRECISION) + (next & PART);
      while (state < LEAST) state = (state << 8) | this.bytes[this.at++];
      this.state = state;
      return next >> (2 * PRECISION);
    }

    /** Read an unsigned number of `size` bits; more than 32 bits are kept exact. */
    raw(size) {
      let value = 0;
      for (let left = size; left > 0; left -= PRECISION) {
        const bits = Math.min(left, PRECISION);
        value = value * (1 << bits) + (this.state & ((1 << bits) - 1));
        this.state >>= bits;
        while (this.state < LEAST) this.state = (this.state << 8) | this.bytes[this.at++];
      }
      return value;
    }

    number(code) {
      const symbol = this.decode(code);
      if (symbol < DIRECT) return symbol;
      const size = symbol - DIRECT;
      return 2 ** (size - 1) + this.raw(size - 1);
    }
  };
})(window.CS);
