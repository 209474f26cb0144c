// @ts-check
// What is done to the reference before it is sent: cut, smaller, cropped, without sound.
import { Delivery } from "../shared/delivery.js";
import { h, makeAlert, makeLink, makeRoot, setText } from "../shared/elements.js";
import { Filmstrip } from "./filmstrip.js";

/** @typedef {import("../shared/widget.js").Model<PreparationState>} Model */
/**
 * `available`: whether there is a reference; `duration` of it in seconds; `strip`: frames of it side by side;
 * `saving`: what the preparation saves, in words; `note`: what became of an earlier one.
 * @typedef {{
 *   available: boolean, values: Record<string, any>, duration: number, fps: number, saving: string, note: string,
 *   trouble: string, strip: Label | null, clip: Label | null,
 * }} PreparationState
 */
/** @typedef {import("../shared/delivery.js").Label} Label */

/** Milliseconds after the last of several changes until it is sent. */
const SETTLED = 150;
/** Milliseconds for which the kernel may go on telling the stretch that it had before. */
const ANSWERED = 2000;

/** The choices of a few words each: a name, a label, and the words with their values. */
const CHOICES = [
	{
		name: "fps",
		label: "Frame rate",
		options: [
			["As it is", null],
			["24 fps", 24],
			["16 fps", 16],
		],
	},
	{
		name: "short_side",
		label: "Short side",
		options: [
			["As it is", null],
			["480p", 480],
			["580p", 580],
			["720p", 720],
		],
	},
	{
		name: "fit",
		label: "Frame",
		options: [
			["As it is", ""],
			["Crop to the picture's", "crop"],
			["Pad to it", "pad"],
		],
	},
	{
		name: "sound",
		label: "Sound",
		options: [
			["Keep", true],
			["Drop", false],
		],
	},
];

class PreparationView {
	/**
	 * @param {Model} model
	 * @param {Delivery} delivery
	 */
	constructor(model, delivery) {
		this.model = model;
		this.delivery = delivery;
		this.shownId = "";
		this.settling = 0;
		/** The end that the last change took along. @type {string | null} */
		this.pushed = null;
		this.filmstrip = new Filmstrip((span, pushed) => this.trim(span, pushed));
		this.span = h("p", { className: "wan-quiet", role: "status" });
		/** @type {Record<"start" | "end", HTMLInputElement>} */
		this.times = { start: this.makeTime("start", "From second"), end: this.makeTime("end", "To second") };
		/** @type {Record<string, HTMLSelectElement>} */
		this.selects = {};
		const fields = h("div", { className: "wan-preparation-fields" });
		for (const input of Object.values(this.times)) fields.append(makeLabelled(input.title, input));
		for (const choice of CHOICES) fields.append(makeLabelled(choice.label, this.makeSelect(choice)));
		this.saving = h("p", { className: "wan-quiet", role: "status" });
		this.trouble = makeAlert();
		this.reset = makeLink("Send it as it is", () => this.sendWhole());
		this.note = h("p", { className: "wan-quiet", role: "status" });
		this.details = h(
			"details",
			{ ontoggle: () => this.draw() },
			h("summary", { textContent: "Prepare the reference" }),
			this.filmstrip.root,
			fields,
			this.span,
			this.reset,
		);
		this.root = makeRoot("wan-preparation", this.details, this.note, this.saving, this.trouble);
	}

	close() {
		clearTimeout(this.settling);
		this.filmstrip.close();
	}

	sendWhole() {
		clearTimeout(this.settling);
		this.settling = 0;
		this.model.send({ type: "reset" });
	}

	/**
	 * Sends a new stretch, once no other follows at once: a key that is held down makes many.
	 * @param {import("./filmstrip.js").Span} span
	 * @param {string | null} pushed the end that was taken along
	 */
	trim({ start, end }, pushed) {
		const { duration, fps } = this.model.get("state");
		this.drawTimes({ start, end });
		this.drawSpan({ start, end }, pushed);
		clearTimeout(this.settling);
		this.settling = setTimeout(() => {
			const whole = end > duration - 0.5 / fps;
			this.model.send({ type: "trim", start: Number(start.toFixed(4)), end: whole ? null : Number(end.toFixed(4)) });
			this.settling = setTimeout(() => this.settle(), ANSWERED);
		}, SETTLED);
	}

	/** Shows from now on what the kernel tells. */
	settle() {
		clearTimeout(this.settling);
		this.settling = 0;
		this.draw();
	}

