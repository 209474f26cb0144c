// @ts-check
// Tells a person who looks elsewhere that a run has ended: in the ways they chose, and in no other.
import { make } from "../shared/elements.js";

const STORED = "wan-notebook.bell";
const WAYS = { notification: "notification", title: "page title", sound: "sound" };

export class Bell {
	constructor() {
		/** @type {Set<string>} */
		this.chosen = new Set(recall());
		this.wasBusy = false;
	}

	/** @param {Record<string, any>} state */
	hear(state) {
		const ended = this.wasBusy && state.tone !== "busy";
		this.wasBusy = state.tone === "busy"; // before it rings: browsers of phones refuse notifications by raising
		if (ended) this.ring(state);
	}

	/** @param {Record<string, any>} state */
	ring(state) {
		if (this.chosen.has("title")) markTitle(state.phase ?? "Done");
		if (this.chosen.has("sound")) chime(state.tone === "good");
		if (this.chosen.has("notification") && canNotify() && Notification.permission === "granted")
			new Notification(`Wan: ${state.phase ?? "done"}`, { body: state.message ?? "", tag: "wan-notebook" });
	}

	/** The checkboxes with which a person chooses. */
	makeChoice() {
		const boxes = Object.entries(WAYS).map(([way, label]) => {
			const box = make("input", {
				type: "checkbox",
				checked: this.chosen.has(way),
				onchange: () => this.choose(way, box),
			});
			if (way === "notification" && !canNotify()) box.disabled = true;
			return make("label", { className: "wan-check" }, box, label);
		});
		return make(
			"details",
			{},
			make("summary", { textContent: "When it ends" }),
			make("div", { className: "wan-row" }, "Tell me by", ...boxes),
		);
	}

	/**
	 * @param {string} way
	 * @param {HTMLInputElement} box
	 */
	async choose(way, box) {
		if (box.checked && way === "notification") box.checked = (await Notification.requestPermission()) === "granted";
		if (box.checked) this.chosen.add(way);
		else this.chosen.delete(way);
		if (box.checked && way === "sound") chime(true);
		remember([...this.chosen]);
	}
}

function canNotify() {
	return "Notification" in window && isSecureContext && Notification.permission !== "denied";
}

/** @param {string} word */
function markTitle(word) {
	const before = document.title;
	if (before.startsWith(`${word} – `)) return; // another panel of the same page was quicker
	document.title = `${word} – ${before}`;
	const restore = () => {
		if (document.title === `${word} – ${before}`) document.title = before;
	};
	if (document.hidden) document.addEventListener("visibilitychange", restore, { once: true });
	else setTimeout(restore, 4000);
}

/** @param {boolean} good two rising notes, or two falling ones */
function chime(good) {
	const audio = new AudioContext();
	for (const [at, pitch] of good
		? [
				[0, 660],
				[0.16, 880],
			]
		: [
				[0, 440],
				[0.16, 330],
			]) {
		const [tone, volume] = [audio.createOscillator(), audio.createGain()];
		tone.frequency.value = pitch;
		volume.gain.setValueAtTime(0.12, audio.currentTime + at);
		volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + at + 0.3);
		tone.connect(volume).connect(audio.destination);
		tone.start(audio.currentTime + at);
		tone.stop(audio.currentTime + at + 0.3);
	}
	setTimeout(() => audio.close(), 1000);
}

/** @returns {string[]} */
function recall() {
	try {
		return JSON.parse(localStorage.getItem(STORED) ?? "[]");
	} catch {
		return []; // a sandboxed frame has no storage: the choice then lasts as long as the page
	}
}

/** @param {string[]} chosen */
function remember(chosen) {
	try {
		localStorage.setItem(STORED, JSON.stringify(chosen));
	} catch {
		// as above
	}
}
