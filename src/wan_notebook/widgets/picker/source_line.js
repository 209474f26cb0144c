// @ts-check
// The line for inputs that are no files of this browser: an address, a path, an earlier one.
import { h, stopEvent } from "../shared/elements.js";

export class SourceLine {
	/**
	 * @param {string} label
	 * @param {(type: string, fields?: object) => void} send
	 * @param {(text: string) => void} take
	 */
	constructor(label, send, take) {
		this.send = send;
		this.take = take;
		this.text = h("input", {
			type: "text",
			placeholder: "https://… or a path",
			spellcheck: false,
			autocomplete: "off",
			"aria-label": `${label}: address or path`,
		});
		this.earlier = h("select", { "aria-label": `${label}: earlier ones`, onchange: () => this.takeEarlier() });
		this.drawn = "";
		const form = h(
			"form",
			{ className: "wan-picker-source", onsubmit: (/** @type {Event} */ event) => this.takeText(event) },
			this.text,
			h("button", { textContent: "Use" }),
		);
		this.root = h("div", { className: "wan-picker-source" }, form, this.earlier);
	}

	/** @param {Event} event */
	takeText(event) {
		stopEvent(event);
		this.take(this.text.value);
	}

	takeEarlier() {
		if (this.earlier.value) this.send("earlier", { key: this.earlier.value });
		this.earlier.value = "";
	}

	/**
	 * @param {{key: string, label: string}[]} earlier
	 * @param {boolean} paths whether files of the kernel's machine may be named
	 */
	draw(earlier, paths) {
		this.text.placeholder = paths ? "https://… or a path" : "https://…";
		const wanted = JSON.stringify(earlier);
		this.earlier.hidden = !earlier.length;
		if (wanted === this.drawn) return;
		this.drawn = wanted;
		const options = earlier.map(({ key, label }) => h("option", { value: key, textContent: label }));
		this.earlier.replaceChildren(h("option", { value: "", textContent: "Earlier ones" }), ...options);
	}
}
