// @ts-check
// What a clip's face does over time, as a line over the performer's: mouth, lids, brows and pose below each other.
import { h } from "../shared/elements.js";

/**
 * A part of a face: how far clip and performer agree in words, and both over time; null where no face is seen.
 * @typedef {{title: string, agreement: string, result: (number | null)[], reference: (number | null)[]}} Curve
 */

/** The drawing's own units; it is stretched to the width that there is. */
const WIDTH = 320;
const HEIGHT = 28;
const MARGIN = 2;
/** The name of a language, at which nothing is fetched. */
const SVG = "http://www.w3.org/2000/svg";

/** @param {Curve[]} curves */
export function makeCurves(curves) {
	if (!curves.length) return [];
	const legend = h(
		"p",
		{ className: "wan-quiet" },
		h("span", { className: "wan-player-key" }),
		"clip over ",
		h("span", { className: "wan-player-key wan-player-key-reference" }),
		"performer",
	);
	return [legend, ...curves.flatMap(makeRow)];
}

/** @param {Curve} curve */
function makeRow({ title, agreement, result, reference }) {
	const known = [...result, ...reference].filter((value) => value !== null);
	const [low, high] = [Math.min(...known), Math.max(...known)];
	const picture = makeSvg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" });
	picture.setAttribute("aria-label", `${title} of the clip over the performer's: ${agreement}`);
	for (const [name, values] of /** @type {const} */ ([["reference", reference], ["result", result]]))
		picture.append(makeSvg("path", { d: pathOf(values, low, high - low || 1), class: `wan-player-${name}` }));
	return [h("span", { textContent: title }), picture, h("span", { className: "wan-quiet", textContent: agreement })];
}

/**
 * Returns a line through the values, with a gap where there is none.
 * @param {(number | null)[]} values
 * @param {number} low
 * @param {number} spread
 */
function pathOf(values, low, spread) {
	const step = WIDTH / Math.max(1, values.length - 1);
	let path = "";
	let drawing = false;
	for (const [at, value] of values.entries()) {
		if (value !== null) {
			const y = HEIGHT - MARGIN - ((value - low) / spread) * (HEIGHT - 2 * MARGIN);
			path += `${drawing ? "L" : "M"}${(at * step).toFixed(1)} ${y.toFixed(1)}`;
		}
		drawing = value !== null;
	}
	return path;
}

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 */
function makeSvg(name, attributes) {
	const element = document.createElementNS(SVG, name);
	for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
	return element;
}
