// @ts-check
import { make } from "../shared/elements.js";
// The small stage of a picker, on which the chosen picture stands or the chosen video loops.

/** @typedef {import("../shared/delivery.js").Delivery} Delivery */
/** @typedef {import("../shared/delivery.js").Label} Label */
/** @typedef {import("./upload.js").Arriving} Arriving */
/** @typedef {{name: string, facts: string[], poster: Label | null, clip: Label | null, url: string}} Chosen */

/** Bytes up to which a video is fetched only to be looked at; of a larger one the first frame is shown. */
const SMALL = 20e6;

export class Stage {
	/**
	 * @param {Delivery} delivery
	 * @param {"image" | "video"} kind
	 */
	constructor(delivery, kind) {
		this.delivery = delivery;
		this.moving = kind === "video";
		this.alt = this.moving ? "The chosen video" : "The chosen picture";
		this.root = make("div", { className: "wan-stage" });
		/** What stands on the stage, or is on its way there. */
		this.key = "";
	}

	/**
	 * @param {Chosen | null} chosen what the kernel has
	 * @param {Arriving | null} arriving what is on its way to it
	 */
	draw(chosen, arriving) {
		const key = JSON.stringify([chosen, arriving?.localUrl]);
		if (key === this.key) return;
		this.key = key;
		this.root.replaceChildren();
		this.root.hidden = !chosen && !arriving?.localUrl;
		if (arriving?.localUrl) this.put(arriving.localUrl, this.moving);
		else if (chosen?.url) this.put(chosen.url, this.moving);
		else if (chosen) this.putDelivered(chosen);
	}

	/** @param {Chosen} chosen */
	async putDelivered({ poster, clip }) {
		const { key } = this;
		const deliver = async (/** @type {Label} */ label, /** @type {boolean} */ moving) => {
			const url = await this.delivery.ask(label);
			if (key === this.key) this.put(url, moving);
		};
		try {
			if (poster) await deliver(poster, false);
			if (clip && (clip.size < SMALL || this.delivery.has(clip))) await deliver(clip, true);
		} catch (error) {
			if (key === this.key) this.excuse(/** @type {Error} */ (error).message);
		}
	}

	/**
	 * Shows a picture or a video in place of what stands here, unless the browser cannot.
	 * @param {string} url
	 * @param {boolean} moving
	 */
	put(url, moving) {
		const { key, alt } = this;
		const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
		const medium = moving
			? make("video", {
					"aria-label": alt,
					muted: true,
					loop: true,
					playsInline: true,
					autoplay: !still,
					controls: still,
				})
			: make("img", { alt, referrerPolicy: "no-referrer" });
		medium.addEventListener(
			moving ? "loadeddata" : "load",
			() => key === this.key && this.root.replaceChildren(medium),
		);
		medium.addEventListener(
			"error",
			() => key === this.key && this.excuse("The browser cannot show it; whether it can be used turns out when it is read."),
		);
		medium.src = url;
	}

	/** @param {string} words */
	excuse(words) {
		if (!this.root.childElementCount) this.root.append(make("span", { className: "wan-quiet", textContent: words }));
	}
}
