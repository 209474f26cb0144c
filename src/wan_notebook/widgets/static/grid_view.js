// @ts-check
import { Controls } from "./controls.js";
import { make, makeButton, makeRoot, say } from "./elements.js";
import { ChoiceBar } from "./grid_choices.js";
import { bestOf, linesOf, listOf } from "./grid_order.js";
import { fittingSize, makeList, makeTable, stepFrom } from "./grid_places.js";
import { TileView } from "./grid_tile.js";

/** @typedef {import("./grid_shared.js").Shared} Shared */
/** @typedef {import("./grid_known.js").Tile} Tile */
/** @typedef {import("./grid_tile.js").Ears} Ears */

/** How far from the edge of what is seen a tile counts as near. */
const MARGIN = "240px";
/** Pixels on both sides of the table. */
const BORDERS = 2;
const HINT = "Arrow keys move, Enter enlarges, C chooses two to compare, P plays, comma and period step by a frame.";

/** The grid on a page. */
export class GridView {
	/** @param {Shared} shared */
	constructor(shared) {
		this.shared = shared;
		/** @type {Map<number, TileView>} */
		this.tiles = new Map();
		/** @type {number | null} the tile on which the focus is, or was last */
		this.current = null;
		/** Whether the player shows what was asked for here. */
		this.opening = false;
		/** The places of the tiles, as they were drawn last. */
		this.key = "";
		// A scrolling part of a page cuts off the first margin; browsers that do not know the second only see less ahead.
		const ahead = /** @type {IntersectionObserverInit} */ ({ rootMargin: MARGIN, scrollMargin: MARGIN });
		this.observers = [
			new IntersectionObserver((entries) => this.see(entries, (tile, here) => tile.come(here)), ahead),
			new IntersectionObserver((entries) => this.see(entries, (tile, here) => (tile.visible = here))),
		];
		this.makeParts();
		this.resizing = new ResizeObserver(() => this.fit());
		this.resizing.observe(this.root);
	}

	makeParts() {
		const { known, choices, playing } = this.shared;
		this.words = make("p", { className: "wan-words", role: "status" });
		this.stop = makeButton("Stop sending", () => known.send({ type: "stop" }));
		this.bar = make("progress", { max: 1, "aria-label": "Tiles done" });
		this.trouble = make("p", { className: "wan-trouble", role: "alert" });
		this.choices = new ChoiceBar(known, choices, () => this.shared.draw());
		this.scroller = make("div", { className: "wan-scroller" });
		this.compare = makeButton("Compare the two", () => this.open({ type: "compare", numbers: this.shared.chosen }), "wan-compare");
		this.hint = make("p", { className: "wan-quiet wan-hint", role: "status" });
		this.below = make("div", { className: "wan-row wan-apart" }, this.hint, this.compare);
		this.controls = new Controls(playing, () => this.root);
		this.root = makeRoot(
			"wan-grid",
			make("div", { className: "wan-row wan-apart" }, this.words, this.stop),
			this.bar,
			this.trouble,
			this.choices.root,
			this.scroller,
			this.controls.root,
			this.below,
		);
		this.root.setAttribute("aria-label", "Grid of clips");
		this.scroller.addEventListener("keydown", (event) => this.press(event));
		this.scroller.addEventListener("focusin", (event) => this.focus(event));
	}

	/** @param {Set<number>} changed the tiles that are not what they were */
	hear(changed) {
		this.drawHead();
		this.drawPlaces();
		this.drawTiles(changed);
		this.followPlayer();
	}

	draw() {
		this.drawHead();
		this.drawPlaces();
		this.drawTiles(new Set(this.tiles.keys()));
	}

