// @ts-check
import { make, makeButton, say } from "../shared/elements.js";

/** @typedef {import("./tile_store.js").Tile} Tile */
/** @typedef {import("./tile.js").Ears} Ears */
/** @typedef {import("./tile.js").Marks} Marks */

/** What is seen of a tile: its picture or the words in its place, and what may be done with it. */
export class Inside {
	/**
	 * @param {Tile} tile
	 * @param {string} name
	 * @param {Ears} ears
	 */
	constructor(tile, name, ears) {
		this.tile = tile;
		this.poster = make("img", { alt: "", decoding: "async" });
		this.phase = make("strong");
		this.message = make("span", { className: "wan-tile-message" });
		this.bar = make("progress", { max: 1, "aria-label": "Progress" });
		this.left = make("span", { className: "wan-quiet" });
		this.words = make("span", { className: "wan-tile-words" }, this.phase, this.bar, this.left, this.message);
		this.badge = make("span", { className: "wan-badge", textContent: "Best" });
		this.retry = makeButton("Try again", () => ears.onretry(tile.number), "wan-retry");
		this.box = make("input", {
			type: "checkbox",
			"aria-label": `Compare: ${name}`,
			onchange: () => ears.onchoose(tile.number),
		});
		this.choice = make("label", { className: "wan-tile-choice", title: "Compare" }, this.box);
	}

	drawWords() {
		const { tile } = this;
		const percent = Math.round(100 * (tile.fraction ?? 0));
		this.words.hidden = Boolean(tile.clip);
		say(this.phase, percent ? `${tile.phase}, ${percent} %` : tile.phase);
		say(this.message, tile.tone === "bad" ? tile.message : "");
		this.message.title = tile.message;
		say(this.left, tile.tone === "busy" ? tile.time_left : "");
		this.bar.hidden = tile.tone !== "busy" || tile.fraction === 0;
		if (tile.fraction === null) this.bar.removeAttribute("value");
		else this.bar.value = tile.fraction;
		this.retry.hidden = !tile.can_retry;
	}

	/** @param {Marks} marks */
	drawMarks({ best, chosen }) {
		this.badge.hidden = !best;
		this.choice.hidden = !this.tile.clip;
		this.box.checked = chosen;
		this.choice.classList.toggle("wan-chosen", chosen);
	}

	/** @param {string} message why there is a clip that cannot be seen */
	excuse(message) {
		this.words.hidden = false;
		say(this.phase, "Cannot be shown");
		say(this.message, message);
	}
}
