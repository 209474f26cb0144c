// @ts-check
// The strip of earlier jobs, each a card: its first frame, its settings, and buttons.
import { Delivery } from "../shared/delivery.js";
import { h, makeAlert, makeButton, makeLink, makeRoot, setText } from "../shared/elements.js";

/** @typedef {import("../shared/widget.js").Model<HistoryState>} Model */
/** @typedef {import("../shared/delivery.js").Label} Label */
/**
 * A job with a `poster` has a clip; one that is `running` can be watched. A `film` was joined of the clips of its
 * `shots`, each with the number of its job; `differences`: those that are others than in the film before.
 * @typedef {{number: number, title: string, facts: string, state: string, poster: Label | null, running: boolean,
 *   film: string, differences: string, shots: {number: number, text: string}[]}} Job
 */
/** @typedef {{text: string, state: string, mode: string}} Filter */
/**
 * Newest first; `matching` jobs are what the filter shows, of `known` in all.
 * @typedef {{jobs: Job[], matching: number, known: number, filter: Filter, usable: boolean,
 *   trouble: string}} HistoryState
 */

const STATES = [
	["", "All but refused"],
	["saved", "Saved"],
	["under way", "Under way"],
	["refused", "Refused or failed"],
];
const MODES = [
	["", "Both modes"],
	["move", "Move"],
	["replace", "Replace"],
];
/** Milliseconds after the last letter until the search is sent. */
const TYPED = 250;

/** @param {Job} job */
const keyOf = (job) => job.film || String(job.number);

class HistoryView {
	/**
	 * @param {Model} model
	 * @param {Delivery} delivery
	 */
	constructor(model, delivery) {
		this.model = model;
		this.delivery = delivery;
		/** @type {string[]} the keys of those chosen for comparing, the one chosen last at the end */
		this.chosen = [];
		/** Whether there are two clips to compare. */
		this.comparable = false;
		this.cardsDrawn = "";
		this.cards = h("ol", { className: "wan-history-cards", tabIndex: 0, "aria-label": "Earlier jobs, newest first" });
		this.compare = makeButton("Compare the two", () => this.sendChosen());
		this.trouble = makeAlert();
		this.count = h("summary");
		this.typed = 0;
		this.text = h("input", {
			type: "text",
			placeholder: "Name, error, id",
			"aria-label": "Search earlier jobs",
			oninput: () => {
				clearTimeout(this.typed);
				this.typed = setTimeout(() => this.sendFilter(), TYPED);
			},
		});
		this.state = this.makeSelect("State", STATES);
		this.mode = this.makeSelect("Mode", MODES);
		this.more = makeButton("Show more", () => model.send({ type: "more" }));
		const filters = h("div", { className: "wan-row wan-history-filters" }, this.text, this.state, this.mode);
		const row = h("div", { className: "wan-row" }, this.more, this.compare);
		const details = h("details", { open: true }, this.count, filters, this.cards, row);
		this.root = makeRoot("wan-history", details, this.trouble);
		this.root.setAttribute("aria-label", "Earlier jobs");
	}

	draw() {
		const { jobs, matching, known, filter, trouble } = this.model.get("state");
		this.root.hidden = !known && !trouble;
		const all = matching === known && jobs.length === matching;
		const films = jobs.filter((job) => job.film).length;
		const noun = !films ? "job" : films === known ? "film" : "jobs and film";
		setText(this.count, `${all ? "" : `${jobs.length} of `}${known} earlier ${noun}${known === 1 ? "" : "s"}`);
		this.more.hidden = jobs.length >= matching;
		this.more.textContent = `Show more (${matching - jobs.length})`;
		if (!this.text.matches(":focus")) this.text.value = filter.text;
		this.state.value = filter.state;
		this.mode.value = filter.mode;
		this.cards.hidden = !jobs.length;
		setText(this.trouble, trouble);
		this.chosen = this.chosen.filter((key) => jobs.some((job) => keyOf(job) === key));
		this.comparable = jobs.filter((job) => job.poster).length > 1;
		const wanted = JSON.stringify(jobs);
		if (wanted !== this.cardsDrawn) this.drawCards(jobs);
		this.cardsDrawn = wanted;
		this.drawChosen();
	}

	close() {
		clearTimeout(this.typed);
	}

	/**
	 * @param {string} label
	 * @param {string[][]} options values and their words
	 */
	makeSelect(label, options) {
		const choices = options.map(([value, words]) => h("option", { value, textContent: words }));
		return h("select", { "aria-label": label, onchange: () => this.sendFilter() }, ...choices);
	}

	sendChosen() {
		const { jobs } = this.model.get("state");
		const chosen = this.chosen.map((key) => jobs.find((job) => keyOf(job) === key));
		this.model.send({ type: "compare", chosen: chosen.map((job) => ({ number: job?.number, film: job?.film })) });
	}

