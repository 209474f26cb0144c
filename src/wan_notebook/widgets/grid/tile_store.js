// @ts-check
// The tiles as the page knows them: the kernel sends those that have changed, and each update has a version.
import { Heartbeat } from "../shared/heartbeat.js";

/** @typedef {import("./grid.js").Model} Model */
/** @typedef {import("../shared/delivery.js").Label} Label */
/** @typedef {{name: string, title: string, labels: string[], pictures: (Label | null)[]}} Axis */
/** @typedef {{name: string, title: string, unit: string, better: "higher" | "lower" | "", caution: string}} Measure */
/**
 * `position`: its index on each axis.
 * @typedef {{
 *   number: number, position: number[], phase: string, tone: string, message: string, fraction: number | null,
 *   time_left: string, can_retry: boolean, numbers: Record<string, number>, clip: Label | null, poster: Label | null,
 * }} Tile
 */
/**
 * All tiles together; `opened`: those that the player shows.
 * @typedef {{
 *   words: string, tone: string, fraction: number, can_stop: boolean, can_resume: boolean, reason: string, trouble: string,
 *   fps: number, sound: boolean, shape: number, opened: number[],
 * }} GridSummary
 */
/** @typedef {{since: number, version: number, summary: GridSummary, tiles: Tile[]}} Update the tiles that changed between two versions */

/** Milliseconds of silence after which an update may have been lost. */
const SILENCE = 1000;

export class TileStore {
	/** @param {Model} model */
	constructor(model) {
		this.model = model;
		const { axes, positions, measures, update } = model.get("state");
		this.axes = axes;
		this.measures = measures;
		/** @type {Map<number, Tile>} */
		this.tiles = new Map();
		for (const [number, ...position] of positions) this.tiles.set(number, emptyTile(number, position));
		this.summary = update.summary;
		this.version = 0;
		/** @type {Set<(changed: Set<number>) => void>} called with the numbers of the tiles that have changed */
		this.listeners = new Set();
		this.heartbeat = new Heartbeat(
			() => model.send({ type: "ask", since: this.version }),
			() => this.summary.tone === "busy",
			SILENCE,
		);
		this.apply(update);
		model.on("msg:custom", (message) => message.type === "update" && this.receive(message));
	}

	close() {
		this.heartbeat.close();
	}

	/** @param {Update} update */
	receive(update) {
		this.heartbeat.answered();
		const changed = this.apply(update);
		for (const listen of this.listeners) listen(changed);
		if (update.since > this.version) this.refresh(); // one in between was lost
	}

	/**
	 * @param {Update} update
	 * @returns {Set<number>} the numbers of the tiles that have changed
	 */
	apply(update) {
		this.summary = update.summary;
		for (const tile of update.tiles) Object.assign(/** @type {Tile} */ (this.tiles.get(tile.number)), tile);
		if (update.since <= this.version) this.version = Math.max(this.version, update.version);
		return new Set(update.tiles.map(({ number }) => number));
	}

	/** Asks the kernel for what has changed since this version. */
	refresh() {
		this.heartbeat.beat();
	}

	/**
	 * Sends a person's command.
	 * @param {Record<string, any>} command
	 */
	send(command) {
		this.model.send({ ...command, since: this.version });
	}

	/**
	 * Returns a tile's coordinates in words.
	 * @param {Tile} tile
	 */
	nameOf(tile) {
		return coordinates(this.axes, tile.position).join(" · ") || "The clip";
	}
}

/**
 * @param {Axis[]} axes
 * @param {number[]} position
 */
function coordinates(axes, position) {
	return axes.map(({ title, labels }, at) => `${title} ${labels[position[at]]}`);
}

/**
 * Returns the coordinates of two tiles in words, on those axes alone on which they differ.
 * @param {Axis[]} axes
 * @param {number[]} one the position of the one
 * @param {number[]} other
 */
export function namesApart(axes, one, other) {
	const apart = (/** @type {number[]} */ position) =>
		coordinates(axes, position).filter((_, at) => one[at] !== other[at]).join(" · ");
	return [apart(one), apart(other)];
}

/**
 * @param {number} number
 * @param {number[]} position
 * @returns {Tile}
 */
function emptyTile(number, position) {
	const nothing = { phase: "Not sent", tone: "calm", message: "", fraction: null, time_left: "", can_retry: false };
	return { number, position, ...nothing, numbers: {}, clip: null, poster: null };
}

/**
 * Returns a number as a person reads it.
 * @param {number} number
 */
export function shortNumber(number) {
	if (Number.isInteger(number) || Math.abs(number) >= 1000) return Math.round(number).toLocaleString();
	return number.toPrecision(3);
}