	/**
	 * @param {"start" | "end"} name
	 * @param {string} title
	 */
	makeTime(name, title) {
		const choose = () => {
			const none = name === "end" ? this.model.get("state").duration : 0;
			this.filmstrip.choose(name, input.value === "" ? none : Number(input.value));
			this.drawTimes(this.filmstrip);
		};
		const input = h("input", { type: "number", title, min: "0", step: "0.01", onchange: choose });
		return input;
	}

	/** @param {typeof CHOICES[number]} choice */
	makeSelect({ name, options }) {
		const select = h("select", {
			onchange: () => this.model.send({ type: "set", name, value: options[select.selectedIndex][1] }),
		});
		select.append(...options.map(([label]) => h("option", { textContent: String(label) })));
		this.selects[name] = select;
		return select;
	}

	draw() {
		const { available, values, duration, fps, saving, note, trouble, strip, clip } = this.model.get("state");
		this.root.hidden = !available;
		const span = { start: values.start, end: values.end ?? duration };
		const { start, end } = this.filmstrip;
		const isAnswer = Math.abs(span.start - start) + Math.abs(span.end - end) < 0.5 / fps;
		if (!this.settling || isAnswer) {
			clearTimeout(this.settling);
			this.settling = 0;
			this.filmstrip.draw(duration, fps, span);
			if (!this.filmstrip.dragged) {
				this.drawTimes(span, true);
				if (this.span.textContent !== this.spanText(this.pushed, span)) this.drawSpan(span, null);
			}
		}
		this.show(strip, clip);
		for (const { name, options } of CHOICES) {
			this.selects[name].selectedIndex = options.findIndex(([, value]) => value === values[name]);
		}
		this.reset.hidden = !saving;
		setText(this.saving, saving);
		setText(this.note, note);
		setText(this.trouble, trouble);
	}

	/**
	 * Fetches the frames once the form is open, and shows them.
	 * @param {Label | null} strip
	 * @param {Label | null} clip
	 */
	async show(strip, clip) {
		const id = (this.details.open && strip?.id) || "";
		if (id === this.shownId || !strip) return;
		this.shownId = id;
		if (!id) return;
		this.filmstrip.forget();
		const fetch = async (/** @type {Label} */ label, /** @type {(url: string) => void} */ take) => {
			const url = await this.delivery.fetch(label);
			if (id === this.shownId) take(url);
		};
		try {
			await fetch(strip, (url) => (this.filmstrip.image.src = url));
			if (clip) await fetch(clip, (url) => this.filmstrip.showVideo(url));
		} catch (error) {
			if (id === this.shownId) setText(this.trouble, /** @type {Error} */ (error).message);
		}
	}

	/**
	 * @param {import("./filmstrip.js").Span} span
	 * @param {boolean} [typing] whether a number that is being typed stays
	 */
	drawTimes({ start, end }, typing = false) {
		for (const [name, seconds] of /** @type {["start" | "end", number][]} */ ([["start", start], ["end", end]])) {
			const input = this.times[name];
			input.max = secondText(this.model.get("state").duration);
			if (!typing || !input.matches(":focus")) input.value = secondText(seconds);
		}
	}

	/**
	 * @param {import("./filmstrip.js").Span} span
	 * @param {string | null} pushed
	 */
	drawSpan(span, pushed) {
		this.pushed = pushed;
		setText(this.span, this.spanText(pushed, span));
	}

	/**
	 * Says what is kept, and which end was taken along.
	 * @param {string | null} pushed
	 * @param {import("./filmstrip.js").Span} span
	 */
	spanText(pushed, { start, end }) {
		const { duration } = this.model.get("state");
		const kept = `${secondText(end - start)} s of ${secondText(duration)} s are sent.`;
		if (!pushed) return kept;
		const [name, time] = pushed === "end" ? ["end", end] : ["beginning", start];
		return `${kept} The ${name} went along, to ${secondText(time)} s.`;
	}
}

/** @param {number} seconds as many digits as tell frames apart */
function secondText(seconds) {
	return String(Number(seconds.toFixed(2)));
}

/**
 * @param {string} label
 * @param {HTMLElement} control
 */
function makeLabelled(label, control) {
	return h("label", { className: "wan-preparation-field" }, h("span", { textContent: label }), control);
}

export default {
	View: PreparationView,
	share: (/** @type {Model} */ model) => new Delivery(model, ({ strip, clip }) => [strip, clip]),
};