	drawHead() {
		const { head } = this.shared.known;
		this.root.dataset.tone = head.tone;
		say(this.words, head.words);
		say(this.trouble, head.trouble);
		this.stop.hidden = !head.can_stop;
		this.bar.hidden = head.tone !== "busy";
		this.bar.value = head.fraction;
		this.root.style.setProperty("--wan-shape", head.shape);
		this.drawChosen();
		const some = [...this.shared.known.tiles.values()].some(({ clip }) => clip);
		this.below.hidden = this.controls.root.hidden = !some;
	}

	drawChosen() {
		const { known, chosen } = this.shared;
		const names = chosen.map((number) => known.nameOf(/** @type {Tile} */ (known.tiles.get(number))));
		const hints = [HINT, `${names[0]} is chosen. Choose another one to compare it with.`, names.join(" and ")];
		say(this.hint, hints[chosen.length]);
		this.compare.disabled = chosen.length !== 2;
	}

	/** Puts the tiles in their places, when these are not the same as before. */
	drawPlaces() {
		const { known, choices } = this.shared;
		const table = choices.view === "table";
		/** @type {(Tile | null)[][]} */
		const lines = table ? linesOf(known, choices) : [listOf(known, choices)];
		this.lines = lines.map((line) => line.map((tile) => tile && tile.number));
		this.shown = this.lines.flat().filter((number) => number !== null);
		this.choices.draw(this.shown.length);
		const key = JSON.stringify([choices.view, choices.row, choices.column, this.lines]);
		if (key === this.key) return this.fit();
		this.key = key;
		const focused = this.scroller.contains(document.activeElement);
		const roots = lines.map((line) => line.map((tile) => tile && this.viewOf(tile).root));
		this.scroller.replaceChildren(
			table ? makeTable(known.axes[choices.row], known.axes[choices.column], roots) : makeList(roots[0]),
		);
		this.fit();
		this.watch();
		this.move(this.shown.includes(this.current) ? this.current : this.shown[0], focused);
	}

	/** Makes the tiles as large as the person wants them, or as there is room. */
	fit() {
		const { known, choices } = this.shared;
		const edge = this.scroller.querySelector("tbody th");
		const width = this.choices.root.offsetWidth - (edge instanceof HTMLElement ? edge.offsetWidth : 0) - BORDERS;
		if (width > 0 && this.lines) this.choices.fitting = fittingSize(width, known.head.shape, this.lines, Boolean(choices.measure));
		this.root.style.setProperty("--wan-tile", `${choices.size || this.choices.fitting}px`);
	}

	/** @param {Tile} tile */
	viewOf(tile) {
		const known = this.tiles.get(tile.number);
		if (known) return known;
		const view = new TileView(tile, this.shared.known.nameOf(tile), this.shared.delivery, this.ears);
		this.tiles.set(tile.number, view);
		view.draw(this.marksOf(tile, null));
		return view;
	}

	/** @returns {Ears} what the tiles tell */
	get ears() {
		const { known } = this.shared;
		return {
			onenlarge: (number) => known.tiles.get(number)?.clip && this.open({ type: "enlarge", number }),
			onchoose: (number) => this.shared.choose(number),
			onretry: (number) => known.send({ type: "retry", number }),
			onsight: () => this.shared.stir(),
			onmedia: () => this.shared.settle(),
		};
	}

	/** @param {Set<number>} numbers */
	drawTiles(numbers) {
		const { known, choices } = this.shared;
		const best = bestOf(known, choices);
		if (best !== this.best) numbers = new Set(this.tiles.keys());
		this.best = best;
		for (const number of [...numbers, ...(known.head.opened ?? []), ...(this.opened ?? [])]) {
			const view = this.tiles.get(number);
			view?.draw(this.marksOf(view.tile, best));
		}
		this.opened = known.head.opened;
	}

	/**
	 * @param {Tile} tile
	 * @param {number | null} best
	 */
	marksOf({ number }, best) {
		const { known, choices, chosen } = this.shared;
		return {
			best: number === best,
			chosen: chosen.includes(number),
			opened: known.head.opened.includes(number),
			named: choices.view === "list",
			measure: choices.chosenMeasure,
		};
	}

