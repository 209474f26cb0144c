// @ts-check
import { Controls } from "../shared/controls.js";
import { make, makeRoot } from "../shared/elements.js";
import { ChoiceBar } from "./toolbar.js";
import { Comparing } from "./comparing.js";
import { Focus } from "./focus.js";
import { Head } from "./head.js";
import { Limit } from "./limit.js";
import { bestOf, linesOf, listOf } from "./arrange.js";
import { fittingSize, makeList, makeTable } from "./layout.js";
import { TileView } from "./tile.js";

/** @typedef {import("./controller.js").Shared} Shared */
/** @typedef {import("./tile_store.js").Tile} Tile */
/** @typedef {import("./tile.js").Ears} Ears */

/** How far from the edge of what is seen a tile counts as near. */
const MARGIN = "240px";
/** Which part of a tile must be seen for it to be in sight; the padding alone is nothing to see. */
const SEEN = 0.05;
/** Pixels on both sides of the table. */
const BORDERS = 2;

/** The grid on a page. */
export class GridView {
	/** @param {Shared} shared */
	constructor(shared) {
		const { known, choices, playing } = shared;
		this.shared = shared;
		/** @type {Map<number, TileView>} */
		this.tiles = new Map();
		/** @type {(number | null)[][]} the numbers of the tiles, as they stand on the page */
		this.lines = [];
		/** The places of the tiles, as they were drawn last. */
		this.key = "";
		/** @type {number | null} */
		this.best = null;
		/** @type {number[]} the tiles which the player shows */
		this.opened = [];
		/** Whether the player shows what was asked for here. */
		this.opening = false;
		/** Which tiles the player showed when the focus went there. */
		this.followed = "";
		this.head = new Head(known);
		this.choices = new ChoiceBar(known, choices, () => shared.draw());
		this.scroller = make("div", { className: "wan-scroller" });
		/** @type {Controls} */
		this.controls = new Controls(playing, () => this.root);
		this.comparing = new Comparing(shared, () => this.open({ type: "compare", numbers: shared.chosen }));
		this.limit = new Limit();
		this.comparing.hint.after(this.limit.root);
		const parts = [this.choices.root, this.scroller, this.controls.root, this.comparing.root];
		/** @type {HTMLElement} */
		this.root = makeRoot("wan-grid", ...this.head.parts, ...parts);
		this.root.setAttribute("aria-label", "Grid of clips");
		this.focus = new Focus(this);
		this.scroller.addEventListener("keydown", (event) => this.focus.press(event));
		this.scroller.addEventListener("focusin", (event) => this.focus.notice(event));
		// A scrolling part of a page cuts off the first margin; browsers that do not know the second only see less ahead.
		const ahead = /** @type {IntersectionObserverInit} */ ({ rootMargin: MARGIN, scrollMargin: MARGIN });
		this.observers = [
			new IntersectionObserver((entries) => this.see(entries, (tile, here) => tile.come(here)), ahead),
			new IntersectionObserver((entries) => this.see(entries, (tile, here) => (tile.visible = here)), { threshold: SEEN }),
		];
		this.resizing = new ResizeObserver(() => this.fit());
		this.resizing.observe(this.root);
	}

	/** @returns {number[]} */
	get shown() {
		return this.lines.flat().flatMap((number) => (number === null ? [] : [number]));
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
		const { known } = this.shared;
		this.head.draw();
		this.comparing.draw();
		this.root.style.setProperty("--wan-shape", known.head.shape);
		const some = [...known.tiles.values()].some(({ clip }) => clip);
		this.comparing.root.hidden = this.controls.root.hidden = !some;
	}

	/** Puts the tiles in their places, when these are not the same as before. */
	drawPlaces() {
		const { known, choices } = this.shared;
		const { view, row, column } = choices;
		/** @type {(Tile | null)[][]} */
		const lines = view === "table" ? linesOf(known, choices) : [listOf(known, choices)];
		this.lines = lines.map((line) => line.map((tile) => tile && tile.number));
		this.choices.draw(this.shown.length);
		const key = JSON.stringify([view, row, column, this.lines]);
		if (key !== this.key) {
			const roots = lines.map((line) => line.map((tile) => tile && this.viewOf(tile).root));
			this.place(view === "table" ? makeTable(known.axes[row], known.axes[column], roots) : makeList(roots[0]));
		}
		this.key = key;
		this.fit();
	}

	/** @param {HTMLElement} tiles */
	place(tiles) {
		const focused = this.scroller.contains(document.activeElement);
		this.scroller.replaceChildren(tiles);
		this.watch();
		this.focus.settle(focused);
	}

	/** Makes the tiles as large as the person wants them, or as there is room. */
	fit() {
		const { known, choices } = this.shared;
		const edge = this.scroller.querySelector("tbody th");
		const beside = edge instanceof HTMLElement ? edge.offsetWidth : 0;
		const width = this.choices.root.offsetWidth - beside - BORDERS;
		this.root.style.setProperty("--wan-row-header-width", `${beside}px`);
		if (width > 0 && this.lines.length) this.choices.fitting = fittingSize(width, known.head.shape, this.lines, Boolean(choices.measure));
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
		for (const number of [...numbers, ...known.head.opened, ...this.opened]) {
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
		this.focus.move(this.focus.current, false); // what has just been made inside of it knows nothing of the focus
		this.shared.stir();
	}

	/**
	 * Asks for a clip in the player, or two; the grid keeps still meanwhile.
	 * @param {Record<string, any>} deed
	 */
	open(deed) {
		this.shared.each((view) => (view.opening = view === this));
		this.followed = "";
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
			if (opened === "[]") this.focus.move(this.focus.current);
			else /** @type {HTMLElement | null} */ (player?.querySelector(".wan-screen"))?.focus();
		}, 100);
	}

	leave() {
		for (const observer of [...this.observers, this.resizing]) observer.disconnect();
		for (const tile of this.tiles.values()) {
			this.hide(tile);
			tile.letGo();
		}
	}
}
