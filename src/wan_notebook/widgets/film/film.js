// @ts-check
// The shots of a film side by side, and below them what can be done about the one that was clicked.
import { Delivery } from "../shared/delivery.js";
import { h, makeAlert, makeButton, makeRoot, prefersStillness, setText, uniqueId } from "../shared/elements.js";

/** @typedef {import("../shared/widget.js").Model<StripState>} Model */
/** @typedef {import("../shared/delivery.js").Label} Label */
/**
 * `begin` and `end` in seconds of the film; `picture`: its first frame; `price`: of making it anew, empty where that is free.
 * @typedef {{
 *   number: number, span: string, begin: number, end: number, frames: string, phase: string, tone: string,
 *   message: string, fraction: number | null, picture: Label | null, has_clip: boolean, can_retry: boolean,
 *   can_remake: boolean, price: string, num_inference_steps: number, shift: number,
 * }} Shot
 */
/**
 * `playing`: the shot whose own clip the player shows; `joined`: whether it shows the film; `limits`: least, greatest
 * and step of each setting; `offer`, `stop` and `resume`: texts of buttons; `overlap`: what an overlap does, and costs.
 * `plan`: the number of the plan that is shown. Without `shots` nothing is shown, unless a film is being planned.
 * @typedef {{
 *   words: string, tone: string, fraction: number, shots: Shot[], playing: number | null, joined: boolean,
 *   stop: string, resume: string, planning: boolean, plan: number, overlap: string, overlapping: boolean,
 *   offer: string, closable: boolean, notes: string[],
 *   limits: Record<string, [number, number, number]> | null, trouble: string,
 * }} StripState
 */

const SETTINGS = /** @type {const} */ ({ num_inference_steps: "Steps", shift: "Shift" });
/** How far beside the strip's edge a first frame is fetched. */
const MARGIN = "300px";

/** One shot in the strip. */
class Card {
	/**
	 * @param {Delivery} delivery
	 * @param {() => void} onclick
	 */
	constructor(delivery, onclick) {
		this.delivery = delivery;
		this.near = false;
		/** @type {Label | null} the picture that is shown, or is on its way */
		this.pictured = null;
		/** @type {Shot | null} */
		this.shot = null;
		this.picture = h("img", { className: "wan-strip-picture", alt: "" });
		this.number = h("strong");
		this.span = h("span", { className: "wan-strip-span" });
		this.phase = h("span", { className: "wan-strip-phase" });
		this.bar = h("progress", { max: 1, "aria-hidden": "true" });
		this.button = makeButton(this.picture, onclick, { className: "wan-strip-shot" });
		this.button.append(this.number, this.span, this.phase, this.bar);
		this.root = h("li", {}, this.button);
	}

	/**
	 * @param {Shot} shot
	 * @param {boolean} current whether it is on the screen
	 * @param {boolean} chosen whether its details are shown
	 */
	draw(shot, current, chosen) {
		this.shot = shot;
		const { button } = this;
		setText(this.number, `Shot ${shot.number}`);
		setText(this.span, shot.span.split("–")[0]);
		setText(this.phase, shot.phase);
		this.bar.hidden = shot.fraction === null;
		this.bar.value = shot.fraction ?? 0;
		button.dataset.tone = shot.tone;
		button.dataset.clip = String(shot.has_clip);
		button.title = shot.message;
		button.setAttribute("aria-label", `Shot ${shot.number}, ${shot.span}: ${shot.phase}`);
		button.setAttribute("aria-current", String(current));
		button.setAttribute("aria-expanded", String(chosen));
		this.showPicture();
	}

	async showPicture() {
		const label = this.shot?.picture ?? null;
		if (!this.near || !label || this.pictured?.id === label.id) return;
		this.pictured = label;
		try {
			const url = await this.delivery.fetch(label);
			if (this.pictured === label) this.picture.src = url;
		} catch (error) {
			this.picture.alt = /** @type {Error} */ (error).message;
		}
	}
}

