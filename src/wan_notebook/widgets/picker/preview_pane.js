// @ts-check
// The pane of a picker in which the chosen picture stands or the chosen video loops.
import { h, prefersStillness } from "../shared/elements.js";

/** @typedef {import("../shared/delivery.js").Delivery} Delivery */
/** @typedef {import("../shared/delivery.js").Label} Label */
/** @typedef {import("./picker.js").Chosen} Chosen */
/** @typedef {import("./upload.js").Upload} Upload */

/** Bytes up to which a video is fetched for its preview; of a larger one the first frame is shown. */
const SMALL = 20e6;

export class PreviewPane {
	/**
	 * @param {Delivery} delivery
	 * @param {"image" | "video"} kind
	 */
	constructor(delivery, kind) {
		this.delivery = delivery;
		this.moving = kind === "video";
		this.alt = this.moving ? "The chosen video" : "The chosen picture";
		this.root = h("div", { className: "wan-picker-preview" });
		/** The content which is shown, or is on its way. */
		this.content = "";
	}

	/**
	 * @param {Chosen | null} chosen the file that the kernel has
	 * @param {Upload | null} upload the file on its way to it
	 */
	draw(chosen, upload) {
		const content = JSON.stringify([chosen, upload?.localUrl]);
		if (content === this.content) return;
		this.content = content;
		this.root.replaceChildren();
		this.root.hidden = !chosen && !upload?.localUrl;
		if (upload?.localUrl) this.show(upload.localUrl, this.moving);
		else if (chosen?.url) this.show(chosen.url, this.moving);
		else if (chosen) this.showDelivered(chosen);
	}

	/** @param {Chosen} chosen */
	async showDelivered({ poster, clip }) {
		const { content } = this;
		const fetch = async (/** @type {Label} */ label, /** @type {boolean} */ moving) => {
			const url = await this.delivery.fetch(label);
			if (content === this.content) this.show(url, moving);
		};
		try {
			if (poster) await fetch(poster, false);
			if (clip && (clip.size < SMALL || this.delivery.has(clip))) await fetch(clip, true);
		} catch (error) {
			if (content === this.content) this.explain(/** @type {Error} */ (error).message);
		}
	}

	/**
	 * Shows a picture or a video in place of the one that is here, unless the browser cannot.
	 * @param {string} url
	 * @param {boolean} moving
	 */
	show(url, moving) {
		const { content, alt } = this;
		const still = prefersStillness();
		const medium = moving
			? h("video", {
					"aria-label": alt,
					muted: true,
					loop: true,
					playsInline: true,
					autoplay: !still,
					controls: still,
				})
			: h("img", { alt, referrerPolicy: "no-referrer" });
		const failure = "The browser cannot show it; whether it can be used turns out when it is read.";
		medium.addEventListener(
			moving ? "loadeddata" : "load",
			() => content === this.content && this.root.replaceChildren(medium),
		);
		medium.addEventListener("error", () => content === this.content && this.explain(failure));
		medium.src = url;
	}

	/** @param {string} text why nothing is to be seen */
	explain(text) {
		if (!this.root.childElementCount) this.root.append(h("span", { className: "wan-quiet", textContent: text }));
	}
}
