// @ts-check
import { make, makeButton, say, uniqueId } from "../shared/elements.js";
import { STATES } from "./arrange.js";

/** @typedef {import("./tile_store.js").Known} Known */
/** @typedef {import("./arrange.js").Choices} Choices */

/** The row with which a person says what is to be seen: the axes, the order, what is left out, the measure, the size. */
export class ChoiceBar {
	/**
	 * @param {Known} known
	 * @param {Choices} choices
	 * @param {() => void} onchange told when something else is to be seen
	 */
	constructor(known, choices, onchange) {
		this.known = known;
		this.choices = choices;
		this.onchange = onchange;
		/** Pixels that a tile is wide where nobody has chosen a size. */
		this.fitting = 180;
		/** @type {(() => void)[]} */
		this.draws = [];
		const axes = known.axes.map(({ title }, at) => /** @type {[string, string]} */ ([String(at), title]));
		this.table = make(
			"div",
			{ className: "wan-row" },
			this.makeSelect("Rows", axes, () => String(choices.row), (value) => choices.turn("row", Number(value))),
			this.makeSelect("Columns", axes, () => String(choices.column), (value) => choices.turn("column", Number(value))),
			...known.axes.map((_, axis) => this.makeOnly(axis, false)),
		);
		this.list = make(
			"div",
			{ className: "wan-row" },
			this.makeSort(),
			...known.axes.map((_, axis) => this.makeOnly(axis, true)),
			this.makeSelect("State", Object.entries(STATES), () => choices.state, (value) => Object.assign(choices, { state: value })),
		);
		this.count = make("span", { className: "wan-quiet", role: "status" });
		this.all = makeButton("Show all", () => this.change(() => choices.showAll()), "wan-link");
		const views = known.axes.length > 1 ? [this.makeViews()] : [];
		this.root = make(
			"div",
			{ className: "wan-row wan-choices" },
			...views,
			this.table,
			this.list,
			this.makeMeasure(),
			this.makeLimit(),
			this.makeSize(),
			make("span", { className: "wan-row" }, this.count, this.all),
		);
	}

	/** @param {() => void} choose */
	change(choose) {
		choose();
		this.onchange();
	}

	/** @param {number} shown how many tiles are shown */
	draw(shown) {
		this.table.hidden = this.choices.view !== "table";
		this.list.hidden = this.choices.view !== "list";
		for (const draw of this.draws) draw();
		const { size } = this.known.tiles;
		say(this.count, shown < size ? `${shown} of ${size} shown` : "");
		this.all.hidden = this.choices.view !== "list" || !this.choices.filtered;
	}

	/**
	 * @param {string} words
	 * @param {[string, string][]} options value and words
	 * @param {() => string} get
	 * @param {(value: string) => void} set
	 */
	makeSelect(words, options, get, set) {
		const choice = make(
			"select",
			{ onchange: () => this.change(() => set(choice.value)) },
			...options.map(([value, textContent]) => make("option", { value, textContent })),
		);
		this.draws.push(() => (choice.value = get()));
		return make("label", { className: "wan-choice" }, words, choice);
	}

	/**
	 * The choice of one value of an axis; in a table only of an axis that is on neither edge.
	 * @param {number} axis
	 * @param {boolean} all whether all values may be seen at once
	 */
	makeOnly(axis, all) {
		const { choices } = this;
		const { title, labels } = this.known.axes[axis];
		/** @type {[string, string][]} */
		const options = labels.map((label, at) => [String(at), label]);
		if (all) options.unshift(["", "All"]);
		const choice = this.makeSelect(
			title,
			options,
			() => String(choices.only[axis] ?? (all ? "" : 0)),
			(value) => (choices.only[axis] = value === "" ? null : Number(value)),
		);
		if (!all) this.draws.push(() => (choice.hidden = axis === choices.row || axis === choices.column));
		return choice;
	}

	makeViews() {
		const { choices } = this;
		const name = uniqueId("wan-grid-view");
		const labels = /** @type {["table" | "list", string][]} */ ([
			["table", "Table"],
			["list", "List"],
		]).map(([view, words]) => {
			const radio = make("input", { type: "radio", name, onchange: () => this.change(() => (choices.view = view)) });
			this.draws.push(() => (radio.checked = choices.view === view));
			return make("label", {}, radio, make("span", { textContent: words }));
		});
		return make(
			"div",
			{ className: "wan-segments wan-looks", role: "radiogroup", "aria-label": "Arrangement" },
			...labels,
		);
	}

	makeSort() {
		const { choices, known } = this;
		/** @type {[string, string][]} */
		const options = [...known.axes, ...known.measures].map(({ name, title }) => [name, title]);
		const sort = this.makeSelect("Sort by", [["", "Order of the plan"], ...options], () => choices.sort, (value) => {
			choices.sort = value;
			// Who sorts by a number wants to see it.
			if (known.measures.some((measure) => measure.name === value)) choices.measure = value;
		});
		const reverse = makeButton("Reversed", () => this.change(() => (choices.reversed = !choices.reversed)));
		this.draws.push(() => reverse.setAttribute("aria-pressed", String(choices.reversed)));
		return make("span", { className: "wan-row" }, sort, reverse);
	}

	makeMeasure() {
		const { choices, known } = this;
		/** @type {[string, string][]} */
		const options = known.measures.map(({ name, title }) => [name, title]);
		const choice = this.makeSelect("Measure", [["", "None"], ...options], () => choices.measure, (value) =>
			Object.assign(choices, { measure: value, limit: "" }),
		);
		this.draws.push(() => (choice.hidden = ![...known.tiles.values()].some(hasNumbers)));
		return choice;
	}

	makeLimit() {
		const { choices } = this;
		const words = make("span");
		const limit = make("input", {
			type: "number",
			step: "any",
			onchange: () => this.change(() => (choices.limit = limit.value)),
		});
		const label = make("label", { className: "wan-choice" }, words, limit);
		this.draws.push(() => {
			const measure = choices.chosenMeasure;
			label.hidden = !measure || choices.view !== "list";
			words.textContent = measure?.better === "lower" ? "at most" : "at least";
			if (document.activeElement !== limit) limit.value = choices.limit;
		});
		return label;
	}

	makeSize() {
		const { choices } = this;
		const range = make("input", {
			type: "range",
			min: 96,
			max: 360,
			step: 4,
			oninput: () => this.change(() => (choices.size = Number(range.value))),
		});
		this.draws.push(() => (range.value = String(choices.size || this.fitting)));
		return make("label", { className: "wan-choice" }, "Size", range);
	}
}

/** @param {import("./tile_store.js").Tile} tile */
function hasNumbers({ numbers }) {
	return Object.keys(numbers).length > 0;
}
