// @ts-check
// Bytes from the kernel, requested piece by piece and held as Blobs: none of them is ever part of the notebook.

/** @typedef {import("./widget.js").Model<any>} Model */
/**
 * The name by which bytes are requested; a size of 0 is not known before the first piece is here.
 * @typedef {{id: string, size: number, type: string, name: string, chunk: number}} Label
 */

/** Requests of one content that are under way at once. */
const MAX_REQUESTS = 6;
/** Milliseconds after which what has not arrived is requested again. */
const ANSWER_TIMEOUT = 6000;

/** One content on its way, shared by all views which show it. */
class Transfer {
	/** @param {Label} label */
	constructor(label) {
		this.label = label;
		this.size = label.size;
		this.complete = false;
		/** @type {Map<number, ArrayBuffer>} by their offsets */
		this.pieces = new Map();
		/** @type {Set<number>} offsets */
		this.requested = new Set();
		/** @type {Set<(fraction: number) => void>} */
		this.watchers = new Set();
		/** The address of the Blob, once it is complete. */
		this.url = withResolvers();
		this.url.promise.catch(() => {});
	}

	get offsets() {
		const count = Math.max(1, Math.ceil(this.size / this.label.chunk));
		return Array.from({ length: count }, (_, index) => index * this.label.chunk);
	}

	get missing() {
		if (this.complete) return [];
		return this.offsets.filter((offset) => !this.pieces.has(offset));
	}
}

export class Delivery {
	/**
	 * @param {Model} model
	 * @param {(state: any) => (Label | null | undefined)[] | undefined} [labelsOf] the labels that a state shows: when it
	 *   has changed, all others are released, unless it returns nothing
	 */
	constructor(model, labelsOf = () => undefined) {
		this.model = model;
		/** @type {Map<string, Transfer>} */
		this.transfers = new Map();
		model.on("msg:custom", (message, buffers) => this.receive(message, buffers ?? []));
		model.on("change:state", () => {
			const labels = labelsOf(model.get("state"));
			if (labels) this.retain(labels);
		});
	}

	close() {
		this.retain([]);
	}

	/**
	 * Returns the address of a Blob with these bytes.
	 * @param {Label} label
	 * @param {(fraction: number) => void} [watch] called with how much is here
	 * @returns {Promise<string>}
	 */
	fetch(label, watch) {
		let transfer = this.transfers.get(label.id);
		if (!transfer) {
			transfer = new Transfer(label);
			this.transfers.set(label.id, transfer);
			this.request(transfer);
			this.retryLater(transfer, ANSWER_TIMEOUT);
		}
		if (watch) transfer.watchers.add(watch);
		return transfer.url.promise;
	}

	/** @param {Label} label */
	has(label) {
		return this.transfers.has(label.id);
	}

	/**
	 * Takes bytes which the page has already: an upload need not come back.
	 * @param {string} id
	 * @param {Blob} blob
	 */
	store(id, blob) {
		if (this.transfers.has(id)) return;
		const transfer = new Transfer({ id, size: blob.size, type: blob.type, name: "", chunk: blob.size });
		transfer.url.resolve(URL.createObjectURL(blob));
		this.transfers.set(id, transfer);
	}

	/**
	 * Releases all but these.
	 * @param {(Label | null | undefined)[]} labels
	 */
	retain(labels) {
		const retained = new Set(labels.map((label) => label?.id));
		for (const [id, transfer] of this.transfers) {
			if (retained.has(id)) continue;
			this.transfers.delete(id);
			transfer.url.promise.then(URL.revokeObjectURL, () => {});
		}
	}

	/** @param {Transfer} transfer */
	request(transfer) {
		for (const offset of transfer.missing) {
			const underWay = [...transfer.requested].filter((requested) => !transfer.pieces.has(requested)).length;
			if (underWay >= MAX_REQUESTS) return;
			if (transfer.requested.has(offset)) continue;
			transfer.requested.add(offset);
			this.model.send({ type: "want", id: transfer.label.id, offset });
		}
	}

	/**
	 * Requests again what does not come: a message may be lost, or the kernel be busy; so each time later.
	 * @param {Transfer} transfer
	 * @param {number} delay milliseconds
	 */
	retryLater(transfer, delay) {
		const before = transfer.pieces.size;
		setTimeout(() => {
			if (this.transfers.get(transfer.label.id) !== transfer || !transfer.missing.length) return;
			const stalled = transfer.pieces.size === before;
			if (stalled) transfer.requested.clear();
			this.request(transfer);
			this.retryLater(transfer, stalled ? delay * 2 : ANSWER_TIMEOUT);
		}, delay);
	}

	/**
	 * @param {any} message
	 * @param {(DataView | ArrayBuffer)[]} buffers
	 */
	receive(message, buffers) {
		const transfer = this.transfers.get(message.id);
		if (!transfer || !transfer.missing.length) return;
		if (message.type === "gone") {
			this.transfers.delete(message.id);
			transfer.url.reject(new Error("The kernel no longer has this file."));
		}
		if (message.type !== "piece") return;
		transfer.size = message.size;
		transfer.pieces.set(message.offset, copyOf(buffers[0]));
		transfer.watchers.forEach((watch) => watch(transfer.pieces.size / transfer.offsets.length));
		if (transfer.missing.length) return this.request(transfer);
		const parts = transfer.offsets.map((offset) => /** @type {BlobPart} */ (transfer.pieces.get(offset)));
		transfer.complete = true;
		transfer.pieces.clear();
		transfer.url.resolve(URL.createObjectURL(new Blob(parts, { type: transfer.label.type })));
	}
}

/** Returns a promise of a text with its two ends; Promise.withResolvers() is too young for many browsers. */
function withResolvers() {
	/** @type {(text: string) => void} */ let resolve = () => {};
	/** @type {(error: Error) => void} */ let reject = () => {};
	/** @type {Promise<string>} */
	const promise = new Promise((...ends) => ([resolve, reject] = ends));
	return { promise, resolve, reject };
}

/**
 * Returns a piece on its own, without the message around it that would else stay in memory.
 * @param {DataView | ArrayBuffer} buffer
 * @returns {ArrayBuffer}
 */
function copyOf(buffer) {
	if (buffer instanceof ArrayBuffer) return buffer;
	return /** @type {ArrayBuffer} */ (buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength));
}
