// @ts-check
// What a clip is played with: timeline, buttons, speed.
import { clockText, h, makeButton } from "./elements.js";

/** @typedef {import("./synced_playback.js").SyncedPlayback} SyncedPlayback */

const SPEEDS = [0.25, 0.5, 1, 1.5, 2];

export class Controls {
	/**
	 * @param {SyncedPlayback} playback
	 * @param {() => HTMLElement} fullScreenElement
	 */
	constructor(playback, fullScreenElement) {
		this.playback = playback;
		const { leader } = playback;
		this.timeline = h("input", {
			type: "range",
			className: "wan-controls-timeline",
			min: 0,
			step: 1,
			value: 0,
			"aria-label": "Frame",
			oninput: () => (playback.frame = Number(this.timeline.value)),
		});
		this.play = makeButton("Play", () => playback.toggle(), { className: "wan-controls-play" });
		this.time = h("span", { className: "wan-clock" });
		this.loop = makeButton("Loop", () => this.change(() => (leader.loop = !leader.loop)));
		this.sound = makeButton("Sound", () => this.change(() => (leader.muted = !leader.muted)));
		this.speed = h(
			"select",
			{ "aria-label": "Speed", onchange: () => (playback.speed = Number(this.speed.value)) },
			...SPEEDS.map((speed) => h("option", { value: String(speed), textContent: `${speed}×` })),
		);
		const back = makeButton("−1 frame", () => playback.frame--);
		const forward = makeButton("+1 frame", () => playback.frame++);
		const full = makeButton("Full screen", () =>
			document.fullscreenElement ? document.exitFullscreen() : fullScreenElement().requestFullscreen(),
		);
		full.hidden = !document.fullscreenEnabled;
		this.shotBack = makeButton("Previous shot", () => this.jumpToShot(-1), { hidden: true });
		this.shotOn = makeButton("Next shot", () => this.jumpToShot(1), { hidden: true });
		/** @type {number[]} seconds with which the shots of a film begin */
		this.marks = [];
		this.ticks = h("div", { className: "wan-controls-ticks", hidden: true });
		const left = h("div", { className: "wan-row" }, this.play, back, forward, this.shotBack, this.shotOn, this.time);
		const right = h("div", { className: "wan-row" }, this.speed, this.loop, this.sound, full);
		this.root = h(
			"div",
			{ className: "wan-controls" },
			h("div", { className: "wan-controls-line" }, this.timeline, this.ticks),
			h("div", { className: "wan-row wan-between" }, left, right),
		);
	}

	/** @param {() => void} set */
	change(set) {
		set();
		this.playback.onchange();
	}

	/** @param {boolean} sound whether the clip has any */
	setClip(sound) {
		this.sound.hidden = !sound;
		this.timeline.max = String(this.playback.frames - 1);
		this.drawTicks();
	}

	/**
	 * Marks where the shots of a film begin.
	 * @param {number[]} marks in seconds, the first one 0; none for a clip
	 */
	setMarks(marks) {
		this.marks = marks;
		this.drawTicks();
		for (const part of [this.ticks, this.shotBack, this.shotOn]) part.hidden = marks.length < 2;
	}

	drawTicks() {
		const { duration } = this.playback.leader;
		const share = (/** @type {number} */ second) => (duration ? second / duration : 0);
		const ticks = this.marks.slice(1).map((second) => {
			const tick = h("i");
			tick.style.setProperty("--wan-tick", String(share(second)));
			return tick;
		});
		this.ticks.replaceChildren(...ticks);
	}

	/** The number of the shot on the screen, counted from 0. */
	get shot() {
		const { frame, fps } = this.playback;
		return Math.max(0, this.marks.findLastIndex((second) => Math.round(second * fps) <= frame));
	}

	/** @param {number} by how many shots */
	jumpToShot(by) {
		const wanted = Math.min(this.marks.length - 1, Math.max(0, this.shot + by));
		this.jump(this.marks[wanted]);
	}

	/**
	 * Goes on from another place, playing or not.
	 * @param {number} second
	 */
	jump(second) {
		const { playback } = this;
		const playing = !playback.paused;
		playback.frame = Math.round(second * playback.fps);
		if (playing) playback.start();
	}

	draw() {
		const { frame, frames, paused, leader } = this.playback;
		const text = paused ? "Play" : "Pause";
		if (this.play.textContent !== text) this.play.textContent = text;
		const time = `${tenths(leader.currentTime)} / ${tenths(leader.duration || 0)} · frame ${frame + 1} of ${frames}`;
		// Also an unchanged text is laid out anew, and there are more pictures a second than frames.
		if (this.time.textContent !== time) this.time.textContent = time;
		this.timeline.value = String(frame);
		this.speed.value = String(leader.defaultPlaybackRate);
		this.loop.setAttribute("aria-pressed", String(leader.loop));
		this.sound.setAttribute("aria-pressed", String(!leader.muted));
	}

	/**
	 * Does what a key means, except where it means something to the control that has the focus.
	 * @param {KeyboardEvent} event
	 */
	handleKey(event) {
		const target = /** @type {HTMLElement} */ (event.target);
		const taken = target.matches("select, input[type=radio]") || (event.key === " " && target.matches("button, a"));
		const { playback } = this;
		/** @type {Record<string, () => void>} */
		const keys = {
			" ": () => playback.toggle(),
			ArrowLeft: () => playback.frame--,
			ArrowRight: () => playback.frame++,
			Home: () => (playback.frame = 0),
			End: () => (playback.frame = playback.frames - 1),
			...(this.marks.length > 1 && { PageUp: () => this.jumpToShot(-1), PageDown: () => this.jumpToShot(1) }),
		};
		if (taken || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
		event.preventDefault();
		keys[event.key]();
	}
}

/** @param {number} seconds */
function tenths(seconds) {
	return `${clockText(seconds)}.${Math.floor((seconds % 1) * 10)}`;
}
