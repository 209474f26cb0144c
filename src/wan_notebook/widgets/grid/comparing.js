// @ts-check
import { make, makeButton, say } from "../shared/elements.js";

/** @typedef {import("./controller.js").Shared} Shared */
/** @typedef {import("./tile_store.js").Tile} Tile */

const HINT = "Arrow keys move, Enter enlarges, C chooses two to compare, P plays, comma and period step by a frame.";

/** The row which says which tiles are chosen, and compares them. */
export class Comparing {
	/**
	 * @param {Shared} shared
	 * @param {() => void} compare
	 */
	constructor(shared, compare) {
		this.shared = shared;
		this.hint = make("p", { className: "wan-quiet wan-hint", role: "status" });
		this.compare = makeButton("Compare the two", compare, "wan-compare");
		this.root = make("div", { className: "wan-row wan-apart" }, this.hint, this.compare);
	}

	draw() {
		const { known, chosen } = this.shared;
		const names = chosen.map((number) => known.nameOf(/** @type {Tile} */ (known.tiles.get(number))));
		const hints = [HINT, `${names[0]} is chosen. Choose another one to compare it with.`, names.join(" and ")];
		say(this.hint, hints[chosen.length]);
		this.compare.disabled = chosen.length !== 2;
	}
}
