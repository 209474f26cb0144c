// @ts-check
// The heartbeat: some front ends lose what the kernel sends by itself, but never an answer. So the browser asks.

/** @typedef {import("./elements.js").Model} Model */

const BEAT = 500;
/** A kernel which computes answers late; asking on and on would only fill its queue. */
const PATIENCE = 8000;
/** For this long after a person has done something, news of it may come. */
const ECHO = 10_000;
const DEEDS = ["click", "change", "drop", "paste"];

export class Heart {
	/** @param {Model} model */
	constructor(model) {
		this.model = model;
		/** Seconds by which the browser's clock is ahead of the kernel's; the quickest message tells best. */
		this.ahead = Infinity;
		this.askedAt = 0;
		this.doneAt = 0;
		this.alive = false;
		this.timer = setInterval(() => this.beatWhileBusy(), BEAT);
		this.notice = (/** @type {Event} */ event) => {
			if (event.target instanceof Element && event.target.closest(".wan")) this.doneAt = Date.now();
		};
		for (const deed of DEEDS) document.addEventListener(deed, this.notice, true);
	}

	stop() {
		clearInterval(this.timer);
		for (const deed of DEEDS) document.removeEventListener(deed, this.notice, true);
	}

	beatWhileBusy() {
		const busy = this.model.get("state").tone === "busy" || document.querySelector(".wan[aria-busy=true]");
		// What else the kernel said in its last moment may be lost as well, so the end of being busy has an echo too.
		if (busy) this.doneAt = Date.now();
		if (Date.now() - this.doneAt < ECHO && Date.now() - this.askedAt > PATIENCE) this.beat();
	}

	beat() {
		this.askedAt = Date.now();
		this.model.send({ type: "beat" });
	}

	/** @param {Record<string, any>} state */
	hear(state) {
		this.alive = true;
		this.askedAt = 0;
		this.ahead = Math.min(this.ahead, Date.now() / 1000 - state.now);
	}

	/**
	 * The kernel's time, in seconds; a state that was kept in a file, with no kernel behind it, stands still.
	 * @param {Record<string, any>} state
	 */
	now(state) {
		return this.alive ? Date.now() / 1000 - this.ahead : state.now;
	}
}
