// @ts-check
import { make, makeButton, makeRoot, say, uniqueId } from "../shared/elements.js";

/** @typedef {import("../shared/elements.js").Model} Model */
/** @typedef {{value: any, label: string}} Option */
/** @typedef {{name: string, label: string, options: Option[], minimum: number, maximum: number, step: number, unit: string}} Field */

/** One setting: its name, its control, its value in words, and below what it does. */
class FieldView {
	/**
	 * @param {Field} field
	 * @param {string} id
	 * @param {(value: any) => void} choose
	 */
	constructor(field, id, choose) {
		this.field = field;
		this.help = make("p", { id: `${id}-help`, className: "wan-quiet wan-help" });
		this.control = field.options.length ? this.makeChoice(id, choose) : this.makeSlider(id, choose);
	}

	/**
	 * @param {string} id
	 * @param {(value: any) => void} choose
	 */
	makeChoice(id, choose) {
		/** @type {HTMLInputElement[]} */
		const radios = this.field.options.map((option) =>
			make("input", { type: "radio", name: id, onchange: () => choose(option.value) }),
		);
		this.radios = radios;
		const labels = this.field.options.map((option, at) =>
			make("label", {}, radios[at], make("span", { textContent: option.label })),
		);
		const legend = make("legend", { textContent: this.field.label });
		const segments = make("div", { className: "wan-segments" }, ...labels);
		return make("fieldset", { className: "wan-field", "aria-describedby": this.help.id }, legend, segments, this.help);
	}

	/**
	 * @param {string} id
	 * @param {(value: any) => void} choose
	 */
	makeSlider(id, choose) {
		const { label, minimum, maximum, step } = this.field;
		const properties = { type: "range", id, min: minimum, max: maximum, step, "aria-describedby": this.help.id };
		this.slider = make("input", {
			...properties,
			oninput: () => this.tellValue(),
			onchange: () => choose(Number(this.slider?.value)),
		});
		this.output = make("output", { for: id });
		const name = make("label", { textContent: label, for: id });
		return make(
			"div",
			{ className: "wan-field" },
			name,
			make("div", { className: "wan-slider" }, this.slider, this.output),
			this.help,
		);
	}

	tellValue() {
		if (this.slider && this.output) this.output.textContent = this.slider.value;
	}

	/**
	 * @param {any} value
	 * @param {string} help
	 */
	draw(value, help) {
		const { minimum, maximum, unit } = this.field;
		const range = this.slider ? ` From ${minimum} to ${maximum}${unit ? ` ${unit}` : ""}.` : "";
		say(this.help, help + range);
		this.radios?.forEach((radio, at) => (radio.checked = this.field.options[at].value === value));
		if (this.slider && document.activeElement !== this.slider) this.slider.value = String(value);
		this.tellValue();
	}
}

/** The presets, and what can be done with them. */
class PresetsView {
	/** @param {Model} model */
	constructor(model) {
		const send = (/** @type {string} */ type, name = this.choice.value) => model.send({ type, name });
		this.choice = make("select", { "aria-label": "Preset", onchange: () => this.choice.value && send("preset") });
		this.forget = makeButton("Forget", () => send("forget"), "wan-link");
		this.name = make("input", {
			type: "text",
			placeholder: "name",
			"aria-label": "Name of the new preset",
			size: 12,
			required: true,
		});
		this.begin = makeButton("Keep as preset", () => this.ask(true), "wan-link");
		this.form = make(
			"form",
			{
				className: "wan-row",
				hidden: true,
				onsubmit: (/** @type {Event} */ event) => this.keep(event, send),
				onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && this.ask(false),
			},
			this.name,
			make("button", { textContent: "Keep" }),
			makeButton("Cancel", () => this.ask(false), "wan-link"),
		);
		const reset = makeButton("Reset", () => model.send({ type: "reset" }), "wan-link");
		this.root = make("div", { className: "wan-row" }, this.choice, this.forget, reset, this.begin, this.form);
	}

	/**
	 * Asks for the name under which the settings are kept, or no longer.
	 * @param {boolean} wanted
	 */
	ask(wanted) {
		this.form.hidden = !wanted;
		this.begin.hidden = wanted;
		(wanted ? this.name : this.begin).focus();
	}

	/**
	 * @param {Event} event
	 * @param {(type: string, name: string) => void} send
	 */
	keep(event, send) {
		event.preventDefault();
		send("keep", this.name.value);
		this.name.value = "";
		this.ask(false);
	}

	/**
	 * @param {{name: string, own: boolean}[]} presets
	 * @param {string} chosen the one whose settings these are
	 */
	draw(presets, chosen) {
		const options = presets.map(({ name }) => make("option", { value: name, textContent: name }));
		this.choice.replaceChildren(make("option", { value: "", textContent: "Presets" }), ...options);
		this.choice.value = chosen;
		this.forget.hidden = !presets.find(({ name }) => name === chosen)?.own;
	}
}

export default {
	/** @param {{model: Model, el: HTMLElement}} host */
	render({ model, el }) {
		const view = uniqueId("wan");
		/** @type {Field[]} */
		const fields = model.get("state").fields;
		const parts = fields.map(
			(field) =>
				new FieldView(field, `${view}-${field.name}`, (value) =>
					model.send({ type: "set", name: field.name, value }),
				),
		);
		const presets = new PresetsView(model);
		const trouble = make("p", { className: "wan-trouble", role: "alert" });
		const heading = make(
			"div",
			{ className: "wan-row wan-apart" },
			make("strong", { textContent: "Settings" }),
			presets.root,
		);
		const grid = make("div", { className: "wan-fields" }, ...parts.map((part) => part.control));
		const root = makeRoot("wan-settings", heading, grid, trouble);
		root.setAttribute("aria-label", "Settings");
		el.append(root);
		const draw = () => {
			const state = model.get("state");
			parts.forEach((part) => part.draw(state.values[part.field.name], state.help[part.field.name]));
			presets.draw(state.presets, state.preset);
			say(trouble, state.trouble);
		};
		model.on("change:state", draw);
		draw();
	},
};
