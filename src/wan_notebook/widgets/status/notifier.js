// @ts-check
// Tells a person who looks elsewhere that a run has ended: in the ways they chose, and in no other.
import { h } from "../shared/elements.js";

/** @typedef {import("./status.js").StatusState} StatusState */

const STORAGE_KEY = "wan-notebook.notifications";
const WAYS = { notification: "notification", title: "page title", sound: "sound" };
/** Pitch in Hz by the second at which each note begins. */
const RISING = [
	[0, 660],
	[0.16, 880],
];
const FALLING = [
	[0, 440],
	[0.16, 330],
];

export class CompletionNotifier {
	constructor() {
		/** @type {Set<string>} */
		this.chosen = new Set(loadChoice());
		this.wasBusy = false;
	}

	/** @param {StatusState} state */
	update(state) {
		const ended = this.wasBusy && state.tone !== "busy";
		this.wasBusy = state.tone === "busy"; // before it notifies: browsers of phones refuse notifications by raising
		if (ended) this.notify(state);
	}

	/** @param {StatusState} state */
	notify(state) {
		if (this.chosen.has("title")) markTitle(state.phase);
		if (this.chosen.has("sound")) chime(state.tone === "good" ? RISING : FALLING);
		if (this.chosen.has("notification") && canNotify() && Notification.permission === "granted")
			new Notification(`Wan: ${state.phase}`, { body: state.message, tag: "wan-notebook" });
	}

	/** Makes the checkboxes with which a person chooses the ways. */
	makeOptions() {
		const boxes = Object.entries(WAYS).map(([way, label]) => {
			const box = h("input", {
				type: "checkbox",
				checked: this.chosen.has(way),
				onchange: () => this.choose(way, box),
			});
			if (way === "notification" && !canNotify()) box.disabled = true;
			return h("label", { className: "wan-check" }, box, label);
		});
		const summary = h("summary", { textContent: "When it ends" });
		return h("details", {}, summary, h("div", { className: "wan-row" }, "Tell me by", ...boxes));
	}

	/**
	 * @param {string} way
	 * @param {HTMLInputElement} box
	 */
	async choose(way, box) {
		if (box.checked && way === "notification") box.checked = (await Notification.requestPermission()) === "granted";
		if (box.checked) this.chosen.add(way);
		else this.chosen.delete(way);
		if (box.checked && way === "sound") chime(RISING);
		saveChoice([...this.chosen]);
	}
}

function canNotify() {
	return "Notification" in window && isSecureContext && Notification.permission !== "denied";
}

/** @param {string} phase */
function markTitle(phase) {
	const before = document.title;
	if (before.startsWith(`${phase} – `)) return; // another panel of the same page was quicker
	document.title = `${phase} – ${before}`;
	const restore = () => {
		if (document.title === `${phase} – ${before}`) document.title = before;
	};
	if (document.hidden) document.addEventListener("visibilitychange", restore, { once: true });
	else setTimeout(restore, 4000);
}

/** @param {number[][]} notes */
function chime(notes) {
	const audio = new AudioContext();
	for (const [at, pitch] of notes) {
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
function loadChoice() {
	try {
		return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "[]");
	} catch {
		return []; // a sandboxed frame has no storage: the choice then lasts as long as the page
	}
}

/** @param {string[]} chosen */
function saveChoice(chosen) {
	try {
		localStorage.setItem(STORAGE_KEY, JSON.stringify(chosen));
	} catch {
		// as above
	}
}
