// @ts-check
// The filmstrip of a reference: two handles for what is kept, a playhead, and the frame that is under it.
import { h, makeButton, stopEvent } from "../shared/elements.js";

/** @typedef {{start: number, end: number}} Span in seconds */
/** @typedef {"start" | "end" | "head"} Mark */

/** Frames side by side in the picture that the kernel draws: STRIP_FRAMES there. */
const FRAMES = 12;
/** Frames that are left at least. */
const FEWEST = 2;
/** Frames by which a key moves a mark, and together with Shift. */
const LEAP = 10;

const NAMES = { start: "First frame that is sent", end: "End of what is sent", head: "Playhead" };

export class Filmstrip {
	/** @param {(span: Span, pushed: Mark | null) => void} onchange called with each change that a person has made */
	constructor(onchange) {
		this.onchange = onchange;
		this.duration = 1;
		this.fps = 25;
		this.start = 0;
		this.end = 1;
		this.head = 0;
		/** @type {Mark | null} */
		this.dragged = null;
		/** The end that the drag has taken along. @type {Mark | null} */
		this.pushed = null;
		this.image = h("img", { alt: "" });
		this.image.addEventListener("load", () => this.drawFrames());
		this.frames = h("canvas", { hidden: true });
		this.resizing = new ResizeObserver(() => this.drawFrames());
		this.resizing.observe(this.frames);
		this.kept = h("div", { className: "wan-filmstrip-kept" });
		/** @type {Record<Mark, HTMLElement>} */
		this.marks = { head: this.makeMark("head"), start: this.makeMark("start"), end: this.makeMark("end") };
		this.strip = h(
			"div",
			{
				className: "wan-filmstrip-strip",
				onpointerdown: (/** @type {PointerEvent} */ event) => this.beginDrag(event, "head"),
				onpointermove: (/** @type {PointerEvent} */ event) => this.drag(event),
				onpointerup: () => this.endDrag(),
				onpointercancel: () => this.endDrag(),
			},
			h("div", { className: "wan-filmstrip-frames" }, this.frames, this.kept),
			...Object.values(this.marks),
		);
		this.video = h("video", { muted: true, playsInline: true, hidden: true, "aria-label": "Frame at the playhead" });
		this.video.addEventListener("loadeddata", () => this.seek());
		this.play = makeButton("Play", () => this.toggle());
		this.clock = h("span", { className: "wan-clock" });
		const row = h(
			"div",
			{ className: "wan-row" },
			this.play,
			makeButton("−1 frame", () => this.move("head", this.head - 1 / this.fps)),
			makeButton("+1 frame", () => this.move("head", this.head + 1 / this.fps)),
			makeButton("From here", () => this.choose("start", this.head)),
			makeButton("To here", () => this.choose("end", this.head + 1 / this.fps)),
			this.clock,
		);
		this.root = h("div", { className: "wan-filmstrip" }, this.video, this.strip, row);
	}

	/** @param {Mark} mark */
	makeMark(mark) {
		return h("div", {
			className: `wan-filmstrip-mark wan-filmstrip-${mark}`,
			tabIndex: 0,
			role: "slider",
			"aria-label": NAMES[mark],
			"aria-valuemin": "0",
			onpointerdown: (/** @type {PointerEvent} */ event) => this.beginDrag(event, mark),
			onkeydown: (/** @type {KeyboardEvent} */ event) => this.handleKey(event, mark),
		});
	}

	/**
	 * Shows the stretch that is kept; while a person moves it, theirs stays.
	 * @param {number} duration seconds
	 * @param {number} fps
	 * @param {Span} span
	 */
	draw(duration, fps, span) {
		this.duration = duration || 1;
		this.fps = fps || 25;
		if (!this.dragged) Object.assign(this, span);
		this.head = Math.min(this.head, this.lastFrame);
		this.drawMarks();
	}

	/** @param {string} url of the video; of none the frame is not shown */
	showVideo(url) {
		this.video.src = url;
		this.video.hidden = false;
	}

	close() {
		this.resizing.disconnect();
		this.forget();
	}

	/** Draws as many frames as there is room for, each cut to its place and none of them squeezed. */
	drawFrames() {
		const { image, frames } = this;
		if (!image.naturalWidth) return;
		frames.hidden = false;
		const [width, height] = [frames.clientWidth, frames.clientHeight].map((side) => side * devicePixelRatio);
		const [own, high] = [image.naturalWidth / FRAMES, image.naturalHeight];
		const count = Math.min(FRAMES, Math.ceil((width / height) * (high / own)));
		const [cell, context] = [width / count, frames.getContext("2d")];
		if (!context || !width) return;
		Object.assign(frames, { width, height });
		const scale = Math.max(cell / own, height / high);
		const [cutWidth, cutHeight] = [cell / scale, height / scale];
		for (let at = 0; at < count; at++) {
			const frame = Math.floor(((at + 0.5) / count) * FRAMES);
			const [left, top] = [frame * own + (own - cutWidth) / 2, (high - cutHeight) / 2];
			context.drawImage(image, left, top, cutWidth, cutHeight, at * cell, 0, cell, height);
		}
	}

