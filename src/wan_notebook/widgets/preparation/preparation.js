// @ts-check
import { make, makeRoot, say } from "../shared/elements.js";

/** @typedef {import("../shared/elements.js").Model} Model */

/** Whatever can be chosen in words: a name, a label, and the words with their values. */
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

class PrepareView {
	/**
	 * @param {Model} model
	 * @param {HTMLElement} el
	 */
	constructor(model, el) {
		this.model = model;
		/** @type {Record<string, HTMLInputElement>} */
		this.times = { start: this.makeTime("start", "From second"), end: this.makeTime("end", "To second") };
		/** @type {Record<string, HTMLSelectElement>} */
		this.selects = {};
		const fields = make("div", { className: "wan-row wan-prepare-fields" });
		for (const input of Object.values(this.times)) fields.append(makeLabelled(input.title, input));
		for (const choice of CHOICES) fields.append(makeLabelled(choice.label, this.makeSelect(choice)));
		this.saving = make("p", { className: "wan-quiet", role: "status" });
		this.trouble = make("p", { className: "wan-trouble", role: "alert" });
		this.reset = make("button", {
			type: "button",
			className: "wan-link",
			textContent: "Send it as it is",
			onclick: () => model.send({ type: "reset" }),
		});
		this.details = make("details", {}, make("summary", { textContent: "Prepare the reference" }), fields, this.reset);
		this.root = makeRoot("wan-prepare", this.details, this.saving, this.trouble);
		el.append(this.root);
	}

	/**
	 * @param {string} name
	 * @param {string} title
	 */
	makeTime(name, title) {
		const choose = () => this.model.send({ type: "set", name, value: input.value === "" ? null : Number(input.value) });
		const input = make("input", { type: "number", title, min: "0", step: "0.1", onchange: choose });
		return input;
	}

	/** @param {typeof CHOICES[number]} choice */
	makeSelect({ name, options }) {
		const select = make("select", {
			onchange: () => this.model.send({ type: "set", name, value: options[select.selectedIndex][1] }),
		});
		select.append(...options.map(([label]) => make("option", { textContent: String(label) })));
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
		say(this.saving, saving);
		say(this.trouble, trouble);
	}
}

/**
 * @param {string} label
 * @param {HTMLElement} control
 */
function makeLabelled(label, control) {
	return make("label", { className: "wan-labelled" }, make("span", { textContent: label }), control);
}

export default {
	/** @param {{model: Model, el: HTMLElement}} host */
	render({ model, el }) {
		const view = new PrepareView(model, el);
		const draw = () => view.draw();
		model.on("change:state", draw);
		draw();
	},
};
