// @ts-check
// The screen of the player: one pane, two side by side, or one wiped over the other.
import { h, setText } from "../shared/elements.js";

/** @typedef {import("../shared/delivery.js").Delivery} Delivery */
/** @typedef {import("../shared/delivery.js").Label} Label */
/** @typedef {import("./player.js").PlayerState} PlayerState */
/** @typedef {keyof typeof VIEW_MODES} ViewMode */

/** The ways to view a clip, each with what must be there for it beside the result. */
export const VIEW_MODES = /** @type {const} */ ({
	result: { text: "Result", needs: "result" },
	reference: { text: "Beside the reference", needs: "reference" },
	character: { text: "Beside the character", needs: "character" },
	wipe: { text: "Wipe", needs: "reference" },
});

/**
 * Returns the text for a view mode; each of two clips that are compared goes by its own name.
 * @param {ViewMode} mode
 * @param {PlayerState} state
 */
export function viewModeText(mode, { called, beside }) {
	if (mode === "result" && called) return capital(called);
	return mode === "reference" && beside !== "reference" ? `Beside ${beside}` : VIEW_MODES[mode].text;
}

/** A video or a picture with its caption. */
class Pane {
	/**
	 * @param {"video" | "img"} tag
	 * @param {string} name
	 */
	constructor(tag, name) {
		this.medium =
			tag === "video"
				? h("video", { muted: true, playsInline: true, loop: true, preload: "auto", "aria-label": name })
				: h("img", { alt: name });
		this.caption = h("figcaption", { textContent: name });
		/** @type {Label | null} */
		this.label = null;
		this.message = h("span", { className: "wan-quiet wan-player-message", hidden: true });
		this.figure = h("figure", { className: "wan-player-pane" }, this.medium, this.message, this.caption);
		this.medium.addEventListener(
			"error",
			() => this.medium.src && setText(this.message, "The browser cannot show this file."),
		);
	}

	/** @param {string} name */
	rename(name) {
		this.medium.setAttribute("aria-label", name);
		this.caption.textContent = name;
	}

	/**
	 * @param {Label | null} label
	 * @param {Delivery} delivery
	 */
	async load(label, delivery) {
		if (this.label?.id === label?.id) return;
		this.label = label;
		this.medium.removeAttribute("src");
		setText(this.message);
		if (!label) return "load" in this.medium && this.medium.load();
		const watch = (/** @type {number} */ part) =>
			this.label === label && setText(this.message, part < 1 ? `Loading, ${Math.round(100 * part)} %` : "");
		try {
			const url = await delivery.fetch(label, watch);
			if (this.label === label) this.medium.src = url;
		} catch (error) {
			if (this.label === label) setText(this.message, /** @type {Error} */ (error).message);
		}
	}
}

export class Screen {
	/** @param {Delivery} delivery */
	constructor(delivery) {
		this.delivery = delivery;
		this.result = new Pane("video", "Result");
		this.reference = new Pane("video", "Reference");
		this.character = new Pane("img", "Character");
		this.wipe = h("input", {
			type: "range",
			className: "wan-player-wipe",
			min: 0,
			max: 100,
			step: 1,
			value: 50,
			oninput: () => this.drawWipe(),
		});
		this.root = h(
			"div",
			{
				className: "wan-player-screen",
				tabIndex: 0,
				role: "group",
				"aria-label": "Clip. Space plays, the arrow keys step by frame.",
			},
			this.character.figure,
			this.reference.figure,
			this.result.figure,
			h("div", { className: "wan-player-frame" }, this.wipe),
		);
		for (const { medium } of [this.result, this.reference])
			medium.addEventListener("loadedmetadata", () => this.drawShape());
		this.drawWipe();
	}

	get leader() {
		return /** @type {HTMLVideoElement} */ (this.result.medium);
	}

	get follower() {
		return this.reference.figure.hidden ? null : /** @type {HTMLVideoElement} */ (this.reference.medium);
	}

	/** Two videos that lie over each other are equally high, with one middle, in a frame as wide as the wider of them. */
	drawShape() {
		const shapes = [this.leader, this.follower].map((video) => (video?.videoHeight ? video.videoWidth / video.videoHeight : 0));
		this.root.style.setProperty("--wan-player-shape", String(Math.max(...shapes) || 1));
	}

	drawWipe() {
		this.root.style.setProperty("--wan-player-wipe", String(Number(this.wipe.value) / 100));
	}

	/**
	 * Shows a clip in a view mode; what is not seen is not fetched.
	 * @param {PlayerState} state
	 * @param {ViewMode} mode
	 */
	draw(state, mode) {
		const { needs } = VIEW_MODES[mode];
		this.result.rename(capital(state.called));
		this.reference.rename(capital(state.beside));
		this.wipe.setAttribute("aria-label", `Wipe between ${state.beside} and ${state.called}`);
		this.root.dataset.mode = mode;
		this.wipe.hidden = mode !== "wipe";
		this.result.load(state.result, this.delivery);
		for (const name of /** @type {const} */ (["character", "reference"])) {
			const pane = this[name];
			pane.figure.hidden = needs !== name;
			const stays = needs === name || pane.label?.id === state[name]?.id;
			pane.load(stays ? state[name] : null, this.delivery);
		}
		this.drawShape();
	}

	/** Shows nothing, and holds nothing whose bytes are released. */
	clear() {
		for (const pane of [this.result, this.character, this.reference]) pane.load(null, this.delivery);
	}
}

/** @param {string} text */
export function capital(text) {
	return text[0].toUpperCase() + text.slice(1);
}
