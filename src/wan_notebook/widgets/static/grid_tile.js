// @ts-check
import { make, makeButton, say } from "./elements.js";
import { shortNumber } from "./grid_known.js";

/** @typedef {import("./grid_known.js").Known} Known */
/** @typedef {import("./grid_known.js").Tile} Tile */
/** @typedef {import("./grid_known.js").Measure} Measure */
/** @typedef {import("./delivery.js").Delivery} Delivery */
/** @typedef {import("./delivery.js").Label} Label */

/**
 * What a tile tells its grid.
 * @typedef {{
 *   onenlarge(number: number): void, onchoose(number: number): void, onretry(number: number): void, onmedia(): void,
 * }} Ears
 */
/**
 * What a grid tells its tiles besides their state.
 * @typedef {{best: boolean, chosen: boolean, opened: boolean, named: boolean, measure: Measure | undefined}} Marks
 */

/** Milliseconds that a tile must stay near before it fetches anything: who scrolls by wants none of it. */
const STAY = 150;

/** One tile: words while there is no clip, then its first frame, then the clip. Far from the screen it holds nothing. */
export class TileView {
	/**
	 * @param {Tile} tile
	 * @param {string} name
	 * @param {Delivery} delivery
	 * @param {Ears} ears
	 */
	constructor(tile, name, delivery, ears) {
		this.tile = tile;
		this.name = name;
		this.delivery = delivery;
		this.ears = ears;
		this.near = false;
		this.staying = 0;
		/** @type {HTMLVideoElement | null} */
		this.video = null;
		/** @type {Label | null} what the picture is of, or is going to be */
		this.fetched = null;
		this.face = make("button", {
			type: "button",
			className: "wan-face-button",
			tabIndex: -1,
			onclick: () => ears.onenlarge(tile.number),
		});
		this.root = make("div", { className: "wan-tile" }, this.face);
		this.root.dataset.number = String(tile.number);
		/** @type {Marks | null} */
		this.marks = null;
	}

	/** Makes what is inside; a tile that was never near has nothing inside. */
	build() {
		const { tile } = this;
		this.spoken = make("span", { className: "wan-unseen" });
		this.poster = make("img", { alt: "" });
		this.phase = make("strong");
		this.message = make("span", { className: "wan-tile-message" });
		this.bar = make("progress", { max: 1, "aria-label": "Progress" });
		this.left = make("span", { className: "wan-quiet" });
		this.words = make("span", { className: "wan-tile-words" }, this.phase, this.bar, this.left, this.message);
		this.face.append(this.spoken, this.poster, this.words);
		this.badge = make("span", { className: "wan-badge", textContent: "Best" });
		this.retry = makeButton("Try again", () => this.ears.onretry(tile.number), "wan-retry");
		this.box = make("input", {
			type: "checkbox",
			"aria-label": `Compare: ${this.name}`,
			onchange: () => this.ears.onchoose(tile.number),
		});
		this.choice = make("label", { className: "wan-tile-choice", title: "Compare" }, this.box);
		this.caption = make("span", { className: "wan-tile-caption" });
		this.value = make("span", { className: "wan-tile-value" });
		this.root.append(this.badge, this.choice, this.retry, make("div", { className: "wan-tile-foot" }, this.caption, this.value));
	}

	/**
	 * Says whether the tile is on the screen or close to it.
	 * @param {boolean} near
	 */
	come(near) {
		if (near === this.near) return;
		this.near = near;
		clearTimeout(this.staying);
		if (!near) return this.letGo();
		if (!this.poster) this.build();
		this.draw();
		this.staying = setTimeout(() => this.fetch(), STAY);
	}

	/** @param {Marks} [marks] */
	draw(marks = /** @type {Marks} */ (this.marks)) {
		this.marks = marks;
		const { tile, root } = this;
		root.dataset.tone = tile.tone;
		root.classList.toggle("wan-opened", marks.opened);
		root.classList.toggle("wan-best", marks.best);
		if (!this.poster || !this.near) return;
		this.drawWords();
		this.drawMarks(marks);
		if (tile.clip && this.staying === -1) this.fetch();
	}

	drawWords() {
		const { tile } = this;
		const percent = Math.round(100 * (tile.fraction ?? 0));
		say(this.spoken, `${this.name}. ${tile.clip ? "Done" : ""}`);
		this.words.hidden = Boolean(tile.clip);
		say(this.phase, percent ? `${tile.phase}, ${percent} %` : tile.phase);
		say(this.message, tile.tone === "bad" ? tile.message : "");
		this.message.title = tile.message;
		say(this.left, tile.tone === "busy" ? tile.time_left : "");
		this.bar.hidden = tile.tone !== "busy" || tile.fraction === 0;
		if (tile.fraction === null) this.bar.removeAttribute("value");
		else this.bar.value = tile.fraction;
		this.face.setAttribute("aria-disabled", String(!tile.clip));
		this.retry.hidden = !tile.can_retry;
	}

	/** @param {Marks} marks */
	drawMarks({ best, chosen, opened, named, measure }) {
		const { tile } = this;
		this.badge.hidden = !best;
		this.choice.hidden = !tile.clip;
		this.box.checked = chosen;
		this.choice.classList.toggle("wan-chosen", chosen);
		if (opened) this.face.setAttribute("aria-current", "true");
		else this.face.removeAttribute("aria-current");
		say(this.caption, named ? this.name : "");
		const number = measure && tile.numbers[measure.name];
		say(this.value, measure ? (number === undefined ? "–" : `${shortNumber(number)}`) : "");
		this.value.title = measure ? `${measure.title}${measure.unit && `, ${measure.unit}`}` : "";
	}

	/** Only the tile on which the focus is, or was last, is a stop of the Tab key; and so is what lies on it. */
	set current(/** @type {boolean} */ current) {
		for (const part of [this.face, this.box, this.retry]) if (part) part.tabIndex = current ? 0 : -1;
	}

	async fetch() {
		this.staying = -1;
		const { clip, poster } = this.tile;
		if (!this.near || !clip || !poster || this.fetched?.id === clip.id) return;
		this.fetched = clip;
		try {
			const picture = await this.delivery.ask(poster);
			if (this.fetched !== clip) return;
			this.poster.src = picture;
			const address = await this.delivery.ask(clip);
			if (this.fetched === clip) this.play(address);
		} catch (error) {
			if (this.fetched !== clip) return;
			this.words.hidden = false;
			say(this.phase, "Cannot be shown");
			say(this.message, /** @type {Error} */ (error).message);
		}
	}

	/** @param {string} address of the clip */
	play(address) {
		this.video?.remove();
		this.video = make("video", { muted: true, playsInline: true, preload: "auto", src: address, tabIndex: -1 });
		this.video.setAttribute("aria-hidden", "true");
		this.video.addEventListener("loadeddata", () => this.ears.onmedia());
		this.poster.after(this.video);
		this.ears.onmedia();
	}

	/** Gives back what costs memory or time. */
	letGo() {
		this.fetched = null;
		this.poster?.removeAttribute("src");
		if (!this.video) return;
		this.video.removeAttribute("src");
		this.video.load();
		this.video.remove();
		this.video = null;
		this.ears.onmedia();
	}
}
