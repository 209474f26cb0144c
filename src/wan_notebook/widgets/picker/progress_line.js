// @ts-check
import { make, makeButton, say } from "../shared/elements.js";

/** @typedef {import("./upload.js").Uploads} Uploads */

/** How far an upload is, or what the kernel does with it. */
export class ProgressLine {
	/** @param {Uploads} uploads */
	constructor(uploads) {
		this.uploads = uploads;
		this.bar = make("progress", { max: 1, "aria-label": "Upload" });
		this.words = make("span");
		this.cancel = makeButton("Cancel", () => uploads.cancel(), "wan-link");
		this.root = make(
			"div",
			{ className: "wan-progress" },
			this.bar,
			make("div", { className: "wan-row wan-apart" }, this.words, this.cancel),
		);
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
		this.bar.value = arriving.received / (arriving.size || 1); // an empty file is refused, but by the kernel
		const share = `${megabytes(arriving.received)} of ${megabytes(arriving.size)} MB`;
		say(this.words, silent ? `${share}, the kernel is busy` : `Uploading, ${share}`);
	}
}

/** @param {number} bytes */
function megabytes(bytes) {
	return (bytes / 1e6).toFixed(1);
}
