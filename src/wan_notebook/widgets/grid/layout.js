// @ts-check
// The layout of the tiles on the page: as a table or a list, how large they are, and which one is beside another.
import { h } from "../shared/elements.js";

/** @typedef {import("./tile_store.js").Axis} Axis */
/** @typedef {import("./tile.js").TileView} TileView */

/**
 * Makes a table with an axis on each of two edges.
 * @param {Axis} row
 * @param {Axis} column
 * @param {(HTMLElement | null)[][]} lines
 */
export function makeTable(row, column, lines) {
	const heading = h("th", { className: "wan-grid-axis" }, h("span", { textContent: column.title }));
	heading.colSpan = column.labels.length;
	heading.scope = "colgroup";
	const corner = h("th", { className: "wan-grid-axis wan-grid-corner", textContent: row.title });
	corner.rowSpan = 2;
	const labels = column.labels.map((label) => h("th", { scope: "col", textContent: label }));
	const body = lines.map((line, at) =>
		h(
			"tr",
			{},
			h("th", { scope: "row", textContent: row.labels[at] }),
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
const GAP = 8;
const FOOT = 19;

/**
 * Returns how wide a tile should be, so that a table is seen as a whole if that is possible.
 * @param {number} width that there is for all of them
 * @param {number} shape width of a clip ÷ its height
 * @param {(number | null)[][]} lines
 * @param {boolean} foot whether something stands below each clip
 */
export function fittingSize(width, shape, lines, foot) {
	if (lines.length === 1) return 180;
	const wide = width / lines[0].length;
	const high = (Math.max(TALLEST, HEIGHT / lines.length) - GAP - (foot ? FOOT : 0)) * shape + GAP;
	return Math.floor(Math.min(LARGEST, Math.max(SMALLEST, Math.min(wide, high))));
}
