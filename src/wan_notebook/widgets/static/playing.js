// @ts-check
// Several videos in step: one leads, the others keep up with it.

/** A lag in seconds which is jumped over; a smaller one is made up for by running a little faster or slower. */
const JUMP = 0.2;
/** How much faster: this many times the lag, and at most LIMIT. */
const GAIN = 2;
const LIMIT = 0.25;

export class Playing {
	/**
	 * @param {HTMLVideoElement} leader
	 * @param {() => void} onmove told whenever another frame may be on the screen
	 */
	constructor(leader, onmove) {
		this.leader = leader;
		this.onmove = onmove;
		/** @type {HTMLVideoElement | null} */
		this.follower = null;
		this.fps = 25;
		this.awaited = 0;
		/** Whether the leader stands still only until the follower is there. */
		this.waiting = false;
		const moved = () => this.move();
		for (const event of ["play", "pause", "seeked", "ratechange", "loadeddata"]) leader.addEventListener(event, moved);
	}

	/** @param {HTMLVideoElement | null} follower */
	follow(follower) {
		if (this.follower !== follower) {
			this.follower?.pause();
			follower?.addEventListener("loadeddata", () => this.move());
			if (this.waiting) this.goOn();
		}
		this.follower = follower;
		this.move();
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
		this.waiting = false;
		this.leader.pause();
		this.onmove();
	}

	start() {
		this.leader.play().catch(() => this.onmove()); // a browser may want a click first
	}

	/** Follows the leader, and goes on with it from frame to frame. */
	move() {
		cancelAnimationFrame(this.awaited);
		this.keepUp();
		this.onmove();
		if (!this.leader.paused && this.leader.isConnected) this.awaited = requestAnimationFrame(() => this.move());
	}

	keepUp() {
		const { leader, follower } = this;
		if (!follower || follower.readyState < 1 || follower.seeking) return;
		const end = follower.duration - 0.5 / this.fps;
		const over = leader.paused || leader.currentTime > end;
		if (over !== follower.paused) over ? follower.pause() : follower.play().catch(() => {});
		const lag = this.lagOf(follower, end);
		const haste = Math.max(-LIMIT, Math.min(LIMIT, GAIN * lag));
		follower.playbackRate = leader.playbackRate * (over ? 1 : 1 + haste);
		if (Math.abs(lag) > (over ? 0.5 / this.fps : JUMP)) this.jump(follower, Math.min(leader.currentTime, end));
	}

	/**
	 * Seconds by which the follower is behind; of two loops of one length, the end and the beginning are neighbours.
	 * @param {HTMLVideoElement} follower
	 * @param {number} end
	 */
	lagOf(follower, end) {
		const lag = Math.min(this.leader.currentTime, end) - follower.currentTime;
		const length = this.leader.duration;
		const sameLength = Math.abs(length - follower.duration) < JUMP;
		return sameLength && !this.leader.paused && Math.abs(lag) > length / 2 ? lag - Math.sign(lag) * length : lag;
	}

	/**
	 * Lets the follower seek, and the leader wait for it.
	 * @param {HTMLVideoElement} follower
	 * @param {number} time
	 */
	jump(follower, time) {
		this.waiting ||= !this.leader.paused;
		follower.addEventListener("seeked", () => this.goOn(), { once: true });
		follower.currentTime = time;
		if (this.waiting) this.leader.pause();
	}

	goOn() {
		if (this.waiting) this.start();
		else this.keepUp();
		this.waiting = false;
	}
}
