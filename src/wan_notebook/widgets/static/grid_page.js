// @ts-check
// A page of its own: what the kernel would answer stands in the page.

/** @typedef {import("./delivery.js").Label} Label */
/** @typedef {{initialize(host: {model: StandIn}): any, render(host: {model: StandIn, el: HTMLElement}): any}} Widget */

/** A widget's model without a kernel behind it. */
class StandIn {
	/**
	 * @param {Record<string, any>} state
	 * @param {Record<string, (message: any) => void>} deeds what is done about each type of message
	 */
	constructor(state, deeds) {
		this.state = state;
		/** @type {Record<string, (message: any) => void>} */
		this.deeds = { want: (message) => this.deliver(message), ...deeds };
		/** @type {[string, (...args: any[]) => void][]} */
		this.listeners = [];
	}

	get() {
		return this.state;
	}

	/** @param {Record<string, any>} state */
	show(state) {
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

	off() {}

	/**
	 * @param {string} event
	 * @param {any[]} args
	 */
	emit(event, ...args) {
		for (const [name, callback] of this.listeners) if (name === event) callback(...args);
	}

	/**
	 * Takes a message as the kernel would: not at once.
	 * @param {any} message
	 */
	send(message) {
		setTimeout(() => this.deeds[message.type]?.(message));
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

/**
 * @param {Widget} gridWidget
 * @param {Widget} playerWidget
 */
function begin(gridWidget, playerWidget) {
	const { grid, players, nothing } = JSON.parse(document.getElementById("wan-states")?.textContent ?? "");
	/** @type {(state: Record<string, any>, opened: number[]) => void} */
	const open = (state, opened) => {
		player.show(state);
		grid.news.head.opened = opened;
		gridModel.emit("msg:custom", { ...grid.news, tiles: [] });
	};
	const player = new StandIn(nothing, { close: () => open(nothing, []) });
	const gridModel = new StandIn(grid, {
		enlarge: ({ number }) => open(players[number], [number]),
		compare: ({ numbers: [one, other] }) => {
			const [{ title: called }, { title: beside, result }] = [players[one], players[other]];
			const pair = { title: `${called}, with ${beside} beside it`, called, beside, look: "wipe" };
			open({ ...players[one], reference: result, character: null, ...pair }, [one, other]);
		},
	});
	const el = /** @type {HTMLElement} */ (document.querySelector(".wan-sweep"));
	for (const [widget, model] of /** @type {[Widget, StandIn][]} */ ([
		[gridWidget, gridModel],
		[playerWidget, player],
	])) {
		const part = document.createElement("div");
		el.append(part);
		widget.initialize({ model });
		widget.render({ model, el: part });
	}
}
