// @ts-check
// What is known of the tiles. The kernel tells what has changed; who missed something asks with the version it has.

/** @typedef {import("../shared/elements.js").Model} Model */
/** @typedef {import("../shared/delivery.js").Label} Label */
/** @typedef {{name: string, title: string, labels: string[]}} Axis */
/** @typedef {{name: string, title: string, unit: string, better: "higher" | "lower" | ""}} Measure */
/**
 * @typedef {{
 *   number: number, place: number[], phase: string, tone: string, message: string, fraction: number | null,
 *   time_left: string, can_retry: boolean, numbers: Record<string, number>, clip: Label | null, poster: Label | null,
 * }} Tile
 */

const LOOK_AFTER = 500;
/** After so long a silence while something goes on, the kernel's word may have been lost. */
const SILENCE = 1000;
/** A kernel which computes answers late; asking on and on would only fill its queue. */
const ANSWER_WITHIN = 8000;
/** For so long after a person has done something, news of it may come. */
const CONSEQUENCES = 5000;

export class Known {
	/** @param {Model} model */
	constructor(model) {
		this.model = model;
		const { axes, places, measures, news } = model.get("state");
		/** @type {Axis[]} */
		this.axes = axes;
		/** @type {Measure[]} */
		this.measures = measures;
		/** @type {Map<number, Tile>} */
		this.tiles = new Map();
		for (const [number, ...place] of places) this.tiles.set(number, blank(number, place));
		/** @type {Record<string, any>} */
		this.head = news.head;
		this.version = 0;
		/** @type {Set<(changed: Set<number>) => void>} */
		this.listeners = new Set();
		this.heardAt = this.askedAt = this.doneAt = 0;
		this.take(news);
		model.on("msg:custom", (message) => message.type === "news" && this.hear(message));
		this.timer = setInterval(() => this.lookAfter(), LOOK_AFTER);
	}

	stop() {
		clearInterval(this.timer);
	}

	get busy() {
		return this.head.tone === "busy";
	}

	/** @param {any} news */
	hear(news) {
		this.heardAt = Date.now();
		this.askedAt = 0;
		const changed = this.take(news);
		for (const listen of this.listeners) listen(changed);
		if (news.since > this.version) this.ask(); // something in between was lost
	}

	/**
	 * @param {any} news
	 * @returns {Set<number>} the tiles that are not what they were
	 */
	take(news) {
		this.head = news.head;
		for (const told of news.tiles) Object.assign(/** @type {Tile} */ (this.tiles.get(told.number)), told);
		if (news.since <= this.version) this.version = Math.max(this.version, news.version);
		return new Set(news.tiles.map((/** @type {Tile} */ tile) => tile.number));
	}

	ask() {
		this.askedAt = Date.now();
		this.model.send({ type: "ask", since: this.version });
	}

	lookAfter() {
		const now = Date.now();
		const expecting = this.busy || now - this.doneAt < CONSEQUENCES;
		if (expecting && now - this.heardAt > SILENCE && now - this.askedAt > ANSWER_WITHIN) this.ask();
	}

	/**
	 * Hands on what a person wants done.
	 * @param {Record<string, any>} deed
	 */
	send(deed) {
		this.doneAt = Date.now();
		this.model.send({ ...deed, since: this.version });
	}

	/**
	 * Returns a tile's coordinates in words.
	 * @param {Tile} tile
	 */
	nameOf(tile) {
		return this.axes.map(({ title, labels }, at) => `${title} ${labels[tile.place[at]]}`).join(" · ") || "The clip";
	}
}

/**
 * @param {number} number
 * @param {number[]} place
 * @returns {Tile}
 */
function blank(number, place) {
	const nothing = { phase: "", tone: "calm", message: "", fraction: null, time_left: "", can_retry: false };
	return { number, place, ...nothing, numbers: {}, clip: null, poster: null };
}

/**
 * Returns a number as a person reads it.
 * @param {number} number
 */
export function shortNumber(number) {
	if (Number.isInteger(number) || Math.abs(number) >= 1000) return Math.round(number).toLocaleString();
	return number.toPrecision(3);
}
