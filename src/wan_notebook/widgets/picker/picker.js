// @ts-check
// Choosing one of the two inputs: by a dialog, drop, paste, recording, path or address.
import { activity } from "../shared/activity.js";
import { Delivery } from "../shared/delivery.js";
import { h, makeAlert, makeButton, makeLink, makeRoot, setText, stopEvent } from "../shared/elements.js";
import { defineWidget } from "../shared/widget.js";
import { Camera } from "./camera.js";
import { PreviewPane } from "./preview_pane.js";
import { ProgressLine } from "./progress_line.js";
import { SourceLine } from "./source_line.js";
import { Uploads } from "./upload.js";

/** @typedef {import("../shared/delivery.js").Label} Label */
/** @typedef {import("../shared/widget.js").Model<PickerState>} Model */
/** @typedef {{name: string, facts: string[], poster: Label | null, clip: Label | null, url: string}} Chosen */
/**
 * @typedef {{
 *   kind: "image" | "video", label: string, file: Chosen | null, busy: string, trouble: string,
 *   earlier: {key: string, label: string}[],
 * }} PickerState
 */

const KINDS = {
	image: {
		noun: "picture",
		wanted: "a picture of the character",
		types: /^image\//,
		endings: /\.(png|jpe?g|webp|bmp|gif|tiff?)$/i,
	},
	video: {
		noun: "video",
		wanted: "a video of the performance",
		types: /^video\//,
		endings: /\.(mp4|m4v|mov|avi|mkv|webm|gif)$/i,
	},
};

/** The transfers which all views of one picker share. */
class PickerTransfers {
	/** @param {Model} model */
	constructor(model) {
		this.delivery = new Delivery(model, ({ file }) => file && [file.poster, file.clip]);
		this.uploads = new Uploads(model, (digest, file) => this.delivery.store(digest, file));
	}

	close() {
		this.delivery.close();
	}
}

class PickerView {
	/**
	 * @param {Model} model
	 * @param {PickerTransfers} transfers
	 */
	constructor(model, { delivery, uploads }) {
		const { kind, label } = model.get("state");
		this.model = model;
		this.uploads = uploads;
		this.kind = KINDS[kind];
		const send = (/** @type {string} */ type, fields = {}) => model.send({ type, ...fields });
		this.send = send;
		this.remove = makeLink("Remove", () => send("clear"));
		this.dialog = h("input", {
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
		this.preview = new PreviewPane(delivery, kind);
		this.trouble = makeAlert();
		this.progress = new ProgressLine(uploads);
		this.name = h("strong", { className: "wan-ellipsis" });
		this.facts = h("span", { className: "wan-quiet" });
		this.file = h("p", { className: "wan-row", role: "status" }, this.name, this.facts);
		this.source = new SourceLine(label, send);
		const heading = h("div", { className: "wan-row wan-between" }, h("strong", { textContent: label }), this.remove);
		const zone = h(
			"div",
			{
				className: "wan-picker-zone",
				tabIndex: 0,
				role: "group",
				"aria-label": `${label}: drop or paste a ${this.kind.noun} here`,
			},
			this.preview.root,
			this.camera.root,
			this.invitation,
			this.trouble,
		);
		this.root = makeRoot("wan-picker", heading, zone, this.progress.root, this.file, this.source.root);
		this.root.setAttribute("aria-label", label);
		this.listen();
		this.redraw = () => this.draw();
		uploads.watchers.add(this.redraw);
	}

	close() {
		this.uploads.watchers.delete(this.redraw);
		activity.setBusy(this, false);
		this.camera.close();
	}

	makeInvitation() {
		const choose = makeButton("Choose a file", () => this.dialog.click());
		const sample = makeButton("Use the sample", () => this.send("sample"));
		const record = makeButton("Record", async () => setText(this.trouble, await this.camera.open()));
		record.hidden = this.kind !== KINDS.video;
		return h(
			"div",
			{ className: "wan-picker-invitation" },
			h("span", { textContent: `Drop or paste ${this.kind.wanted} here, or` }),
			h("span", { className: "wan-row" }, choose, sample, record),
			this.dialog,
		);
	}

	listen() {
		const { root } = this;
		/** @param {DragEvent} event */
		const over = (event) => {
			stopEvent(event);
			root.classList.add("wan-picker-over");
		};
		root.addEventListener("dragenter", over);
		root.addEventListener("dragover", over);
		root.addEventListener("dragleave", (event) => {
			if (!root.contains(/** @type {Node} */ (event.relatedTarget))) root.classList.remove("wan-picker-over");
		});
		root.addEventListener("drop", (event) => {
			stopEvent(event);
			root.classList.remove("wan-picker-over");
			this.takeTransfer(event.dataTransfer);
		});
		root.addEventListener("paste", (event) => {
			if (event.target === this.source.text && !event.clipboardData?.files.length) return;
			stopEvent(event);
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
		const { current } = this.uploads;
		const waiting = Boolean(current || busy);
		activity.setBusy(this, waiting);
		this.root.setAttribute("aria-busy", String(waiting));
		this.remove.hidden = !file;
		this.invitation.hidden = Boolean(file) || waiting || !this.camera.root.hidden;
		this.progress.draw(busy);
		setText(this.trouble, waiting ? "" : trouble);
		setText(this.name, file?.name);
		this.name.title = file?.name ?? "";
		setText(this.facts, file?.facts.join(" · "));
		this.file.hidden = !file;
		this.source.draw(earlier);
		// While the kernel reads what was sent, this page's own picture of it stays.
		if (file || current || !busy) this.preview.draw(file, current);
	}
}

export default defineWidget(PickerView, (/** @type {Model} */ model) => new PickerTransfers(model));
