// @ts-check
// The kernel behind a widget, as its browser side knows it: there, busy, or gone.

/** @typedef {import("./widget.js").HostModel} HostModel */

/** Milliseconds between two looks. */
const INTERVAL = 500;
/** Milliseconds without any word after a message, after which the kernel is asked whether it is there. */
const PATIENCE = 2000;
/** Each further question waits so many times longer than the one before it: where a kernel has gone, it is in vain. */
const BACK_OFF = 4;
/** Milliseconds that an idle kernel may be silent. */
const IDLE_SILENCE = 4500;
/** Milliseconds that a kernel may be silent of which nobody tells whether it computes, or whether bytes reach it yet. */
const UNKNOWN_SILENCE = 75_000;

const RESTARTED = "The kernel was restarted: run the cell again.";
const SILENT = "The kernel has not answered for over a minute. If it was restarted, run the cell again.";

export class Kernel {
	/** @param {HostModel} model */
	constructor(model) {
		this.model = model;
		/** Why nothing works any more, in a sentence; empty while there is a kernel. */
		this.gone = "";
		/** @type {Set<() => void>} called when the kernel has gone, or is there again */
		this.listeners = new Set();
		/** When the first message was sent that has no answer yet; 0 where none is awaited. */
		this.awaitedSince = 0;
		/** How often the kernel was asked since. */
		this.asked = 0;
		/** When bytes were sent last: over a narrow connection whatever follows them waits. */
		this.bytesSentAt = 0;
		/** What the front end said of the kernel at the last look. @type {string | undefined} */
		this.lastStatus = undefined;
		/** The front end's own model, where it hands it out. @type {any} */
		this.own = undefined;
		model.on("msg:custom", () => this.hear());
		this.timer = setInterval(() => this.check(), INTERVAL);
	}

	close() {
		clearInterval(this.timer);
	}

	/** Returns whether there is a kernel: a saved notebook may restore the model alone. A host that does not tell has one. */
	async find() {
		if (this.own === undefined) {
			this.own = (await this.model.widget_manager?.get_model?.(this.model.get("widget_id"))) ?? null;
			this.own?.on?.("comm_live_update", () => this.setGone(this.own.comm_live === false ? RESTARTED : ""));
		}
		return this.own?.comm_live !== false;
	}

	/**
	 * @param {object} message
	 * @param {undefined} [callbacks]
	 * @param {ArrayBuffer[]} [buffers]
	 */
	send(message, callbacks, buffers) {
		if (this.gone) return;
		const now = Date.now();
		this.awaitedSince ||= now;
		if (buffers?.length) this.bytesSentAt = now;
		this.model.send(message, callbacks, buffers);
	}

	/** Notes that the kernel has said something. */
	hear() {
		this.awaitedSince = 0;
		this.asked = 0;
		if (this.own?.comm_live !== false) this.setGone("");
	}

	check() {
		if (!this.awaitedSince || this.own?.comm_live === false) return;
		const now = Date.now();
		const { status, lastStatus } = this;
		this.lastStatus = status;
		// The connection was lost, and is there again: what was sent over it may be lost, and the kernel was not silent.
		if (lastStatus === "" && status) [this.awaitedSince, this.asked] = [now - PATIENCE, 0];
		if (status === "busy") this.awaitedSince = Math.max(this.awaitedSince, now - PATIENCE);
		const silence = now - this.awaitedSince;
		if (silence >= PATIENCE * BACK_OFF ** this.asked) {
			this.asked += 1;
			this.model.send({ type: "ping" });
		}
		const isNarrow = now - this.bytesSentAt < UNKNOWN_SILENCE;
		if (silence > (status && !isNarrow ? IDLE_SILENCE : UNKNOWN_SILENCE)) this.setGone(status ? RESTARTED : SILENT);
	}

	/** What the front end says of the kernel, as "idle" or "busy"; empty where it says nothing. */
	get status() {
		const status = this.own?.widget_manager?.kernel?.status;
		return status === "unknown" ? "" : (status ?? "");
	}

	/** @param {string} sentence */
	setGone(sentence) {
		if (sentence === this.gone) return;
		this.gone = sentence;
		this.listeners.forEach((listen) => listen());
	}
}
