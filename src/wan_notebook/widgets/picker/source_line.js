// @ts-check
import { halt, make } from "../shared/elements.js";

/** @typedef {(type: string, more?: object) => void} Send */

/** The line for what is not a file of this browser: an address, a path, an earlier result. */
export class SourceLine {
	/**
	 * @param {string} label
	 * @param {Send} send
	 */
	constructor(label, send) {
		this.send = send;
		this.text = make("input", {
			type: "text",
			placeholder: "https://… or a path",
			spellcheck: false,
			autocomplete: "off",
			"aria-label": `${label}: address or path`,
		});
		this.earlier = make("select", { "aria-label": `${label}: earlier ones`, onchange: () => this.takeEarlier() });
		this.earlierKey = "";
		const form = make(
			"form",
			{ className: "wan-source", onsubmit: (/** @type {Event} */ event) => this.takeText(event) },
			this.text,
			make("button", { textContent: "Use" }),
		);
		this.root = make("div", { className: "wan-source" }, form, this.earlier);
	}

	/** @param {Event} event */
	takeText(event) {
		halt(event);
		if (this.text.value.trim()) this.send("text", { text: this.text.value });
	}

	takeEarlier() {
		if (this.earlier.value) this.send("earlier", { key: this.earlier.value });
		this.earlier.value = "";
	}

	/** @param {{key: string, label: string}[]} earlier */
	draw(earlier) {
		const key = JSON.stringify(earlier);
		this.earlier.hidden = !earlier.length;
		if (key === this.earlierKey) return;
		this.earlierKey = key;
		const options = earlier.map(({ key, label }) => make("option", { value: key, textContent: label }));
		this.earlier.replaceChildren(make("option", { value: "", textContent: "Earlier ones" }), ...options);
	}
}
