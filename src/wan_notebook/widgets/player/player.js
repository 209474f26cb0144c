// @ts-check
// The player of a clip: alone, beside its inputs, or wiped over its reference.
import { activity } from "../shared/activity.js";
import { Controls } from "../shared/controls.js";
import { Delivery } from "../shared/delivery.js";
import {
	h,
	makeAlert,
	makeButton,
	makeCopyButton,
	makeRoot,
	prefersStillness,
	setText,
	uniqueId,
} from "../shared/elements.js";
import { SyncedPlayback } from "../shared/synced_playback.js";
import { makeCurves } from "./curves.js";
import { capital, Screen, VIEW_MODES, viewModeText } from "./screen.js";

/** @typedef {import("../shared/widget.js").Model<PlayerState>} Model */
/** @typedef {import("../shared/delivery.js").Label} Label */
/** @typedef {import("./screen.js").ViewMode} ViewMode */
/** @typedef {import("./curves.js").Curve} Curve */
/**
 * Without a `result` nothing is shown, and all that describes it is missing. `called` and `beside`: the names of the
 * result and of the reference; `beside_facts`: of a second clip in the place of the reference; `view_mode`: the one to begin with; `focus`: whether the focus goes to the clip.
 * @typedef {{
 *   result: Label | null, reference: Label | null, character: Label | null, trouble: string,
 *   title: string, facts: string[], called: string, beside: string, beside_facts: string[], view_mode: ViewMode | null, focus: boolean,
 *   closable: boolean, path: string, fps: number, sound: boolean, curves: Curve[], marks: number[],
 * }} PlayerState
 */

/** The choice of a view mode. */
class ViewModeChoice {
	/** @param {(mode: ViewMode) => void} onchoose */
	constructor(onchoose) {
		const name = uniqueId("wan-view-mode");
		this.options = Object.entries(VIEW_MODES).map(([key, { text, needs }]) => {
			const mode = /** @type {ViewMode} */ (key);
			const radio = h("input", { type: "radio", name, onchange: () => onchoose(mode) });
			const words = h("span", { textContent: text });
			return { mode, needs, radio, words, label: h("label", {}, radio, words) };
		});
		this.root = h(
			"div",
			{ className: "wan-segments wan-segments-small", role: "radiogroup", "aria-label": "View" },
			...this.options.map((option) => option.label),
		);
	}

	/**
	 * @param {PlayerState} state
	 * @param {ViewMode} chosen
	 */
	draw(state, chosen) {
		for (const { mode, needs, radio, words, label } of this.options) {
			words.textContent = viewModeText(mode, state);
			radio.checked = mode === chosen;
			label.hidden = !state[needs];
		}
		this.root.hidden = !state.reference && !state.character;
	}
}

class PlayerView {
	/**
	 * @param {Model} model
	 * @param {Delivery} delivery
	 */
	constructor(model, delivery) {
		this.model = model;
		/** @type {ViewMode} */
		this.mode = "result";
		/** @type {PlayerState | null} */
		this.drawn = null;
		this.screen = new Screen(delivery);
		this.playback = new SyncedPlayback(this.screen.leader, () => this.drawMoment());
		/** @type {Controls} */
		this.controls = new Controls(this.playback, () => this.root);
		this.modes = new ViewModeChoice((mode) => this.show(mode));
		this.title = h("strong", { className: "wan-text" });
		this.facts = h("div", { className: "wan-quiet wan-player-facts" });
		this.download = h("a", { className: "wan-button", textContent: "Download" });
		this.curves = h("div", { className: "wan-player-curves", role: "group", "aria-label": "The face over time" });
		this.trouble = makeAlert();
		this.copy = makeCopyButton("Copy path", () => model.get("state").path);
		this.closing = makeButton("Close", () => model.send({ type: "close" }));
		const head = h("div", { className: "wan-player-head" }, this.title, this.modes.root, this.closing);
		const files = h("div", { className: "wan-row" }, this.download, this.copy);
		const foot = h("div", { className: "wan-row wan-between" }, this.facts, files);
		/** @type {HTMLElement} */
		this.root = makeRoot("wan-player", head, this.screen.root, this.controls.root, this.curves, foot, this.trouble);
		this.root.setAttribute("aria-label", "Player");
		this.root.addEventListener("keydown", (event) => this.handleKey(event));
		this.root.addEventListener("wan-jump-here", (event) => this.controls.jump(/** @type {CustomEvent} */ (event).detail));
		this.screen.leader.addEventListener("loadeddata", () => this.begin());
		/** The shot of a film that is on the screen. */
		this.shot = -1;
	}

