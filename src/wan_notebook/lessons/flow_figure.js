/**
 * The figure that is dragged: a slider for each setting, above the charts that the kernel draws.
 *
 * @typedef {object} Model of flow_figure.py
 * @property {(name: string) => any} get
 * @property {(name: string, value: number) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, heard: () => void) => void} on
 * @property {(event: string, heard: () => void) => void} off
 */

/** @type {[name: string, label: string, min: number, max: number, step: number][]} Ranges are those of the traits. */
const SLIDERS = [
	["steps", "Steps", 2, 40, 1],
	["shift", "Shift", 1, 10, 0.5],
	["seed", "Seed", 0, 9, 1],
];

/**
 * @param {HTMLElement} parent
 * @param {string} tag
 * @param {string} style
 * @returns {any}
 */
function add(parent, tag, style) {
	const element = document.createElement(tag);
	element.style.cssText = style;
	parent.append(element);
	return element;
}

/**
 * Draw the figure, and return what ends it.
 *
 * @param {{ model: Model, el: HTMLElement }} drawn
 */
function render({ model, el }) {
	/** @type {[event: string, heard: () => void][]} */
	const listeners = [];
	/** @param {string} name @param {() => void} show */
	const follow = (name, show) => {
		listeners.push([`change:${name}`, show]);
		model.on(`change:${name}`, show);
		show();
	};
	const figure = add(el, "div", "font: 13px system-ui, sans-serif; line-height: 1.5");
	figure.className = "wan-flow-figure";
	const row = add(figure, "div", "display: flex; flex-wrap: wrap; gap: 4px 20px; margin-bottom: 8px");
	for (const [name, label, min, max, step] of SLIDERS) {
		const frame = add(row, "label", "display: flex; align-items: center; gap: 8px");
		add(frame, "span", "width: 36px").textContent = label;
		const slider = add(frame, "input", "width: 140px; accent-color: #2083c5");
		Object.assign(slider, { type: "range", min, max, step });
		const value = add(frame, "span", "width: 28px");
		slider.addEventListener("input", () => {
			model.set(name, Number(slider.value));
			model.save_changes();
		});
		follow(name, () => {
			slider.value = model.get(name);
			value.textContent = step < 1 ? model.get(name).toFixed(1) : model.get(name);
		});
	}
	const charts = add(figure, "div", "");
	follow("charts", () => {
		charts.innerHTML = model.get("charts");
	});
	return () => listeners.forEach(([event, heard]) => model.off(event, heard));
}

export default { render };
