// @ts-check
// The row of choices above the tiles: view, axes, order, filters, measure and size.
import { h, makeButton, makeLink, setText, uniqueId } from "../shared/elements.js";
import { STATES } from "./arrange.js";

/** @typedef {import("./arrange.js").Arrangement} Arrangement */
/** @typedef {import("./tile_store.js").Tile} Tile */
/** @typedef {import("./tile_store.js").TileStore} TileStore */

export class Toolbar {
	/**
	 * @param {TileStore} store
	 * @param {Arrangement} arrangement
	 * @param {() => void} onchange called when a choice was made
	 */
	constructor(store, arrangement, onchange) {
		this.store = store;
		this.arrangement = arrangement;
		this.onchange = onchange;
		/** Pixels that a tile is wide where nobody has chosen a size. */
		this.fitting = 180;
		/** @type {(() => void)[]} */
		this.draws = [];
		const axes = store.axes.map(({ title }, at) => /** @type {[string, string]} */ ([String(at), title]));
		this.table = h(
			"div",
			{ className: "wan-row" },
			this.makeSelect("Rows", axes, () => String(arrangement.row), (value) => arrangement.setAxis("row", Number(value))),
			this.makeSelect("Columns", axes, () => String(arrangement.column), (value) => arrangement.setAxis("column", Number(value))),
			...store.axes.map((_, axis) => this.makeAxisFilter(axis, false)),
		);
		this.list = h(
			"div",
			{ className: "wan-row" },
			this.makeSort(),
			...store.axes.map((_, axis) => this.makeAxisFilter(axis, true)),
			this.makeSelect("State", Object.entries(STATES), () => arrangement.state, (value) => Object.assign(arrangement, { state: value })),
		);
		this.count = h("span", { className: "wan-quiet", role: "status" });
		this.all = makeLink("Show all", () => this.change(() => arrangement.showAll()));
		const views = store.axes.length > 1 ? [this.makeViews()] : [];
		this.caution = h("p", { className: "wan-quiet wan-grid-caution" });
		this.root = h(
			"div",
			{ className: "wan-grid-toolbar" },
			...views,
			this.table,
			this.list,
			this.makeMeasure(),
			this.makeLimit(),
			this.makeSize(),
			h("span", { className: "wan-row" }, this.count, this.all),
			this.caution,
		);
	}

	/** @param {() => void} choose */
	change(choose) {
		choose();
		this.onchange();
	}

	/** @param {number} shown how many tiles are shown */
	draw(shown) {
		this.table.hidden = this.arrangement.view !== "table";
		this.list.hidden = this.arrangement.view !== "list";
		for (const draw of this.draws) draw();
		const { size } = this.store.tiles;
		const { chosenMeasure } = this.arrangement;
		setText(this.caution, chosenMeasure?.caution && `${chosenMeasure.title}: ${chosenMeasure.caution}`);
		setText(this.count, shown < size ? `${shown} of ${size} shown` : "");
		this.all.hidden = this.arrangement.view !== "list" || !this.arrangement.filtered;
	}

	/**
	 * @param {string} title
	 * @param {[string, string][]} options value and text
	 * @param {() => string} get
	 * @param {(value: string) => void} set
	 */
	makeSelect(title, options, get, set) {
		const choice = h(
			"select",
			{ onchange: () => this.change(() => set(choice.value)) },
			...options.map(([value, textContent]) => h("option", { value, textContent })),
		);
		this.draws.push(() => (choice.value = get()));
		return h("label", { className: "wan-grid-choice" }, title, choice);
	}

	/**
	 * Makes the choice of one value of an axis; in a table only an axis that is on neither edge has it.
	 * @param {number} axis
	 * @param {boolean} all whether all values may be seen at once
	 */
	makeAxisFilter(axis, all) {
		const { arrangement } = this;
		const { title, labels } = this.store.axes[axis];
		/** @type {[string, string][]} */
		const options = labels.map((label, at) => [String(at), label]);
		if (all) options.unshift(["", "All"]);
		const choice = this.makeSelect(
			title,
			options,
			() => String(arrangement.only[axis] ?? (all ? "" : 0)),
			(value) => (arrangement.only[axis] = value === "" ? null : Number(value)),
		);
		if (!all) this.draws.push(() => (choice.hidden = axis === arrangement.row || axis === arrangement.column));
		return choice;
	}

	makeViews() {
		const { arrangement } = this;
		const name = uniqueId("wan-grid-view");
		const labels = /** @type {["table" | "list", string][]} */ ([
			["table", "Table"],
			["list", "List"],
		]).map(([view, text]) => {
			const radio = h("input", { type: "radio", name, onchange: () => this.change(() => (arrangement.view = view)) });
			this.draws.push(() => (radio.checked = arrangement.view === view));
			return h("label", {}, radio, h("span", { textContent: text }));
		});
		return h(
			"div",
			{ className: "wan-segments wan-segments-small", role: "radiogroup", "aria-label": "Arrangement" },
			...labels,
		);
	}

	makeSort() {
		const { arrangement, store } = this;
		/** @type {[string, string][]} */
		const options = [...store.axes, ...store.measures].map(({ name, title }) => [name, title]);
		const sort = this.makeSelect("Sort by", [["", "Order of the plan"], ...options], () => arrangement.sort, (value) => {
			arrangement.sort = value;
			// Who sorts by a number wants to see it.
			if (store.measures.some((measure) => measure.name === value)) arrangement.measure = value;
		});
		const reverse = makeButton("Reversed", () => this.change(() => (arrangement.reversed = !arrangement.reversed)));
		this.draws.push(() => reverse.setAttribute("aria-pressed", String(arrangement.reversed)));
		return h("span", { className: "wan-row" }, sort, reverse);
	}

	makeMeasure() {
		const { arrangement, store } = this;
		/** @type {[string, string][]} */
		const options = store.measures.map(({ name, title }) => [name, title]);
		const choice = this.makeSelect("Measure", [["", "None"], ...options], () => arrangement.measure, (value) =>
			Object.assign(arrangement, { measure: value, limit: "" }),
		);
		this.draws.push(() => (choice.hidden = ![...store.tiles.values()].some(hasNumbers)));
		return choice;
	}

	makeLimit() {
		const { arrangement } = this;
		const bound = h("span");
		const limit = h("input", {
			type: "number",
			step: "any",
			onchange: () => this.change(() => (arrangement.limit = limit.value)),
		});
		const label = h("label", { className: "wan-grid-choice" }, bound, limit);
		this.draws.push(() => {
			const measure = arrangement.chosenMeasure;
			label.hidden = !measure || arrangement.view !== "list";
			bound.textContent = measure?.better === "lower" ? "at most" : "at least";
			if (document.activeElement !== limit) limit.value = arrangement.limit;
		});
		return label;
	}

	makeSize() {
		const { arrangement } = this;
		const range = h("input", {
			type: "range",
			min: 96,
			max: 360,
			step: 4,
			oninput: () => this.change(() => (arrangement.size = Number(range.value))),
		});
		this.draws.push(() => {
			range.max = String(Math.max(360, this.fitting));
			range.value = String(arrangement.size || this.fitting);
		});
		return h("label", { className: "wan-grid-choice" }, "Size", range);
	}
}

/** @param {Tile} tile */
function hasNumbers({ numbers }) {
	return Object.keys(numbers).length > 0;
}
