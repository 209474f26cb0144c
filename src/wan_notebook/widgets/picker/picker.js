// @ts-check
import { Camera } from "./camera.js";
import { Delivery } from "../shared/delivery.js";
import { halt, make, makeButton, makeRoot, say } from "../shared/elements.js";
import { ProgressLine } from "./progress_line.js";
import { SourceLine } from "./source_line.js";
import { Stage } from "./preview_pane.js";
import { Uploads } from "./upload.js";

/** @typedef {import("../shared/elements.js").Model} Model */
/** @typedef {import("./source_line.js").Send} Send */

const KINDS = {
	image: { noun: "picture", what: "a picture of the character", types: /^image\//, endings: /\.(png|jpe?g|webp|bmp|gif|tiff?)$/i },
	video: { noun: "video", what: "a video of the performance", types: /^video\//, endings: /\.(mp4|m4v|mov|avi|mkv|webm|gif)$/i },
};

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
		this.remove = makeButton("Remove", () => this.send("clear"), "wan-link");
		this.dialog = make("input", {
			type: "file",
			accept: `${kind}/*`,
			hidden: true,
			onchange: () => this.take(this.dialog.files?.[0]),
		});
		this.camera = new Camera(
			(file) => this.take(file),
			() => this.draw(),
		);
		this.invitation = this.makeInvitation();
		this.stage = new Stage(delivery, kind);
		this.trouble = make("p", { className: "wan-trouble", role: "alert" });
		this.progress = new ProgressLine(uploads);
		this.name = make("strong", { className: "wan-cut" });
		this.words = make("span", { className: "wan-quiet" });
		this.facts = make("p", { className: "wan-row", role: "status" }, this.name, this.words);
		this.source = new SourceLine(label, this.send);
		const heading = make(
			"div",
			{ className: "wan-row wan-apart" },
			make("strong", { textContent: label }),
			this.remove,
		);
		const zone = make(
			"div",
			{
				className: "wan-zone",
				tabIndex: 0,
				role: "group",
				"aria-label": `${label}: drop or paste a ${this.kind.noun} here`,
			},
			this.stage.root,
			this.camera.root,
			this.invitation,
			this.trouble,
		);
		this.root = makeRoot("wan-picker", heading, zone, this.progress.root, this.facts, this.source.root);
		this.root.setAttribute("aria-label", label);
		this.listen();
	}

	makeInvitation() {
		const choose = makeButton("Choose a file", () => this.dialog.click());
		const sample = makeButton("Use the sample", () => this.send("sample"));
		const record = makeButton("Record", async () => say(this.trouble, await this.camera.open()));
		record.hidden = this.kind !== KINDS.video;
		const words = make("span", { textContent: `Drop or paste ${this.kind.what} here, or` });
		return make(
			"div",
			{ className: "wan-invitation" },
			words,
			make("span", { className: "wan-row" }, choose, sample, record),
			this.dialog,
		);
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
			return () => delivery.keepOnly([]);
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
