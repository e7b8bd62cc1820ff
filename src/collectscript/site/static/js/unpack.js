/* Reads the index that site/pack.py wrote. */
"use strict";

(function (CS) {
  const HIGH = 3;
  const HIGHEST = -1;
  const FIRST_GROUP = "0".charCodeAt(0);

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
      const reader = new CS.Decoder(packed);
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
      this.reader = new CS.Decoder(packed);
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
      reader.start(this.starts[number]);
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
      const reader = new CS.Decoder(packed);
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

  // -- the index -------------------------------------------------------------------------------------------

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
