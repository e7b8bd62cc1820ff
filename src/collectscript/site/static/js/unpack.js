/* Reads what site/pack.py wrote (canonical Huffman codes, one for each context, and the index made of them) and bzip2. */
"use strict";

(function (CS) {
  const DIRECT = 24;
  const QUICK = 9;
  const HIGH = 3;
  const HIGHEST = -1;
  const NONE = "a".charCodeAt(0);
  const FIRST_GROUP = "0".charCodeAt(0);

  /** Decode base64 into bytes. */
  function bytes(base64) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
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
      this.lengths = packed.lengths;
      this.tables = new Map();
    }

    /** Return the decoding table of a context; a length is a letter, `a` for none. */
    table(name) {
      let code = this.tables.get(name);
      if (!code && Object.prototype.hasOwnProperty.call(this.lengths, name)) {
        code = table(Array.from(this.lengths[name], (letter) => letter.charCodeAt(0) - NONE));
        this.tables.set(name, code);
      }
      return code;
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

  /**
   * The keys of an index. A key of characters is a number, its places in the alphabet as digits; those of one length and
   * kind are in order, so that they are found without a text for each.
   */
  class Keys {
    constructor(packed, alphabet) {
      this.place = new Map(alphabet.map((char, number) => [char, number]));
      this.radix = alphabet.length;
      this.groups = [];
      this.byLength = [];
      const reader = new Reader(packed);
      let first = 0;
      for (const [length, sound, count] of packed.groups) {
        const group = { length, sound, first, codes: this.read(reader, length, sound, count) };
        this.groups.push(group);
        (this.byLength[length] ??= []).push(group);
        first += count;
      }
      this.lists = new Map(packed.lists.map((key, number) => [key, first + number]));
      this.size = first + packed.lists.length;
    }

    read(reader, length, sound, count) {
      const name = length + (sound ? "s" : "w");
      const before = new Int32Array(length).fill(-1);
      const tables = (at, kind) => Array.from({ length: 10 }, (_, dense) => reader.table(name + at + kind + dense));
      const starts = Array.from(before, (_, at) => tables(at, "f"));
      const distances = Array.from(before, (_, at) => tables(at, "d"));
      const codes = new Float64Array(count);
      for (let n = 0; n < count; n++) {
        let fresh = false;
        let code = 0;
        for (let at = 0; at < length; at++) {
          const dense = at ? Math.min(bitLength(before[at - 1]), 9) : 0;
          if (fresh) {
            before[at] = reader.number(starts[at][dense]);
          } else {
            const distance = reader.number(distances[at][dense]);
            before[at] += distance;
            fresh = distance !== 0;
          }
          code = code * this.radix + before[at];
        }
        codes[n] = code;
      }
      return codes;
    }

    /** Return the number of the key with these places in the alphabet as digits, or -1. */
    find(length, code) {
      for (const { codes, first } of this.byLength[length] || []) {
        const at = search(codes, code);
        if (at >= 0) return first + at;
      }
      return -1;
    }

    /** Return the group of a key, or undefined for the name of a list. */
    group(key) {
      return this.groups.find(({ first, codes }) => key < first + codes.length);
    }

    /** Return the context of the rarity of a key: how frequent its characters are. */
    rarityName({ length, sound, first, codes }, key) {
      let code = codes[key - first];
      let most = 0;
      let least = 8;
      for (let at = 0; at < length; at++) {
        const size = bitLength(code % this.radix);
        code = Math.floor(code / this.radix);
        most = Math.max(most, size);
        least = Math.min(least, size);
      }
      return "r" + length + (sound ? "s" : "w") + Math.min(most, 10) + "m" + (least >> 1);
    }
  }

  /** Return where a number stands in a sorted array, or -1. */
  function search(sorted, wanted) {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    return low < sorted.length && sorted[low] === wanted ? low : -1;
  }

  /** The rows of an index. A block of them is unpacked when one is first asked for: a call needs few. */
  class Rows {
    constructor(packed, keys) {
      this.packed = packed;
      this.keys = keys;
      this.reader = new Reader(packed);
      this.blocks = [];
      this.gaps = this.shared("g");
      this.changes = this.shared("v");
      this.starts = [0];
      for (const size of packed.sizes) this.starts.push(this.starts[this.starts.length - 1] + size);
    }

    /** Return the block of a key, in which it stands at the remainder of its number. */
    block(key) {
      const number = Math.floor(key / this.packed.block);
      return (this.blocks[number] ??= this.read(number));
    }

    /** Return the value of a key for a class. */
    value(key, number) {
      const { base, ends, classes, values } = this.block(key);
      const at = key % this.packed.block;
      for (let n = ends[at]; n < ends[at + 1]; n++) if (classes[n] === number) return base[at] + values[n];
      return base[at];
    }

    read(number) {
      const { packed, keys, reader } = this;
      const first = number * packed.block;
      const size = Math.min(packed.block, keys.size - first);
      const rarity = new Int32Array(size);
      const base = new Int32Array(size);
      const ends = new Int32Array(size + 1);
      const classes = [];
      const values = [];
      reader.at = this.starts[number];
      for (let at = 0; at < size; at++) {
        const group = keys.group(first + at);
        const rank = reader.number(reader.table(group ? keys.rarityName(group, first + at) : "rlist"));
        rarity[at] = packed.levels[group && group.sound ? 1 : 0][rank];
        base[at] = unzigzag(reader.number(reader.table("b" + Math.min(bitLength(rank), 9))));
        const low = Math.min(Math.abs(base[at]), 2);
        const count = reader.number(reader.table("c" + Math.min(rank, 31) + "b" + low));
        this.readDifferences(count, (manyOf(count) * 3 + low) * packed.rare + this.rare(rarity[at]), classes, values);
        ends[at + 1] = classes.length;
      }
      return { rarity, base, ends, classes: Uint16Array.from(classes), values: Int16Array.from(values) };
    }

    /** Return the decoding tables of a series of contexts, many of which share one. */
    shared(prefix) {
      const tables = [];
      return Array.from(this.packed.groups[prefix], (letter) => {
        const number = letter.charCodeAt(0) - FIRST_GROUP;
        return (tables[number] ??= this.reader.table(prefix + number));
      });
    }

    rare(rarity) {
      let group = 0;
      while (group < this.packed.steps.length && this.packed.steps[group] <= rarity) group++;
      return group;
    }

    readDifferences(count, row, classes, values) {
      const { reader } = this;
      let place = -1;
      let before = 0;
      let risen = 0;
      for (let left = count; left; left--) {
        place += 1 + reader.decode(this.gaps[Math.min(left, 30) * 128 + Math.min(place + 1, 127)]);
        const last = before > HIGH ? 5 : Math.max(-2, Math.min(2, before)) + 2;
        before = unzigzag(reader.decode(this.changes[(row * 6 + last) * 2 + risen]));
        classes.push(this.packed.order[place]);
        values.push(before);
        if (before > HIGH) risen = 1;
      }
    }
  }

  /** The own utterances of an index by their hashes, in order. */
  class Own {
    constructor(packed) {
      const reader = new Reader(packed);
      const sizes = reader.table("size");
      const classes = reader.table("class");
      this.hashes = new Float64Array(packed.count);
      this.classes = new Int16Array(packed.count);
      let value = 0;
      for (let n = 0; n < packed.count; n++) {
        const size = reader.decode(sizes);
        value += size ? 2 ** (size - 1) + reader.raw(size - 1) : 0;
        this.hashes[n] = value;
        this.classes[n] = reader.decode(classes) - 1;
      }
    }

    /** Return the class of a hash, HIGHEST for the one that scores highest, undefined when it is none of them. */
    find(hash) {
      const at = search(this.hashes, hash);
      return at < 0 ? undefined : this.classes[at];
    }
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
    const keys = new Keys(packed.keys, Array.from(packed.alphabet));
    return {
      classes: packed.classes,
      none: packed.classes.indexOf("none"),
      keys,
      rows: new Rows(packed.rows, keys),
      heard,
      scale: packed.scale,
      unit: packed.rarity_unit,
      biases: packed.biases,
      calibration: packed.calibration,
      own: new Own(packed.own),
    };
  };

  const START = "^";
  const END = "$";

  /** Call `use(key, first, last, sound)` for every place where a key of an index stands in a folded text. */
  CS.eachKey = function (index, chars, use) {
    const { keys, heard } = index;
    const { radix } = keys;
    const size = chars.length;
    const placeOf = (char) => keys.place.get(char) ?? NaN;
    const at = (place) => places[place + 1];
    const places = [placeOf(START), ...chars.map(placeOf), placeOf(END)];
    const sounds = chars.map((char) => placeOf(heard.get(char) || char));
    // Of a character that no key holds the place is not a number, and what is made of it is not found.
    const look = (length, code, first, last, sound) => {
      const key = Number.isNaN(code) ? -1 : keys.find(length, code);
      if (key >= 0) use(key, first, last, sound);
    };
    for (let n = 0; n < size; n++) {
      const two = at(n) * radix + at(n + 1);
      const three = two * radix + at(n + 2);
      look(1, at(n), n, n + 1, false);
      if (n + 3 <= size) look(3, three, n, n + 3, false);
      if (n + 4 <= size) look(4, three * radix + at(n + 3), n, n + 4, false);
      if (n + 2 <= size) look(2, sounds[n] * radix + sounds[n + 1], n, n + 2, true);
    }
    for (let n = 0; n <= size; n++) look(2, at(n - 1) * radix + at(n), Math.max(n - 1, 0), Math.min(n + 1, size), false);
  };

  /**
   * Return the class of which a folded text is an own utterance, or undefined. Most own utterances score highest for
   * their own class; `scores` gives the scores of the text.
   */
  CS.ownClass = function (index, chars, scores) {
    const number = index.own.find(CS.textHash(chars.join("")));
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
