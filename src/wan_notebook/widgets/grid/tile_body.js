// @ts-check
// The content of a tile that has been near: its picture or the text in its place, and its controls.
import { h, makeButton, setText } from "../shared/elements.js";

/** @typedef {import("./tile_store.js").Tile} Tile */
/** @typedef {import("./tile.js").TileCallbacks} TileCallbacks */
/** @typedef {import("./tile.js").TileFlags} TileFlags */

export class TileBody {
	/**
	 * @param {Tile} tile
	 * @param {string} name
	 * @param {TileCallbacks} callbacks
	 */
	constructor(tile, name, callbacks) {
		this.tile = tile;
		this.poster = h("img", { alt: "", decoding: "async" });
		this.phase = h("strong");
		this.message = h("span", { className: "wan-grid-message" });
		this.bar = h("progress", { max: 1, "aria-label": "Progress" });
		this.timeLeft = h("span", { className: "wan-quiet" });
		this.words = h("span", { className: "wan-grid-text" }, this.phase, this.bar, this.timeLeft, this.message);
		this.badge = h("span", { className: "wan-grid-badge", textContent: "Best" });
		this.retry = makeButton("Try again", () => callbacks.onretry(tile.number), { className: "wan-grid-retry" });
		this.box = h("input", {
			type: "checkbox",
			"aria-label": `Compare: ${name}`,
			onchange: () => callbacks.onchoose(tile.number),
		});
		this.choice = h("label", { className: "wan-grid-check", title: "Compare" }, this.box);
	}

	/** @param {TileFlags} flags */
	draw({ best, chosen }) {
		const { tile } = this;
		const percent = Math.round(100 * (tile.fraction ?? 0));
		this.words.hidden = Boolean(tile.clip);
		setText(this.phase, percent ? `${tile.phase}, ${percent} %` : tile.phase);
		setText(this.message, tile.message);
		this.message.title = tile.message;
		setText(this.timeLeft, tile.tone === "busy" ? tile.time_left : "");
		this.bar.hidden = tile.tone !== "busy" || tile.fraction === 0;
		if (tile.fraction === null) this.bar.removeAttribute("value");
		else this.bar.value = tile.fraction;
		this.retry.hidden = !tile.can_retry;
		this.retry.textContent = tile.tone === "calm" ? "Send it" : "Try again";
		this.badge.hidden = !best;
		this.choice.hidden = !tile.clip;
		this.box.checked = chosen;
	}

	/** @param {string} message why there is a clip that cannot be seen */
	explain(message) {
		this.words.hidden = false;
		setText(this.phase, "Cannot be shown");
		setText(this.message, message);
	}
}
