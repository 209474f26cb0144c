// @ts-check
// The exported page of a grid: there is no kernel, and all that it would answer stands in the page.
import sweep from "../grid/sweep_view.js";
import { namesApart } from "../grid/tile_store.js";

/** @typedef {import("../player/player.js").PlayerState} PlayerState */
/** @typedef {Record<string, Record<string, (message: any) => void>>} Handlers by part and type of a message */

/** A widget's model without a kernel behind it. */
class OfflineModel {
	/**
	 * @param {Record<string, any>} values
	 * @param {Handlers} handlers
	 */
	constructor(values, handlers) {
		this.values = values;
		this.handlers = handlers;
		/** @type {[string, (...args: any[]) => void][]} */
		this.listeners = [];
	}

	/** @param {string} name */
	get(name) {
		return this.values[name];
	}

	/**
	 * @param {string} name
	 * @param {any} value
	 */
	set(name, value) {
		this.values[name] = value;
		this.emit(`change:${name}`);
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
		if (message.type === "want") setTimeout(() => this.deliver(message));
		else if (message.type === "ping") this.emit("msg:custom", { type: "pong" });
		else setTimeout(() => this.handlers[message.part]?.[message.type]?.(message));
	}

	/** @param {{part: string, id: string}} message */
	deliver({ part, id }) {
		const bytes = contentOf(id);
		this.emit("msg:custom", { part, type: "piece", id, offset: 0, size: bytes.byteLength }, [bytes]);
	}
}

/** @param {string} id */
function contentOf(id) {
	const text = document.getElementById(`wan-${id}`)?.textContent ?? "";
	return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
}

const { grid, players, nothing } = JSON.parse(document.getElementById("wan-states")?.textContent ?? "");
const model = new OfflineModel(
	{ tiles_state: grid, player_state: nothing },
	{
		player: { close: () => show(nothing, []) },
		tiles: {
			enlarge: ({ number }) => show({ ...players[number], focus: true }, [number]),
			compare: ({ numbers: [one, other] }) => {
				const [called, beside] = namesApart(grid.axes, grid.positions[one].slice(1), grid.positions[other].slice(1));
				const pair = { title: `${called}, with ${beside} beside it`, called, beside, view_mode: "wipe" };
				const { result, facts } = players[other];
				const second = { reference: result, character: null, beside_facts: facts };
				show({ ...players[one], ...second, ...pair, focus: true }, [one, other]);
			},
		},
	},
);

/**
 * Shows a state of the player, and marks the tiles that it plays.
 * @param {PlayerState} state
 * @param {number[]} opened their numbers
 */
function show(state, opened) {
	model.set("player_state", state);
	grid.update.summary.opened = opened;
	model.emit("msg:custom", { part: "tiles", ...grid.update, tiles: [] });
}

const widget = sweep();
widget.initialize({ model });
widget.render({ model, el: /** @type {HTMLElement} */ (document.querySelector("main")) });
