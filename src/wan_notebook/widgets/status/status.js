// @ts-check
import { clockText, make, makeCopyButton, makeRoot, say } from "../shared/elements.js";
import { Heart } from "../shared/heartbeat.js";
import { Bell } from "./notifier.js";

/** @typedef {import("../shared/elements.js").Model} Model */

/** Draws the state, and lets the clocks run between two states. */
class StatusView {
	/**
	 * @param {HTMLElement} el
	 * @param {Heart} heart
	 * @param {Bell} bell
	 */
	constructor(el, heart, bell) {
		this.heart = heart;
		this.phase = make("strong", { className: "wan-phase" });
		this.message = make("span");
		this.elapsed = make("span", { className: "wan-clock", role: "timer", "aria-label": "Time since the start" });
		this.bar = make("progress", { max: 1, "aria-label": "Progress" });
		this.timeLeft = make("span", { className: "wan-quiet" });
		this.timers = make("span", { className: "wan-row" });
		this.jobId = make("code", { className: "wan-cut" });
		this.job = make(
			"span",
			{ className: "wan-row" },
			"Job",
			this.jobId,
			makeCopyButton("Copy id", () => this.jobId.textContent ?? ""),
		);
		this.rawStatus = make("span");
		this.trouble = make("p", { className: "wan-trouble", role: "status" });
		this.logKey = "";
		this.detailsText = make("pre");
		this.details = make("details", {}, make("summary", { textContent: "Details" }), this.detailsText);
		this.lines = make("ol", { className: "wan-log", tabIndex: 0, "aria-label": "Log" });
		this.log = make("details", {}, make("summary", { textContent: "Log" }), this.lines);
		const words = make(
			"p",
			{ role: "status", "aria-live": "polite", className: "wan-words" },
			this.phase,
			" ",
			this.message,
		);
		this.bell = bell.makeChoice();
		el.append(
			makeRoot(
				"wan-status",
				make("div", { className: "wan-row wan-apart wan-start" }, words, this.timeLeft, this.elapsed),
				this.bar,
				make("div", { className: "wan-row wan-facts" }, this.timers, this.job, this.rawStatus),
				this.trouble,
				this.details,
				make("div", { className: "wan-row wan-apart wan-start" }, this.log, this.bell),
			),
		);
	}

	/** @param {Record<string, any>} state */
	draw(state) {
		this.state = state;
		const root = /** @type {HTMLElement} */ (this.bar.parentElement);
		root.dataset.tone = state.tone ?? "calm";
		say(this.phase, state.phase);
		say(this.message, state.message);
		this.drawBar(state);
		say(this.timeLeft, state.time_left);
		say(this.jobId, state.job_id);
		this.jobId.title = state.job_id ?? "";
		this.job.hidden = !state.job_id;
		say(this.rawStatus, state.raw_status && `The service says “${state.raw_status}”`);
		say(this.trouble, state.trouble);
		say(this.detailsText, state.details);
		this.details.hidden = !state.details;
		this.bell.hidden = !state.started_at;
		this.drawLog(state.log ?? []);
		this.tick();
	}

	/** @param {Record<string, any>} state */
	drawBar(state) {
		this.bar.hidden = state.tone !== "busy";
		if (typeof state.fraction === "number") this.bar.value = state.fraction;
		else this.bar.removeAttribute("value");
	}

	/** @param {{at: number, text: string}[]} lines */
	drawLog(lines) {
		this.log.hidden = !lines.length;
		const key = JSON.stringify(lines);
		if (key === this.logKey) return;
		this.logKey = key;
		const time = (/** @type {number} */ at) => make("time", { textContent: new Date(at * 1000).toLocaleTimeString() });
		this.lines.replaceChildren(...lines.map((line) => make("li", {}, time(line.at), " ", line.text)));
		this.lines.scrollTop = this.lines.scrollHeight;
	}

	/** Brings the clocks up to now. */
	tick() {
		const { state } = this;
		if (!state) return;
		const now = this.heart.now(state);
		const lasted = (/** @type {number} */ since, /** @type {number | null} */ until) =>
			clockText((until ?? now) - since);
		say(this.elapsed, state.started_at ? lasted(state.started_at, state.finished_at ?? null) : "");
		/** @type {{label: string, since: number, until: number | null}[]} */
		const timers = state.timers ?? [];
		say(this.timers, timers.map((timer) => `${timer.label} ${lasted(timer.since, timer.until)}`).join(" · "));
	}
}

export default () => {
	/** @type {Heart} */ let heart;
	/** @type {Bell} */ let bell;
	return {
		/** @param {{model: Model}} host */
		initialize({ model }) {
			heart = new Heart(model);
			bell = new Bell();
			const hear = () => {
				heart.hear(model.get("state"));
				bell.hear(model.get("state"));
			};
			model.on("change:state", hear);
			bell.hear(model.get("state"));
			return () => heart.stop();
		},
		/** @param {{model: Model, el: HTMLElement}} host */
		render({ model, el }) {
			const view = new StatusView(el, heart, bell);
			const draw = () => view.draw(model.get("state"));
			model.on("change:state", draw);
			draw();
			const ticking = setInterval(() => view.tick(), 1000);
			heart.beat();
			return () => clearInterval(ticking);
		},
	};
};
