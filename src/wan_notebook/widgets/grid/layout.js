// @ts-check
// The layout of the tiles on the page: as a table or a list, how large they are, and which one is beside another.
import { h } from "../shared/elements.js";

/** @typedef {import("./tile_store.js").Axis} Axis */
/** @typedef {import("./tile.js").TileView} TileView */
/** @typedef {import("../shared/delivery.js").Label} Label */

/**
 * Makes a table with an axis on each of two edges.
 * @param {Axis} row
 * @param {Axis} column
 * @param {(HTMLElement | null)[][]} lines
 * @param {(label: Label) => HTMLElement} makePicture returns the thumbnail of a picture or a video
 */
export function makeTable(row, column, lines, makePicture) {
	const heading = h("th", { className: "wan-grid-axis" }, h("span", { textContent: column.title }));
	heading.colSpan = column.labels.length;
	heading.scope = "colgroup";
	const corner = h("th", { className: "wan-grid-axis wan-grid-corner", textContent: row.title });
	corner.rowSpan = 2;
	const head = (/** @type {string} */ scope, /** @type {Axis} */ axis, /** @type {number} */ at) =>
		h("th", { scope }, ...(axis.pictures[at] ? [makePicture(axis.pictures[at])] : []), axis.labels[at]);
	const labels = column.labels.map((_, at) => head("col", column, at));
	const body = lines.map((line, at) =>
		h(
			"tr",
			{},
			head("row", row, at),
			...line.map((tile) => h("td", {}, ...(tile ? [tile] : []))),
		),
	);
	return h(
		"table",
		{},
		h("thead", {}, h("tr", {}, corner, heading), h("tr", {}, ...labels)),
		h("tbody", {}, ...body),
	);
}

/** @param {(HTMLElement | null)[]} tiles */
export function makeList(tiles) {
	return h("ol", {}, ...tiles.map((tile) => h("li", {}, ...(tile ? [tile] : []))));
}

/**
 * Returns the tile one step away: along a list to the next, else to the one that is seen there; the same at an edge.
 * @param {number} number
 * @param {number} across
 * @param {number} down
 * @param {(number | null)[][]} lines
 * @param {Map<number, TileView>} tiles
 */
export function stepFrom(number, across, down, lines, tiles) {
	if (lines.length === 1) return stepInList(number, across, down, lines[0], tiles);
	let [y, x] = [lines.findIndex((line) => line.includes(number)), 0];
	x = lines[y].indexOf(number);
	for (;;) {
		[x, y] = [x + across, y + down];
		const found = lines[y]?.[x];
		if (found === undefined) return number;
		if (found !== null) return found;
	}
}

/**
 * @param {number} number
 * @param {number} across
 * @param {number} down
 * @param {(number | null)[]} list
 * @param {Map<number, TileView>} tiles
 */
function stepInList(number, across, down, list, tiles) {
	const top = (/** @type {number | null} */ tile) => tiles.get(tile ?? -1)?.root.getBoundingClientRect().top ?? 0;
	const first = top(list[0]);
	const other = list.findIndex((tile) => top(tile) > first + 1);
	const perLine = other < 0 ? list.length : other;
	return list[list.indexOf(number) + across + down * perLine] ?? number;
}

/** Pixels: the least and the most that a tile is wide unasked, the height that all rows have together, and one row at most. */
const SMALLEST = 104;
const LARGEST = 240;
const HEIGHT = 700;
const TALLEST = 200;
/** Pixels between two tiles, as between all parts of the grid. */
export const GAP = 8;
const FOOT = 19;

/**
 * Returns how wide a tile should be, so that all of them are seen at once if that is possible.
 * @param {number} width that there is for all of them
 * @param {number} height that there is; 0 where the page scrolls, and no tile needs to be larger than is usual
 * @param {number} shape width of a clip ÷ its height
 * @param {(number | null)[][]} lines
 * @param {boolean} foot whether something stands below each clip
 */
export function fittingSize(width, height, shape, lines, foot) {
	const widthOf = (/** @type {number} */ high, /** @type {number} */ below) => (high - GAP - below) * shape + GAP;
	if (lines.length === 1 && !height) return 180;
	if (lines.length === 1) {
		const count = lines[0].length;
		const sizes = lines[0].map((_, at) =>
			Math.min(width / (at + 1), widthOf(height / Math.ceil(count / (at + 1)), 2 * FOOT)),
		);
		return Math.floor(Math.max(SMALLEST, ...sizes));
	}
	const high = widthOf(height ? height / lines.length : Math.max(TALLEST, HEIGHT / lines.length), foot ? FOOT : 0);
	const fitting = Math.max(SMALLEST, Math.min(width / lines[0].length, high));
	return Math.floor(height ? fitting : Math.min(LARGEST, fitting));
}
