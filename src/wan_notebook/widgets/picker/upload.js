// @ts-check
// A file on its way to the kernel: pieces of it, several under way at once, each acknowledged.
import { Sha256 } from "./sha256.js";

/** @typedef {import("./picker.js").Model} Model */
/**
 * `own`: whether it comes from this page.
 * @typedef {{
 *   upload: string, name: string, size: number, received: number, own: boolean, file?: File, localUrl?: string,
 * }} Upload
 */

/** Milliseconds without an answer after which a person is told that the kernel is busy. */
const SILENCE = 3000;

export class Uploads {
	/**
	 * @param {Model} model
	 * @param {(digest: string, file: File) => void} onsent called when a file of this page has been sent
	 */
	constructor(model, onsent) {
		this.model = model;
		this.onsent = onsent;
		/** The upload under way, from this page or from another one. @type {Upload | null} */
		this.current = null;
		this.answeredAt = 0;
		this.localUrl = "";
		/** @type {Set<() => void>} */
		this.watchers = new Set();
		this.wake = () => {};
		model.on("msg:custom", (message) => this.receive(message));
	}

	get silent() {
		return Boolean(this.current?.own) && Date.now() - this.answeredAt > SILENCE;
	}

	/** @param {File} file */
	start(file) {
		const upload = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
		URL.revokeObjectURL(this.localUrl);
		this.localUrl = URL.createObjectURL(file);
		this.answeredAt = Date.now();
		this.set({ upload, name: file.name, size: file.size, received: 0, own: true, file, localUrl: this.localUrl });
		this.model.send({ type: "begin", upload, name: file.name, size: file.size });
	}

	cancel() {
		if (!this.current) return;
		this.model.send({ type: "abort", upload: this.current.upload });
		this.set(null);
	}

	/** @param {Upload | null} upload */
	set(upload) {
		this.current = upload;
		clearTimeout(this.alarm);
		if (upload?.own) this.alarm = setTimeout(() => this.notify(), SILENCE + 100);
		this.wake();
		this.notify();
	}

	notify() {
		this.watchers.forEach((watch) => watch());
	}

	/** @param {any} message */
	receive(message) {
		const { current } = this;
		const same = current?.upload === message.upload;
		this.answeredAt = Date.now();
		if (message.type === "go" && current?.file && same)
			this.send(current, current.file, message).catch(() => this.end(current.upload, ""));
		else if (message.type === "received" && (same || !current?.own))
			this.set({ ...(current ?? { own: false }), ...message, own: same && Boolean(current?.own) });
		else if (message.type === "ended" && same) this.set(null);
	}

	/**
	 * @param {Upload} current
	 * @param {File} file
	 * @param {{chunk: number, window: number}} limits bytes of a piece, and how many may be under way
	 */
	async send({ upload }, file, { chunk, window }) {
		const digest = new Sha256();
		const goesOn = () => this.current?.upload === upload;
		for (let offset = 0; offset < file.size && goesOn(); offset += chunk) {
			const piece = await file.slice(offset, offset + chunk).arrayBuffer();
			digest.update(new Uint8Array(piece));
			await this.until(() => !goesOn() || offset - (this.current?.received ?? 0) < window * chunk);
			if (goesOn()) this.model.send({ type: "piece", upload, offset }, undefined, [piece]);
		}
		await this.until(() => !goesOn() || this.current?.received === file.size);
		if (!goesOn()) return;
		const sha256 = digest.hex();
		this.onsent(sha256, file);
		this.end(upload, sha256);
	}

	/**
	 * @param {string} upload
	 * @param {string} sha256 empty for a file that could not be read to its end; the kernel then says that it is not whole
	 */
	end(upload, sha256) {
		this.model.send({ type: "end", upload, sha256 });
	}

	/** @param {() => boolean} reached */
	async until(reached) {
		while (!reached()) await new Promise((resolve) => (this.wake = () => resolve(undefined)));
	}
}