/** What is known of one shot, and what can be done about it. */
class Details {
	/** @param {Model} model */
	constructor(model) {
		this.model = model;
		/** @type {Shot | null} */
		this.shot = null;
		this.title = h("p");
		this.message = h("p", { className: "wan-text" });
		this.fields = Object.entries(SETTINGS).map(([name, title]) => {
			const input = h("input", { type: "number", id: uniqueId("wan-shot"), oninput: () => input.reportValidity() });
			const label = h("label", { className: "wan-strip-setting", for: input.id }, title, input);
			return { name: /** @type {keyof typeof SETTINGS} */ (name), input, label };
		});
		this.remake = makeButton("", () => this.send("remake"));
		this.retry = makeButton("Try again", () => this.send("retry"));
		this.play = makeButton("", () => this.send(this.alone ? "film" : "play"));
		const settings = h("div", { className: "wan-row" }, ...this.fields.map(({ label }) => label), this.remake);
		const row = h("div", { className: "wan-row wan-between" }, settings, h("div", { className: "wan-row" }, this.play, this.retry));
		this.settings = settings;
		this.root = h("div", { className: "wan-strip-details", role: "group" }, this.title, this.message, row);
	}

	/** Whether the player shows this shot's own clip. */
	get alone() {
		return this.shot !== null && this.model.get("state").playing === this.shot.number;
	}

	/** @param {"remake" | "retry" | "play" | "film"} type */
	send(type) {
		if (!this.shot || this.fields.some(({ input }) => !input.reportValidity())) return;
		const settings = Object.fromEntries(this.fields.map(({ name, input }) => [name, Number(input.value)]));
		this.model.send({ type, number: this.shot.number, settings });
	}

	/** @param {Shot | undefined} shot */
	draw(shot) {
		const other = shot?.number !== this.shot?.number;
		this.shot = shot ?? null;
		this.root.hidden = !shot;
		if (!shot) return;
		const { limits } = this.model.get("state");
		this.root.setAttribute("aria-label", `Shot ${shot.number}`);
		setText(this.title, `Shot ${shot.number} · ${shot.span} · ${shot.frames} frames · ${shot.phase}`);
		setText(this.message, shot.message);
		for (const { name, input } of this.fields) {
			[input.min, input.max, input.step] = (limits?.[name] ?? []).map(String);
			if (other) input.value = String(shot[name]);
		}
		this.settings.hidden = !shot.can_remake;
		setText(this.remake, shot.price ? `Make it anew for ${shot.price}` : "Make it anew");
		this.retry.hidden = !shot.can_retry;
		setText(this.play, shot.has_clip ? (this.alone ? "Back to the film" : "Play this shot alone") : "");
	}
}

class StripView {
	/**
	 * @param {Model} model
	 * @param {Delivery} delivery
	 */
	constructor(model, delivery) {
		this.model = model;
		this.delivery = delivery;
		/** @type {Card[]} by the number of the shot */
		this.cards = [];
		/** @type {number | null} the shot whose details are shown */
		this.chosen = null;
		/** The shot of the film that is on the screen. */
		this.current = -1;
		this.words = h("p", { className: "wan-text", role: "status" });
		this.bar = h("progress", { max: 1, "aria-label": "Progress of the film" });
		this.stop = makeButton("", () => model.send({ type: "stop" }));
		this.resume = makeButton("", () => model.send({ type: "resume" }));
		this.overlap = h("input", {
			type: "checkbox",
			onchange: () => model.send({ type: "overlap", on: this.overlap.checked }),
		});
		this.overlapText = h("span");
		this.overlapLabel = h("label", { className: "wan-check" }, this.overlap, this.overlapText);
		this.list = h("ol", { className: "wan-strip-shots", "aria-label": "Shots" });
		this.details = new Details(model);
		this.notes = h("div", { className: "wan-strip-notes wan-quiet" });
		this.trouble = makeAlert();
		this.make = makeButton("", () => this.sendMake(), { className: "wan-strip-make" });
		this.away = makeButton("Close", () => model.send({ type: "close" }));
		const buttons = h("div", { className: "wan-row" }, this.make, this.stop, this.resume, this.away);
		const head = h("div", { className: "wan-row wan-between" }, this.words, buttons);
		/** @type {HTMLElement} */
		this.root = makeRoot("wan-strip", head, this.bar, this.overlapLabel, this.trouble, this.list, this.details.root, this.notes);
		this.root.setAttribute("aria-label", "Shots of the film");
		this.root.addEventListener("wan-shot-here", (event) => {
			this.current = /** @type {CustomEvent<number>} */ (event).detail;
			this.drawShots();
			this.follow();
		});
		/** How much of the plan is still to be brought into view, which a person has asked for on this page. */
		this.awaited = /** @type {"" | "planning" | "plan"} */ ("");
		this.root.tabIndex = -1;
		this.root.addEventListener("wan-plan-here", () => (this.awaited = "planning"));
		const ahead = { root: this.list, rootMargin: `0px ${MARGIN}` };
		this.observer = new IntersectionObserver((entries) => this.sight(entries), ahead);
	}

