// @ts-check
import { clockText, make, makeButton } from "./elements.js";
// What a clip is played with: timeline, buttons, speed.

/** @typedef {import("./synced_playback.js").Playing} Playing */

const SPEEDS = [0.25, 0.5, 1, 1.5, 2];

export class Controls {
	/**
	 * @param {Playing} playing
	 * @param {() => HTMLElement} whole what fills the screen when it is asked to
	 */
	constructor(playing, whole) {
		this.playing = playing;
		const { leader } = playing;
		this.timeline = make("input", {
			type: "range",
			className: "wan-timeline",
			min: 0,
			step: 1,
			value: 0,
			"aria-label": "Frame",
			oninput: () => (playing.frame = Number(this.timeline.value)),
		});
		this.play = makeButton("Play", () => playing.toggle(), "wan-play");
		this.time = make("span", { className: "wan-clock" });
		this.loop = makeButton("Loop", () => this.turn(() => (leader.loop = !leader.loop)));
		this.sound = makeButton("Sound", () => this.turn(() => (leader.muted = !leader.muted)));
		this.speed = this.makeSpeed();
		const back = makeButton("−1 frame", () => playing.frame--);
		const on = makeButton("+1 frame", () => playing.frame++);
		const full = makeButton("Full screen", () =>
			document.fullscreenElement ? document.exitFullscreen() : whole().requestFullscreen(),
		);
		full.hidden = !document.fullscreenEnabled;
		const left = make("div", { className: "wan-row" }, this.play, back, on, this.time);
		const right = make("div", { className: "wan-row" }, this.speed, this.loop, this.sound, full);
		this.root = make(
			"div",
			{ className: "wan-controls" },
			this.timeline,
			make("div", { className: "wan-row wan-apart" }, left, right),
		);
	}

	/** @param {() => void} change */
	turn(change) {
		change();
		this.playing.onmove();
	}

	makeSpeed() {
		const options = SPEEDS.map((speed) => make("option", { value: String(speed), textContent: `${speed}×` }));
		const set = () => (this.playing.speed = Number(choice.value));
		const choice = make("select", { "aria-label": "Speed", onchange: set }, ...options);
		return choice;
	}

	/** @param {boolean} sound whether the clip has any */
	begin(sound) {
		this.sound.hidden = !sound;
		this.timeline.max = String(this.playing.frames - 1);
	}

	draw() {
		const { frame, frames, paused, leader } = this.playing;
		const words = paused ? "Play" : "Pause";
		if (this.play.textContent !== words) this.play.textContent = words;
		this.time.textContent = `${tenths(leader.currentTime)} / ${tenths(leader.duration || 0)} · frame ${frame + 1} of ${frames}`;
		this.timeline.value = String(frame);
		this.speed.value = String(leader.defaultPlaybackRate);
		this.loop.setAttribute("aria-pressed", String(leader.loop));
		this.sound.setAttribute("aria-pressed", String(!leader.muted));
	}

	/**
	 * Does what a key means, except where it means something to the control that has the focus.
	 * @param {KeyboardEvent} event
	 */
	press(event) {
		const target = /** @type {HTMLElement} */ (event.target);
		const taken =
			target.matches("select, input[type=radio], .wan-wipe") || (event.key === " " && target.matches("button, a"));
		const { playing } = this;
		/** @type {Record<string, () => void>} */
		const keys = {
			" ": () => playing.toggle(),
			ArrowLeft: () => playing.frame--,
			ArrowRight: () => playing.frame++,
			Home: () => (playing.frame = 0),
			End: () => (playing.frame = playing.frames - 1),
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
