/* Reads the texts that site/squeeze.py wrote: bzip2, and the commonest characters as one byte. */
"use strict";

(function (CS) {
  const QUICK = 9;

  /** Decode base64 into bytes. */
  CS.bytes = function (base64) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
    const binary = atob(base64);
    const out = new Uint8Array(binary.length);
    for (let at = 0; at < out.length; at++) out[at] = binary.charCodeAt(at);
    return out;
  };

  /**
   * Make the decoding table of one canonical code from the code length of each symbol: what the next `width` bits mean
   * (symbol and length), and what longer codes need.
   */
  function table(lengths) {
    const counts = new Int32Array(33);
    let longest = 0;
    for (const length of lengths) {
      if (length) counts[length]++;
      if (length > longest) longest = length;
    }
    const next = new Int32Array(longest + 2);
    for (let length = 1; length <= longest; length++) next[length + 1] = next[length] + counts[length];
    const symbols = new Int32Array(next[longest + 1]);
    for (let symbol = 0; symbol < lengths.length; symbol++) if (lengths[symbol]) symbols[next[lengths[symbol]]++] = symbol;
    const width = Math.min(longest, QUICK);
    const quick = new Uint16Array(1 << width);
    let at = 0;
    for (let length = 1, place = 0; length <= width; length++) {
      for (let n = 0; n < counts[length]; n++, place++) {
        const end = at + (1 << (width - length));
        quick.fill((symbols[place] << 5) | length, at, end);
        at = end;
      }
    }
    return { counts, symbols, quick, width };
  }

  /** The bits of a text. */
  class Bits {
    constructor(base64) {
      this.bytes = CS.bytes(base64);
      this.at = 0;
    }

    bit() {
      const bit = (this.bytes[this.at >> 3] >> (7 - (this.at & 7))) & 1;
      this.at++;
      return bit;
    }

    /** Read an unsigned number of `size` bits; more than 32 bits are kept exact. */
    raw(size) {
      let value = 0;
      for (let left = size; left;) {
        const taken = Math.min(left, 8 - (this.at & 7));
        const bits = (this.bytes[this.at >> 3] >> (8 - (this.at & 7) - taken)) & ((1 << taken) - 1);
        value = value * (1 << taken) + bits;
        this.at += taken;
        left -= taken;
      }
      return value;
    }

    /** Read a symbol with a decoding table. */
    decode(code) {
      const from = this.at >> 3;
      const next = (this.bytes[from] << 16) | (this.bytes[from + 1] << 8) | this.bytes[from + 2];
      const found = code.quick[(next >> (24 - code.width - (this.at & 7))) & ((1 << code.width) - 1)];
      if (!found) return this.decodeLong(code);
      this.at += found & 31;
      return found >> 5;
    }

    decodeLong(code) {
      let value = 0;
      let first = 0;
      let place = 0;
      for (let length = 1; ; length++) {
        value |= this.bit();
        const count = code.counts[length];
        if (value - first < count) return code.symbols[place + value - first];
        place += count;
        first = (first + count) << 1;
        value <<= 1;
      }
    }
  }

  const BLOCK = 0x314159265359;
  const GROUP = 50;

  /** Read the bytes that occur in a block. */
  function readAlphabet(reader) {
    const ranges = reader.raw(16);
    const found = [];
    for (let range = 0; range < 16; range++) {
      if (!(ranges & (0x8000 >> range))) continue;
      const used = reader.raw(16);
      for (let n = 0; n < 16; n++) if (used & (0x8000 >> n)) found.push(range * 16 + n);
    }
    return found;
  }

  function readSelectors(reader, many) {
    const recent = Array.from({ length: many }, (_, n) => n);
    const selectors = new Uint8Array(reader.raw(15));
    for (let n = 0; n < selectors.length; n++) {
      let place = 0;
      while (reader.bit()) place++;
      recent.unshift(recent.splice(place, 1)[0]);
      selectors[n] = recent[0];
    }
    return selectors;
  }

  function readLengths(reader, symbols) {
    let length = reader.raw(5);
    const lengths = [];
    for (let symbol = 0; symbol < symbols; symbol++) {
      while (reader.bit()) length += reader.bit() ? -1 : 1;
      lengths.push(length);
    }
    return lengths;
  }

  /** Read the bytes of a block in sorted order; `count` receives how often each occurs. */
  function readSorted(reader, sorted, count) {
    const recent = Uint8Array.from(readAlphabet(reader));
    const last = recent.length + 1;
    const many = reader.raw(3);
    const selectors = readSelectors(reader, many);
    const codes = Array.from({ length: many }, () => table(readLengths(reader, last + 1)));
    let size = 0;
    let run = 0;
    let weight = 1;
    for (let n = 0; ; n++) {
      const symbol = reader.decode(codes[selectors[(n / GROUP) | 0]]);
      if (symbol < 2) {
        run += weight << symbol;
        weight <<= 1;
        continue;
      }
      if (run) {
        sorted.fill(recent[0], size, size += run);
        count[recent[0]] += run;
        run = 0;
        weight = 1;
      }
      if (symbol === last) return size;
      const byte = recent[symbol - 1];
      recent.copyWithin(1, 0, symbol - 1);
      recent[0] = byte;
      sorted[size++] = byte;
      count[byte]++;
    }
  }

  /** Return the bytes of a block in their order, with what stands for repeated ones written out. */
  function restore(sorted, size, count, origin) {
    const starts = new Int32Array(256);
    for (let byte = 1; byte < 256; byte++) starts[byte] = starts[byte - 1] + count[byte - 1];
    // Place of the next byte and byte in one number: half the memory is touched.
    const next = Int32Array.from(sorted.subarray(0, size));
    for (let at = 0; at < size; at++) next[starts[sorted[at]]++] |= at << 8;
    let out = new Uint8Array(size + 256);
    let length = 0;
    let at = next[origin] >> 8;
    let same = 0;
    let before = -1;
    for (let n = 0; n < size; n++) {
      const byte = next[at] & 255;
      at = next[at] >> 8;
      if (same < 4) {
        same = byte === before ? same + 1 : 1;
        before = byte;
        out[length++] = byte;
        continue;
      }
      // After four equal bytes stands how many more there are.
      if (length + byte + size - n > out.length) {
        const longer = new Uint8Array(2 * out.length);
        longer.set(out);
        out = longer;
      }
      out.fill(before, length, length += byte);
      same = 0;
      before = -1;
    }
    return out.subarray(0, length);
  }

  const SHORT = 172;
  const HAN = 82;
  const FIRST_HAN = 0x4e00;

  /** Return the text behind bytes in which the commonest units of UTF-16 are one byte. */
  function widen(bytes) {
    const common = bytes[0];
    const units = new Uint16Array(bytes.length);
    let size = 0;
    let at = 1 + 2 * common;
    while (at < bytes.length) {
      const byte = bytes[at++];
      if (byte < SHORT) units[size++] = (bytes[1 + 2 * byte] << 8) | bytes[2 + 2 * byte];
      else if (byte < SHORT + HAN) units[size++] = FIRST_HAN + ((byte - SHORT) << 8) + bytes[at++];
      else units[size++] = (bytes[at++] << 8) | bytes[at++];
    }
    return new TextDecoder("utf-16le").decode(units.subarray(0, size));
  }

  /** Return the text that was squeezed; it comes with the page and is not checked. */
  CS.unzip = function (base64) {
    const reader = new Bits(base64);
    const most = 100000 * (reader.raw(32) & 15);
    const sorted = new Uint8Array(most);
    const blocks = [];
    while (reader.raw(48) === BLOCK) {
      // A checksum, and a bit that nothing sets any more.
      reader.raw(33);
      const origin = reader.raw(24);
      const count = new Int32Array(256);
      blocks.push(restore(sorted, readSorted(reader, sorted, count), count, origin));
    }
    const whole = new Uint8Array(blocks.reduce((sum, block) => sum + block.length, 0));
    let end = 0;
    for (const block of blocks) whole.set(block, (end += block.length) - block.length);
    return widen(whole);
  };
})(window.CS);
