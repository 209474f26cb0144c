// @ts-check
// The line below a picker while something is under way: an upload, or the kernel's work on the file.
import { h, makeLink, setText } from "../shared/elements.js";

/** @typedef {import("./upload.js").Uploads} Uploads */

export class ProgressLine {
	/** @param {Uploads} uploads */
	constructor(uploads) {
		this.uploads = uploads;
		this.bar = h("progress", { max: 1, "aria-label": "Upload" });
		this.text = h("span");
		this.cancel = makeLink("Cancel", () => uploads.cancel());
		this.root = h(
			"div",
			{ className: "wan-picker-progress" },
			this.bar,
			h("div", { className: "wan-row wan-between" }, this.text, this.cancel),
		);
	}

	/** @param {string} busy what the kernel does */
	draw(busy) {
		const { current, silent } = this.uploads;
		this.root.hidden = !current && !busy;
		this.cancel.hidden = !current?.own;
		if (!current) {
			this.bar.removeAttribute("value");
			return setText(this.text, busy);
		}
		this.bar.value = current.received / (current.size || 1); // an empty file is refused, but by the kernel
		const share = `${megabytes(current.received)} of ${megabytes(current.size)} MB`;
		setText(this.text, silent ? `${share}, the kernel is busy` : `Uploading, ${share}`);
	}
}

/** @param {number} bytes */
function megabytes(bytes) {
	return (bytes / 1e6).toFixed(1);
}
