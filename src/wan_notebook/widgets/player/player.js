// @ts-check
import { Controls } from "../shared/controls.js";
import { Delivery } from "../shared/delivery.js";
import { make, makeButton, makeCopyButton, makeRoot, say, uniqueId } from "../shared/elements.js";
import { Playing } from "../shared/synced_playback.js";
import { LOOKS, Screen, wordsFor } from "./screen.js";

/** @typedef {import("../shared/elements.js").Model} Model */
/** @typedef {import("./screen.js").Look} Look */

/** The choice of a way of looking. */
class LookChoice {
	/** @param {(look: Look) => void} choose */
	constructor(choose) {
		const name = uniqueId("wan-look");
		this.options = Object.entries(LOOKS).map(([key, { words, needs }]) => {
			const look = /** @type {Look} */ (key);
			const radio = make("input", { type: "radio", name, onchange: () => choose(look) });
			const said = make("span", { textContent: words });
			return { look, needs, radio, said, label: make("label", {}, radio, said) };
		});
		const labels = this.options.map((option) => option.label);
		this.root = make(
			"div",
			{ className: "wan-segments wan-looks", role: "radiogroup", "aria-label": "View" },
			...labels,
		);
	}

	/**
	 * @param {Record<string, any>} state
	 * @param {Look} chosen
	 */
	draw(state, chosen) {
		for (const { look, needs, radio, said, label } of this.options) {
			said.textContent = wordsFor(look, state);
			radio.checked = look === chosen;
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
		/** @type {Look} */
		this.look = "result";
		this.screen = new Screen(delivery);
		this.playing = new Playing(this.screen.leader, () => this.controls.draw());
		this.controls = new Controls(this.playing, () => this.root);
		this.looks = new LookChoice((look) => this.lookAt(look));
		this.title = make("strong", { className: "wan-cut" });
		this.facts = make("p", { className: "wan-quiet wan-made" });
		this.download = make("a", { className: "wan-button", textContent: "Download" });
		this.trouble = make("p", { className: "wan-trouble", role: "alert" });
		this.copy = makeCopyButton("Copy path", () => model.get("state").path);
		this.close = makeButton("Close", () => model.send({ type: "close" }));
		const head = make(
			"div",
			{ className: "wan-row wan-apart" },
			this.title,
			make("div", { className: "wan-row" }, this.looks.root, this.close),
		);
		const foot = make(
			"div",
			{ className: "wan-row wan-apart" },
			this.facts,
			make("div", { className: "wan-row" }, this.download, this.copy),
		);
		this.root = makeRoot("wan-player", head, this.screen.root, this.controls.root, foot, this.trouble);
		this.root.setAttribute("aria-label", "Player");
		this.root.addEventListener("keydown", (event) => this.press(event));
		this.screen.leader.addEventListener("loadeddata", () => this.begin());
	}

	draw() {
		const state = this.model.get("state");
		this.root.hidden = !state.result;
		say(this.trouble, state.trouble);
		this.close.hidden = !state.closable;
		this.copy.hidden = !state.path;
		if (!state.result) {
			this.screen.leader.pause();
			return this.screen.clear();
		}
		say(this.title, state.title);
		say(this.facts, state.facts.join(" · "));
		this.playing.fps = state.fps;
		if (this.screen.result.label?.id !== state.result.id) this.download.removeAttribute("href");
		this.download.download = state.result.name;
		if (state.look && state !== this.drawn) this.look = state.look;
		this.drawn = state;
		this.lookAt(state[LOOKS[this.look].needs] ? this.look : "result");
	}

	/** @param {Look} look */
	lookAt(look) {
		this.look = look;
		this.looks.draw(this.model.get("state"), look);
		this.screen.show(this.model.get("state"), look);
		this.playing.follow(this.screen.follower ? [this.screen.follower] : []);
	}

	/** @param {KeyboardEvent} event */
	press(event) {
		if (event.key === "Escape" && !this.close.hidden && !document.fullscreenElement) return this.close.click();
		this.controls.press(event);
	}

	/** A clip is here: it plays, unless the person wants no motion. */
	begin() {
		this.download.href = this.screen.leader.src;
		this.controls.begin(this.model.get("state").sound);
		if (!matchMedia("(prefers-reduced-motion: reduce)").matches) this.playing.start();
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
			return () => delivery.keepOnly([]);
		},
		/** @param {{model: Model, el: HTMLElement}} host */
		render({ model, el }) {
			const view = new PlayerView(model, delivery);
			const draw = () => view.draw();
			model.on("change:state", draw);
			draw();
			el.append(view.root);
			return () => view.screen.leader.pause();
		},
	};
};
