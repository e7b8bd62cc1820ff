/* Small things done with texts on several pages. */
"use strict";

(function (CS) {
  const SLOT = /\{([a-z][a-z0-9_]*)\}/;
  const REFERENCE = /[a-z][a-z0-9.-]*(?:\/[a-z0-9][a-z0-9.-]*)?(?:\.md)?\/?/g;
  const UNSPOKEN = /[\s，。？！、；：“”‘’（）《》…—【】·,.?!;:()"'-]/g;
  const CHARACTERS_A_SECOND = 4.2;

  /** Cut a text into pieces {text, slot}; the text of a slot is its id. */
  CS.slotPieces = function (template) {
    return template.split(SLOT).map((text, place) => ({ text, slot: place % 2 === 1 })).filter((one) => one.text);
  };

  /** Cut a text into pieces {text, id, path}: with a path where it names a page. */
  CS.linkPieces = function (text, titles) {
    const pieces = [];
    let at = 0;
    for (const found of text.matchAll(REFERENCE)) {
      const word = found[0].replace(/[.-]+$/, "");
      const id = word.replace(/\.md$/, "").replace(/\/$/, "");
      const page = Object.prototype.hasOwnProperty.call(titles, id) ? titles[id] : null;
      if (!page) continue;
      if (found.index > at) pieces.push({ text: text.slice(at, found.index) });
      pieces.push({ text: page[0], id, path: CS.root + page[1] });
      at = found.index + word.length;
    }
    if (at < text.length) pieces.push({ text: text.slice(at) });
    return pieces;
  };

  /** Return how long a text takes to say, in whole seconds. */
  CS.seconds = function (text) {
    return Math.max(1, Math.round(text.replace(UNSPOKEN, "").length / CHARACTERS_A_SECOND));
  };
})(window.CS);
