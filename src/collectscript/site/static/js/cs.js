/* One namespace for all scripts of the site; data files put their values into CS.data. */
"use strict";

window.CS = {
  data: {},

  /** Put a value into CS.data that is made when it is first asked for. */
  later(name, make) {
    Object.defineProperty(this.data, name, {
      configurable: true,
      enumerable: true,
      get() {
        const value = make();
        Object.defineProperty(this, name, { value, enumerable: true });
        return value;
      },
    });
  },
};
