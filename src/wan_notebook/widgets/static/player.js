// @ts-check
import { Delivery } from "./delivery.js";
import { clockText, make, makeCopyButton, makeRoot, say } from "./elements.js";
import { Playing } from "./playing.js";
import { LOOKS, Screen } from "./screen.js";

/** @typedef {import("./elements.js").Model} Model */
/** @typedef {keyof typeof LOOKS} Look */

const SPEEDS = [0.25, 0.5, 1, 1.5, 2];
let players = 0;

class PlayerView {
	/**
	 * @param {Model} model
	 * @param {HTMLElement} el
	 * @param {Delivery} delivery
	 */
	constructor(model, el, delivery) {
		this.model = model;
		/** @type {Look} */
		this.look = "result";
		this.screen = new Screen(delivery);
		this.playing = new Playing(this.screen.leader, () => this.drawTime());
		this.screen.leader.addEventListener("loadeddata", () => this.begin());
		this.makeParts();
		this.root = makeRoot("wan-player", this.head, this.screen.root, this.timeline, this.controls, this.foot, this.trouble);
		this.root.setAttribute("aria-label", "Player");
		this.root.addEventListener("keydown", (event) => this.press(event));
		this.empty = makeRoot("wan-player wan-quiet", "The clip will play here.");
		el.append(this.root, this.empty);
	}

	makeParts() {
		this.title = make("strong", { className: "wan-cut" });
		this.looks = make("div", { className: "wan-segments wan-looks", role: "radiogroup", "aria-label": "View" }, ...this.makeLooks());
		this.head = make("div", { className: "wan-row wan-apart" }, this.title, this.looks);
		this.timeline = make("input", { type: "range", className: "wan-timeline", min: 0, step: 1, value: 0, "aria-label": "Frame", oninput: () => this.seek() });
		this.controls = this.makeControls();
		this.download = make("a", { className: "wan-button", textContent: "Download" });
		const copy = makeCopyButton("Copy path", () => this.model.get("state").path);
		this.facts = make("p", { className: "wan-quiet wan-made" });
		this.foot = make("div", { className: "wan-row wan-apart" }, this.facts, make("div", { className: "wan-row" }, this.download, copy));
		this.trouble = make("p", { className: "wan-trouble", role: "alert" });
	}

	makeLooks() {
		const group = `wan-look-${++players}`;
		/** @type {Record<string, HTMLLabelElement>} */
		this.choices = {};
		for (const [look, { words }] of Object.entries(LOOKS)) {
			const radio = make("input", { type: "radio", name: group, checked: look === this.look, onchange: () => this.choose(/** @type {Look} */ (look)) });
			this.choices[look] = make("label", {}, radio, make("span", { textContent: words }));
		}
		return Object.values(this.choices);
	}

	makeControls() {
		const { playing, screen } = this;
		const button = (/** @type {string} */ words, /** @type {() => void} */ act) => make("button", { type: "button", textContent: words, onclick: act });
		const toggle = (/** @type {string} */ words, /** @type {"loop" | "muted"} */ what) => {
			const made = button(words, () => {
				screen.leader[what] = !screen.leader[what];
				tell();
			});
			const tell = () => made.setAttribute("aria-pressed", String(screen.leader[what] === (what === "loop")));
			tell();
			return made;
		};
		this.play = button("Play", () => playing.toggle());
		this.play.classList.add("wan-play");
		this.time = make("span", { className: "wan-clock" });
		this.sound = toggle("Sound", "muted");
		const speeds = SPEEDS.map((speed) => make("option", { value: String(speed), textContent: `${speed}×`, selected: speed === 1 }));
		const speed = make("select", { "aria-label": "Speed", onchange: () => (screen.leader.playbackRate = screen.leader.defaultPlaybackRate = Number(speed.value)) }, ...speeds);
		const full = button("Full screen", () => (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen()));
		full.hidden = !document.fullscreenEnabled;
		const left = make("div", { className: "wan-row" }, this.play, button("−1 frame", () => playing.frame--), button("+1 frame", () => playing.frame++), this.time);
		return make("div", { className: "wan-row wan-apart" }, left, make("div", { className: "wan-row" }, speed, toggle("Loop", "loop"), this.sound, full));
	}

	draw() {
		const state = this.model.get("state");
		this.root.hidden = !state.result;
		this.empty.hidden = Boolean(state.result);
		say(this.trouble, state.trouble);
		if (state.result) this.drawClip(state);
		else this.screen.leader.pause();
	}

	/** @param {Record<string, any>} state */
	async drawClip(state) {
		say(this.title, state.title);
		say(this.facts, state.facts.join(" · "));
		this.sound.hidden = !state.sound;
		this.playing.fps = state.fps;
		for (const [look, label] of Object.entries(this.choices ?? {})) label.hidden = !state[LOOKS[/** @type {Look} */ (look)].needs];
		this.looks.hidden = !state.reference && !state.character;
		if (!state[LOOKS[this.look].needs]) this.choose("result");
		else this.choose(this.look);
		this.download.download = state.result.name;
	}

	/** @param {Look} look */
	choose(look) {
		this.look = look;
		const radio = this.choices?.[look].querySelector("input");
		if (radio) radio.checked = true;
		this.screen.show(this.model.get("state"), look);
		this.playing.follow(this.screen.follower);
	}

	/** A clip is here: it plays, unless the person wants no motion. */
	begin() {
		this.download.href = this.screen.leader.src;
		this.timeline.max = String(this.playing.frames - 1);
		if (!matchMedia("(prefers-reduced-motion: reduce)").matches) this.playing.start();
	}

	drawTime() {
		const { leader } = this.screen;
		const { frame, frames } = this.playing;
		const words = this.playing.paused ? "Play" : "Pause";
		if (this.play.textContent !== words) this.play.textContent = words;
		const seconds = (/** @type {number} */ time) => `${clockText(time)}.${String(Math.floor((time % 1) * 10))}`;
		this.time.textContent = `${seconds(leader.currentTime)} / ${seconds(leader.duration || 0)} · frame ${frame + 1} of ${frames}`;
		if (leader.paused || document.activeElement !== this.timeline || Number(this.timeline.value) !== frame) this.timeline.value = String(frame);
	}

	seek() {
		this.playing.frame = Number(this.timeline.value);
	}

	/** @param {KeyboardEvent} event */
	press(event) {
		const target = /** @type {HTMLElement} */ (event.target);
		const own = target.matches("select, input[type=radio], .wan-wipe") || (event.key === " " && target.matches("button, a"));
		const { playing } = this;
		/** @type {Record<string, () => void>} */
		const keys = {
			" ": () => playing.toggle(),
			ArrowLeft: () => playing.frame--,
			ArrowRight: () => playing.frame++,
			Home: () => (playing.frame = 0),
			End: () => (playing.frame = playing.frames - 1),
		};
		if (own || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
		event.preventDefault();
		keys[event.key]();
	}
}

export default () => {
	/** @type {Delivery} */ let delivery;
	return {
		/** @param {{model: Model}} host */
		initialize({ model }) {
			delivery = new Delivery(model);
			model.on("change:state", () => {
				const { result, reference, character } = model.get("state");
				delivery.keepOnly([result, reference, character]);
			});
		},
		/** @param {{model: Model, el: HTMLElement}} host */
		render({ model, el }) {
			const view = new PlayerView(model, el, delivery);
			const draw = () => view.draw();
			model.on("change:state", draw);
			draw();
			return () => view.screen.leader.pause();
		},
	};
};
