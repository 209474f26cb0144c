// @ts-check
import { Camera } from "./camera.js";
import { Delivery } from "./delivery.js";
import { make, makeRoot, say } from "./elements.js";
import { Stage } from "./stage.js";
import { Uploads } from "./upload.js";

/** @typedef {import("./elements.js").Model} Model */
/** @typedef {(type: string, more?: object) => void} Send */

const KINDS = {
	image: { noun: "picture", types: /^image\//, endings: /\.(png|jpe?g|webp|bmp|gif|tiff?)$/i },
	video: { noun: "video", types: /^video\//, endings: /\.(mp4|m4v|mov|avi|mkv|webm|gif)$/i },
};

/** How far an upload is, or what the kernel does with it. */
class ProgressLine {
	/** @param {Uploads} uploads */
	constructor(uploads) {
		this.uploads = uploads;
		this.bar = make("progress", { max: 1, "aria-label": "Upload" });
		this.words = make("span");
		this.cancel = make("button", { type: "button", textContent: "Cancel", className: "wan-link", onclick: () => uploads.cancel() });
		this.root = make("div", { className: "wan-progress" }, this.bar, make("div", { className: "wan-row wan-apart" }, this.words, this.cancel));
	}

	/** @param {string} busy */
	draw(busy) {
		const { arriving, silent } = this.uploads;
		this.root.hidden = !arriving && !busy;
		this.cancel.hidden = !arriving?.own;
		if (!arriving) {
			this.bar.removeAttribute("value");
			return say(this.words, busy);
		}
		this.bar.value = arriving.received / arriving.size;
		const share = `${megabytes(arriving.received)} of ${megabytes(arriving.size)} MB`;
		say(this.words, silent ? `${share}, the kernel is busy` : `Uploading, ${share}`);
	}
}

/** The line for what is not a file of this browser: an address, a path, an earlier result. */
class SourceLine {
	/**
	 * @param {string} label
	 * @param {Send} send
	 */
	constructor(label, send) {
		this.send = send;
		this.text = make("input", { type: "text", placeholder: "https://… or a path on the kernel's machine", spellcheck: false, autocomplete: "off", "aria-label": `${label}: address or path` });
		this.earlier = make("select", { "aria-label": `${label}: earlier ones`, onchange: () => this.takeEarlier() });
		this.earlierKey = "";
		const form = make("form", { className: "wan-source", onsubmit: (/** @type {Event} */ event) => this.takeText(event) }, this.text, make("button", { textContent: "Use" }));
		this.root = make("div", { className: "wan-source" }, form, this.earlier);
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

	/** @param {{key: string, label: string}[]} earlier */
	draw(earlier) {
		const key = JSON.stringify(earlier);
		this.earlier.hidden = !earlier.length;
		if (key === this.earlierKey) return;
		this.earlierKey = key;
		const options = earlier.map(({ key, label }) => make("option", { value: key, textContent: label }));
		this.earlier.replaceChildren(make("option", { value: "", textContent: "Earlier ones" }), ...options);
	}
}

class PickerView {
	/**
	 * @param {Model} model
	 * @param {Uploads} uploads
	 * @param {Delivery} delivery
	 */
	constructor(model, uploads, delivery) {
		const { kind, label } = /** @type {{kind: "image" | "video", label: string}} */ (model.get("state"));
		this.model = model;
		this.uploads = uploads;
		this.kind = KINDS[kind];
		/** @type {Send} */
		this.send = (type, more = {}) => model.send({ type, ...more });
		this.remove = this.makeButton("Remove", () => this.send("clear"), "wan-link");
		this.dialog = make("input", { type: "file", accept: `${kind}/*`, hidden: true, onchange: () => this.take(this.dialog.files?.[0]) });
		this.camera = new Camera((file) => this.take(file), () => this.draw());
		this.invitation = this.makeInvitation();
		this.stage = new Stage(delivery, kind);
		this.trouble = make("p", { className: "wan-trouble", role: "alert" });
		this.progress = new ProgressLine(uploads);
		this.name = make("strong", { className: "wan-cut" });
		this.words = make("span", { className: "wan-quiet" });
		this.facts = make("p", { className: "wan-row", role: "status" }, this.name, this.words);
		this.source = new SourceLine(label, this.send);
		const heading = make("div", { className: "wan-row wan-apart" }, make("strong", { textContent: label }), this.remove);
		const zone = make("div", { className: "wan-zone", tabIndex: 0, role: "group", "aria-label": `${label}: drop or paste a ${this.kind.noun} here` }, this.stage.root, this.camera.root, this.invitation, this.trouble);
		this.root = makeRoot("wan-picker", heading, zone, this.progress.root, this.facts, this.source.root);
		this.root.setAttribute("aria-label", label);
		this.listen();
	}

	/**
	 * @param {string} words
	 * @param {() => void} onclick
	 * @param {string} [className]
	 */
	makeButton(words, onclick, className = "") {
		return make("button", { type: "button", textContent: words, onclick, className });
	}

	makeInvitation() {
		const choose = this.makeButton("Choose a file", () => this.dialog.click());
		const sample = this.makeButton("Use the sample", () => this.send("sample"));
		const record = this.makeButton("Record", async () => say(this.trouble, await this.camera.open()));
		record.hidden = this.kind !== KINDS.video;
		const words = make("span", { textContent: `Drop or paste a ${this.kind.noun} here, or` });
		return make("div", { className: "wan-invitation" }, words, make("span", { className: "wan-row" }, choose, sample, record), this.dialog);
	}

	listen() {
		const { root } = this;
		/** @param {DragEvent} event */
		const over = (event) => {
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
			if (event.target === this.source.text && !event.clipboardData?.files.length) return;
			halt(event);
			this.takeTransfer(event.clipboardData);
		});
	}

	/** @param {DataTransfer | null} transfer */
	takeTransfer(transfer) {
		const text = transfer?.getData("text/uri-list") || transfer?.getData("text/plain");
		if (transfer?.files.length) this.take(transfer.files[0]);
		else if (text) this.send("text", { text });
	}

	/** @param {File | undefined} file */
	take(file) {
		if (!file) return;
		const fits = this.kind.types.test(file.type) || this.kind.endings.test(file.name);
		if (fits) this.uploads.start(file);
		else this.send("refuse", { name: file.name });
		this.dialog.value = "";
	}

	draw() {
		const { file, busy, trouble, earlier } = this.model.get("state");
		const { arriving } = this.uploads;
		const waiting = Boolean(arriving || busy);
		this.root.setAttribute("aria-busy", String(waiting));
		this.remove.hidden = !file;
		this.invitation.hidden = Boolean(file) || waiting || !this.camera.root.hidden;
		this.progress.draw(busy);
		say(this.trouble, waiting ? "" : trouble);
		say(this.name, file?.name);
		this.name.title = file?.name ?? "";
		say(this.words, file?.facts.join(" · "));
		this.facts.hidden = !file;
		this.source.draw(earlier);
		// While the kernel reads what was sent, this page's own picture of it stays.
		if (file || arriving || !busy) this.stage.draw(file, arriving);
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
			const view = new PickerView(model, uploads, delivery);
			const draw = () => view.draw();
			model.on("change:state", draw);
			uploads.watchers.add(draw);
			draw();
			el.append(view.root);
			return () => {
				uploads.watchers.delete(draw);
				view.camera.close();
			};
		},
	};
};
