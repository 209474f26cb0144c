// @ts-check
// A file on its way to the kernel: pieces of it, several under way at once, each acknowledged, and sent again when lost.
import { Sha256 } from "./sha256.js";

/** @typedef {import("./picker.js").Model} Model */
/**
 * An upload as a person sees it; `own`: whether it comes from this page.
 * @typedef {{
 *   upload: string, name: string, size: number, received: number, own: boolean, localUrl?: string,
 * }} Upload
 */
/** @typedef {{upload: string, chunk: number, window: number, sent: number, missing: [number, number][]}} Go */

/** Milliseconds without an answer after which the kernel is asked what it has; after twice as many a person is told. */
const SILENCE = 3000;
/** Milliseconds between two such questions at most: while a cell runs, they wait in a queue. */
const LONGEST_PAUSE = 30000;
/** Bytes of a piece below which no connection is taken for too narrow. */
const SMALLEST_PIECE = 16 * 1024;
/** Bytes that are read at a time for the digest. */
const READ_SIZE = 1024 * 1024;

/** A file of this page, and what has become of its pieces. */
class Transfer {
	/** @param {File} file */
	constructor(file) {
		this.file = file;
		/** Ranges that are still to be sent, in order. @type {[number, number][]} */
		this.waiting = [];
		/**
		 * Pieces without an answer, by offset: where each ends, and its number among all that were sent.
		 * @type {Map<number, {stop: number, number: number}>}
		 */
		this.underWay = new Map();
		/** Pieces that were sent so far. */
		this.sent = 0;
		/** Pieces that may be under way at once; 0 until the kernel has answered. */
		this.window = 0;
	}

	get complete() {
		return this.window > 0 && !this.waiting.length && !this.underWay.size;
	}

	/**
	 * Plans anew by what the kernel misses. Messages keep their order, so what was sent before the kernel was asked has
	 * arrived by its answer, or is lost.
	 * @param {Go} answer
	 * @returns {boolean} whether anything was lost
	 */
	plan({ window, sent, missing }) {
		this.window = window;
		const before = this.underWay;
		this.underWay = new Map([...before].filter(([, { number }]) => number > sent));
		const lost = [...before].some(
			([start, { stop, number }]) => number <= sent && missing.some(([from, to]) => from < stop && start < to),
		);
		this.waiting = missing;
		for (const [start, { stop }] of this.underWay) this.waiting = without(this.waiting, start, stop);
		return lost;
	}

	/**
	 * Takes the next piece off the plan.
	 * @param {number} chunk bytes that it has at most
	 * @returns {[number, number]}
	 */
	next(chunk) {
		const start = this.waiting[0][0];
		const stop = Math.min(this.waiting[0][1], start + chunk);
		this.waiting = without(this.waiting, start, stop);
		this.underWay.set(start, { stop, number: Infinity }); // it has none before it is read and sent
		return [start, stop];
	}

