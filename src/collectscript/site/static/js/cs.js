/* One namespace for all scripts of the site; data files put their values into CS.data. */
"use strict";

window.CS = { data: {} };
