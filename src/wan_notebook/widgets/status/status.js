// @ts-check
// The status bar: how far a run is, for how long it has lasted, and what went wrong.
import { clockText, h, makeCopyButton, makeRoot, setText } from "../shared/elements.js";
import { Heartbeat } from "../shared/heartbeat.js";
import { CompletionNotifier } from "./notifier.js";

/** @typedef {import("../shared/widget.js").Model<StatusState>} Model */
/** @typedef {{label: string, since: number, until: number | null}} Timer */
/** @typedef {{at: number, text: string}} LogLine */
/**
 * All times are seconds since the epoch on the kernel's clock; `now` is when the state was sent.
 * @typedef {{
 *   now: number, phase: string, tone: "calm" | "busy" | "good" | "bad" | "open", message: string, details: string,
 *   fraction: number | null, time_left: string, started_at: number | null, finished_at: number | null,
 *   timers: Timer[], job_id: string, raw_status: string, trouble: string, log: LogLine[],
 * }} StatusState
 */

/** The connection to the kernel, which all views of one status bar share. */
class Connection {
	/** @param {Model} model */
	constructor(model) {
		this.heartbeat = new Heartbeat(
			() => model.beat(),
			() => model.get("state").tone === "busy",
		);
		this.notifier = new CompletionNotifier();
		this.notifier.update(model.get("state"));
		/** Seconds by which the browser's clock is ahead of the kernel's; the quickest message tells best. */
		this.ahead = Infinity;
		model.on("change:state", () => {
			const state = model.get("state");
			this.ahead = Math.min(this.ahead, Date.now() / 1000 - state.now);
			this.heartbeat.answered();
			this.notifier.update(state);
		});
	}

	close() {
		this.heartbeat.close();
	}

	/**
	 * Returns the kernel's time in seconds; a state that was stored in a file, with no kernel behind it, stands still.
	 * @param {StatusState} state
	 */
	now(state) {
		return this.ahead === Infinity ? state.now : Date.now() / 1000 - this.ahead;
	}
}

/** Draws the state, and lets the clocks run between two states. */
class StatusView {
	/**
	 * @param {Model} model
	 * @param {Connection} connection
	 */
	constructor(model, connection) {
		this.model = model;
		this.connection = connection;
		this.phase = h("strong", { className: "wan-status-phase" });
		this.message = h("span");
		this.elapsed = h("span", { className: "wan-clock", role: "timer", "aria-label": "Time since the start" });
		this.bar = h("progress", { max: 1, "aria-label": "Progress" });
		this.timeLeft = h("span", { className: "wan-quiet" });
		this.timers = h("p", { className: "wan-quiet" });
		this.jobId = h("code", { className: "wan-ellipsis" });
		const copy = makeCopyButton("Copy id", () => this.jobId.textContent ?? "");
		this.job = h("span", { className: "wan-row" }, "Job", this.jobId, copy);
		this.rawStatus = h("p", { className: "wan-quiet" });
		this.trouble = h("p", { className: "wan-error", role: "status" });
		this.detailsText = h("pre");
		this.details = h("details", {}, h("summary", { textContent: "Details" }), this.detailsText);
		this.lines = h("ol", { className: "wan-status-log", tabIndex: 0, "aria-label": "Log" });
		this.linesDrawn = "";
		this.frozen = false;
		this.log = h("details", {}, h("summary", { textContent: "Log" }), this.timers, this.lines);
		this.notifications = connection.notifier.makeOptions();
		const words = h(
			"p",
			{ role: "status", "aria-live": "polite", className: "wan-text" },
			this.phase,
			" ",
			this.message,
		);
		this.root = makeRoot(
			"wan-status",
			h("div", { className: "wan-row wan-between wan-top" }, words, this.timeLeft, this.elapsed),
			this.bar,
			this.rawStatus,
			this.trouble,
			this.details,
			h("div", { className: "wan-status-facts" }, this.job, this.log, this.notifications),
		);
		this.ticking = setInterval(() => this.drawClocks(), 1000);
		connection.heartbeat.beatSoon();
	}

	close() {
		clearInterval(this.ticking);
	}

	hasJobs() {
		return this.model.get("state").tone === "busy";
	}

	/** @param {boolean} frozen whether the kernel has gone, so that nobody knows how far the run is */
	freeze(frozen) {
		this.frozen = frozen;
		this.draw();
	}

	draw() {
		const state = this.model.get("state");
		this.root.dataset.tone = state.tone;
		setText(this.phase, state.phase);
		setText(this.message, state.message);
		this.bar.hidden = state.tone !== "busy" || this.frozen;
		if (state.fraction === null) this.bar.removeAttribute("value");
		else this.bar.value = state.fraction;
		setText(this.timeLeft, this.frozen ? "" : state.time_left);
		setText(this.jobId, state.job_id);
		this.jobId.title = state.job_id;
		this.job.hidden = !state.job_id;
		setText(this.rawStatus, state.raw_status && `The service says “${state.raw_status}”`);
		setText(this.trouble, state.trouble);
		setText(this.detailsText, state.details);
		this.details.hidden = !state.details;
		this.notifications.hidden = !state.started_at;
		this.drawLog(state.log);
		this.drawClocks();
	}

	/** @param {LogLine[]} lines */
	drawLog(lines) {
		this.log.hidden = !lines.length;
		const wanted = JSON.stringify(lines);
		if (wanted === this.linesDrawn) return;
		this.linesDrawn = wanted;
		const time = (/** @type {number} */ at) => h("time", { textContent: new Date(at * 1000).toLocaleTimeString() });
		this.lines.replaceChildren(...lines.map((line) => h("li", {}, time(line.at), " ", line.text)));
		this.lines.scrollTop = this.lines.scrollHeight;
	}

	drawClocks() {
		if (this.frozen) return;
		const state = this.model.get("state");
		const now = this.connection.now(state);
		const lasted = (/** @type {number} */ since, /** @type {number | null} */ until) =>
			clockText((until ?? now) - since);
		setText(this.elapsed, state.started_at ? lasted(state.started_at, state.finished_at) : "");
		const timers = state.timers.map((timer) => `${timer.label} ${lasted(timer.since, timer.until)}`);
		setText(this.timers, timers.join(" · "));
	}
}

export default { View: StatusView, share: (/** @type {Model} */ model) => new Connection(model) };
