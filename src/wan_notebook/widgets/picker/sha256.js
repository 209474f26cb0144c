// @ts-check
// SHA-256 (FIPS 180-4), fed piece by piece. The browser's own wants the whole file at once, and https.

const ROUNDS = new Int32Array(64);
const START = new Uint32Array(8);

// The constants are the first 32 bits of the fractions of the cube (square) roots of the first 64 (8) primes.
for (let candidate = 2, found = 0; found < 64; candidate++) {
	let prime = true;
	for (let factor = 2; factor * factor <= candidate; factor++) prime &&= candidate % factor !== 0;
	if (!prime) continue;
	if (found < 8) START[found] = (Math.sqrt(candidate) % 1) * 2 ** 32;
	ROUNDS[found++] = (Math.cbrt(candidate) % 1) * 2 ** 32;
}

export class Sha256 {
	constructor() {
		this.state = START.slice();
		this.rest = new Uint8Array(64);
		this.filled = 0;
		this.length = 0;
		this.words = new Int32Array(64);
	}

	/** @param {Uint8Array} bytes */
	update(bytes) {
		this.length += bytes.length;
		let at = 0;
		if (this.filled) {
			at = Math.min(64 - this.filled, bytes.length);
			this.rest.set(bytes.subarray(0, at), this.filled);
			this.filled += at;
			if (this.filled < 64) return;
			this.compress(this.rest, 0);
		}
		for (; at + 64 <= bytes.length; at += 64) this.compress(bytes, at);
		this.rest.set(bytes.subarray(at));
		this.filled = bytes.length - at;
	}

	/** The digest in hexadecimal; nothing may be added after it. */
	hex() {
		const tail = new Uint8Array(this.filled < 56 ? 64 - this.filled : 128 - this.filled);
		tail[0] = 0x80;
		new DataView(tail.buffer).setBigUint64(tail.length - 8, BigInt(this.length) * 8n);
		this.update(tail);
		return Array.from(this.state, (word) => word.toString(16).padStart(8, "0")).join("");
	}

	/**
	 * @param {Uint8Array} bytes
	 * @param {number} at
	 */
	compress(bytes, at) {
		const { state, words } = this;
		for (let i = 0; i < 16; i++, at += 4)
			words[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
		for (let i = 16; i < 64; i++) {
			const x = words[i - 15];
			const y = words[i - 2];
			const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
			const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
			words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
		}
		let a = state[0] | 0;
		let b = state[1] | 0;
		let c = state[2] | 0;
		let d = state[3] | 0;
		let e = state[4] | 0;
		let f = state[5] | 0;
		let g = state[6] | 0;
		let h = state[7] | 0;
		for (let i = 0; i < 64; i++) {
			const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
			const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[i] + words[i]) | 0;
			const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
			const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
			h = g;
			g = f;
			f = e;
			e = (d + t1) | 0;
			d = c;
			c = b;
			b = a;
			a = (t1 + t2) | 0;
		}
		state[0] += a;
		state[1] += b;
		state[2] += c;
		state[3] += d;
		state[4] += e;
		state[5] += f;
		state[6] += g;
		state[7] += h;
	}
}
