// @ts-check
// Choosing one of the two inputs: by a dialog, drop, paste, recording, path or address.
import { activity } from "../shared/activity.js";
import { Delivery } from "../shared/delivery.js";
import { h, makeAlert, makeButton, makeLink, makeRoot, setText } from "../shared/elements.js";
import { Camera } from "./camera.js";
import { listenForDrops, takeText } from "./drop.js";
import { PreviewPane } from "./preview_pane.js";
import { ProgressLine } from "./progress_line.js";
import { SourceLine } from "./source_line.js";
import { Uploads } from "./upload.js";

/** @typedef {import("../shared/delivery.js").Label} Label */
/** @typedef {import("../shared/widget.js").Model<PickerState>} Model */
/** @typedef {{name: string, facts: string[], poster: Label | null, clip: Label | null, url: string}} Chosen */
/**
 * @typedef {{
 *   kind: "image" | "video", label: string, file: Chosen | null, origin: string, busy: string, trouble: string,
 *   upload: {id: string, name: string, size: number} | null, earlier: {key: string, label: string}[], paths: boolean,
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

/** Bytes at the end of a clip in which its description begins. */
const LONGEST_DESCRIPTION = 65536;

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
		this.fetch = makeLink("Fetch it here", () => send("fetch"), {
			title: "Then it can be trimmed, checked and compared, and its price is known.",
		});
		this.file = h("p", { className: "wan-row", role: "status" }, this.name, this.facts, this.fetch);
		this.origin = h("span", { className: "wan-quiet" });
		this.made = h("p", { className: "wan-row" }, this.origin, makeLink("Use what made it", () => send("origin")));
		this.source = new SourceLine(label, send, (text) => takeText(text, this.takers));
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
		this.root = makeRoot("wan-picker", heading, zone, this.progress.root, this.file, this.made, this.source.root);
		this.root.setAttribute("aria-label", label);
		listenForDrops(
			this.root,
			"wan-picker-over",
			(event) => event.target === this.source.text && !event.clipboardData?.files.length,
			this.takers,
		);
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

	/** @returns {import("./drop.js").Takers} */
	get takers() {
		return {
			files: (files) => this.takeOne(files),
			text: (text) => this.send("text", { text }),
			serverFiles: ([path, ...others]) =>
				others.length ? this.refuse("several", "") : this.send("server_file", { path, root: serverRoot() }),
			refuse: (reason, name) => this.refuse(reason, name),
		};
	}

	/** @param {File[]} files of which one fits */
	takeOne(files) {
		const fitting = files.filter((file) => this.fits(file));
		if (fitting.length > 1) this.refuse("several", "");
		else this.take(fitting[0] ?? files[0]);
	}

	/** @param {File} file */
	fits({ type, name }) {
		return this.kind.types.test(type) || this.kind.endings.test(name);
	}

	/** @param {File | undefined} file */
	async take(file) {
		this.dialog.value = "";
		if (!file) return;
		// A clip is no picture, but what made it can be taken from it.
		if (this.fits(file) || (this.kind === KINDS.image && (await hasDescription(file)))) this.uploads.start(file);
		else this.refuse("kind", file.name);
	}

	/**
	 * @param {string} reason
	 * @param {string} name
	 */
	refuse(reason, name) {
		this.send("refuse", { reason, name });
	}

	draw() {
		const { file, origin, busy, trouble, earlier, paths } = this.model.get("state");
		const { current, abandoned } = this.uploads;
		const waiting = Boolean((current && !abandoned) || busy);
		activity.setBusy(this, waiting);
		this.root.setAttribute("aria-busy", String(waiting));
		this.remove.hidden = !file;
		this.invitation.hidden = Boolean(file) || waiting || !this.camera.root.hidden;
		this.progress.draw(busy);
		setText(this.trouble, waiting ? "" : trouble);
		setText(this.name, file?.name);
		this.name.title = file?.name ?? "";
		setText(this.facts, file?.facts.join(" · "));
		this.fetch.hidden = !file?.url;
		this.file.hidden = !file;
		setText(this.origin, origin);
		this.made.hidden = !origin;
		this.source.draw(earlier, paths);
		// While the kernel reads what was sent, this page's own picture of it stays.
		if (file || current || !busy) this.preview.draw(file, current);
	}
}

/**
 * Returns whether a file ends in a description, as each MP4 that was made here does.
 * @param {File} file
 */
async function hasDescription(file) {
	return (await file.slice(-LONGEST_DESCRIPTION).text()).includes("mdirappl");
}

/** The folder which JupyterLab or Notebook shows as its root, as they tell it to their page; empty elsewhere. */
function serverRoot() {
	const config = document.getElementById("jupyter-config-data")?.textContent;
	return config ? (JSON.parse(config).serverRoot ?? "") : "";
}

export default { View: PickerView, share: (/** @type {Model} */ model) => new PickerTransfers(model) };
