/* Reads what site/pack.py wrote (canonical Huffman codes, one for each context, and the index made of them) and bzip2. */
"use strict";

(function (CS) {
  const DIRECT = 24;
  const QUICK = 9;
  const HIGH = 3;
  const HIGHEST = -1;

  /** Decode base64 into bytes. */
  function bytes(base64) {
    const binary = atob(base64);
    const out = new Uint8Array(binary.length);
    for (let at = 0; at < out.length; at++) out[at] = binary.charCodeAt(at);
    return out;
  }

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

  /** A stream of symbols in contexts. */
  class Reader {
    constructor(packed) {
      this.bytes = bytes(packed.bits);
      this.at = 0;
      this.tables = new Map(Object.entries(packed.lengths).map(([name, lengths]) => [name, table(lengths)]));
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

    number(code) {
      const symbol = this.decode(code);
      if (symbol < DIRECT) return symbol;
      const size = symbol - DIRECT;
      return 2 ** (size - 1) + this.raw(size - 1);
    }

    /** Return the decoding tables whose names are `prefix` and a number, by that number. */
    series(prefix) {
      const found = [];
      for (const [name, code] of this.tables) {
        const rest = name.slice(prefix.length);
        if (name.startsWith(prefix) && /^\d+$/.test(rest)) found[+rest] = code;
      }
      return found;
    }
  }

  function bitLength(value) {
    return 32 - Math.clz32(value);
  }

  /** Return the size of a count in steps: 1, 2, 3, 4-5, 6-7, 8-11, ... */
  function manyOf(count) {
    const size = bitLength(count);
    return size < 2 ? count : 2 * size + ((count >> (size - 2)) & 1) - 2;
  }

  function unzigzag(value) {
    return value & 1 ? -((value + 1) >> 1) : value >> 1;
  }

  /** One object for each context of a rarity, so that a key needs no text of its own. */
  function kindsOnce() {
    const seen = new Map();
    return (length, sound, name, most, least) => {
      const number = ((length * 2 + (sound ? 1 : 0)) * 16 + most) * 8 + least;
      let kind = seen.get(number);
      if (!kind) seen.set(number, kind = { sound, name: "r" + name + most + "m" + least });
      return kind;
    };
  }

  function readKeys(packed, alphabet) {
    const kindOf = kindsOnce();
    const reader = new Reader(packed);
    const keys = [];
    const kinds = [];
    for (const [length, sound, count] of packed.groups) {
      const name = length + (sound ? "s" : "w");
      const before = new Array(length).fill(-1);
      const starts = [];
      const distances = [];
      for (let at = 0; at < length; at++) {
        starts.push(reader.series(name + at + "f"));
        distances.push(reader.series(name + at + "d"));
      }
      for (let n = 0; n < count; n++) {
        let fresh = false;
        let key = "";
        let least = Infinity;
        let most = 0;
        for (let at = 0; at < length; at++) {
          const dense = at ? Math.min(bitLength(before[at - 1]), 9) : 0;
          if (fresh) {
            before[at] = reader.number(starts[at][dense]);
          } else {
            const distance = reader.number(distances[at][dense]);
            before[at] += distance;
            fresh = distance !== 0;
          }
          key += alphabet[before[at]];
          const size = bitLength(before[at]);
          least = Math.min(least, size);
          most = Math.max(most, size);
        }
        keys.push(key);
        kinds.push(kindOf(length, sound, name, Math.min(most, 10), Math.min(least, 8) >> 1));
      }
    }
    const list = { sound: false, name: "rlist" };
    for (const key of packed.lists) {
      keys.push(key);
      kinds.push(list);
    }
    return { keys, kinds };
  }

  function readRows(packed, kinds, classes) {
    const head = new Reader(packed.head);
    const body = new Reader(packed.body);
    const size = kinds.length;
    const rarity = new Int32Array(size);
    const base = new Int32Array(size);
    const counts = new Int32Array(size);
    const bases = head.series("b");
    const amounts = [0, 1, 2].map((step) => Array.from({ length: 32 }, (_, rank) => head.tables.get("c" + rank + "b" + step)));
    for (let key = 0; key < size; key++) {
      const kind = kinds[key];
      if (!kind.table) kind.table = head.tables.get(kind.name);
      const rank = head.number(kind.table);
      rarity[key] = packed.levels[kind.sound ? 1 : 0][rank];
      base[key] = unzigzag(head.number(bases[Math.min(bitLength(rank), 9)]));
      counts[key] = head.number(amounts[Math.min(Math.abs(base[key]), 2)][Math.min(rank, 31)]);
    }
    const gaps = body.series("g");
    const values = body.series("v");
    const rows = new Int16Array(size * classes);
    for (let key = 0; key < size; key++) {
      const start = key * classes;
      if (base[key]) rows.fill(base[key], start, start + classes);
      const row = (manyOf(counts[key]) * 3 + Math.min(Math.abs(base[key]), 2)) * 6;
      let place = -1;
      let before = 0;
      let risen = 0;
      for (let left = counts[key]; left; left--) {
        const room = Math.min(((classes - place - 1) / 7) | 0, 15);
        place += 1 + body.decode(gaps[Math.min(left, 30) * 16 + room]);
        const last = before > HIGH ? 5 : Math.max(-2, Math.min(2, before)) + 2;
        const value = unzigzag(body.decode(values[(row + last) * 2 + risen]));
        rows[start + packed.order[place]] += value;
        before = value;
        if (value > HIGH) risen = 1;
      }
    }
    return { rarity, rows };
  }

  function readOwn(packed) {
    const reader = new Reader(packed);
    const own = new Map();
    const sizes = reader.tables.get("size");
    const classes = reader.tables.get("class");
    let value = 0;
    for (let n = 0; n < packed.count; n++) {
      const size = reader.decode(sizes);
      value += size ? 2 ** (size - 1) + reader.raw(size - 1) : 0;
      own.set(value, reader.decode(classes) - 1);
    }
    return own;
  }

  // -- bzip2 -----------------------------------------------------------------------------------------------

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

  /** Return the text that was compressed with bzip2 and written as base64; it comes with the page and is not checked. */
  CS.unzip = function (base64) {
    const reader = new Reader({ bits: base64, lengths: {} });
    const most = 100000 * (reader.raw(32) & 15);
    const sorted = new Uint8Array(most);
    const decoder = new TextDecoder();
    let text = "";
    while (reader.raw(48) === BLOCK) {
      // A checksum, and a bit that nothing sets any more.
      reader.raw(33);
      const origin = reader.raw(24);
      const count = new Int32Array(256);
      text += decoder.decode(restore(sorted, readSorted(reader, sorted, count), count, origin), { stream: true });
    }
    return text + decoder.decode();
  };

  // -- the index -------------------------------------------------------------------------------------------

  /** Return the table of sounds: character to what it sounds like. */
  CS.unpackSounds = function (groups) {
    const heard = new Map();
    for (const [sound, chars] of Object.entries(groups)) for (const char of chars) heard.set(char, sound);
    return heard;
  };

  /** Return an index in the form that matching reads; all indexes share one table of sounds. */
  CS.unpackIndex = function (packed, heard) {
    const { keys, kinds } = readKeys(packed.keys, Array.from(packed.alphabet));
    const { rarity, rows } = readRows(packed.rows, kinds, packed.classes.length);
    const place = new Map();
    keys.forEach((key, number) => place.set(key, number));
    return {
      classes: packed.classes,
      none: packed.classes.indexOf("none"),
      place, rarity, rows, heard,
      scale: packed.scale,
      unit: packed.rarity_unit,
      biases: packed.biases,
      calibration: packed.calibration,
      own: readOwn(packed.own),
    };
  };

  /**
   * Return the class of which a folded text is an own utterance, or undefined. Most own utterances score highest for
   * their own class; `scores` gives the scores of the text.
   */
  CS.ownClass = function (index, chars, scores) {
    const number = index.own.get(CS.textHash(chars.join("")));
    if (number !== HIGHEST) return number;
    const found = scores();
    return found.indexOf(Math.max(...found));
  };

  /** Return the hash of a text that site/hashing.py computes. */
  CS.textHash = function (text) {
    let first = 0x811c9dc5;
    let second = 0x9e3779b9;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      first = Math.imul(first ^ unit, 0x01000193) >>> 0;
      second = Math.imul(second + unit, 0x85ebca6b) >>> 0;
      second = (second ^ (second >>> 13)) >>> 0;
    }
    return first * 16 + (second >>> 28);
  };
})(window.CS);
