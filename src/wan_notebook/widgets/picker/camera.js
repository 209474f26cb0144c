// @ts-check
// Recording a reference with the camera, where the browser allows it.
import { clockText, h, makeButton, makeLink, setText } from "../shared/elements.js";

/** MP4 is what services take; where the browser cannot write it, WebM is converted later on. */
const TYPES = ["video/mp4;codecs=avc1.42E01E", "video/mp4", "video/webm;codecs=vp9", "video/webm"];
/** Seconds. */
const COUNTDOWN = 3;
const LONGEST = 30;

export class Camera {
	/**
	 * @param {(file: File) => void} onrecord
	 * @param {() => void} onchange called when the camera is opened or closed
	 */
	constructor(onrecord, onchange) {
		this.onrecord = onrecord;
		this.onchange = onchange;
		/** Whether a person wants it open, also while the browser still asks them. */
		this.wanted = false;
		/** @type {MediaStream | null} */
		this.stream = null;
		/** @type {MediaRecorder | null} */
		this.recorder = null;
		this.second = 0;
		this.view = h("video", { muted: true, playsInline: true, autoplay: true, "aria-label": "Camera" });
		this.text = h("span", { role: "status" });
		this.start = makeButton("Start", () => this.countDown());
		this.stop = makeButton("Stop", () => this.recorder?.stop());
		const cancel = makeLink("Cancel", () => this.close());
		this.controls = h("div", { className: "wan-row" }, this.start, this.stop, this.text, cancel);
		this.root = h("div", { className: "wan-picker-preview wan-picker-camera", hidden: true });
	}

	/** Why nothing can be recorded here; empty where it can be tried. */
	static get obstacle() {
		if (!isSecureContext) return "Recording needs https, or a notebook on this computer.";
		const able = "MediaRecorder" in window && navigator.mediaDevices;
		return able ? "" : "This browser cannot record.";
	}

	/** @returns {Promise<string>} why the camera did not open; empty when it did */
	async open() {
		if (Camera.obstacle || this.wanted) return Camera.obstacle;
		this.wanted = true;
		try {
			this.stream = await navigator.mediaDevices.getUserMedia({
				video: { width: { ideal: 1280 }, height: { ideal: 720 } },
			});
		} catch (error) {
			this.wanted = false;
			const missing = /** @type {DOMException} */ (error).name === "NotFoundError";
			return missing
				? "There is no camera."
				: "The browser, or the page around the notebook, does not allow the camera.";
		}
		if (!this.wanted) {
			this.close(); // the cell was cleared while the browser asked
			return "";
		}
		this.view.srcObject = this.stream;
		this.root.replaceChildren(this.view, this.controls);
		this.show(`Starts ${COUNTDOWN} s after the click, ends by itself after ${LONGEST} s.`, false);
		return "";
	}

	/**
	 * @param {string} text
	 * @param {boolean} recording
	 */
	show(text, recording) {
		this.root.hidden = false;
		this.start.hidden = recording;
		this.stop.hidden = !this.recorder;
		setText(this.text, text);
		this.onchange();
	}

	countDown() {
		this.second = -COUNTDOWN;
		this.timer = setInterval(() => this.tick(), 1000);
		this.show(`Recording in ${COUNTDOWN}`, true);
	}

	tick() {
		this.second += 1;
		if (this.second === 0) this.record();
		if (this.second >= LONGEST) this.recorder?.stop();
		else this.show(this.second < 0 ? `Recording in ${-this.second}` : `Recording ${clockText(this.second)}`, true);
	}

	record() {
		if (!this.stream) return;
		const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
		/** @type {Blob[]} */
		const parts = [];
		this.recorder = new MediaRecorder(this.stream, { mimeType, videoBitsPerSecond: 6e6 });
		this.recorder.ondataavailable = ({ data }) => parts.push(data);
		this.recorder.onstop = () => {
			const type = (this.recorder?.mimeType ?? mimeType ?? "video/webm").split(";")[0];
			const recorded = this.root.hidden ? null : new File(parts, `recording.${type.split("/")[1]}`, { type });
			this.close();
			if (recorded) this.onrecord(recorded);
		};
		this.recorder.start(1000);
	}

	close() {
		this.wanted = false;
		clearInterval(this.timer);
		this.root.hidden = true;
		this.root.replaceChildren();
		if (this.recorder?.state === "recording") this.recorder.stop();
		this.recorder = null;
		this.stream?.getTracks().forEach((track) => track.stop());
		this.stream = null;
		this.onchange();
	}
}
