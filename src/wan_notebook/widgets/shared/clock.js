// @ts-check
// A leader that is no video: what many clips follow of which none is always there.

/**
 * What others follow: a video, or a clock.
 * @typedef {Pick<HTMLVideoElement, "currentTime" | "duration" | "paused" | "ended" | "loop" | "muted" | "playbackRate" |
 *   "defaultPlaybackRate" | "isConnected" | "addEventListener" | "pause" | "play">} Leader
 */

/** Runs as a video of a given length would, and stops at its end. */
export class Clock extends EventTarget {
	constructor() {
		super();
		/** Seconds; 0 as long as there is nothing to follow it. */
		this.duration = 0;
		this.loop = true;
		this.muted = true;
		this.isConnected = true;
		this.paused = true;
		this.rate = 1;
		this.defaultPlaybackRate = 1;
		/** Its time in seconds at an instant of the page's clock, in milliseconds. */
		this.anchor = { time: 0, at: 0 };
	}

	get currentTime() {
		const ran = this.paused ? 0 : ((performance.now() - this.anchor.at) / 1000) * this.rate;
		return Math.min(this.duration, this.anchor.time + ran);
	}

	set currentTime(time) {
		this.anchor = { time, at: performance.now() };
		this.dispatchEvent(new Event("seeked"));
	}

	get ended() {
		return this.duration > 0 && this.currentTime >= this.duration;
	}

	get playbackRate() {
		return this.rate;
	}

	set playbackRate(rate) {
		this.anchor = { time: this.currentTime, at: performance.now() };
		this.rate = rate;
		this.dispatchEvent(new Event("ratechange"));
	}

	async play() {
		if (!this.paused) return;
		this.anchor.at = performance.now();
		if (this.ended) this.anchor.time = 0;
		this.paused = false;
		this.dispatchEvent(new Event("play"));
	}

	pause() {
		if (this.paused) return;
		this.anchor = { time: this.currentTime, at: performance.now() };
		this.paused = true;
		this.dispatchEvent(new Event("pause"));
	}
}