	/** Sees which tiles are near; those that are shown no more are not. */
	watch() {
		const shown = new Set(this.shown);
		for (const observer of this.observers) {
			observer.disconnect();
			for (const [number, { root }] of this.tiles) if (shown.has(number)) observer.observe(root);
		}
		for (const [number, tile] of this.tiles) if (!shown.has(number)) this.hide(tile);
		this.shared.stir();
	}

	/** @param {TileView} tile */
	hide(tile) {
		tile.visible = false;
		tile.come(false);
	}

	/**
	 * @param {IntersectionObserverEntry[]} entries
	 * @param {(tile: TileView, here: boolean) => void} act
	 */
	see(entries, act) {
		for (const { target, isIntersecting } of entries) {
			const tile = this.tiles.get(Number(/** @type {HTMLElement} */ (target).dataset.number));
			if (tile) act(tile, isIntersecting);
		}
		if (this.tiles.get(this.current ?? -1)?.root.isConnected) this.move(this.current, false);
		this.shared.stir();
	}

	/**
	 * Asks for a clip in the player, or two; the grid keeps still meanwhile.
	 * @param {Record<string, any>} deed
	 */
	open(deed) {
		this.opening = true;
		this.shared.playing.stop();
		this.shared.known.send(deed);
	}

	/** The focus goes to the player with what was asked for here, and comes back when it is closed. */
	followPlayer() {
		const opened = JSON.stringify(this.shared.known.head.opened);
		if (!this.opening || opened === this.followed) return;
		this.followed = opened;
		const player = this.root.closest(".wan-sweep")?.querySelector(".wan-player");
		// The player hears of it in a message of its own, right before or after this one.
		setTimeout(() => {
			if (opened === "[]") this.move(this.current, true);
			else /** @type {HTMLElement | null} */ (player?.querySelector(".wan-screen"))?.focus();
		}, 100);
	}

	/**
	 * Makes a tile the one where the Tab key stops.
	 * @param {number | null} [number]
	 * @param {boolean} [focus] whether the focus goes there too
	 */
	move(number, focus = true) {
		const before = this.tiles.get(this.current ?? -1);
		const tile = this.tiles.get(number ?? -1);
		if (before && before !== tile) before.current = false;
		this.current = number ?? null;
		if (!tile) return;
		tile.current = true;
		if (focus) tile.face.focus();
	}

	/** @param {FocusEvent} event */
	focus({ target }) {
		const root = /** @type {HTMLElement} */ (target).closest(".wan-tile");
		if (root instanceof HTMLElement) this.move(Number(root.dataset.number), false);
	}

	/** @param {KeyboardEvent} event */
	press(event) {
		const { playing } = this.shared;
		const number = this.current;
		if (number === null || event.ctrlKey || event.metaKey || event.altKey) return;
		const step = (/** @type {number} */ across, /** @type {number} */ down) =>
			this.move(stepFrom(number, across, down, this.lines ?? [], this.tiles));
		/** @type {Record<string, () => void>} */
		const keys = {
			ArrowLeft: () => step(-1, 0),
			ArrowRight: () => step(1, 0),
			ArrowUp: () => step(0, -1),
			ArrowDown: () => step(0, 1),
			Home: () => this.move(this.shown?.[0]),
			End: () => this.move(this.shown?.at(-1)),
			c: () => this.shared.known.tiles.get(number)?.clip && this.shared.choose(number),
			p: () => playing.toggle(),
			",": () => playing.frame--,
			".": () => playing.frame++,
		};
		if (!keys[event.key]) return;
		event.preventDefault();
		keys[event.key]();
	}

	leave() {
		for (const observer of [...this.observers, this.resizing]) observer.disconnect();
		for (const tile of this.tiles.values()) {
			this.hide(tile);
			tile.letGo();
		}
	}
}
