// @ts-check
import { Sha256 } from "./sha256.js";
// A file on its way to the kernel: pieces of it, several under way at once, each acknowledged.

/** @typedef {import("../shared/elements.js").Model} Model */
/** @typedef {{upload: string, name: string, size: number, received: number, own: boolean, file?: File, localUrl?: string}} Arriving */

/** After this long without an answer, a person is told that the kernel is busy. */
const SILENCE = 3000;

export class Uploads {
	/**
	 * @param {Model} model
	 * @param {(digest: string, file: File) => void} onend told when a file of this page has been sent
	 */
	constructor(model, onend) {
		this.model = model;
		this.onend = onend;
		/** What is on its way now, from this page or from another one. @type {Arriving | null} */
		this.arriving = null;
		this.heardAt = 0;
		this.localUrl = "";
		/** @type {Set<() => void>} */
		this.watchers = new Set();
		this.answered = () => {};
		model.on("msg:custom", (message) => this.receive(message));
	}

	get silent() {
		return Boolean(this.arriving?.own) && Date.now() - this.heardAt > SILENCE;
	}

	/** @param {File} file */
	start(file) {
		const upload = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
		URL.revokeObjectURL(this.localUrl);
		this.localUrl = URL.createObjectURL(file);
		this.heardAt = Date.now();
		this.set({ upload, name: file.name, size: file.size, received: 0, own: true, file, localUrl: this.localUrl });
		this.model.send({ type: "begin", upload, name: file.name, size: file.size });
	}

	cancel() {
		if (!this.arriving) return;
		this.model.send({ type: "abort", upload: this.arriving.upload });
		this.set(null);
	}

	/** @param {Arriving | null} arriving */
	set(arriving) {
		this.arriving = arriving;
		clearTimeout(this.alarm);
		if (arriving?.own) this.alarm = setTimeout(() => this.notify(), SILENCE + 100);
		this.answered();
		this.notify();
	}

	notify() {
		this.watchers.forEach((watch) => watch());
	}

	/** @param {any} message */
	receive(message) {
		const { arriving } = this;
		const current = arriving?.upload === message.upload;
		this.heardAt = Date.now();
		if (message.type === "go" && arriving?.file && current)
			this.send(arriving, arriving.file, message).catch(() => this.end(arriving.upload, ""));
		else if (message.type === "received" && (current || !arriving?.own))
			this.set({ ...(arriving ?? { own: false }), ...message, own: current && Boolean(arriving?.own) });
		else if (message.type === "ended" && current) this.set(null);
	}

	/**
	 * @param {Arriving} arriving
	 * @param {File} file
	 * @param {{chunk: number, window: number}} terms
	 */
	async send({ upload }, file, { chunk, window }) {
		const digest = new Sha256();
		const going = () => this.arriving?.upload === upload;
		for (let offset = 0; offset < file.size && going(); offset += chunk) {
			const piece = await file.slice(offset, offset + chunk).arrayBuffer();
			digest.update(new Uint8Array(piece));
			await this.until(() => !going() || offset - (this.arriving?.received ?? 0) < window * chunk);
			if (going()) this.model.send({ type: "piece", upload, offset }, undefined, [piece]);
		}
		await this.until(() => !going() || this.arriving?.received === file.size);
		if (!going()) return;
		const sha256 = digest.hex();
		this.onend(sha256, file);
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
		while (!reached()) await new Promise((resolve) => (this.answered = () => resolve(undefined)));
	}
}
