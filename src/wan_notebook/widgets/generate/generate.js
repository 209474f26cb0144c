// @ts-check
// The row that begins a job, with its price and its service; above it what is worth knowing before, and earlier jobs.
import { Delivery } from "../shared/delivery.js";
import { h, makeAlert, makeButton, makeCopyButton, makeLink, makeRoot, setText, stopEvent } from "../shared/elements.js";

/** @typedef {import("../shared/widget.js").Model<GenerateState>} Model */
/** @typedef {import("../shared/delivery.js").Label} Label */
/**
 * `remedy`: the text of a button that helps; `shown`: a picture of what is meant, described by `alt`; `film`: whether a film
 * made shot by shot is a way out.
 * @typedef {{topic: string, text: string, remedy: string, shown: Label | null, alt: string, large: boolean,
 *   film: boolean}} Caution
 */
/**
 * Prices and balances are texts; `pending_jobs`: earlier jobs whose clips are still to come; `code`: the cell which does
 * the same.
 * @typedef {{
 *   busy: boolean, cancels: boolean, ready: boolean, empty: boolean, wants_key: boolean, made_before: boolean,
 *   price: string, paid: boolean, balance: string, budget: number | null, cap: string, confirm: string,
 *   service: string, services: {key: string, label: string}[], warnings: Caution[],
 *   pending_jobs: {id: string, label: string}[], code: string, trouble: string,
 * }} GenerateState
 */

class GenerateView {
	/**
	 * @param {Model} model
	 * @param {Delivery} delivery
	 */
	constructor(model, delivery) {
		this.model = model;
		this.delivery = delivery;
		const sender = (/** @type {object} */ message) => () => model.send(message);
		this.generate = makeButton("Generate", sender({ type: "generate" }), { className: "wan-generate-button" });
		this.samples = makeButton("Try the samples", sender({ type: "samples" }));
		this.again = makeButton("Make it anew", sender({ type: "generate", again: true }));
		this.stop = makeButton("Stop watching", sender({ type: "stop" }));
		this.balance = h("span", { className: "wan-quiet", role: "status" });
		this.showBalance = makeLink("Balance", sender({ type: "balance" }));
		this.price = h("span", { className: "wan-quiet" });
		this.budget = h("input", {
			type: "number", min: "0", step: "any", placeholder: "no limit", className: "wan-generate-budget",
			onchange: () => model.send({ type: "budget", usd: this.budget.value === "" ? null : Number(this.budget.value) }),
		});
		this.cap = h("span", { className: "wan-quiet" });
		this.limits = h(
			"div",
			{ className: "wan-row" },
			h("label", { className: "wan-row" }, "At most", this.budget, "dollars a job"),
			this.cap,
		);
		this.key = h("input", {
			...{ type: "password", autocomplete: "off", required: true, placeholder: "Key of the hosted service" },
			"aria-label": "Key of the hosted service",
		});
		this.keyForm = h(
			"form",
			{ className: "wan-row", onsubmit: (/** @type {Event} */ event) => this.sendKey(event) },
			this.key,
			h("button", { textContent: "Use this key" }),
		);
		this.question = h("span", { className: "wan-text" });
		this.pay = makeButton("Generate and pay", sender({ type: "confirm", yes: true }));
		this.dont = makeButton("Not now", sender({ type: "confirm", yes: false }));
		this.confirm = h(
			"div",
			{ className: "wan-generate-confirm wan-row wan-between", role: "alert" },
			this.question,
			h("span", { className: "wan-row" }, this.pay, this.dont),
		);
		this.service = h("select", { onchange: () => model.send({ type: "service", key: this.service.value }) });
		this.code = h("pre", { tabIndex: 0, "aria-label": "The same in code" });
		const copy = makeCopyButton("Copy", () => this.code.textContent ?? "");
		this.codeDetails = h(
			"details",
			{},
			h("summary", { textContent: "The same in code" }),
			h("div", { className: "wan-row" }, copy),
			this.code,
		);
		this.warnings = h("ul", { className: "wan-generate-warnings", "aria-label": "Before you begin", "aria-live": "polite" });
		this.pending = h("div", { className: "wan-stack", role: "group", "aria-label": "Earlier jobs still to come" });
		this.trouble = makeAlert();
		/** What the parts that are made anew were made of. @type {Map<HTMLElement, string>} */
		this.drawn = new Map();
		const buttons = h(
			"div",
			{ className: "wan-row" },
			this.generate,
			this.stop,
			this.again,
			this.price,
			this.samples,
			this.showBalance,
			this.balance,
		);
		const service = h("label", { className: "wan-row" }, "Made by", this.service);
		const bar = h("div", { className: "wan-row wan-between" }, buttons, service);
		this.root = makeRoot(
			"wan-generate",
			this.pending,
			this.keyForm,
			bar,
			this.confirm,
			this.trouble,
			this.warnings,
			this.limits,
			this.codeDetails,
		);
	}

