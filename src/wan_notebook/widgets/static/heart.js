// @ts-check
// The heartbeat: some front ends lose what the kernel sends by itself, but never an answer. So the browser asks.

/** @typedef {import("./elements.js").Model} Model */

const BEAT = 1000;
/** A kernel which computes answers late; asking on and on would only fill its queue. */
const PATIENCE = 8000;

export class Heart {
	/** @param {Model} model */
	constructor(model) {
		this.model = model;
		/** Seconds by which the browser's clock is ahead of the kernel's; the quickest message tells best. */
		this.ahead = Infinity;
		this.askedAt = 0;
		this.alive = false;
		this.wasBusy = false;
		this.timer = setInterval(() => this.beatWhileBusy(), BEAT);
	}

	stop() {
		clearInterval(this.timer);
	}

	beatWhileBusy() {
		const busy = this.model.get("state").tone === "busy";
		// One beat more after the end: what else the kernel said in its last moment may be lost as well.
		if ((busy || this.wasBusy) && Date.now() - this.askedAt > PATIENCE) this.beat();
		this.wasBusy = busy;
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
