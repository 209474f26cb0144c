// @ts-check
// Bytes from the kernel, asked for piece by piece and kept as Blobs: none of them is ever part of the notebook.

/** @typedef {import("./elements.js").Model} Model */
/**
 * A size of 0 is not known before the first piece is here.
 * @typedef {{id: string, size: number, type: string, name: string, chunk: number}} Label
 */

const WINDOW = 6;
const PATIENCE = 6000;

/** One content on its way, shared by all views which show it. */
class Parcel {
	/** @param {Label} label */
	constructor(label) {
		this.label = label;
		this.size = label.size;
		this.whole = false;
		/** @type {Map<number, ArrayBuffer | Uint8Array<ArrayBuffer>>} */
		this.pieces = new Map();
		/** @type {Set<number>} */
		this.asked = new Set();
		/** @type {Set<(fraction: number) => void>} */
		this.watchers = new Set();
		/** @type {Promise<string>} */
		this.url = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
		this.url.catch(() => {});
	}

	get offsets() {
		const count = Math.max(1, Math.ceil(this.size / this.label.chunk));
		return Array.from({ length: count }, (_, index) => index * this.label.chunk);
	}

	get missing() {
		if (this.whole) return [];
		return this.offsets.filter((offset) => !this.pieces.has(offset));
	}
}

export class Delivery {
	/** @param {Model} model */
	constructor(model) {
		this.model = model;
		/** @type {Map<string, Parcel>} */
		this.parcels = new Map();
		model.on("msg:custom", (message, buffers) => this.receive(message, buffers ?? []));
	}

	/**
	 * Returns the address of a Blob with these bytes.
	 * @param {Label} label
	 * @param {(fraction: number) => void} [watch] told how much is here
	 * @returns {Promise<string>}
	 */
	ask(label, watch) {
		let parcel = this.parcels.get(label.id);
		if (!parcel) {
			parcel = new Parcel(label);
			this.parcels.set(label.id, parcel);
			this.askOn(parcel);
			this.insist(parcel, PATIENCE);
		}
		if (watch) parcel.watchers.add(watch);
		return parcel.url;
	}

	/** @param {Label} label */
	has(label) {
		return this.parcels.has(label.id);
	}

	/**
	 * Takes bytes which the page has already: what it uploaded need not come back.
	 * @param {string} id
	 * @param {Blob} blob
	 */
	keep(id, blob) {
		if (this.parcels.has(id)) return;
		const parcel = new Parcel({ id, size: blob.size, type: blob.type, name: "", chunk: blob.size });
		// @ts-expect-error: set by the promise
		parcel.resolve(URL.createObjectURL(blob));
		this.parcels.set(id, parcel);
	}

	/**
	 * Lets go of all but these.
	 * @param {(Label | null | undefined)[]} labels
	 */
	keepOnly(labels) {
		const wanted = new Set(labels.map((label) => label?.id));
		for (const [id, parcel] of this.parcels) {
			if (wanted.has(id)) continue;
			this.parcels.delete(id);
			parcel.url.then(URL.revokeObjectURL, () => {});
		}
	}

	/** @param {Parcel} parcel */
	askOn(parcel) {
		for (const offset of parcel.missing) {
			const underWay = [...parcel.asked].filter((asked) => !parcel.pieces.has(asked)).length;
			if (underWay >= WINDOW) return;
			if (parcel.asked.has(offset)) continue;
			parcel.asked.add(offset);
			this.model.send({ type: "want", id: parcel.label.id, offset });
		}
	}

	/**
	 * Asks again for what does not come: a message may be lost, or the kernel be busy; so each time later.
	 * @param {Parcel} parcel
	 * @param {number} patience
	 */
	insist(parcel, patience) {
		const before = parcel.pieces.size;
		setTimeout(() => {
			if (this.parcels.get(parcel.label.id) !== parcel || !parcel.missing.length) return;
			const stalled = parcel.pieces.size === before;
			if (stalled) parcel.asked.clear();
			this.askOn(parcel);
			this.insist(parcel, stalled ? patience * 2 : PATIENCE);
		}, patience);
	}

	/**
	 * @param {any} message
	 * @param {(DataView | ArrayBuffer)[]} buffers
	 */
	receive(message, buffers) {
		const parcel = this.parcels.get(message.id);
		if (!parcel || !parcel.missing.length) return;
		if (message.type === "gone") {
			this.parcels.delete(message.id);
			// @ts-expect-error: set by the promise
			parcel.reject(new Error("The kernel no longer has this file."));
		}
		if (message.type !== "piece") return;
		parcel.size = message.size;
		parcel.pieces.set(message.offset, copyOf(buffers[0]));
		parcel.watchers.forEach((watch) => watch(parcel.pieces.size / parcel.offsets.length));
		if (parcel.missing.length) return this.askOn(parcel);
		const blob = new Blob(
			parcel.offsets.map((offset) => /** @type {BlobPart} */ (parcel.pieces.get(offset))),
			{ type: parcel.label.type },
		);
		parcel.whole = true;
		parcel.pieces.clear();
		// @ts-expect-error: set by the promise
		parcel.resolve(URL.createObjectURL(blob));
	}
}

/**
 * A piece on its own, without the message around it that would else stay in memory.
 * @param {DataView | ArrayBuffer} buffer
 * @returns {ArrayBuffer}
 */
function copyOf(buffer) {
	if (buffer instanceof ArrayBuffer) return buffer;
	return /** @type {ArrayBuffer} */ (buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength));
}
