// @ts-check
import { make, makeButton, say } from "../shared/elements.js";

/** @typedef {import("./tile_store.js").Known} Known */

/** What is said of all tiles together. */
export class Head {
	/** @param {Known} known */
	constructor(known) {
		this.known = known;
		this.words = make("p", { className: "wan-words", role: "status" });
		this.stop = makeButton("Stop sending", () => known.send({ type: "stop" }));
		this.bar = make("progress", { max: 1, "aria-label": "Tiles done" });
		this.trouble = make("p", { className: "wan-trouble", role: "alert" });
		this.parts = [make("div", { className: "wan-row wan-apart" }, this.words, this.stop), this.bar, this.trouble];
	}

	draw() {
		const { head } = this.known;
		say(this.words, head.words);
		say(this.trouble, head.trouble);
		this.stop.hidden = !head.can_stop;
		this.bar.hidden = head.tone !== "busy" || head.fraction === 1;
		this.bar.value = head.fraction;
	}
}
