// @ts-check
// One appearance of the grid on the page.
import { Controls } from "../shared/controls.js";
import { h, makeRoot } from "../shared/elements.js";
import { bestOf, linesOf, listOf } from "./arrange.js";
import { TileFocus } from "./focus.js";
import { fittingSize, GAP, makeList, makeTable } from "./layout.js";
import { ComparisonBar, Summary } from "./summary.js";
import { TileView } from "./tile.js";
import { Toolbar } from "./toolbar.js";

/** @typedef {import("./controller.js").GridController} GridController */
/** @typedef {import("./grid.js").Model} Model */
/** @typedef {import("./tile.js").TileCallbacks} TileCallbacks */
/** @typedef {import("./tile_store.js").Tile} Tile */
/** @typedef {import("../shared/delivery.js").Label} Label */

/** How far from the edge of what is seen a tile counts as near. */
const MARGIN = "240px";
/** The part of a tile that must be seen for it to be in sight; the padding alone is nothing to see. */
const SEEN = 0.05;
/** Pixels on both sides of the table. */
const BORDERS = 2;

export class GridView {
	/**
	 * @param {Model} _model
	 * @param {GridController} controller
	 */
	constructor(_model, controller) {
		const { store, arrangement, playback } = controller;
		this.controller = controller;
		/** @type {Map<number, TileView>} */
		this.tiles = new Map();
		/** @type {(number | null)[][]} the numbers of the tiles, as they stand on the page */
		this.lines = [];
		/** The layout of the tiles, as it was drawn last. */
		this.layoutDrawn = "";
		/** @type {number | null} */
		this.best = null;
		/** @type {number[]} the tiles which the player shows */
		this.opened = [];
		/** Whether the player shows what was opened here. */
		this.openedHere = false;
		this.summary = new Summary(store);
		this.toolbar = new Toolbar(store, arrangement, () => controller.draw());
		this.scroller = h("div", { className: "wan-grid-scroller" });
		/** @type {Controls} */
		this.controls = new Controls(playback, () => this.root.closest(".wan-sweep") ?? this.root);
		this.comparison = new ComparisonBar(controller, () => this.open({ type: "compare", numbers: controller.chosen }));
		const parts = [this.toolbar.root, this.scroller, this.controls.root, this.comparison.root];
		/** @type {HTMLElement} */
		this.root = makeRoot("wan-grid", ...this.summary.parts, ...parts);
		this.root.setAttribute("aria-label", "Grid of clips");
		this.focus = new TileFocus(this);
		this.scroller.addEventListener("keydown", (event) => this.focus.handleKey(event));
		this.scroller.addEventListener("focusin", (event) => this.focus.handleFocusIn(event));
		// A scrolling part of a page cuts off the first margin; browsers that do not know the second only see less ahead.
		const ahead = /** @type {IntersectionObserverInit} */ ({ rootMargin: MARGIN, scrollMargin: MARGIN });
		this.observers = [
			new IntersectionObserver((entries) => this.sight(entries, (tile, near) => tile.setNear(near)), ahead),
			new IntersectionObserver(
				(entries) => this.sight(entries, (tile, visible) => (tile.visible = visible)),
				{ threshold: SEEN },
			),
		];
		this.resizing = new ResizeObserver(() => this.fit());
		this.resizing.observe(this.root);
		controller.addView(this);
	}

	close() {
		for (const observer of [...this.observers, this.resizing]) observer.disconnect();
		for (const tile of this.tiles.values()) {
			this.hide(tile);
			tile.release();
		}
		this.controller.removeView(this);
	}

	/** @returns {number[]} */
	get shown() {
		return this.lines.flat().flatMap((number) => (number === null ? [] : [number]));
	}

	draw() {
		this.update(new Set(this.tiles.keys()));
	}

	/** @param {Set<number>} changed the numbers of the tiles that are to be drawn anew */
	update(changed) {
		this.drawSummary();
		this.drawLayout();
		this.drawTiles(changed);
	}

	drawSummary() {
		const { store } = this.controller;
		this.summary.draw();
		this.comparison.draw();
		this.root.style.setProperty("--wan-grid-clip-shape", String(store.summary.shape));
		const some = [...store.tiles.values()].some(({ clip }) => clip);
		this.comparison.root.hidden = this.controls.root.hidden = !some;
	}

	/** Puts the tiles in their places, when these are not the same as before. */
	drawLayout() {
		const { store, arrangement } = this.controller;
		const { view, row, column } = arrangement;
		/** @type {(Tile | null)[][]} */
		const lines = view === "table" ? linesOf(store, arrangement) : [listOf(store, arrangement)];
		this.lines = lines.map((line) => line.map((tile) => tile && tile.number));
		this.toolbar.draw(this.shown.length);
		const layout = JSON.stringify([view, row, column, this.lines]);
		if (layout !== this.layoutDrawn) {
			const roots = lines.map((line) => line.map((tile) => tile && this.viewOf(tile).root));
			const focused = this.scroller.contains(document.activeElement);
			const picture = (/** @type {Label} */ label) => this.makePicture(label);
			this.scroller.replaceChildren(
				view === "table" ? makeTable(store.axes[row], store.axes[column], roots, picture) : makeList(roots[0]),
			);
			this.observe();
			this.focus.settle(focused);
		}
		this.layoutDrawn = layout;
		this.fit();
	}