	sendFilter() {
		const { text, state, mode } = this;
		this.model.send({ type: "filter", text: text.value.trim(), state: state.value, mode: mode.value });
	}

	/**
	 * Makes the cards anew; the focus stays on what it was on, or in the list if that is gone.
	 * @param {Job[]} jobs
	 */
	drawCards(jobs) {
		const { activeElement } = document;
		const focused = this.cards.contains(activeElement);
		const name = activeElement?.getAttribute("aria-label");
		this.cards.replaceChildren(...jobs.map((job) => this.makeCard(job)));
		if (!focused) return;
		const controls = [...this.cards.querySelectorAll("button, input")];
		const same = controls.find((control) => control.getAttribute("aria-label") === name);
		/** @type {HTMLElement} */ (same ?? this.cards).focus();
	}

	/** @param {Job} job a job, or a film, which has no number of its own */
	makeCard(job) {
		const { film } = job;
		const which = film ? { film } : { number: job.number };
		const name = film ? `film ${job.title}` : `job ${job.number}`;
		const send = (/** @type {string} */ type) => this.model.send({ type, ...which });
		const link = (/** @type {string} */ type, /** @type {string} */ text) =>
			makeLink(text, () => send(type), { "aria-label": `${text}: ${name}` });
		const actions = [this.makeDelete(name, () => send("delete"))];
		if (this.model.get("state").usable)
			actions.unshift(link("use", "Use all of it"), link("restore", "Use settings"));
		if (job.poster) actions.unshift(link("play", "Play"));
		if (job.running) actions.unshift(link("watch", "Watch"));
		return h(
			"li",
			{},
			this.makePoster(job, `Play ${name}`, () => send("play")),
			h("strong", { className: "wan-history-title", textContent: job.title, title: job.title }),
			h("span", { className: "wan-quiet", textContent: job.facts }),
			...(job.differences ? [h("span", { textContent: job.differences })] : []),
			h("span", { textContent: `${film ? "Film" : `Job ${job.number}`}: ${job.state}` }),
			h("span", { className: "wan-row" }, ...actions),
			...(film ? [this.makeShots(job)] : []),
			...(job.poster && this.comparable ? [this.makeChoice(keyOf(job), name)] : []),
		);
	}

	/** @param {Job} film */
	makeShots(film) {
		const shots = film.shots.map(({ number, text }) =>
			h("li", {}, makeLink(text, () => this.model.send({ type: "play", number }), { "aria-label": `Play ${text}` })),
		);
		const list = h("ol", { className: "wan-history-shots" }, ...shots);
		return h("details", {}, h("summary", { textContent: "Shots" }), list);
	}

	/**
	 * Makes the first frame, which plays the clip; an empty place where there is none yet.
	 * @param {Job} job
	 * @param {string} label
	 * @param {() => void} play
	 */
	makePoster({ poster }, label, play) {
		if (!poster) return h("div", { className: "wan-history-poster" });
		const image = h("img", { alt: "" });
		this.delivery.fetch(poster).then(
			(url) => (image.src = url),
			(error) => (image.alt = error.message),
		);
		return makeButton(image, play, { className: "wan-history-poster", "aria-label": label });
	}

	/**
	 * Makes a button that asks before it deletes: a slip must not cost the record of what was paid for.
	 * @param {string} name
	 * @param {() => void} remove
	 */
	makeDelete(name, remove) {
		let confirming = false;
		const draw = () => {
			button.textContent = confirming ? "Really delete?" : "Delete";
			button.setAttribute("aria-label", `${button.textContent}: ${name}`);
		};
		const press = () => {
			if (confirming) return remove();
			confirming = true;
			draw();
		};
		const cancel = () => {
			confirming = false;
			draw();
		};
		const button = makeLink("", press, { onblur: cancel });
		draw();
		return button;
	}

	/**
	 * @param {string} key
	 * @param {string} name
	 */
	makeChoice(key, name) {
		const box = h("input", {
			type: "checkbox",
			value: key,
			"aria-label": `Compare: ${name}`,
			onchange: () => this.choose(key, box.checked),
		});
		return h("label", { className: "wan-check" }, box, "Compare");
	}

	/**
	 * Two can be compared, so a third choice takes back the first.
	 * @param {string} key
	 * @param {boolean} wanted
	 */
	choose(key, wanted) {
		const others = this.chosen.filter((other) => other !== key);
		this.chosen = wanted ? [...others.slice(-1), key] : others;
		this.drawChosen();
	}

	drawChosen() {
		this.compare.hidden = this.chosen.length !== 2;
		for (const box of this.cards.querySelectorAll("input")) box.checked = this.chosen.includes(box.value);
	}
}

export default { View: HistoryView, share: (/** @type {Model} */ model) => new Delivery(model) };
