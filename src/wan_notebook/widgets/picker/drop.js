// @ts-check
// What is dropped or pasted: files, an image of a page, a text, or a file of JupyterLab's own file browser.
import { stopEvent } from "../shared/elements.js";

/**
 * A drag inside JupyterLab. It is none of the browser's: Lumino sends events and data of its own.
 * @typedef {Event & {
 *   mimeData: {hasData(type: string): boolean, getData(type: string): any}, proposedAction: string, dropAction: string,
 *   relatedTarget: EventTarget | null,
 * }} LabDrag
 */
/**
 * @typedef {{
 *   files(files: File[]): void, text(text: string): void, serverFiles(paths: string[]): void, refuse(reason: string, name: string): void,
 * }} Takers
 */

/** The paths of the files that are dragged, from the folder which the server shows as its root. */
const LAB_FILES = "application/x-jupyter-icontents";
/** Lists of addresses, an address on each line, the one with most in it first. */
const ADDRESS_LISTS = ["application/vnd.code.uri-list", "text/uri-list"];
/** What a browser reads by itself: no kernel could, and they may be longer than a message. */
const OF_THE_PAGE = /^(data|blob):/i;
/** Characters; no path and no address is longer. */
const LONGEST_TEXT = 10000;

/**
 * Hands over what is dropped onto an element, or pasted into it.
 * @param {HTMLElement} root
 * @param {string} mark a class that the element has while something is dragged over it
 * @param {(event: ClipboardEvent) => boolean} pastesAsUsual whether a paste is left to the browser
 * @param {Takers} take
 */
export function listenForDrops(root, mark, pastesAsUsual, take) {
	/** @param {Event} event */
	const over = (event) => {
		stopEvent(event);
		root.classList.add(mark);
	};
	/** @param {Event} event */
	const leave = (event) => {
		const { relatedTarget } = /** @type {DragEvent} */ (event);
		if (!root.contains(/** @type {Node | null} */ (relatedTarget))) root.classList.remove(mark);
	};
	/** @param {Event} event */
	const drop = (event) => {
		stopEvent(event);
		root.classList.remove(mark);
	};
	for (const type of ["dragenter", "dragover"]) root.addEventListener(type, over);
	root.addEventListener("dragleave", leave);
	root.addEventListener("drop", (event) => {
		drop(event);
		takeTransfer(event.dataTransfer, take);
	});
	root.addEventListener("paste", (event) => {
		if (pastesAsUsual(event)) return;
		stopEvent(event);
		takeTransfer(event.clipboardData, take);
	});

	/** @param {(event: LabDrag) => void} listener for a drag of files */
	const ofFiles = (listener) => (/** @type {Event} */ event) => {
		const drag = /** @type {LabDrag} */ (event);
		if (!drag.mimeData?.hasData(LAB_FILES)) return;
		drag.dropAction = drag.proposedAction; // without one of those offered, it is no drop
		listener(drag);
	};
	for (const type of ["lm-dragenter", "lm-dragover"]) root.addEventListener(type, ofFiles(over));
	root.addEventListener("lm-dragleave", ofFiles(leave));
	root.addEventListener(
		"lm-drop",
		ofFiles((event) => {
			drop(event);
			take.serverFiles(event.mimeData.getData(LAB_FILES));
		}),
	);
}

/**
 * @param {DataTransfer | null} transfer
 * @param {Takers} take
 */
function takeTransfer(transfer, take) {
	if (!transfer) return;
	const folder = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).find((entry) => entry?.isDirectory);
	if (folder) return take.refuse("folder", folder.name);
	if (transfer.files.length) return take.files([...transfer.files]);
	const list = ADDRESS_LISTS.map((type) => transfer.getData(type)).find((text) => text);
	const addresses = (list ?? "").split(/\r?\n/).filter((line) => line.trim() && !line.startsWith("#"));
	if (addresses.length > 1) return take.refuse("several", "");
	takeText(addresses[0] ?? transfer.getData("text/plain"), take);
}

/**
 * Hands over a text that names a picture or a video, or the file that it leads to where only this page can read it.
 * @param {string} text
 * @param {Takers} take
 */
export async function takeText(text, take) {
	const trimmed = text.trim();
	if (!trimmed) return;
	const ofPage = OF_THE_PAGE.test(trimmed);
	// A server's own files need the login that this page has, and the kernel has not.
	if (!ofPage && !trimmed.startsWith(`${location.origin}/`)) return take.text(trimmed.slice(0, LONGEST_TEXT));
	try {
		const answer = await fetch(trimmed);
		if (!answer.ok) throw new Error(String(answer.status));
		take.files([fileOf(await answer.blob(), ofPage ? "" : new URL(trimmed).pathname)]);
	} catch {
		if (ofPage) take.refuse("unreadable", "");
		else take.text(trimmed);
	}
}

/**
 * @param {Blob} blob
 * @param {string} path of the address it came from; empty where it has none
 */
function fileOf(blob, path) {
	const ending = blob.type.split(/[/+;]/)[1] ?? "";
	const name = decodeURIComponent(path.split("/").pop() ?? "") || `dropped.${ending}`;
	return new File([blob], name, { type: blob.type });
}
