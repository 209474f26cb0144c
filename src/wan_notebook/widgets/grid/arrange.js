// @ts-check
// The arrangement of the tiles: which of them are shown, and where; as a table of two axes, or as a list.

/** @typedef {import("./tile_store.js").TileStore} TileStore */
/** @typedef {import("./tile_store.js").Tile} Tile */

/** The states by which tiles are chosen. */
export const STATES = { all: "All", good: "Done", busy: "Running", bad: "Failed", open: "May still come", calm: "Not yet sent" };

/** A table of which less than this part is full helps nobody. */
const LEAST_FULL = 0.5;

/** The choices of a person: view, axes, order, filters, measure and size. */
export class Arrangement {
	/** @param {TileStore} store */
	constructor(store) {
		const { axes, tiles } = store;
		this.store = store;
		const product = axes.reduce((count, axis) => count * axis.labels.length, 1);
		/** @type {"table" | "list"} */
		this.view = axes.length < 2 || tiles.size < LEAST_FULL * product ? "list" : "table";
		this.row = 0;
		this.column = 1;
		/** @type {(number | null)[]} for each axis the one value that is shown, or null for all */
		this.only = axes.map(() => null);
		this.sort = "";
		this.reversed = false;
		/** @type {keyof typeof STATES} */
		this.state = "all";
		this.measure = "";
		this.limit = "";
		/** Pixels that a tile is wide; 0 as long as each view finds out what fits. */
		this.size = 0;
	}

	get chosenMeasure() {
		return this.store.measures.find(({ name }) => name === this.measure);
	}

	/**
	 * Puts an axis on an edge of the table; the one that was there takes its place.
	 * @param {"row" | "column"} edge
	 * @param {number} axis
	 */
	setAxis(edge, axis) {
		const other = edge === "row" ? "column" : "row";
		if (this[other] === axis) this[other] = this[edge];
		this[edge] = axis;
	}

	get filtered() {
		return this.only.some((value) => value !== null) || this.state !== "all" || (this.measure && this.limit !== "");
	}

	showAll() {
		this.only = this.only.map(() => null);
		this.state = "all";
		this.limit = "";
	}
}

/**
 * Returns the lines of a table: for each value of the one axis a tile, or null, for each value of the other.
 * @param {TileStore} store
 * @param {Arrangement} arrangement
 * @returns {(Tile | null)[][]}
 */
export function linesOf(store, { row, column, only }) {
	const count = (/** @type {number} */ axis) => store.axes[axis].labels.length;
	/** @type {(Tile | null)[][]} */
	const lines = Array.from({ length: count(row) }, () => Array(count(column)).fill(null));
	for (const tile of store.tiles.values()) {
		const here = tile.position.every((at, axis) => axis === row || axis === column || at === (only[axis] ?? 0));
		if (here) lines[tile.position[row]][tile.position[column]] = tile;
	}
	return lines;
}

/**
 * Returns the tiles one after another, sorted and without those that are not wanted.
 * @param {TileStore} store
 * @param {Arrangement} arrangement
 */
export function listOf(store, arrangement) {
	const value = valueBy(store, arrangement.sort);
	const wanted = [...store.tiles.values()].filter((tile) => isWanted(tile, arrangement));
	const sign = arrangement.reversed ? -1 : 1;
	return wanted.sort((one, other) => {
		const [a, b] = [value(one), value(other)];
		// What has no number comes last, whatever the direction.
		if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
		return sign * (a - b) || one.number - other.number;
	});
}

/**
 * @param {Tile} tile
 * @param {Arrangement} arrangement
 */
function isWanted(tile, { only, state, measure, limit, chosenMeasure }) {
	if (state !== "all" && tile.tone !== state) return false;
	if (!tile.position.every((at, axis) => (only[axis] ?? at) === at)) return false;
	if (!measure || limit === "") return true;
	const number = tile.numbers[measure];
	return number !== undefined && (chosenMeasure?.better === "lower" ? number <= +limit : number >= +limit);
}

/**
 * @param {TileStore} store
 * @param {string} sort the name of an axis or a measure, or nothing for the order of the plan
 * @returns {(tile: Tile) => number | undefined} the smaller, the earlier
 */
function valueBy(store, sort) {
	const axis = store.axes.findIndex(({ name }) => name === sort);
	if (axis >= 0) return (tile) => tile.position[axis];
	const measure = store.measures.find(({ name }) => name === sort);
	if (!measure) return (tile) => tile.number;
	const sign = measure.better === "higher" ? -1 : 1;
	return (tile) => (tile.numbers[sort] === undefined ? undefined : sign * tile.numbers[sort]);
}

/**
 * Returns the number of the tile that is best by the chosen measure.
 * @param {TileStore} store
 * @param {Arrangement} arrangement
 */
export function bestOf(store, { chosenMeasure }) {
	if (!chosenMeasure?.better) return null;
	const value = valueBy(store, chosenMeasure.name);
	/** @type {Tile | null} */
	let best = null;
	for (const tile of store.tiles.values()) {
		const found = value(tile);
		if (found !== undefined && (!best || found < /** @type {number} */ (value(best)))) best = tile;
	}
	return best?.number ?? null;
}