	/**
	 * Makes the thumbnail of an input; one that cannot be had leaves no hole.
	 * @param {Label} label
	 */
	makePicture(label) {
		const image = h("img", { alt: "", className: "wan-grid-input", hidden: true });
		image.addEventListener("load", () => this.fit());
		const show = (/** @type {string} */ url) => Object.assign(image, { src: url, hidden: false });
		this.controller.delivery.fetch(label).then(show, () => image.remove());
		return image;
	}

	/** Makes the tiles as large as the person wants them, or as there is room. */
	fit() {
		const { store, arrangement } = this.controller;
		const header = this.scroller.querySelector("tbody th");
		const headerWidth = header instanceof HTMLElement ? header.offsetWidth : 0;
		const width = this.toolbar.root.offsetWidth - headerWidth - BORDERS;
		if (width > 0 && this.lines.length)
			this.toolbar.fitting = fittingSize(width, this.roomBelow(), store.summary.shape, this.lines, Boolean(arrangement.measure));
		this.root.style.setProperty("--wan-row-header-width", `${headerWidth}px`);
		this.root.style.setProperty("--wan-grid-head-height", `${this.headHeight}px`);
		this.root.style.setProperty("--wan-grid-tile-width", `${arrangement.size || this.toolbar.fitting}px`);
	}

	get headHeight() {
		return this.scroller.querySelector("thead")?.offsetHeight ?? 0;
	}

	/** Returns the pixels that all rows have together in full screen; 0 where the page scrolls. */
	roomBelow() {
		if (!this.root.closest(":fullscreen")) return 0;
		const others = [...this.root.children].filter((part) => part !== this.scroller && part instanceof HTMLElement && !part.hidden);
		const used = others.reduce((sum, part) => sum + part.getBoundingClientRect().height + GAP, 4 * GAP);
		return innerHeight - used - this.headHeight - BORDERS;
	}

	/** @param {Tile} tile */
	viewOf(tile) {
		const existing = this.tiles.get(tile.number);
		if (existing) return existing;
		const { store, delivery } = this.controller;
		const inputs = store.axes.map(({ pictures }, axis) => pictures[tile.position[axis]]);
		const makePictures = () => inputs.flatMap((label) => (label ? [this.makePicture(label)] : []));
		const view = new TileView(tile, store.nameOf(tile), delivery, this.callbacks, makePictures);
		this.tiles.set(tile.number, view);
		view.draw(this.flagsOf(tile));
		return view;
	}

	/** @returns {TileCallbacks} */
	get callbacks() {
		const { controller } = this;
		const { store } = controller;
		return {
			onenlarge: (number) => store.tiles.get(number)?.clip && this.open({ type: "enlarge", number }),
			onchoose: (number) => controller.choose(number),
			onretry: (number) => store.send({ type: "retry", number }),
			onpicture: () => controller.onSightChange(),
			onmedia: () => controller.syncVideos(),
		};
	}

	/** @param {Set<number>} changed */
	drawTiles(changed) {
		const { store, arrangement } = this.controller;
		const best = bestOf(store, arrangement);
		if (best !== this.best) changed = new Set(this.tiles.keys());
		this.best = best;
		const { opened } = store.summary;
		for (const number of [...changed, ...opened, ...this.opened]) {
			const view = this.tiles.get(number);
			view?.draw(this.flagsOf(view.tile));
		}
		if (this.openedHere && this.opened.length && !opened.length) {
			this.focus.move(this.focus.current); // the player is closed
			this.controller.goOn();
		}
		this.opened = opened;
	}

	/** @param {Tile} tile */
	flagsOf({ number }) {
		const { store, arrangement, chosen } = this.controller;
		return {
			best: number === this.best,
			chosen: chosen.includes(number),
			opened: store.summary.opened.includes(number),
			named: arrangement.view === "list",
			measure: arrangement.chosenMeasure,
		};
	}

	/** Observes which tiles are near; those that are no longer shown are not. */
	observe() {
		const shown = new Set(this.shown);
		for (const observer of this.observers) {
			observer.disconnect();
			for (const [number, { root }] of this.tiles) if (shown.has(number)) observer.observe(root);
		}
		for (const [number, tile] of this.tiles) if (!shown.has(number)) this.hide(tile);
		this.controller.onSightChange();
	}

	/** @param {TileView} tile */
	hide(tile) {
		tile.visible = false;
		tile.setNear(false);
	}

	/**
	 * @param {IntersectionObserverEntry[]} entries
	 * @param {(tile: TileView, here: boolean) => void} set
	 */
	sight(entries, set) {
		for (const { target, isIntersecting } of entries) {
			const tile = this.tiles.get(Number(/** @type {HTMLElement} */ (target).dataset.number));
			if (tile) set(tile, isIntersecting);
		}
		this.focus.move(this.focus.current, false); // a body that has just been made is no stop of the Tab key yet
		this.controller.onSightChange();
	}

	/**
	 * Opens a clip in the player, or two.
	 * @param {Record<string, any>} command
	 */
	open(command) {
		for (const view of this.controller.views) view.openedHere = view === this;
		this.controller.interrupt();
		this.controller.store.send(command);
	}
}