	forget() {
		this.video.pause();
		this.video.removeAttribute("src");
		this.video.hidden = true;
		this.image.removeAttribute("src");
		this.frames.hidden = true;
		this.head = 0;
	}

	get lastFrame() {
		return Math.max(0, this.duration - 1 / this.fps);
	}

	/** @param {number} time snapped to the beginning of a frame, and within the video */
	snap(time) {
		return Math.min(this.duration, Math.max(0, Math.round(time * this.fps) / this.fps));
	}

	/**
	 * Moves a mark. An end that meets the other one takes it along.
	 * @param {Mark} mark
	 * @param {number} time
	 * @returns {Mark | null} the other end, if it was taken along
	 */
	move(mark, time) {
		const least = Math.min(this.duration, FEWEST / this.fps);
		let pushed = /** @type {Mark | null} */ (null);
		if (mark === "start") {
			this.start = Math.min(this.snap(time), this.duration - least);
			if (this.end < this.start + least - 1e-6) [this.end, pushed] = [this.start + least, "end"];
		} else if (mark === "end") {
			this.end = Math.max(this.snap(time), least);
			if (this.start > this.end - least + 1e-6) [this.start, pushed] = [this.end - least, "start"];
		}
		this.head = Math.min(this.lastFrame, this.snap(mark === "end" ? this.end - 1 / this.fps : time));
		if (mark === "start") this.head = this.start;
		this.seek();
		this.drawMarks();
		return pushed;
	}

	/**
	 * Moves a mark as a person wants it.
	 * @param {Mark} mark
	 * @param {number} time
	 */
	choose(mark, time) {
		const pushed = this.move(mark, time);
		if (mark !== "head") this.onchange({ start: this.start, end: this.end }, pushed);
	}

	drawMarks() {
		const part = (/** @type {number} */ time) => `${(100 * time) / this.duration}%`;
		this.kept.style.left = part(this.start);
		this.kept.style.width = part(this.end - this.start);
		for (const [mark, element] of Object.entries(this.marks)) {
			const time = this[/** @type {Mark} */ (mark)];
			element.style.left = part(time);
			element.setAttribute("aria-valuemax", this.duration.toFixed(2));
			element.setAttribute("aria-valuenow", time.toFixed(2));
			element.setAttribute("aria-valuetext", `${time.toFixed(2)} seconds, frame ${Math.round(time * this.fps) + 1}`);
		}
		this.clock.textContent = `${this.head.toFixed(2)} s · frame ${Math.round(this.head * this.fps) + 1}`;
	}

	/** Shows the frame at the playhead: a seek goes to the middle of its time, so that rounding gives no other. */
	seek() {
		if (this.video.paused && this.video.readyState) this.video.currentTime = this.head + 0.5 / this.fps;
	}

	/** Plays what is kept, from the playhead on, or stops. */
	toggle() {
		const { video } = this;
		if (!video.paused) return video.pause();
		if (this.head < this.start || this.head >= this.end - 1.5 / this.fps) this.move("head", this.start);
		video.play().then(() => this.follow(), () => {});
		return undefined;
	}

	follow() {
		this.play.textContent = this.video.paused ? "Play" : "Pause";
		if (this.video.paused) return;
		this.head = Math.min(this.lastFrame, Math.floor(this.video.currentTime * this.fps + 1e-6) / this.fps);
		this.drawMarks();
		if (this.video.currentTime >= this.end - 0.5 / this.fps || this.video.ended) this.video.pause();
		requestAnimationFrame(() => this.follow());
	}

	/**
	 * @param {PointerEvent} event
	 * @param {Mark} mark
	 */
	beginDrag(event, mark) {
		if (event.button !== 0) return;
		stopEvent(event);
		this.strip.setPointerCapture(event.pointerId);
		this.marks[mark].focus({ preventScroll: true });
		this.video.pause();
		this.dragged = mark;
		if (mark === "head") this.drag(event);
	}

	/** @param {PointerEvent} event */
	drag(event) {
		if (!this.dragged) return;
		const { left, width } = this.strip.getBoundingClientRect();
		const pushed = this.move(this.dragged, ((event.clientX - left) / width) * this.duration);
		this.pushed = pushed ?? this.pushed;
	}

	endDrag() {
		const [mark, pushed] = [this.dragged, this.pushed];
		this.dragged = this.pushed = null;
		if (mark && mark !== "head") this.onchange({ start: this.start, end: this.end }, pushed);
	}

	/**
	 * @param {KeyboardEvent} event
	 * @param {Mark} mark
	 */
	handleKey(event, mark) {
		const step = (event.shiftKey ? LEAP : 1) / this.fps;
		/** @type {Record<string, number>} */
		const times = {
			ArrowLeft: this[mark] - step,
			ArrowDown: this[mark] - step,
			ArrowRight: this[mark] + step,
			ArrowUp: this[mark] + step,
			PageDown: this[mark] - 1,
			PageUp: this[mark] + 1,
			Home: 0,
			End: this.duration,
		};
		if (!(event.key in times) || event.ctrlKey || event.altKey || event.metaKey) return;
		stopEvent(event);
		this.choose(mark, times[event.key]);
	}
}
