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
 *   onenlarge(number: number): void, onchoose(number: number): void, onretry(number: number): void,
 *   onsight(): void, onmedia(): void,
 * }} Ears
 */
/**
 * What a grid tells its tiles besides their state.
 * @typedef {{best: boolean, chosen: boolean, opened: boolean, named: boolean, measure: Measure | undefined}} Marks
 */

/** Milliseconds that a tile must stay near before it fetches anything: who scrolls by wants none of it. */
const STAY = 100;

/** One tile: words while there is no clip, then its first frame, and in sight the clip. Far away it holds nothing. */
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
		/** Whether it is in sight, or nearly so. */
		this.near = false;
		this.visible = false;
		this.staying = 0;
		/** @type {HTMLVideoElement | null} */
		this.video = null;
		/** @type {Label | null} the clip whose first frame is shown, or is on its way */
		this.pictured = null;
		/** @type {Label | null} the clip that plays, or is on its way */
		this.played = null;
		this.face = make("button", {
			type: "button",
			className: "wan-face-button",
			tabIndex: -1,
			onclick: () => ears.onenlarge(tile.number),
		});
		// What says which tile it is, and gives it its height, is there from the beginning.
		this.spoken = make("span", { className: "wan-unseen" });
		this.face.append(this.spoken);
		this.caption = make("span", { className: "wan-tile-caption" });
		this.value = make("span", { className: "wan-tile-value" });
		this.foot = make("div", { className: "wan-tile-foot" }, this.caption, this.value);
		this.root = make("div", { className: "wan-tile" }, this.face, this.foot);
		this.root.dataset.number = String(tile.number);
		/** @type {Marks | null} */
		this.marks = null;
	}

	/** Makes all else that is inside; a tile that was never near does without. */
	build() {
		const { tile } = this;
		this.poster = make("img", { alt: "", decoding: "async" });
		this.phase = make("strong");
		this.message = make("span", { className: "wan-tile-message" });
		this.bar = make("progress", { max: 1, "aria-label": "Progress" });
		this.left = make("span", { className: "wan-quiet" });
		this.words = make("span", { className: "wan-tile-words" }, this.phase, this.bar, this.left, this.message);
		this.face.append(this.poster, this.words);
		this.badge = make("span", { className: "wan-badge", textContent: "Best" });
		this.retry = makeButton("Try again", () => this.ears.onretry(tile.number), "wan-retry");
		this.box = make("input", {
			type: "checkbox",
			"aria-label": `Compare: ${this.name}`,
			onchange: () => this.ears.onchoose(tile.number),
		});
		this.choice = make("label", { className: "wan-tile-choice", title: "Compare" }, this.box);
		this.foot.before(this.badge, this.choice, this.retry);
	}

	/**
	 * Says whether the tile is on the screen or close to it.
	 * @param {boolean} near
	 */
	come(near) {
		if (near === this.near) return;
		this.near = near;
		clearTimeout(this.staying);
		if (!near) return;
		if (!this.poster) this.build();
		this.draw();
		this.staying = setTimeout(() => this.picture(), STAY);
	}

	/** @param {Marks} [marks] */
	draw(marks = /** @type {Marks} */ (this.marks)) {
		this.marks = marks;
		const { tile, root } = this;
		root.dataset.tone = tile.tone;
		root.classList.toggle("wan-opened", marks.opened);
		root.classList.toggle("wan-best", marks.best);
		this.drawName(marks);
		if (!this.poster || !this.near) return;
		this.drawWords();
		this.drawMarks(marks);
		if (this.staying === -1) this.picture();
	}

	/** @param {Marks} marks */
	drawName({ named, measure }) {
		const { tile } = this;
		say(this.spoken, tile.clip ? `${this.name}. Done` : this.name);
		say(this.caption, named ? this.name : "");
		const number = measure && tile.numbers[measure.name];
		say(this.value, measure ? (number === undefined ? "–" : shortNumber(number)) : "");
		this.value.title = measure ? `${measure.title}${measure.unit && `, ${measure.unit}`}` : "";
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
		this.face.setAttribute("aria-disabled", String(!tile.clip));
		this.retry.hidden = !tile.can_retry;
	}

	/** @param {Marks} marks */
	drawMarks({ best, chosen, opened }) {
		const { tile } = this;
		this.badge.hidden = !best;
		this.choice.hidden = !tile.clip;
		this.box.checked = chosen;
		this.choice.classList.toggle("wan-chosen", chosen);
		if (opened) this.face.setAttribute("aria-current", "true");
		else this.face.removeAttribute("aria-current");
	}

	/** Only the tile on which the focus is, or was last, is a stop of the Tab key; and so is what lies on it. */
	set current(/** @type {boolean} */ current) {
		for (const part of [this.face, this.box, this.retry]) if (part) part.tabIndex = current ? 0 : -1;
	}

	/** Fetches the first frame. */
	async picture() {
		this.staying = -1;
		const { clip, poster } = this.tile;
		if (!this.near || !clip || !poster || this.pictured?.id === clip.id) return;
		this.pictured = clip;
		this.ears.onsight();
		const address = await this.arrival(poster);
		if (address && this.pictured === clip && this.poster) this.poster.src = address;
	}

	/**
	 * Plays the clip, or gives it back.
	 * @param {boolean} wanted
	 */
	async play(wanted) {
		const clip = wanted ? this.tile.clip : null;
		if (this.played?.id === clip?.id) return;
		this.played = clip;
		const address = clip && (await this.arrival(clip));
		if (this.played !== clip) return;
		this.removeVideo();
		if (!address) return;
		this.video = make("video", { muted: true, playsInline: true, preload: "auto", src: address, tabIndex: -1 });
		this.video.setAttribute("aria-hidden", "true");
		this.video.addEventListener("loadeddata", () => this.ears.onmedia());
		this.poster?.after(this.video);
	}

	/**
	 * Returns the address of what was asked for, or says why there is none.
	 * @param {Label} label
	 */
	async arrival(label) {
		try {
			return await this.delivery.ask(label);
		} catch (error) {
			if (!this.words) return "";
			this.words.hidden = false;
			say(this.phase, "Cannot be shown");
			say(this.message, /** @type {Error} */ (error).message);
			return "";
		}
	}

	/** Gives back what costs memory or time. */
	letGo() {
		if (!this.pictured && !this.played) return;
		this.pictured = this.played = null;
		this.poster?.removeAttribute("src");
		this.removeVideo();
	}

	removeVideo() {
		if (!this.video) return;
		this.video.removeAttribute("src");
		this.video.load();
		this.video.remove();
		this.video = null;
		this.ears.onmedia();
	}
}
