// @ts-check
// The settings of the next clip, each with its help, and the presets.
import { h, makeAlert, makeButton, makeLink, makeRoot, setText, uniqueId } from "../shared/elements.js";

/** @typedef {import("../shared/widget.js").Model<SettingsState>} Model */
/** @typedef {{value: any, label: string}} Option */
/**
 * A setting with options is a choice, one without them a slider; a rare one is folded away.
 * @typedef {{
 *   name: string, label: string, options: Option[], minimum: number, maximum: number, step: number, unit: string,
 *   rare: boolean,
 * }} Field
 */
/** @typedef {{name: string, own: boolean}} Preset */
/**
 * Values and help by the name of a field; `preset`: the one whose settings these are.
 * @typedef {{
 *   fields: Field[], values: Record<string, any>, help: Record<string, string>,
 *   presets: Preset[], preset: string, trouble: string,
 * }} SettingsState
 */

/** One setting: its name, its control, its value in words, and its help for those who ask. */
class FieldView {
	/**
	 * @param {Field} field
	 * @param {string} id
	 * @param {(value: any) => void} onchoose
	 */
	constructor(field, id, onchoose) {
		this.field = field;
		this.help = h("p", { id: `${id}-help`, className: "wan-quiet wan-settings-help", hidden: true });
		this.about = makeButton("?", () => this.toggleHelp(), {
			className: "wan-settings-about",
			"aria-label": `About ${field.label}`,
			"aria-expanded": "false",
			"aria-controls": this.help.id,
		});
		this.control = field.options.length ? this.makeChoice(id, onchoose) : this.makeSlider(id, onchoose);
	}

	/**
	 * @param {string} id
	 * @param {(value: any) => void} onchoose
	 */
	makeChoice(id, onchoose) {
		/** @type {HTMLInputElement[]} */
		const radios = this.field.options.map((option) =>
			h("input", { type: "radio", name: id, onchange: () => onchoose(option.value) }),
		);
		this.radios = radios;
		const labels = this.field.options.map((option, at) =>
			h("label", {}, radios[at], h("span", { textContent: option.label })),
		);
		const name = h("span", { id: `${id}-name`, textContent: this.field.label });
		const segments = h("div", { className: "wan-segments", role: "radiogroup", "aria-labelledby": name.id }, ...labels);
		return h("div", { className: "wan-settings-field" }, name, segments, this.about, this.help);
	}

	/**
	 * @param {string} id
	 * @param {(value: any) => void} onchoose
	 */
	makeSlider(id, onchoose) {
		const { label, minimum, maximum, step } = this.field;
		const slider = h("input", {
			...{ type: "range", id, min: minimum, max: maximum, step },
			oninput: () => this.drawValue(),
			onchange: () => onchoose(Number(slider.value)),
		});
		this.slider = slider;
		this.output = h("output", { for: id });
		const name = h("label", { textContent: label, for: id });
		const line = h("div", { className: "wan-settings-slider" }, slider, this.output);
		return h("div", { className: "wan-settings-field" }, name, line, this.about, this.help);
	}

	toggleHelp() {
		this.help.hidden = !this.help.hidden;
		this.about.setAttribute("aria-expanded", String(!this.help.hidden));
	}

	drawValue() {
		if (this.slider && this.output) this.output.textContent = this.slider.value;
	}

	/** @param {SettingsState} state */
	draw({ values, help }) {
		const { name, minimum, maximum, unit } = this.field;
		const range = this.slider ? ` From ${minimum} to ${maximum}${unit ? ` ${unit}` : ""}.` : "";
		this.help.textContent = help[name] + range;
		this.radios?.forEach((radio, at) => (radio.checked = this.field.options[at].value === values[name]));
		if (this.slider && document.activeElement !== this.slider) this.slider.value = String(values[name]);
		this.drawValue();
	}
}

/** The choice of a preset, and the buttons that make, remove and leave one. */
class PresetsView {
	/** @param {Model} model */
	constructor(model) {
		const send = (/** @type {string} */ type, name = this.choice.value) => model.send({ type, name });
		this.choice = h("select", { "aria-label": "Preset", onchange: () => this.choice.value && send("preset") });
		this.remove = makeLink("Forget", () => send("delete"));
		this.name = h("input", {
			type: "text",
			placeholder: "name",
			"aria-label": "Name of the new preset",
			size: 12,
			required: true,
		});
		this.begin = makeLink("Keep as preset", () => this.showForm(true));
		/** @param {Event} event */
		const save = (event) => {
			event.preventDefault();
			send("save", this.name.value);
			this.name.value = "";
			this.showForm(false);
		};
		this.form = h(
			"form",
			{
				className: "wan-row",
				hidden: true,
				onsubmit: save,
				onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && this.showForm(false),
			},
			this.name,
			h("button", { textContent: "Keep" }),
			makeLink("Cancel", () => this.showForm(false)),
		);
		const reset = makeLink("Reset", () => model.send({ type: "reset" }));
		this.root = h("div", { className: "wan-row" }, this.choice, this.remove, reset, this.begin, this.form);
	}

	/**
	 * Shows the field for the name under which the settings are saved, or hides it.
	 * @param {boolean} shown
	 */
	showForm(shown) {
		this.form.hidden = !shown;
		this.begin.hidden = shown;
		(shown ? this.name : this.begin).focus();
	}

	/** @param {SettingsState} state */
	draw({ presets, preset }) {
		const options = presets.map(({ name }) => h("option", { value: name, textContent: name }));
		this.choice.replaceChildren(h("option", { value: "", textContent: "Presets" }), ...options);
		this.choice.value = preset;
		this.remove.hidden = !presets.find(({ name }) => name === preset)?.own;
	}
}

class SettingsView {
	/** @param {Model} model */
	constructor(model) {
		this.model = model;
		const id = uniqueId("wan");
		this.fields = model
			.get("state")
			.fields.map(
				(field) =>
					new FieldView(field, `${id}-${field.name}`, (value) => model.send({ type: "set", name: field.name, value })),
			);
		this.presets = new PresetsView(model);
		this.trouble = makeAlert();
		const title = h("strong", { textContent: "Settings" });
		const heading = h("div", { className: "wan-row wan-between" }, title, this.presets.root);
		const controls = (/** @type {boolean} */ rare) =>
			this.fields.filter(({ field }) => field.rare === rare).map(({ control }) => control);
		const fields = h("div", { className: "wan-settings-fields" }, ...controls(false));
		const rare = h(
			"details",
			{},
			h("summary", { textContent: "More" }),
			h("div", { className: "wan-settings-fields" }, ...controls(true)),
		);
		this.root = makeRoot("wan-settings", heading, fields, rare, this.trouble);
		this.root.setAttribute("aria-label", "Settings");
	}

	draw() {
		const state = this.model.get("state");
		for (const part of [...this.fields, this.presets]) part.draw(state);
		setText(this.trouble, state.trouble);
	}
}

export default { View: SettingsView };
