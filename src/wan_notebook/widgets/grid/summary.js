// @ts-check
// The rows above and below the tiles: how far all of them are, and which two are chosen for comparing.
import { h, makeAlert, makeButton, setText } from "../shared/elements.js";
import { namesApart } from "./tile_store.js";

/** @typedef {import("./controller.js").GridController} GridController */
/** @typedef {import("./tile_store.js").Tile} Tile */
/** @typedef {import("./tile_store.js").TileStore} TileStore */

/** Clips that play at once, at most: a browser refuses to have more than 75 videos in a page. */
export const MAX_PLAYING = 60;

const HINT = "Arrow keys move, Enter enlarges, C chooses two to compare, P plays, comma and period step by a frame.";

/** How many tiles are done, and the button that stops the rest. */
export class Summary {
	/** @param {TileStore} store */
	constructor(store) {
		this.store = store;
		this.text = h("p", { className: "wan-text", role: "status" });
		this.stop = makeButton("Stop sending", () => store.send({ type: "stop" }));
		this.bar = h("progress", { max: 1, "aria-label": "Tiles done" });
		this.resume = makeButton("Send the rest", () => store.send({ type: "resume" }));
		this.reason = h("p", { className: "wan-error" });
		this.trouble = makeAlert();
		const head = h("div", { className: "wan-row wan-between" }, this.text, this.stop, this.resume);
		this.parts = [head, this.bar, this.reason, this.trouble];
	}

	draw() {
		const { summary } = this.store;
		setText(this.text, summary.words);
		setText(this.trouble, summary.trouble);
		setText(this.reason, summary.reason);
		this.stop.hidden = !summary.can_stop;
		this.resume.hidden = !summary.can_resume;
		this.bar.hidden = summary.tone !== "busy" || summary.fraction === 1;
		this.bar.value = summary.fraction;
	}
}

/** The row below the tiles: the keys, the tiles chosen for comparing, and whether too many are in sight to play. */
export class ComparisonBar {
	/**
	 * @param {GridController} controller
	 * @param {() => void} oncompare
	 */
	constructor(controller, oncompare) {
		this.controller = controller;
		this.hint = h("p", { className: "wan-quiet wan-grid-hint", role: "status" });
		this.limit = h("p", { className: "wan-quiet wan-grid-limit", hidden: true });
		this.compare = makeButton("Compare the two", oncompare, { className: "wan-grid-compare" });
		this.root = h("div", { className: "wan-row wan-between" }, this.hint, this.limit, this.compare);
	}

	draw() {
		const { store, chosen } = this.controller;
		const [one, other] = chosen.map((number) => /** @type {Tile} */ (store.tiles.get(number)));
		const hint = one ? `${store.nameOf(one)} is chosen. Choose another one to compare it with.` : HINT;
		setText(this.hint, other ? namesApart(store.axes, one.position, other.position).join(" and ") : hint);
		this.compare.disabled = chosen.length !== 2;
	}

	/** @param {number} inSight how many clips are, in all views together */
	drawLimit(inSight) {
		const over = inSight > MAX_PLAYING;
		setText(this.limit, over ? `${MAX_PLAYING} of ${inSight} in sight play; a browser takes no more.` : "");
	}
}
