// @ts-check
// Elements of the page: what users and servers wrote goes in as text, never as markup.
import { activity } from "./activity.js";

/**
 * Makes an element.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [properties] what starts with "on" is a listener, what has a dash or is "role" an attribute
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, properties = {}, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(properties)) {
		if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
		else if (name.includes("-") || name === "role" || name === "for") element.setAttribute(name, value);
		else Object.assign(element, { [name]: value });
	}
	element.append(...children);
	return element;
}

/**
 * Sets a text and hides its element when there is none; an unchanged text is left alone, lest it be read out again.
 * @param {HTMLElement} element
 * @param {string | undefined} text
 */
export function setText(element, text = "") {
	if (element.textContent !== text) element.textContent = text;
	element.hidden = !text;
}

/**
 * Makes the root of a view. Of the notebook's shortcuts (where one letter cuts a cell) only saving works in it.
 * @param {string} name
 * @param {(Node | string)[]} children
 */
export function makeRoot(name, ...children) {
	const root = h("section", { className: `wan ${name}` }, ...children);
	const saves = (/** @type {KeyboardEvent} */ event) =>
		(event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s";
	// JupyterLab reads keys at the document before they come here, and heeds this attribute; the window gets them earlier still.
	const guard = (/** @type {KeyboardEvent} */ event) =>
		root.toggleAttribute("data-lm-suppress-shortcuts", !saves(event));
	root.addEventListener("focusin", () => window.addEventListener("keydown", guard, true));
	root.addEventListener("focusout", () => window.removeEventListener("keydown", guard, true));
	root.addEventListener("keydown", (event) => saves(event) || event.stopPropagation());
	for (const type of ["click", "change", "drop", "lm-drop", "paste"])
		root.addEventListener(type, (event) => activity.note(event), true);
	return root;
}

/**
 * @param {Node | string} content
 * @param {(() => void) | null} onclick
 * @param {Record<string, any>} [properties] more of them, as for h()
 */
export function makeButton(content, onclick, properties = {}) {
	return h("button", { type: "button", onclick, ...properties }, content);
}

/**
 * Makes a button which looks like a link.
 * @param {string} text
 * @param {() => void} onclick
 * @param {Record<string, any>} [properties] more of them, as for h()
 */
export function makeLink(text, onclick, properties = {}) {
	return makeButton(text, onclick, { className: "wan-link", ...properties });
}

/**
 * Makes a button which puts a text on the clipboard and says so.
 * @param {string} label
 * @param {() => string} text
 */
export function makeCopyButton(label, text) {
	const button = makeButton(label, async () => {
		button.textContent = (await copyText(text())) ? "Copied" : "Copying is blocked here";
		setTimeout(() => (button.textContent = label), 1600);
	});
	return button;
}

/** @param {string} text */
async function copyText(text) {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		// Frames of other origins and plain http have no clipboard; the old command still works in many of them.
		const area = h("textarea", { value: text, className: "wan-offscreen" });
		document.body.append(area);
		area.select();
		const copied = document.execCommand("copy");
		area.remove();
		return copied;
	}
}

/** Makes the line for errors: hidden, until it has a text. */
export function makeAlert() {
	return h("p", { className: "wan-error", role: "alert", hidden: true });
}

/**
 * Keeps an event from the page and the notebook around.
 * @param {Event} event
 */
export function stopEvent(event) {
	event.preventDefault();
	event.stopPropagation();
}

/**
 * Makes an id which no other element of the page has: each widget is a module of its own, so counting would not do.
 * @param {string} stem
 */
export function uniqueId(stem) {
	return `${stem}-${Math.random().toString(36).slice(2)}`;
}

/** @param {number} seconds */
export function clockText(seconds) {
	const whole = Math.max(0, Math.floor(seconds));
	const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
	const tail = String(rest).padStart(2, "0");
	return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** Whether the person wants no motion. */
export function prefersStillness() {
	return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
