// @ts-check
import { Delivery } from "../shared/delivery.js";
import { make, makeRoot, say } from "../shared/elements.js";

/** @typedef {import("../shared/elements.js").Model} Model */
/** @typedef {import("../shared/delivery.js").Label} Label */
/** @typedef {{number: number, title: string, facts: string, state: string, poster: Label | null, running: boolean}} Job */

class StripView {
	/**
	 * @param {Model} model
	 * @param {Delivery} delivery
	 * @param {HTMLElement} el
	 */
	constructor(model, delivery, el) {
		this.model = model;
		this.delivery = delivery;
		/** @type {number[]} the jobs chosen for comparing, the one chosen last at the end */
		this.chosen = [];
		/** Whether there are two clips to compare. */
		this.comparable = false;
		/** The jobs of the cards. */
		this.key = "";
		this.cards = make("ol", { className: "wan-cards", tabIndex: 0, "aria-label": "Earlier jobs, newest first" });
		this.compare = make("button", {
			type: "button",
			textContent: "Compare the two",
			onclick: () => model.send({ type: "compare", numbers: this.chosen }),
		});
		this.trouble = make("p", { className: "wan-trouble", role: "alert" });
		this.count = make("summary");
		const head = make("div", { className: "wan-row" }, this.compare);
		this.details = make("details", { open: true }, this.count, this.cards, head);
		this.root = makeRoot("wan-history", this.details, this.trouble);
		this.root.setAttribute("aria-label", "Earlier jobs");
		el.append(this.root);
	}

	draw() {
		const { jobs, trouble } = this.model.get("state");
		this.root.hidden = !jobs.length && !trouble;
		say(this.count, jobs.length === 1 ? "1 earlier job" : `${jobs.length} earlier jobs`);
		say(this.trouble, trouble);
		this.chosen = this.chosen.filter((number) => jobs.some((/** @type {Job} */ job) => job.number === number));
		this.comparable = jobs.filter((/** @type {Job} */ job) => job.poster).length > 1;
		const key = JSON.stringify(jobs);
		if (key !== this.key) this.drawCards(jobs);
		this.key = key;
		this.drawChosen();
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

	/** @param {Job} job */
	makeCard(job) {
		const send = (/** @type {string} */ type) => this.model.send({ type, number: job.number });
		const button = (/** @type {string} */ type, /** @type {string} */ words) =>
			make("button", {
				type: "button",
				className: "wan-link",
				textContent: words,
				"aria-label": `${words}: job ${job.number}`,
				onclick: () => send(type),
			});
		const actions = [button("restore", "Use settings"), this.makeDelete(job.number)];
		if (job.running) actions.unshift(button("watch", "Watch"));
		const words = [
			make("strong", { textContent: job.title }),
			make("span", { className: "wan-quiet", textContent: job.facts }),
			make("span", { textContent: job.state }),
		];
		const picture = job.poster ? this.makePoster(job, () => send("play")) : make("div", { className: "wan-poster" });
		const choice = job.poster && this.comparable ? [this.makeChoice(job)] : [];
		return make("li", {}, picture, ...words, make("span", { className: "wan-row" }, ...actions), ...choice);
	}

	/**
	 * @param {Job} job
	 * @param {() => void} play
	 */
	makePoster(job, play) {
		const image = make("img", { alt: "" });
		this.delivery.ask(/** @type {Label} */ (job.poster)).then(
			(url) => (image.src = url),
			(error) => (image.alt = error.message),
		);
		return make(
			"button",
			{ type: "button", className: "wan-poster", "aria-label": `Play job ${job.number}`, onclick: play },
			image,
		);
	}

	/**
	 * Makes a button that asks before it deletes: a slip must not cost the record of what was paid for.
	 * @param {number} number
	 */
	makeDelete(number) {
		const ask = (/** @type {boolean} */ asking) => {
			button.textContent = asking ? "Really delete?" : "Delete";
			button.setAttribute("aria-label", `${button.textContent}: job ${number}`);
		};
		const press = () => {
			if (button.textContent === "Delete") return ask(true);
			this.model.send({ type: "delete", number });
		};
		const button = make("button", { type: "button", className: "wan-link", onclick: press, onblur: () => ask(false) });
		ask(false);
		return button;
	}

	/** @param {Job} job */
	makeChoice({ number }) {
		const box = make("input", {
			type: "checkbox",
			value: String(number),
			"aria-label": `Compare: job ${number}`,
			onchange: () => this.choose(number, box.checked),
		});
		return make("label", { className: "wan-check" }, box, "Compare");
	}

	/**
	 * Two can be compared, so a third choice takes back the first.
	 * @param {number} number
	 * @param {boolean} wanted
	 */
	choose(number, wanted) {
		const others = this.chosen.filter((other) => other !== number);
		this.chosen = wanted ? [...others.slice(-1), number] : others;
		this.drawChosen();
	}

	drawChosen() {
		this.compare.hidden = this.chosen.length !== 2;
		for (const box of this.cards.querySelectorAll("input")) box.checked = this.chosen.includes(Number(box.value));
	}
}

export default () => {
	/** @type {Delivery} */ let delivery;
	return {
		/** @param {{model: Model}} host */
		initialize({ model }) {
			delivery = new Delivery(model);
			return () => delivery.keepOnly([]);
		},
		/** @param {{model: Model, el: HTMLElement}} host */
		render({ model, el }) {
			const view = new StripView(model, delivery, el);
			const draw = () => view.draw();
			model.on("change:state", draw);
			draw();
		},
	};
};
