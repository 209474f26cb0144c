// @ts-check
// One tile: text while there is no clip, then its first frame, and in sight the clip. Far away it holds nothing.
import { h, makeButton, setText } from "../shared/elements.js";
import { TileBody } from "./tile_body.js";
import { shortNumber } from "./tile_store.js";

/** @typedef {import("./tile_store.js").Tile} Tile */
/** @typedef {import("./tile_store.js").Measure} Measure */
/** @typedef {import("../shared/delivery.js").Delivery} Delivery */
/** @typedef {import("../shared/delivery.js").Label} Label */

/**
 * Called by a tile: for a person's commands, with its number; when it fetches its first frame; when its video comes or goes.
 * @typedef {{
 *   onenlarge(number: number): void, onchoose(number: number): void, onretry(number: number): void,
 *   onpicture(): void, onmedia(): void,
 * }} TileCallbacks
 */
/**
 * A tile's role in its grid; `named`: whether its name stands below it.
 * @typedef {{best: boolean, chosen: boolean, opened: boolean, named: boolean, measure: Measure | undefined}} TileFlags
 */

/** Milliseconds that a tile must stay near before it fetches anything: who scrolls by wants none of it. */
const STAY = 100;

export class TileView {
	/**
	 * @param {Tile} tile
	 * @param {string} name
	 * @param {Delivery} delivery
	 * @param {TileCallbacks} callbacks
	 * @param {() => HTMLElement[]} makePictures returns the thumbnails of those of its inputs that vary
	 */
	constructor(tile, name, delivery, callbacks, makePictures) {
		this.tile = tile;
		this.name = name;
		this.delivery = delivery;
		this.callbacks = callbacks;
		this.makePictures = makePictures;
		/** Whether it is in sight, or nearly so. */
		this.near = false;
		/** Whether it has been near for long enough to fetch its first frame. */
		this.settled = false;
		this.visible = false;
		/** @type {HTMLVideoElement | null} */
		this.video = null;
		/** @type {Label | null} the clip whose first frame is shown, or is on its way */
		this.pictured = null;
		/** @type {Label | null} the clip that plays, or is on its way */
		this.played = null;
		// What says which tile it is, and gives it its height, is there from the beginning.
		this.spoken = h("span", { className: "wan-grid-name" });
		this.face = makeButton(this.spoken, () => callbacks.onenlarge(tile.number), {
			className: "wan-grid-face",
			tabIndex: -1,
		});
		this.caption = h("span", { className: "wan-grid-caption" });
		this.value = h("span", { className: "wan-grid-value" });
		this.inputs = h("span", { className: "wan-grid-inputs", hidden: true });
		this.foot = h("div", { className: "wan-grid-foot" }, this.inputs, this.caption, this.value);
		this.root = h("div", { className: "wan-grid-tile" }, this.face, this.foot);
		this.root.dataset.number = String(tile.number);
		/** @type {TileBody | null} all else; a tile that was never near does without */
		this.body = null;
		/** @type {TileFlags | null} */
		this.flags = null;
	}

	/** @param {boolean} near whether the tile is on the screen or close to it */
	setNear(near) {
		if (near === this.near) return;
		this.near = near;
		this.settled = false;
		clearTimeout(this.stayTimer);
		if (!near) return;
		if (!this.body) this.makeBody();
		this.draw();
		this.stayTimer = setTimeout(() => {
			this.settled = true;
			this.showPoster();
		}, STAY);
	}

	makeBody() {
		this.body = new TileBody(this.tile, this.name, this.callbacks);
		this.face.append(this.body.poster, this.body.words);
		this.foot.before(this.body.badge, this.body.choice, this.body.retry);
		this.inputs.append(...this.makePictures());
	}

	/** @param {TileFlags} [flags] */
	draw(flags = /** @type {TileFlags} */ (this.flags)) {
		this.flags = flags;
		const { tile, root } = this;
		root.dataset.tone = tile.tone;
		root.classList.toggle("wan-grid-opened", flags.opened);
		root.classList.toggle("wan-grid-best", flags.best);
		this.drawName(flags);
		if (flags.opened) this.face.setAttribute("aria-current", "true");
		else this.face.removeAttribute("aria-current");
		this.face.setAttribute("aria-disabled", String(!tile.clip));
		if (!this.body || !this.near) return;
		this.body.draw(flags);
		if (this.settled) this.showPoster();
	}

	/** @param {TileFlags} flags */
	drawName({ named, measure }) {
		const { tile } = this;
		setText(this.spoken, tile.clip ? `${this.name}. Done` : this.name);
		setText(this.caption, named ? this.name : "");
		this.inputs.hidden = !named || !this.inputs.firstChild;
		const number = measure && tile.numbers[measure.name];
		setText(this.value, measure ? (number === undefined ? "–" : shortNumber(number)) : "");
		this.value.title = measure ? `${measure.title}${measure.unit && `, ${measure.unit}`}` : "";
	}

	/** Only the tile on which the focus is, or was last, is a stop of the Tab key; and so are the controls on it. */
	set current(/** @type {boolean} */ current) {
		for (const part of [this.face, this.body?.box, this.body?.retry]) if (part) part.tabIndex = current ? 0 : -1;
	}

	async showPoster() {
		const { clip, poster } = this.tile;
		if (!this.near || !clip || !poster || this.pictured?.id === clip.id) return;
		this.pictured = clip;
		this.callbacks.onpicture();
		const url = await this.fetch(poster);
		if (url && this.pictured === clip && this.body) this.body.poster.src = url;
	}

	/**
	 * Plays the clip, or removes it.
	 * @param {boolean} wanted
	 */
	async play(wanted) {
		const clip = wanted ? this.tile.clip : null;
		if (this.played?.id === clip?.id) return;
		this.played = clip;
		const url = clip && (await this.fetch(clip));
		if (this.played !== clip) return;
		this.removeVideo();
		if (!url) return;
		this.video = h("video", { muted: true, playsInline: true, preload: "auto", src: url, tabIndex: -1 });
		this.video.setAttribute("aria-hidden", "true");
		this.video.addEventListener("loadeddata", () => this.callbacks.onmedia());
		this.body?.poster.after(this.video);
	}

	/**
	 * Returns the address of a content; where there is none, the tile says why.
	 * @param {Label} label
	 */
	async fetch(label) {
		try {
			return await this.delivery.fetch(label);
		} catch (error) {
			this.body?.explain(/** @type {Error} */ (error).message);
			return "";
		}
	}

	/** Gives back what costs memory or time. */
	release() {
		if (!this.pictured && !this.played) return;
		this.pictured = this.played = null;
		this.body?.poster.removeAttribute("src");
		this.removeVideo();
	}

	removeVideo() {
		if (!this.video) return;
		this.video.removeAttribute("src");
		this.video.load();
		this.video.remove();
		this.video = null;
		this.callbacks.onmedia();
	}
}
