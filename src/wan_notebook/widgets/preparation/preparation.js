// @ts-check
// What is done to the reference before it is sent: cut, smaller, cropped, without sound.
import { h, makeAlert, makeLink, makeRoot, setText } from "../shared/elements.js";
import { defineWidget } from "../shared/widget.js";

/** @typedef {import("../shared/widget.js").Model<PreparationState>} Model */
/**
 * `available`: whether there is a reference; `duration` of it in seconds; `saving`: what the preparation saves, in words.
 * @typedef {{
 *   available: boolean, values: Record<string, any>, duration: number, saving: string, trouble: string,
 * }} PreparationState
 */

/** The choices of a few words each: a name, a label, and the words with their values. */
const CHOICES = [
	{
		name: "fps",
		label: "Frame rate",
		options: [
			["As it is", null],
			["24 fps", 24],
			["16 fps", 16],
		],
	},
	{
		name: "short_side",
		label: "Short side",
		options: [
			["As it is", null],
			["480p", 480],
			["580p", 580],
			["720p", 720],
		],
	},
	{
		name: "fit",
		label: "Frame",
		options: [
			["As it is", ""],
			["Crop to the picture's", "crop"],
			["Pad to it", "pad"],
		],
	},
	{
		name: "sound",
		label: "Sound",
		options: [
			["Keep", true],
			["Drop", false],
		],
	},
];

class PreparationView {
	/** @param {Model} model */
	constructor(model) {
		this.model = model;
		/** @type {Record<string, HTMLInputElement>} */
		this.times = { start: this.makeTime("start", "From second"), end: this.makeTime("end", "To second") };
		/** @type {Record<string, HTMLSelectElement>} */
		this.selects = {};
		const fields = h("div", { className: "wan-row wan-preparation-fields" });
		for (const input of Object.values(this.times)) fields.append(makeLabelled(input.title, input));
		for (const choice of CHOICES) fields.append(makeLabelled(choice.label, this.makeSelect(choice)));
		this.saving = h("p", { className: "wan-quiet", role: "status" });
		this.trouble = makeAlert();
		this.reset = makeLink("Send it as it is", () => model.send({ type: "reset" }));
		const details = h("details", {}, h("summary", { textContent: "Prepare the reference" }), fields, this.reset);
		this.root = makeRoot("wan-preparation", details, this.saving, this.trouble);
	}

	/**
	 * @param {string} name
	 * @param {string} title
	 */
	makeTime(name, title) {
		const choose = () => this.model.send({ type: "set", name, value: input.value === "" ? null : Number(input.value) });
		const input = h("input", { type: "number", title, min: "0", step: "0.1", onchange: choose });
		return input;
	}

	/** @param {typeof CHOICES[number]} choice */
	makeSelect({ name, options }) {
		const select = h("select", {
			onchange: () => this.model.send({ type: "set", name, value: options[select.selectedIndex][1] }),
		});
		select.append(...options.map(([label]) => h("option", { textContent: String(label) })));
		this.selects[name] = select;
		return select;
	}

	draw() {
		const { available, values, duration, saving, trouble } = this.model.get("state");
		this.root.hidden = !available;
		for (const [name, input] of Object.entries(this.times)) {
			input.max = duration.toFixed(1);
			input.placeholder = name === "end" ? duration.toFixed(1) : "0";
			if (document.activeElement !== input) input.value = values[name] || "";
		}
		for (const { name, options } of CHOICES) {
			this.selects[name].selectedIndex = options.findIndex(([, value]) => value === values[name]);
		}
		this.reset.hidden = !saving;
		setText(this.saving, saving);
		setText(this.trouble, trouble);
	}
}

/**
 * @param {string} label
 * @param {HTMLElement} control
 */
function makeLabelled(label, control) {
	return h("label", { className: "wan-preparation-field" }, h("span", { textContent: label }), control);
}

export default defineWidget(PreparationView);
