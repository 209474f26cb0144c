// @ts-check
// Several videos in step: one leads, the others keep up with it.

/** @typedef {import("./clock.js").Leader} Leader */

/** A lag in seconds which is jumped over; a smaller one is made up for by running a little faster or slower. */
const JUMP = 0.2;
/** How much faster: this many times the lag, in steps, since each change costs the browser work; and at most LIMIT. */
const GAIN = 2;
const STEP = 0.04;
const LIMIT = 0.24;
/** Milliseconds for which those that are there wait for those that are not. */
const LONGEST_WAIT = 600;

export class Playing {
	/**
	 * @param {Leader} leader
	 * @param {() => void} onmove told whenever another frame may be on the screen
	 * @param {{patient?: boolean}} [how] patient: whether the leader waits for each follower that jumps; if not, only
	 *   where all of them begin anew
	 */
	constructor(leader, onmove, { patient = true } = {}) {
		this.leader = leader;
		this.onmove = onmove;
		this.patient = patient;
		/** @type {Set<HTMLVideoElement>} */
		this.followers = new Set();
		/** @type {Set<HTMLVideoElement>} those that the leader waits for */
		this.late = new Set();
		this.fps = 25;
		this.awaited = 0;
		/** Whether the leader stands still only until the followers are there. */
		this.waiting = false;
		this.moved = () => this.move();
		for (const event of ["play", "pause", "seeked", "ratechange", "loadeddata"])
			leader.addEventListener(event, this.moved);
	}

	/** @param {Iterable<HTMLVideoElement>} followers */
	follow(followers) {
		const now = new Set(followers);
		for (const follower of this.followers) if (!now.has(follower)) this.dismiss(follower);
		for (const follower of now)
			if (!this.followers.has(follower)) follower.addEventListener("loadeddata", this.moved);
		this.followers = now;
		this.move();
	}

	/** @param {HTMLVideoElement} follower */
	dismiss(follower) {
		follower.removeEventListener("loadeddata", this.moved);
		follower.pause();
		this.followers.delete(follower);
		this.arrive(follower);
	}

	get frames() {
		return Math.max(1, Math.round((this.leader.duration || 0) * this.fps));
	}

	/** The frame on the screen, counted from 0. */
	get frame() {
		return Math.min(this.frames - 1, Math.floor(this.leader.currentTime * this.fps + 0.01));
	}

	/** Stops at a frame. */
	set frame(wanted) {
		this.waiting = false;
		this.leader.pause();
		const frame = Math.min(this.frames - 1, Math.max(0, wanted));
		// The middle of a frame is the same frame in every browser; its edge may be the one before.
		this.leader.currentTime = (frame + 0.5) / this.fps;
		this.onmove();
	}

	set speed(/** @type {number} */ speed) {
		this.leader.defaultPlaybackRate = speed;
		this.leader.playbackRate = speed;
	}

	/** Whether a person would say that it stands still. */
	get paused() {
		return this.leader.paused && !this.waiting;
	}

	toggle() {
		if (this.paused) return this.start();
		this.stop();
		this.onmove();
	}

	stop() {
		this.waiting = false;
		this.leader.pause();
		// Where many follow, none must stand before the edge of a frame and another one behind it.
		if (this.followers.size) this.frame = this.frame;
	}

	start() {
		if (this.leader.ended) this.beginAnew();
		else this.goOn();
	}

	/** Follows the leader, and goes on with it from frame to frame. */
	move() {
		cancelAnimationFrame(this.awaited);
		if (this.leader.ended && !this.leader.paused) this.leader.loop ? this.beginAnew() : this.leader.pause();
		for (const follower of this.followers) this.keepUp(follower);
		this.onmove();
		if (!this.leader.paused && this.leader.isConnected) this.awaited = requestAnimationFrame(this.moved);
	}

	/** Begins again with all of them at once, since each takes a time of its own to go back. */
	beginAnew() {
		this.waiting = true;
		this.leader.pause();
		this.leader.currentTime = 0;
		for (const follower of this.followers) if (follower.readyState > 0) this.jump(follower, 0);
		if (!this.late.size) this.goOn();
	}

	/** @param {HTMLVideoElement} follower */
	keepUp(follower) {
		const { leader } = this;
		if (follower.readyState < 1 || follower.seeking) return;
		const end = follower.duration - 0.5 / this.fps;
		const over = leader.paused || leader.currentTime > end;
		if (over !== follower.paused) over ? follower.pause() : follower.play().catch(() => {});
		const lag = this.lagOf(follower, end);
		const haste = Math.max(-LIMIT, Math.min(LIMIT, STEP * Math.round((GAIN * lag) / STEP)));
		const rate = leader.playbackRate * (over ? 1 : 1 + haste);
		if (follower.playbackRate !== rate) follower.playbackRate = rate;
		if (Math.abs(lag) <= (over ? 0.5 / this.fps : JUMP)) return;
		this.waiting ||= this.patient && !leader.paused;
		this.jump(follower, Math.min(leader.currentTime, end));
		if (this.waiting) leader.pause();
	}

	/**
	 * Seconds by which the follower is behind; of two loops of one length, the end and the beginning are neighbours.
	 * @param {HTMLVideoElement} follower
	 * @param {number} end
	 */
	lagOf(follower, end) {
		const lag = Math.min(this.leader.currentTime, end) - follower.currentTime;
		const length = this.leader.duration;
		const together = follower.loop && Math.abs(length - follower.duration) < JUMP;
		return together && !this.leader.paused && Math.abs(lag) > length / 2 ? lag - Math.sign(lag) * length : lag;
	}

	/**
	 * Lets a follower seek; a leader that waits does so until it is there.
	 * @param {HTMLVideoElement} follower
	 * @param {number} time
	 */
	jump(follower, time) {
		if (this.waiting) this.late.add(follower);
		const arrived = () => this.arrive(follower);
		follower.addEventListener("seeked", arrived, { once: true });
		if (this.waiting) setTimeout(arrived, LONGEST_WAIT);
		follower.currentTime = time;
	}

	/** @param {HTMLVideoElement} follower */
	arrive(follower) {
		this.late.delete(follower);
		if (this.waiting) this.late.size || this.goOn();
		else if (this.followers.has(follower)) this.keepUp(follower);
	}

	goOn() {
		this.waiting = false;
		this.leader.play().catch(() => this.onmove()); // a browser may want a click first
	}
}
