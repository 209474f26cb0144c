// @ts-check
// Several videos in step: one leads, the others follow it.

/** @typedef {import("./clock.js").Leader} Leader */

/** A lag in seconds which is jumped over; a smaller one is made up for by running a little faster or slower. */
const JUMP = 0.2;
/** How much faster: this many times the lag, in steps, since each change costs the browser work; and at most LIMIT. */
const GAIN = 2;
const STEP = 0.04;
const LIMIT = 0.24;
/** Milliseconds for which those that are there wait for those that are not. */
const LONGEST_WAIT = 600;

export class SyncedPlayback {
	/**
	 * @param {Leader} leader
	 * @param {() => void} onchange called whenever another frame may be on the screen
	 * @param {{patient?: boolean}} [options] patient: whether the leader waits for each follower that jumps; if not, only
	 *   where all of them begin anew
	 */
	constructor(leader, onchange, { patient = true } = {}) {
		this.leader = leader;
		this.onchange = onchange;
		this.patient = patient;
		/** @type {Set<HTMLVideoElement>} */
		this.followers = new Set();
		/** @type {Set<HTMLVideoElement>} those that the leader waits for */
		this.seeking = new Set();
		this.fps = 25;
		this.frameRequest = 0;
		/** Whether the leader stands still only until the followers are there. */
		this.waiting = false;
		this.update = () => this.synchronize();
		for (const event of ["play", "pause", "seeked", "ratechange", "loadeddata"])
			leader.addEventListener(event, this.update);
	}

	/** @param {Iterable<HTMLVideoElement>} followers */
	setFollowers(followers) {
		const wanted = new Set(followers);
		for (const follower of this.followers) if (!wanted.has(follower)) this.release(follower);
		for (const follower of wanted)
			if (!this.followers.has(follower)) follower.addEventListener("loadeddata", this.update);
		this.followers = wanted;
		this.synchronize();
	}

	/** @param {HTMLVideoElement} follower */
	release(follower) {
		follower.removeEventListener("loadeddata", this.update);
		follower.pause();
		this.followers.delete(follower);
		this.finishSeek(follower);
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
		this.onchange();
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
		this.onchange();
	}

	stop() {
		this.waiting = false;
		this.leader.pause();
		// Where many follow, none must stand before the edge of a frame and another one behind it.
		if (this.followers.size) this.frame = this.frame;
	}

	start() {
		if (this.leader.ended) this.restart();
		else this.resume();
	}

	/** Brings the followers to the leader, and does so again with each frame while it runs. */
	synchronize() {
		cancelAnimationFrame(this.frameRequest);
		if (this.leader.ended && !this.leader.paused) this.leader.loop ? this.restart() : this.leader.pause();
		for (const follower of this.followers) this.adjust(follower);
		this.onchange();
		if (!this.leader.paused && this.leader.isConnected) this.frameRequest = requestAnimationFrame(this.update);
	}

	/** Begins again with all of them at once, since each takes a time of its own to go back. */
	restart() {
		this.waiting = true;
		this.leader.pause();
		this.leader.currentTime = 0;
		for (const follower of this.followers) if (follower.readyState > 0) this.seek(follower, 0);
		if (!this.seeking.size) this.resume();
	}

	/**
	 * Pauses, plays, hastens or moves a follower, so that it is where the leader is.
	 * @param {HTMLVideoElement} follower
	 */
	adjust(follower) {
		const { leader } = this;
		if (follower.readyState < 1 || follower.seeking) return;
		const end = follower.duration - 0.5 / this.fps;
		const still = leader.paused || leader.currentTime > end;
		if (still !== follower.paused) still ? follower.pause() : follower.play().catch(() => {});
		const lag = this.lagOf(follower, end);
		const haste = Math.max(-LIMIT, Math.min(LIMIT, STEP * Math.round((GAIN * lag) / STEP)));
		const rate = leader.playbackRate * (still ? 1 : 1 + haste);
		if (follower.playbackRate !== rate) follower.playbackRate = rate;
		if (Math.abs(lag) <= (still ? 0.5 / this.fps : JUMP)) return;
		this.waiting ||= this.patient && !leader.paused;
		this.seek(follower, Math.min(leader.currentTime, end));
		if (this.waiting) leader.pause();
	}

	/**
	 * Returns the seconds by which a follower is behind; of two loops of one length, the end and the beginning are neighbours.
	 * @param {HTMLVideoElement} follower
	 * @param {number} end
	 */
	lagOf(follower, end) {
		const lag = Math.min(this.leader.currentTime, end) - follower.currentTime;
		const length = this.leader.duration;
		const loops = follower.loop && Math.abs(length - follower.duration) < JUMP;
		return loops && !this.leader.paused && Math.abs(lag) > length / 2 ? lag - Math.sign(lag) * length : lag;
	}

	/**
	 * Lets a follower seek; a leader that waits does so until it is there.
	 * @param {HTMLVideoElement} follower
	 * @param {number} time
	 */
	seek(follower, time) {
		if (this.waiting) this.seeking.add(follower);
		const finish = () => this.finishSeek(follower);
		follower.addEventListener("seeked", finish, { once: true });
		if (this.waiting) setTimeout(finish, LONGEST_WAIT);
		follower.currentTime = time;
	}

	/** @param {HTMLVideoElement} follower */
	finishSeek(follower) {
		this.seeking.delete(follower);
		if (this.waiting) this.seeking.size || this.resume();
		else if (this.followers.has(follower)) this.adjust(follower);
	}

	resume() {
		this.waiting = false;
		this.leader.play().catch(() => this.onchange()); // a browser may want a click first
	}
}
