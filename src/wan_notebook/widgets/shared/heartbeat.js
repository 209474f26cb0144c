// @ts-check
// Some front ends lose what the kernel sends by itself, but never an answer: while something is expected, one asks.
import { activity } from "./activity.js";

/** Milliseconds between two checks whether to ask. */
const INTERVAL = 500;
/** Milliseconds that an answer may take: a kernel which computes answers late, and more questions would fill its queue. */
const ANSWER_TIMEOUT = 8000;
/** Milliseconds after a person's action, or the end of something busy, in which the kernel may have more to say. */
const ACTIVITY_WINDOW = 10_000;

export class Heartbeat {
	/**
	 * @param {() => void} ask sends a message that the kernel answers
	 * @param {() => boolean} isBusy whether more is to come from the kernel
	 * @param {number} [silence] milliseconds since the last message of the kernel, before which nothing is asked
	 */
	constructor(ask, isBusy, silence = 0) {
		this.ask = ask;
		this.isBusy = isBusy;
		this.silence = silence;
		this.askedAt = 0;
		this.answeredAt = 0;
		this.busyAt = 0;
		/** Whether to ask at the next check in any case. */
		this.isWanted = false;
		this.timer = setInterval(() => this.check(), INTERVAL);
	}

	close() {
		clearInterval(this.timer);
	}

	/** Asks soon, but not before what is being drawn can be seen: the answer draws it once more. */
	beatSoon() {
		this.isWanted = true;
	}

	beat() {
		this.isWanted = false;
		this.askedAt = Date.now();
		this.ask();
	}

	/** Notes that a message of the kernel is here. */
	answered() {
		this.answeredAt = Date.now();
		this.askedAt = 0;
	}

	check() {
		const now = Date.now();
		// What the kernel said in its last busy moment may be lost as well, so the window begins when that ends.
		if (activity.busy || this.isBusy()) this.busyAt = now;
		const expecting = this.isWanted || now - Math.max(this.busyAt, activity.lastAt) < ACTIVITY_WINDOW;
		const silent = now - this.answeredAt > this.silence && now - this.askedAt > ANSWER_TIMEOUT;
		if (expecting && silent) this.beat();
	}
}