	/** @param {Event} event */
	sendKey(event) {
		stopEvent(event);
		this.model.send({ type: "key", key: this.key.value });
		this.key.value = "";
	}

	draw() {
		const state = this.model.get("state");
		this.generate.disabled = state.busy || !state.ready || state.wants_key || Boolean(state.confirm);
		this.generate.textContent = state.wants_key ? "Enter a key to generate" : "Generate";
		this.keyForm.hidden = !state.wants_key;
		setText(this.stop, state.cancels ? "Cancel" : "Stop watching");
		this.stop.hidden = !state.busy;
		this.again.hidden = state.busy || !state.made_before || !state.ready;
		this.samples.hidden = !state.empty;
		setText(this.price, state.price);
		this.showBalance.hidden = !state.paid || state.wants_key || Boolean(state.balance);
		setText(this.balance, state.balance);
		this.confirm.hidden = !state.confirm;
		setText(this.question, state.confirm);
		this.limits.hidden = !state.paid;
		setText(this.cap, state.cap);
		this.replaceWhenChanged(this.budget, state.budget, () => {
			this.budget.value = state.budget === null ? "" : String(state.budget);
			return [];
		});
		this.replaceWhenChanged(this.service, state.services, () => makeOptions(state.services));
		this.service.value = state.service;
		this.service.disabled = state.busy;
		setText(this.code, state.code);
		this.codeDetails.hidden = !state.code;
		this.replaceWhenChanged(this.warnings, state.warnings, () => state.warnings.map((caution) => this.makeCaution(caution)));
		this.warnings.hidden = !state.warnings.length;
		this.replaceWhenChanged(this.pending, [state.pending_jobs, state.busy], () => this.makePending(state));
		this.pending.hidden = !state.pending_jobs.length;
		setText(this.trouble, state.trouble);
	}

	/**
	 * Makes the children of a part anew, unless they were made of the same: the focus may be on one of them.
	 * @param {HTMLElement} part
	 * @param {any} source
	 * @param {() => Node[]} make
	 */
	replaceWhenChanged(part, source, make) {
		const wanted = JSON.stringify(source);
		if (this.drawn.get(part) === wanted) return;
		this.drawn.set(part, wanted);
		part.replaceChildren(...make());
	}

	/** @param {Caution} caution */
	makeCaution({ topic, text, remedy, shown, alt, large, film }) {
		const words = h("span", { className: "wan-text", textContent: text });
		const help = remedy ? [makeButton(remedy, () => this.model.send({ type: "fix", topic }))] : [];
		if (film) help.unshift(makeButton("Animate shot by shot", () => this.planFilm()));
		const picture = shown ? [this.makePicture(shown, alt, large)] : [];
		const buttons = help.length ? [h("div", { className: "wan-row" }, ...help)] : [];
		return h("li", { className: "wan-row wan-between wan-top" }, words, ...picture, ...buttons);
	}

	/** Has a film planned, and lets the page know that a person waits for the plan. */
	planFilm() {
		this.root.dispatchEvent(new CustomEvent("wan-plan"));
		this.model.send({ type: "film" });
	}

	/**
	 * @param {Label} shown
	 * @param {string} alt
	 * @param {boolean} large
	 */
	makePicture(shown, alt, large) {
		const image = h("img", { className: large ? "wan-generate-shown wan-generate-large" : "wan-generate-shown", alt });
		this.delivery.fetch(shown).then(
			(url) => (image.src = url),
			() => image.remove(), // the words say it as well
		);
		return image;
	}

	/** @param {GenerateState} state */
	makePending({ pending_jobs: jobs, busy }) {
		const rows = jobs.map(({ id, label }) => {
			const button = makeButton("Watch", () => this.model.send({ type: "watch", id }), { "aria-label": `Watch: ${label}` });
			button.hidden = busy; // one is watched at a time
			return h("div", { className: "wan-row wan-between" }, h("span", { textContent: label }), button);
		});
		const count = h("strong", { textContent: `${jobs.length} earlier jobs are still to come` });
		return jobs.length > 1 ? [count, ...rows] : rows;
	}
}

/** @param {{key: string, label: string}[]} services */
function makeOptions(services) {
	return services.map(({ key, label }) => h("option", { value: key, textContent: label }));
}

export default {
	View: GenerateView,
	share: (/** @type {Model} */ model) => new Delivery(model, ({ warnings }) => warnings.map((/** @type {Caution} */ { shown }) => shown)),
};
