// @ts-check
import { Delivery } from "./delivery.js";
import { make, makeRoot, say } from "./elements.js";
import { Uploads } from "./upload.js";

/** @typedef {import("./elements.js").Model} Model */
/** @typedef {import("./delivery.js").Label} Label */
/** @typedef {import("./upload.js").Arriving} Arriving */

/** Bytes up to which a video is fetched only to be looked at; of a larger one the first frame is shown. */
const SMALL = 20e6;

const KINDS = {
	image: { noun: "picture", accept: "image/*", types: /^image\//, endings: /\.(png|jpe?g|webp|bmp|gif|tiff?)$/i },
	video: { noun: "video", accept: "video/*", types: /^video\//, endings: /\.(mp4|m4v|mov|avi|mkv|webm|gif)$/i },
};

class PickerView {
	/**
	 * @param {Model} model
	 * @param {HTMLElement} el
	 * @param {Uploads} uploads
	 * @param {Delivery} delivery
	 */
	constructor(model, el, uploads, delivery) {
		this.model = model;
		this.uploads = uploads;
		this.delivery = delivery;
		/** @type {typeof KINDS.image} */
		this.kind = KINDS[/** @type {"image" | "video"} */ (model.get("state").kind)];
		this.moving = this.kind === KINDS.video;
		this.makeParts();
		this.root = makeRoot("wan-picker", this.heading, this.zone, this.progress, this.facts, this.source);
		this.root.setAttribute("aria-label", model.get("state").label);
		this.listen();
		el.append(this.root);
	}

	makeParts() {
		const { noun, accept } = this.kind;
		const { label } = this.model.get("state");
		this.removeButton = make("button", { type: "button", textContent: "Remove", className: "wan-link", onclick: () => this.send("clear") });
		this.heading = make("div", { className: "wan-row wan-apart" }, make("strong", { textContent: label }), this.removeButton);
		this.dialog = make("input", { type: "file", accept, hidden: true, onchange: () => this.take(this.dialog.files?.[0]) });
		this.invitation = make(
			"div",
			{ className: "wan-invitation" },
			make("span", { textContent: `Drop or paste a ${noun} here, or` }),
			make(
				"span",
				{ className: "wan-row" },
				make("button", { type: "button", textContent: "Choose a file", onclick: () => this.dialog.click() }),
				make("button", { type: "button", textContent: "Use the sample", onclick: () => this.send("sample") }),
			),
			this.dialog,
		);
		this.stage = make("div", { className: "wan-stage" });
		this.bar = make("progress", { max: 1, "aria-label": "Upload" });
		this.barWords = make("span");
		this.cancelButton = make("button", { type: "button", textContent: "Cancel", className: "wan-link", onclick: () => this.uploads.cancel() });
		this.progress = make("div", { className: "wan-progress" }, this.bar, make("div", { className: "wan-row wan-apart" }, this.barWords, this.cancelButton));
		this.trouble = make("p", { className: "wan-trouble", role: "alert" });
		this.zone = make("div", { className: "wan-zone", tabIndex: 0, role: "group", "aria-label": `${label}: drop or paste a ${noun} here` }, this.stage, this.invitation, this.trouble);
		this.name = make("strong", { className: "wan-cut" });
		this.words = make("span", { className: "wan-quiet" });
		this.facts = make("p", { className: "wan-row", role: "status" }, this.name, this.words);
		this.text = make("input", { type: "text", placeholder: "https://… or a path on the kernel's machine", spellcheck: false, autocomplete: "off", "aria-label": `${label}: address or path` });
		this.earlier = make("select", { "aria-label": `${label}: earlier ones`, onchange: () => this.takeEarlier() });
		const form = make("form", { className: "wan-source", onsubmit: (/** @type {Event} */ e) => this.takeText(e) }, this.text, make("button", { textContent: "Use" }));
		this.source = make("div", { className: "wan-source" }, form, this.earlier);
	}

	listen() {
		const { root } = this;
		const over = (/** @type {DragEvent} */ event) => {
			halt(event);
			root.classList.add("wan-over");
		};
		root.addEventListener("dragenter", over);
		root.addEventListener("dragover", over);
		root.addEventListener("dragleave", (event) => {
			if (!root.contains(/** @type {Node} */ (event.relatedTarget))) root.classList.remove("wan-over");
		});
		root.addEventListener("drop", (event) => {
			halt(event);
			root.classList.remove("wan-over");
			this.takeTransfer(event.dataTransfer);
		});
		root.addEventListener("paste", (event) => {
			if (event.target === this.text && !event.clipboardData?.files.length) return;
			halt(event);
			this.takeTransfer(event.clipboardData);
		});
	}

	/**
	 * @param {string} type
	 * @param {object} [more]
	 */
	send(type, more = {}) {
		this.model.send({ type, ...more });
	}

	/** @param {DataTransfer | null} transfer */
	takeTransfer(transfer) {
		const text = transfer?.getData("text/uri-list") || transfer?.getData("text/plain");
		if (transfer?.files.length) this.take(transfer.files[0]);
		else if (text) this.send("text", { text });
	}

	/** @param {File | undefined} file */
	take(file) {
		this.dialog.value = "";
		if (!file) return;
		const fits = this.kind.types.test(file.type) || this.kind.endings.test(file.name);
		if (fits) this.uploads.start(file);
		else this.send("refuse", { name: file.name });
	}

	/** @param {Event} event */
	takeText(event) {
		halt(event);
		if (this.text.value.trim()) this.send("text", { text: this.text.value });
	}

	takeEarlier() {
		if (this.earlier.value) this.send("earlier", { key: this.earlier.value });
		this.earlier.value = "";
	}

	draw() {
		const state = this.model.get("state");
		const { arriving } = this.uploads;
		const { file } = state;
		const waiting = Boolean(arriving || state.busy);
		this.root.toggleAttribute("aria-busy", waiting);
		this.removeButton.hidden = !file;
		this.invitation.hidden = Boolean(file) || waiting;
		this.drawProgress(state.busy);
		say(this.trouble, waiting ? "" : state.trouble);
		this.drawEarlier(state.earlier);
		say(this.name, file?.name);
		this.name.title = file?.name ?? "";
		say(this.words, file?.facts.join(" · "));
		this.facts.hidden = !file;
		// While the kernel reads what was sent, this page's own picture of it stays.
		if (file || arriving || !state.busy) this.drawStage(file, arriving);
	}

	/** @param {string} busy */
	drawProgress(busy) {
		const { arriving, silent } = this.uploads;
		this.progress.hidden = !arriving && !busy;
		this.cancelButton.hidden = !arriving?.own;
		if (arriving) {
			this.bar.value = arriving.received / arriving.size;
			const share = `${megabytes(arriving.received)} of ${megabytes(arriving.size)} MB`;
			say(this.barWords, silent ? `${share} – the kernel is busy` : `Uploading ${share}`);
		} else {
			this.bar.removeAttribute("value");
			say(this.barWords, busy);
		}
	}

	/** @param {{key: string, label: string}[]} earlier */
	drawEarlier(earlier) {
		this.earlier.hidden = !earlier.length;
		const key = JSON.stringify(earlier);
		if (key === this.earlierKey) return;
		this.earlierKey = key;
		const options = earlier.map(({ key, label }) => make("option", { value: key, textContent: label }));
		this.earlier.replaceChildren(make("option", { value: "", textContent: "Earlier ones" }), ...options);
	}

	/**
	 * @param {any} file what the kernel has
	 * @param {Arriving | null} arriving what is on its way
	 */
	drawStage(file, arriving) {
		const key = JSON.stringify([file, arriving?.localUrl]);
		if (key === this.stageKey) return;
		this.stageKey = key;
		this.stage.replaceChildren();
		this.stage.hidden = !file && !arriving?.localUrl;
		if (arriving?.localUrl) this.put(arriving.localUrl, this.moving);
		else if (file?.url) this.put(file.url, this.moving);
		else if (file) this.putDelivered(file);
	}

	/** @param {{poster: Label | null, clip: Label | null}} file */
	async putDelivered({ poster, clip }) {
		const key = this.stageKey;
		const put = async (/** @type {Label} */ label, /** @type {boolean} */ moving) => {
			const url = await this.delivery.ask(label);
			if (key === this.stageKey) this.put(url, moving);
		};
		try {
			if (poster) await put(poster, false);
			if (clip && (clip.size < SMALL || this.delivery.has(clip))) await put(clip, true);
		} catch (error) {
			if (key === this.stageKey) this.stage.replaceChildren(make("span", { className: "wan-quiet", textContent: /** @type {Error} */ (error).message }));
		}
	}

	/**
	 * Shows a picture or a video in place of what stands on the stage, unless the browser cannot.
	 * @param {string} url
	 * @param {boolean} moving
	 */
	put(url, moving) {
		const alt = `The chosen ${this.kind.noun}`;
		const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
		const medium = moving
			? make("video", { "aria-label": alt, muted: true, loop: true, playsInline: true, autoplay: !still, controls: still })
			: make("img", { alt, referrerPolicy: "no-referrer" });
		const key = this.stageKey;
		const appear = () => key === this.stageKey && this.stage.replaceChildren(medium);
		const excuse = make("span", { className: "wan-quiet", textContent: "The browser cannot show it, but it can be used." });
		medium.addEventListener(moving ? "loadeddata" : "load", appear);
		medium.addEventListener("error", () => key === this.stageKey && !this.stage.childElementCount && this.stage.append(excuse));
		medium.src = url;
	}
}

/** @param {Event} event */
function halt(event) {
	event.preventDefault();
	event.stopPropagation();
}

/** @param {number} bytes */
function megabytes(bytes) {
	return (bytes / 1e6).toFixed(1);
}

export default () => {
	/** @type {Uploads} */ let uploads;
	/** @type {Delivery} */ let delivery;
	return {
		/** @param {{model: Model}} host */
		initialize({ model }) {
			delivery = new Delivery(model);
			uploads = new Uploads(model, (digest, file) => delivery.keep(digest, file));
			model.on("change:state", () => {
				const { file } = model.get("state");
				if (file) delivery.keepOnly([file.poster, file.clip]);
			});
		},
		/** @param {{model: Model, el: HTMLElement}} host */
		render({ model, el }) {
			const view = new PickerView(model, el, uploads, delivery);
			const draw = () => view.draw();
			model.on("change:state", draw);
			uploads.watchers.add(draw);
			draw();
			return () => uploads.watchers.delete(draw);
		},
	};
};
