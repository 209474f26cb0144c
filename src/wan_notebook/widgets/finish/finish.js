// @ts-check
// The fold under a player: what the clip can be given, each with what it will do, and how far that is.
import { h, makeAlert, makeButton, makeRoot, setText } from "../shared/elements.js";

/** @typedef {import("../shared/widget.js").Model<FinishState>} Model */
/** @typedef {{name: string, title: string, effect: string}} Option */
/**
 * Without `options` the fold is hidden.
 * @typedef {{options: Option[], busy: boolean, fraction: number, doing: string, trouble: string}} FinishState
 */

class FinishView {
	/** @param {Model} model */
	constructor(model) {
		this.model = model;
		this.drawn = "";
		/** @type {HTMLInputElement[]} */
		this.boxes = [];
		this.list = h("div", { className: "wan-finish-options" });
		this.start = makeButton("Make the finished clip", () => this.send());
		this.cancel = makeButton("Cancel", () => model.send({ type: "cancel" }));
		this.bar = h("progress", { max: 1, "aria-label": "Finishing" });
		this.doing = h("span", { className: "wan-quiet", role: "status" });
		this.trouble = makeAlert();
		const row = h("div", { className: "wan-row" }, this.start, this.cancel, this.doing);
		const fold = h("details", {}, h("summary", { textContent: "Finish" }), this.list, row, this.bar, this.trouble);
		this.root = makeRoot("wan-finish", fold);
		this.root.setAttribute("aria-label", "Finish the clip");
	}

	draw() {
		const { options, busy, fraction, doing, trouble } = this.model.get("state");
		this.root.hidden = !options.length;
		const wanted = JSON.stringify(options);
		if (wanted !== this.drawn) this.drawOptions(options);
		this.drawn = wanted;
		for (const box of this.boxes) box.disabled = busy;
		this.bar.hidden = this.cancel.hidden = !busy;
		this.start.hidden = busy;
		this.bar.value = fraction;
		setText(this.doing, doing);
		setText(this.trouble, trouble);
		this.drawStart();
	}

	/** @param {Option[]} options */
	drawOptions(options) {
		const make = (/** @type {Option} */ { name, title, effect }) => {
			const box = h("input", { type: "checkbox", value: name, checked: true, onchange: () => this.drawStart() });
			const words = h("span", {}, title, h("span", { className: "wan-quiet", textContent: effect }));
			return { box, label: h("label", { className: "wan-check" }, box, words) };
		};
		const made = options.map(make);
		this.boxes = made.map(({ box }) => box);
		this.list.replaceChildren(...made.map(({ label }) => label));
	}

	get chosen() {
		return this.boxes.filter((box) => box.checked).map((box) => box.value);
	}

	drawStart() {
		this.start.disabled = !this.chosen.length;
	}

	send() {
		this.model.send({ type: "finish", names: this.chosen });
	}
}

export default { View: FinishView };