	close() {
		this.observer.disconnect();
	}

	hasJobs() {
		return this.model.get("state").shots.some(({ tone }) => tone === "busy");
	}

	draw() {
		const state = this.model.get("state");
		this.root.hidden = !state.shots.length && !state.planning;
		setText(this.words, state.words);
		setText(this.make, state.offer);
		this.make.disabled = state.planning;
		this.away.hidden = !state.closable;
		setText(this.trouble, state.trouble);
		this.bar.hidden = state.tone !== "busy" || state.fraction === 1;
		this.bar.value = state.fraction;
		setText(this.stop, state.stop);
		setText(this.resume, state.resume);
		setText(this.overlapText, state.overlap);
		this.overlapLabel.hidden = !state.overlap;
		this.overlap.checked = state.overlapping;
		this.notes.replaceChildren(...state.notes.map((textContent) => h("p", { textContent })));
		this.drawShots();
		this.lead();
	}

	/** Leads a person who has asked for a plan to it: when it is begun, and once more when its shots are there. */
	lead() {
		const { planning, shots } = this.model.get("state");
		const begun = this.awaited === "planning" && planning;
		const there = this.awaited === "plan" && !planning;
		if (begun) this.root.focus({ preventScroll: true });
		// Whoever went on meanwhile is not fetched back.
		if (begun || (there && shots.length && this.root.contains(document.activeElement))) {
			this.root.scrollIntoView({ block: "nearest", behavior: prefersStillness() ? "auto" : "smooth" });
		}
		if (begun) this.awaited = "plan";
		else if (there) this.awaited = "";
	}

	/** Has the film made of the plan that is on this screen, and of no other one. */
	sendMake() {
		this.model.send({ type: "make", plan: this.model.get("state").plan });
	}

	drawShots() {
		const { shots, playing, joined } = this.model.get("state");
		while (this.cards.length > shots.length) {
			const card = /** @type {Card} */ (this.cards.pop());
			this.observer.unobserve(card.root);
			card.root.remove();
		}
		shots.forEach((shot, at) => {
			const card = (this.cards[at] ??= this.makeCard(at));
			card.draw(shot, joined ? at === this.current : shot.number === playing, shot.number === this.chosen);
		});
		this.details.draw(shots.find(({ number }) => number === this.chosen));
	}

	/** Moves the strip to the shot that is on the screen, unless somebody is looking through it. */
	follow() {
		const card = this.cards[this.current]?.root;
		if (!card || this.list.matches(":hover, :has(:focus-visible)")) return;
		const [own, seen] = [card, this.list].map((element) => element.getBoundingClientRect());
		if (own.left < seen.left || own.right > seen.right) {
			this.list.scrollLeft = card.offsetLeft - this.cards[0].root.offsetLeft;
		}
	}

	/** @param {number} at */
	makeCard(at) {
		const card = new Card(this.delivery, () => this.choose(at));
		card.root.dataset.at = String(at);
		this.list.append(card.root);
		this.observer.observe(card.root);
		return card;
	}

	/** @param {IntersectionObserverEntry[]} entries */
	sight(entries) {
		for (const { target, isIntersecting } of entries) {
			const card = this.cards[Number(/** @type {HTMLElement} */ (target).dataset.at)];
			if (!card) continue;
			card.near = isIntersecting;
			card.showPicture();
		}
	}

	/**
	 * Shows a shot's details, and plays the film from where it begins, or its own clip where there is no film yet.
	 * @param {number} at
	 */
	choose(at) {
		const { shots, joined } = this.model.get("state");
		const shot = shots[at];
		this.chosen = shot.number;
		if (joined) this.root.dispatchEvent(new CustomEvent("wan-jump", { detail: shot.begin }));
		else if (shot.has_clip) this.model.send({ type: "play", number: shot.number });
		this.drawShots();
	}
}

export default { View: StripView, share: (/** @type {Model} */ model) => new Delivery(model) };
