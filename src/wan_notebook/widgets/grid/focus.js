// @ts-check
// The keyboard in a grid: one tile at a time is a stop of the Tab key, and the arrow keys go to others.
import { stepFrom } from "./layout.js";

/** @typedef {import("./view.js").GridView} GridView */

export class TileFocus {
	/** @param {GridView} view */
	constructor(view) {
		this.view = view;
		/** @type {number | null} the tile on which the focus is, or was last */
		this.current = null;
	}

	get tile() {
		return this.current === null ? undefined : this.view.tiles.get(this.current);
	}

	/**
	 * @param {number | null | undefined} number
	 * @param {boolean} [take] whether the focus goes there at once
	 */
	move(number, take = true) {
		if (this.tile && number !== this.current) this.tile.current = false;
		this.current = number ?? null;
		if (!this.tile) return;
		this.tile.current = true;
		if (take) this.tile.face.focus();
	}

	/**
	 * Moves to the first tile where the current one is no longer shown.
	 * @param {boolean} take whether the focus was on a tile, and goes there
	 */
	settle(take) {
		const { shown } = this.view;
		const there = this.current !== null && shown.includes(this.current);
		this.move(there ? this.current : shown[0], take);
	}

	/** @param {FocusEvent} event */
	handleFocusIn({ target }) {
		const root = /** @type {HTMLElement} */ (target).closest(".wan-grid-tile");
		if (root instanceof HTMLElement) this.move(Number(root.dataset.number), false);
	}

	/** @param {KeyboardEvent} event */
	handleKey(event) {
		const { controller, lines, shown, tiles } = this.view;
		const { playback, store } = controller;
		const number = this.current;
		if (number === null || event.ctrlKey || event.metaKey || event.altKey) return;
		const step = (/** @type {number} */ across, /** @type {number} */ down) =>
			this.move(stepFrom(number, across, down, lines, tiles));
		/** @type {Record<string, () => void>} */
		const keys = {
			ArrowLeft: () => step(-1, 0),
			ArrowRight: () => step(1, 0),
			ArrowUp: () => step(0, -1),
			ArrowDown: () => step(0, 1),
			Home: () => this.move(shown[0]),
			End: () => this.move(shown.at(-1)),
			c: () => store.tiles.get(number)?.clip && controller.choose(number),
			p: () => playback.toggle(),
			",": () => playback.frame--,
			".": () => playback.frame++,
		};
		const act = keys[event.key] ?? keys[event.key.toLowerCase()];
		if (!act) return;
		event.preventDefault();
		act();
	}
}
