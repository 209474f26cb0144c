// @ts-check
import { make, say } from "../shared/elements.js";

/** @typedef {import("../shared/delivery.js").Delivery} Delivery */
/** @typedef {import("../shared/delivery.js").Label} Label */

/** @typedef {keyof typeof LOOKS} Look */

/** The ways of looking at a clip: what stands beside the result, and whether it lies over it. */
export const LOOKS = {
	result: { words: "Result", needs: "result" },
	reference: { words: "Beside the reference", needs: "reference" },
	character: { words: "Beside the character", needs: "character" },
	wipe: { words: "Wipe", needs: "reference" },
};

/**
 * Returns the words for a way of looking; each of two clips that are compared goes by its own name.
 * @param {Look} look
 * @param {Record<string, any>} state
 */
export function wordsFor(look, { called, beside }) {
	if (look === "result" && called) return capital(called);
	return look === "reference" && beside !== "reference" ? `Beside ${beside}` : LOOKS[look].words;
}

/** A video or a picture with its caption. */
class Pane {
	/**
	 * @param {"video" | "img"} tag
	 * @param {string} words
	 */
	constructor(tag, words) {
		this.medium =
			tag === "video"
				? make("video", { muted: true, playsInline: true, loop: true, preload: "auto", "aria-label": words })
				: make("img", { alt: words });
		this.caption = make("figcaption", { textContent: words });
		/** @type {Label | null} */
		this.label = null;
		this.excuse = make("span", { className: "wan-quiet" });
		this.figure = make("figure", {}, this.medium, this.excuse, this.caption);
		this.medium.addEventListener(
			"error",
			() => this.medium.src && say(this.excuse, "The browser cannot show this file."),
		);
		say(this.excuse);
	}

	/** @param {string} words */
	call(words) {
		this.medium.setAttribute("aria-label", words);
		this.caption.textContent = words;
	}

	/**
	 * @param {Label | null} label
	 * @param {Delivery} delivery
	 */
	async load(label, delivery) {
		if (this.label?.id === label?.id) return;
		this.label = label;
		this.medium.removeAttribute("src");
		say(this.excuse);
		if (!label) return "load" in this.medium && this.medium.load();
		const watch = (/** @type {number} */ part) =>
			this.label === label && say(this.excuse, part < 1 ? `Loading, ${Math.round(100 * part)} %` : "");
		try {
			const url = await delivery.ask(label, watch);
			if (this.label === label) this.medium.src = url;
		} catch (error) {
			if (this.label === label) say(this.excuse, /** @type {Error} */ (error).message);
		}
	}
}

/** What is looked at: one pane, two side by side, or one wiped over the other. */
export class Screen {
	/** @param {Delivery} delivery */
	constructor(delivery) {
		this.delivery = delivery;
		this.result = new Pane("video", "Result");
		this.reference = new Pane("video", "Reference");
		this.character = new Pane("img", "Character");
		this.wipe = make("input", {
			type: "range",
			className: "wan-wipe",
			min: 0,
			max: 100,
			step: 1,
			value: 50,
			oninput: () => this.cut(),
		});
		this.root = make(
			"div",
			{
				className: "wan-screen",
				tabIndex: 0,
				role: "group",
				"aria-label": "Clip. Space plays, the arrow keys step by frame.",
			},
			this.character.figure,
			this.reference.figure,
			this.result.figure,
			this.wipe,
		);
		this.cut();
	}

	get leader() {
		return /** @type {HTMLVideoElement} */ (this.result.medium);
	}

	get follower() {
		return this.reference.figure.hidden ? null : /** @type {HTMLVideoElement} */ (this.reference.medium);
	}

	cut() {
		this.root.style.setProperty("--wan-part", String(Number(this.wipe.value) / 100));
	}

	/**
	 * Shows a clip in one of the ways of LOOKS; what is not looked at is not fetched.
	 * @param {Record<string, any>} state
	 * @param {Look} look
	 */
	show(state, look) {
		const needs = LOOKS[look].needs;
		this.result.call(capital(state.called));
		this.reference.call(capital(state.beside));
		this.wipe.setAttribute("aria-label", `Wipe between ${state.beside} and ${state.called}`);
		this.root.dataset.look = look;
		this.wipe.hidden = look !== "wipe";
		this.result.load(state.result, this.delivery);
		for (const name of /** @type {const} */ (["character", "reference"])) {
			const pane = this[name];
			pane.figure.hidden = needs !== name;
			const stays = needs === name || pane.label?.id === state[name]?.id;
			pane.load(stays ? state[name] : null, this.delivery);
		}
	}

	/** Shows nothing, and holds nothing whose bytes are let go of. */
	clear() {
		for (const pane of [this.result, this.character, this.reference]) pane.load(null, this.delivery);
	}
}

/** @param {string} words */
function capital(words) {
	return words[0].toUpperCase() + words.slice(1);
}
