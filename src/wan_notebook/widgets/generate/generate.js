// @ts-check
import { make, makeCopyButton, makeRoot, say } from "../shared/elements.js";

/** @typedef {import("../shared/elements.js").Model} Model */

class CommandView {
	/**
	 * @param {Model} model
	 * @param {HTMLElement} el
	 */
	constructor(model, el) {
		this.model = model;
		this.generate = make("button", {
			type: "button",
			className: "wan-primary",
			textContent: "Generate",
			onclick: () => model.send({ type: "generate" }),
		});
		this.samples = make("button", {
			type: "button",
			textContent: "Try the samples",
			onclick: () => model.send({ type: "samples" }),
		});
		this.again = make("button", {
			type: "button",
			textContent: "Make it anew",
			onclick: () => model.send({ type: "generate", again: true }),
		});
		this.stop = make("button", {
			type: "button",
			textContent: "Stop watching",
			onclick: () => model.send({ type: "stop" }),
		});
		this.balance = make("span", { className: "wan-quiet", role: "status" });
		this.askBalance = make("button", {
			type: "button",
			className: "wan-link",
			textContent: "Balance",
			onclick: () => model.send({ type: "balance" }),
		});
		this.price = make("span", { className: "wan-quiet wan-price" });
		this.service = make("select", {
			onchange: () => model.send({ type: "service", key: this.service.value }),
		});
		this.code = make("pre", { tabIndex: 0, "aria-label": "The same in code" });
		const codeHead = make(
			"div",
			{ className: "wan-row" },
			makeCopyButton("Copy", () => this.code.textContent ?? ""),
		);
		this.asCode = make("details", {}, make("summary", { textContent: "The same in code" }), codeHead, this.code);
		this.servicesKey = "";
		this.warningsKey = "";
		this.waitingKey = "";
		this.warnings = make("ul", {
			className: "wan-warnings",
			"aria-label": "Before you begin",
			"aria-live": "polite",
		});
		this.waiting = make("div", { className: "wan-rows", role: "group", "aria-label": "Jobs of before" });
		this.trouble = make("p", { className: "wan-trouble", role: "alert" });
		const buttons = make(
			"div",
			{ className: "wan-row" },
			this.generate,
			this.stop,
			this.again,
			this.price,
			this.samples,
			this.askBalance,
			this.balance,
		);
		const bar = make(
			"div",
			{ className: "wan-row wan-apart" },
			buttons,
			make("label", { className: "wan-row" }, "Made by", this.service),
		);
		el.append(makeRoot("wan-command", this.waiting, this.warnings, bar, this.trouble, this.asCode));
	}

	draw() {
		const state = this.model.get("state");
		this.generate.disabled = state.busy || !state.ready;
		this.stop.hidden = !state.busy;
		this.again.hidden = state.busy || !state.made_before || !state.ready;
		this.samples.hidden = !state.empty;
		say(this.price, state.price);
		this.askBalance.hidden = !state.paid || Boolean(state.balance);
		say(this.balance, state.balance);
		this.drawServices(state);
		say(this.code, state.code);
		this.asCode.hidden = !state.code;
		this.drawWarnings(state.warnings);
		this.drawWaiting(state);
		say(this.trouble, state.trouble);
	}

	/** @param {{services: {key: string, label: string}[], service: string, busy: boolean}} state */
	drawServices({ services, service, busy }) {
		const known = JSON.stringify(services);
		if (known !== this.servicesKey)
			this.service.replaceChildren(
				...services.map(({ key, label }) => make("option", { value: key, textContent: label })),
			);
		this.servicesKey = known;
		this.service.value = service;
		this.service.disabled = busy;
	}

	/** @param {{topic: string, text: string, remedy: string}[]} warnings */
	drawWarnings(warnings) {
		const key = JSON.stringify(warnings);
		if (key === this.warningsKey) return;
		this.warningsKey = key;
		const help = (/** @type {string} */ topic, /** @type {string} */ label) =>
			make("button", { type: "button", textContent: label, onclick: () => this.model.send({ type: "remedy", topic }) });
		const items = warnings.map(({ topic, text, remedy }) =>
			make(
				"li",
				{ className: "wan-row wan-apart wan-start" },
				make("span", { className: "wan-words", textContent: text }),
				...(remedy ? [help(topic, remedy)] : []),
			),
		);
		this.warnings.replaceChildren(...items);
		this.warnings.hidden = !items.length;
	}

	/** @param {{waiting: {id: string, label: string}[], busy: boolean}} state */
	drawWaiting({ waiting, busy }) {
		const key = JSON.stringify([waiting, busy]);
		if (key === this.waitingKey) return;
		this.waitingKey = key;
		const rows = waiting.map(({ id, label }) => {
			const watch = () => this.model.send({ type: "watch", id });
			const button = make("button", { type: "button", textContent: "Watch", "aria-label": `Watch: ${label}` });
			button.addEventListener("click", watch);
			button.hidden = busy; // one is watched at a time
			return make("div", { className: "wan-row wan-apart" }, make("span", { textContent: label }), button);
		});
		const many = make("strong", { textContent: `${waiting.length} jobs from before are still to come` });
		this.waiting.replaceChildren(...(waiting.length > 1 ? [many] : []), ...rows);
		this.waiting.hidden = !waiting.length;
	}
}

export default {
	/** @param {{model: Model, el: HTMLElement}} host */
	render({ model, el }) {
		const view = new CommandView(model, el);
		const draw = () => view.draw();
		model.on("change:state", draw);
		draw();
	},
};
