// @ts-check
// The grid of many clips: row by column, or as a list, all of them playing in step.
import { GridController } from "./controller.js";
import { GridView } from "./view.js";

/** @typedef {import("../shared/widget.js").Model<GridState>} Model */
/** @typedef {import("./tile_store.js").Axis} Axis */
/** @typedef {import("./tile_store.js").Measure} Measure */
/** @typedef {import("./tile_store.js").Update} Update */
/**
 * The state never changes: later updates come as messages. `positions`: for each tile its number, then its index on each
 * axis; `update`: the tiles as they were at first, as far as there was anything to tell of them.
 * @typedef {{axes: Axis[], positions: number[][], measures: Measure[], update: Update}} GridState
 */

export default { View: GridView, share: (/** @type {Model} */ model) => new GridController(model) };
