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
		this.again = makeLink("Try now", () => uploads.ask());
		this.root = h(
			"div",
			{ className: "wan-picker-progress" },
			this.bar,
			h("div", { className: "wan-row wan-between" }, this.text, h("span", { className: "wan-row" }, this.again, this.cancel)),
		);
	}

	/** @param {string} busy what the kernel does */
	draw(busy) {
		const { current, silent, abandoned } = this.uploads;
		this.root.hidden = !current && !busy;
		this.cancel.hidden = !current?.own && !abandoned;
		this.again.hidden = !current?.own || !silent;
		this.bar.hidden = abandoned;
		if (!current) {
			this.bar.removeAttribute("value");
			return setText(this.text, busy);
		}
		this.bar.value = current.received / (current.size || 1); // an empty file is refused, but by the kernel
		const share = `${megabytes(current.received)} of ${megabytes(current.size)} MB`;
		if (abandoned)
			setText(this.text, `${current.name} comes no further: its page was closed or has no connection. Choose it again to go on.`);
		else if (silent) setText(this.text, `${share}. No answer from the kernel yet; it goes on by itself.`);
		else setText(this.text, `Uploading, ${share}`);
	}
}

/** @param {number} bytes */
function megabytes(bytes) {
	return (bytes / 1e6).toFixed(1);
}
