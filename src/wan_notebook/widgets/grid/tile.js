// @ts-check
import { make, say } from "../shared/elements.js";
import { Inside } from "./tile_body.js";
import { shortNumber } from "./tile_store.js";

/** @typedef {import("./tile_store.js").Known} Known */
/** @typedef {import("./tile_store.js").Tile} Tile */
/** @typedef {import("./tile_store.js").Measure} Measure */
/** @typedef {import("../shared/delivery.js").Delivery} Delivery */
/** @typedef {import("../shared/delivery.js").Label} Label */

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
		/** @type {Inside | null} all else; a tile that was never near does without */
		this.inside = null;
		/** @type {Marks | null} */
		this.marks = null;
	}

	/**
	 * Says whether the tile is on the screen or close to it.
	 * @param {boolean} near
	 */
	come(near) {
		if (near === this.near) return;
		this.near = near;
		clearTimeout(this.staying);
		this.staying = 0;
		if (!near) return;
		if (!this.inside) this.furnish();
		this.draw();
		this.staying = setTimeout(() => this.picture(), STAY);
	}

	furnish() {
		const inside = new Inside(this.tile, this.name, this.ears);
		this.face.append(inside.poster, inside.words);
		this.foot.before(inside.badge, inside.choice, inside.retry);
		this.inside = inside;
	}

	/** @param {Marks} [marks] */
	draw(marks = /** @type {Marks} */ (this.marks)) {
		this.marks = marks;
		const { tile, root } = this;
		root.dataset.tone = tile.tone;
		root.classList.toggle("wan-opened", marks.opened);
		root.classList.toggle("wan-best", marks.best);
		this.drawName(marks);
		if (marks.opened) this.face.setAttribute("aria-current", "true");
		else this.face.removeAttribute("aria-current");
		this.face.setAttribute("aria-disabled", String(!tile.clip));
		if (!this.inside || !this.near) return;
		this.inside.drawWords();
		this.inside.drawMarks(marks);
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

	/** Only the tile on which the focus is, or was last, is a stop of the Tab key; and so is what lies on it. */
	set current(/** @type {boolean} */ current) {
		for (const part of [this.face, this.inside?.box, this.inside?.retry]) if (part) part.tabIndex = current ? 0 : -1;
	}

	/** Fetches the first frame. */
	async picture() {
		this.staying = -1;
		const { clip, poster } = this.tile;
		if (!this.near || !clip || !poster || this.pictured?.id === clip.id) return;
		this.pictured = clip;
		this.ears.onsight();
		const address = await this.arrival(poster);
		if (address && this.pictured === clip && this.inside) this.inside.poster.src = address;
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
		this.inside?.poster.after(this.video);
	}

	/**
	 * Returns the address of what was asked for, or says why there is none.
	 * @param {Label} label
	 */
	async arrival(label) {
		try {
			return await this.delivery.ask(label);
		} catch (error) {
			this.inside?.excuse(/** @type {Error} */ (error).message);
			return "";
		}
	}

	/** Gives back what costs memory or time. */
	letGo() {
		if (!this.pictured && !this.played) return;
		this.pictured = this.played = null;
		this.inside?.poster.removeAttribute("src");
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
