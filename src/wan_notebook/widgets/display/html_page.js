// @ts-check
// The exported page of a grid: there is no kernel, and all that it would answer stands in the page.
import gridWidget from "../grid/grid.js";
import { namesApart } from "../grid/tile_store.js";
import playerWidget from "../player/player.js";

/** @typedef {import("../player/player.js").PlayerState} PlayerState */
/** @typedef {Record<string, (message: any) => void>} Handlers by the type of a message */

/** A widget's model without a kernel behind it. */
class OfflineModel {
	/**
	 * @param {any} state
	 * @param {Handlers} handlers
	 */
	constructor(state, handlers) {
		this.state = state;
		/** @type {Handlers} */
		this.handlers = { want: (message) => this.deliver(message), ...handlers };
		/** @type {[string, (...args: any[]) => void][]} */
		this.listeners = [];
	}

	get() {
		return this.state;
	}

	/** @param {any} state */
	set(state) {
		this.state = state;
		this.emit("change:state");
	}

	/**
	 * @param {string} event
	 * @param {(...args: any[]) => void} callback
	 */
	on(event, callback) {
		this.listeners.push([event, callback]);
	}

	/**
	 * @param {string} event
	 * @param {any[]} args
	 */
	emit(event, ...args) {
		for (const [name, callback] of this.listeners) if (name === event) callback(...args);
	}

	/**
	 * Handles a message as the kernel would: not at once.
	 * @param {any} message
	 */
	send(message) {
		setTimeout(() => this.handlers[message.type]?.(message));
	}

	/** @param {{id: string}} message */
	deliver({ id }) {
		const bytes = contentOf(id);
		this.emit("msg:custom", { type: "piece", id, offset: 0, size: bytes.byteLength }, [bytes]);
	}
}

/** @param {string} id */
function contentOf(id) {
	const text = document.getElementById(`wan-${id}`)?.textContent ?? "";
	return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
}

const { grid, players, nothing } = JSON.parse(document.getElementById("wan-states")?.textContent ?? "");
const player = new OfflineModel(nothing, { close: () => show(nothing, []) });
const tiles = new OfflineModel(grid, {
	enlarge: ({ number }) => show({ ...players[number], focus: true }, [number]),
	compare: ({ numbers: [one, other] }) => {
		const [called, beside] = namesApart(grid.axes, grid.positions[one].slice(1), grid.positions[other].slice(1));
		const pair = { title: `${called}, with ${beside} beside it`, called, beside, view_mode: "wipe" };
		const { result, facts } = players[other];
		const second = { reference: result, character: null, beside_facts: facts };
		show({ ...players[one], ...second, ...pair, focus: true }, [one, other]);
	},
});

/**
 * Shows a state of the player, and marks the tiles that it plays.
 * @param {PlayerState} state
 * @param {number[]} opened their numbers
 */
function show(state, opened) {
	player.set(state);
	grid.update.summary.opened = opened;
	tiles.emit("msg:custom", { ...grid.update, tiles: [] });
}

const box = /** @type {HTMLElement} */ (document.querySelector(".wan-sweep"));
for (const [define, model] of /** @type {const} */ ([
	[gridWidget, tiles],
	[playerWidget, player],
])) {
	const widget = define();
	const el = document.createElement("div");
	box.append(el);
	widget.initialize({ model });
	widget.render({ model, el });
}