	/** @param {number} offset of a piece that is being sent */
	count(offset) {
		const piece = this.underWay.get(offset);
		this.sent += 1;
		if (piece) piece.number = this.sent;
	}
}

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
		/** @type {Transfer | null} the same, where it is this page's */
		this.transfer = null;
		/** The largest piece that is sent, and the largest that has arrived: larger ones may be more than a proxy takes. */
		this.chunk = Infinity;
		this.arrived = 0;
		/** Times that the wait for an answer was in vain. */
		this.unanswered = 0;
		this.localUrl = "";
		/** @type {Set<() => void>} */
		this.watchers = new Set();
		this.wake = () => {};
		model.on("msg:custom", (message) => this.receive(message));
		model.on("change:state", () => this.follow());
		this.follow();
	}

	/** Whether no answer has come for a while. */
	get silent() {
		return this.unanswered > 1;
	}

	/** Whether another page sends a file no more, as one that was closed or loaded anew. */
	get abandoned() {
		return this.silent && !this.current?.own;
	}

	/** @param {File} file */
	start(file) {
		const upload = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
		URL.revokeObjectURL(this.localUrl);
		this.localUrl = URL.createObjectURL(file);
		this.transfer = new Transfer(file);
		this.set({ upload, name: file.name, size: file.size, received: 0, own: true, localUrl: this.localUrl });
		this.ask();
		this.transmit(this.transfer, upload).catch(() => this.send("unreadable", upload));
	}

	cancel() {
		if (!this.current) return;
		this.send("abort", this.current.upload);
		this.set(null);
	}

	/** Begins the upload under way, or asks what the kernel has of it: something may have been lost. */
	ask() {
		if (!this.current || !this.transfer) return;
		const { name, size, lastModified } = this.transfer.file;
		this.send("begin", this.current.upload, { name, size, modified: lastModified, sent: this.transfer.sent });
	}

	/** Shows an upload that another page had begun before this one was there. */
	follow() {
		const { upload } = this.model.get("state");
		if (this.current?.own || this.current?.upload === upload?.id) return;
		this.set(upload && { upload: upload.id, name: upload.name, size: upload.size, received: 0, own: false });
	}

	/** @param {Upload | null} upload */
	set(upload) {
		this.current = upload;
		if (!upload?.own) this.transfer = null;
		this.unanswered = 0;
		this.listen();
		this.wake();
		this.notify();
	}

	/** Waits for an answer, and asks the kernel when none comes; each time later. */
	listen() {
		clearTimeout(this.alarm);
		if (!this.current) return;
		const pause = Math.min(SILENCE * 2 ** Math.max(0, this.unanswered - 1), LONGEST_PAUSE);
		this.alarm = setTimeout(() => {
			this.unanswered += 1;
			this.ask();
			this.notify();
			this.listen();
		}, pause);
	}

	notify() {
		this.watchers.forEach((watch) => watch());
	}

	/** @param {any} message */
	receive(message) {
		const { current, transfer } = this;
		const same = current?.upload === message.upload;
		if (message.type === "go" && transfer && same) {
			const lost = transfer.plan(message);
			// A piece may be too large for something on the way, unless one of its size has come through.
			if (lost && this.chunk > this.arrived) this.chunk = Math.max(SMALLEST_PIECE, Math.ceil(this.chunk / 2));
			this.chunk = Math.min(this.chunk, message.chunk);
			this.set(current);
		} else if (message.type === "received" && (same || !current?.own)) {
			const piece = transfer?.underWay.get(message.offset);
			this.arrived = Math.max(this.arrived, piece ? piece.stop - message.offset : 0);
			transfer?.underWay.delete(message.offset);
			this.set({ ...(current ?? { own: false }), ...message, own: same && Boolean(current?.own) });
		} else if (message.type === "ended" && same) this.set(null);
	}

	/**
	 * @param {Transfer} transfer
	 * @param {string} upload
	 */
	async transmit(transfer, upload) {
		const digest = this.digest(transfer);
		digest.catch(() => {});
		const goesOn = () => this.transfer === transfer;
		while (goesOn()) {
			await this.until(
				() => !goesOn() || transfer.complete || (transfer.waiting.length > 0 && transfer.underWay.size < transfer.window),
			);
			if (!goesOn()) return;
			if (transfer.complete) {
				const sha256 = await digest;
				if (!goesOn()) return;
				this.onsent(sha256, transfer.file);
				this.send("end", upload, { sha256 });
				transfer.window = 0; // until the kernel says what became of it
				continue;
			}
			const [start, stop] = transfer.next(this.chunk);
			const piece = await read(transfer.file, start, stop);
			if (!goesOn()) return;
			transfer.count(start);
			this.send("piece", upload, { offset: start }, [piece]);
		}
	}

	/**
	 * Returns the digest of a file in hexadecimal.
	 * @param {Transfer} transfer
	 */
	async digest({ file }) {
		const digest = new Sha256();
		for (let start = 0; start < file.size; start += READ_SIZE)
			digest.update(new Uint8Array(await read(file, start, Math.min(file.size, start + READ_SIZE))));
		return digest.hex();
	}

	/**
	 * @param {string} type
	 * @param {string} upload
	 * @param {object} [fields]
	 * @param {ArrayBuffer[]} [buffers]
	 */
	send(type, upload, fields = {}, buffers = []) {
		try {
			this.model.send({ type, upload, ...fields }, undefined, buffers);
		} catch (error) {
			console.warn("wan-notebook: a message to the kernel was lost; what is missing is sent again.", error);
		}
	}

	/** @param {() => boolean} reached */
	async until(reached) {
		while (!reached()) await new Promise((resolve) => (this.wake = () => resolve(undefined)));
	}
}

/**
 * Returns some bytes of a file.
 * @param {File} file
 * @param {number} start
 * @param {number} stop
 * @throws it was changed or taken away
 */
async function read(file, start, stop) {
	const bytes = await file.slice(start, stop).arrayBuffer();
	if (bytes.byteLength !== stop - start) throw new Error(`${file.name} has become shorter`);
	return bytes;
}

/**
 * Returns ranges without one of them, or a part of one.
 * @param {[number, number][]} ranges
 * @param {number} start
 * @param {number} stop
 */
function without(ranges, start, stop) {
	/** @type {[number, number][]} */
	const pieces = ranges.flatMap(([from, to]) => [
		[from, Math.min(to, start)],
		[Math.max(from, stop), to],
	]);
	return pieces.filter(([from, to]) => from < to);
}