	close() {
		this.screen.leader.pause();
	}

	draw() {
		const state = this.model.get("state");
		const before = this.drawn;
		this.drawn = state;
		this.root.hidden = !state.result;
		setText(this.trouble, state.trouble);
		this.closing.hidden = !state.closable;
		this.copy.hidden = !state.path;
		if (!state.result) {
			this.screen.leader.pause();
			return this.screen.clear();
		}
		setText(this.title, state.title);
		this.facts.replaceChildren(...factLines(state));
		this.curves.replaceChildren(...makeCurves(state.curves));
		this.curves.hidden = !state.curves.length;
		this.playback.fps = state.fps;
		this.controls.setMarks(state.marks);
		if (this.screen.result.label?.id !== state.result.id) this.download.removeAttribute("href");
		this.download.download = state.result.name;
		if (state.view_mode && state !== before) this.mode = state.view_mode;
		this.show(state[VIEW_MODES[this.mode].needs] ? this.mode : "result");
		if (state.focus && before && clipsOf(before) !== clipsOf(state)) this.takeFocus();
	}

	/** Draws where the clip is, and tells in which shot of a film. */
	drawMoment() {
		this.controls.draw();
		const shot = this.controls.marks.length ? this.controls.shot : -1;
		if (shot === this.shot) return;
		this.shot = shot;
		this.root.dispatchEvent(new CustomEvent("wan-shot", { detail: shot }));
	}

	/** @param {ViewMode} mode */
	show(mode) {
		this.mode = mode;
		this.modes.draw(this.model.get("state"), mode);
		this.screen.draw(this.model.get("state"), mode);
		this.playback.setFollowers(this.screen.follower ? [this.screen.follower] : []);
	}

	/** Takes the focus where the person was in the box around: where another cell has a view too, it gets no focus. */
	takeFocus() {
		const box = this.root.closest(".wan-sweep") ?? this.root;
		if (box.contains(activity.lastElement)) this.screen.root.focus();
	}

	/** @param {KeyboardEvent} event */
	handleKey(event) {
		if (event.key === "Escape" && !this.closing.hidden && !document.fullscreenElement) return this.closing.click();
		if (event.target !== this.screen.wipe) this.controls.handleKey(event);
	}

	/** A clip is here: it plays, unless the person wants no motion. */
	begin() {
		this.download.href = this.screen.leader.src;
		this.controls.setClip(this.model.get("state").sound);
		if (!prefersStillness()) this.playback.start();
	}
}

/**
 * Returns the settings of the clip in a line; of two clips that are compared a line each, what differs in bold.
 * @param {PlayerState} state
 */
function factLines({ facts, beside_facts, called, beside }) {
	if (!beside_facts.length) return [h("p", { textContent: facts.join(" · ") })];
	const line = (/** @type {string} */ name, /** @type {string[]} */ own, /** @type {string[]} */ others) =>
		h(
			"p",
			{},
			`${capital(name)}: `,
			...own.flatMap((fact, at) => [at ? " · " : "", h(others.includes(fact) ? "span" : "strong", { textContent: fact })]),
		);
	return [line(called, facts, beside_facts), line(beside, beside_facts, facts)];
}

/** @param {PlayerState} state */
function clipsOf({ result, reference }) {
	return `${result?.id} ${reference?.id}`;
}

export default {
	View: PlayerView,
	share: (/** @type {Model} */ model) =>
		new Delivery(model, ({ result, reference, character }) => [result, reference, character]),
	offline: true,
};
