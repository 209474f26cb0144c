// @ts-check
// Eyes and mouth of the character, placed by hand where the preview does not find them.
import { Delivery } from "../shared/delivery.js";
import { h, makeAlert, makeButton, makeLink, makeRoot, setText, stopEvent } from "../shared/elements.js";

/** @typedef {import("../shared/widget.js").Model<LandmarksState>} Model */
/** @typedef {import("../shared/delivery.js").Label} Label */
/** @typedef {[number, number]} Position parts of the picture's width and height */
/** @typedef {[number, number][] | null} Points in pixels of the whole picture, as its size */
/**
 * The `points` are a person's; what the preview `found` by itself may be `doubtful`. A higher `opened` opens the form.
 * @typedef {{
 *   poster: Label | null, points: Points, found: Points, doubtful: boolean, size: [number, number], opened: number,
 *   trouble: string,
 * }} LandmarksState
 */

/** The markers in the order of their points. They wait in a row below, lest they seem to be found already. */
const MARKERS = /** @type {{name: string, start: Position}[]} */ ([
	{ name: "Left eye", start: [0.3, 0.95] },
	{ name: "Right eye", start: [0.7, 0.95] },
	{ name: "Mouth", start: [0.5, 0.87] },
]);

/** The direction in which an arrow key moves a marker. */
const ARROWS = /** @type {Record<string, Position>} */ ({
	ArrowLeft: [-1, 0],
	ArrowRight: [1, 0],
	ArrowUp: [0, -1],
	ArrowDown: [0, 1],
});

/** How far a key moves a marker, as a part of the picture's long side; with Shift it goes further. */
const STEP = 0.004;
const LEAP = 5;

class LandmarksView {
	/**
	 * @param {Model} model
	 * @param {Delivery} delivery
	 */
	constructor(model, delivery) {
		this.model = model;
		this.delivery = delivery;
		/** @type {Position[]} */
		this.positions = MARKERS.map(({ start }) => start);
		/** The marker which is being dragged, or -1. */
		this.dragged = -1;
		this.moved = false;
		/** The markers which a person has placed; they count once all are. @type {Set<number>} */
		this.placed = new Set();
		/** Whether the kernel has points. */
		this.given = false;
		this.posterId = "";
		this.opened = model.get("state").opened;
		this.image = h("img", { alt: "The chosen picture", draggable: false });
		this.markers = MARKERS.map(({ name }, at) => this.makeMarker(name, at));
		this.face = h("div", { className: "wan-landmarks-picture" }, this.image, ...this.markers);
		this.clear = makeLink("Let the preview find them", () => model.send({ type: "clear" }));
		this.progress = h("p", { className: "wan-quiet", role: "status" });
		this.trouble = makeAlert();
		const help = h("p", {
			className: "wan-quiet",
			textContent:
				"Where the preview does not find the face, in a cartoon or an animal, drag all three markers onto it; left and right are as you see them. The arrow keys move a marker too, with Shift further.",
		});
		const text = h("div", { className: "wan-landmarks-text" }, help, this.progress, this.clear);
		const body = h("div", { className: "wan-landmarks-row" }, this.face, text);
		this.details = h("details", {}, h("summary", { textContent: "Place eyes and mouth" }), body);
		this.root = makeRoot("wan-landmarks", this.details, this.trouble);
	}

	/**
	 * @param {string} name
	 * @param {number} at
	 */
	makeMarker(name, at) {
		return makeButton(h("span", { textContent: name }), null, {
			className: "wan-landmarks-marker",
			onpointerdown: (/** @type {PointerEvent} */ event) => this.beginDrag(event, at),
			onpointermove: (/** @type {PointerEvent} */ event) => this.drag(event, at),
			onpointerup: () => this.endDrag(at),
			onpointercancel: () => this.endDrag(at),
			onkeydown: (/** @type {KeyboardEvent} */ event) => this.handleKey(event, at),
		});
	}

	draw() {
		const { poster, points, found, size, opened, trouble } = this.model.get("state");
		this.root.hidden = !poster;
		setText(this.trouble, trouble);
		if (!poster) return;
		if (points) this.placed = new Set(MARKERS.keys());
		else if (this.given || poster.id !== this.posterId) this.placed.clear();
		this.given = Boolean(points);
		this.show(poster);
		this.clear.hidden = !points;
		this.face.classList.toggle("wan-landmarks-found", Boolean(found && !points));
		if (this.dragged >= 0) return;
		if (opened > this.opened) this.open();
		this.opened = opened;
		const [width, height] = size;
		const known = points ?? (this.placed.size ? null : found);
		if (known) this.positions = known.map(([x, y]) => [x / width, y / height]);
		else if (!this.placed.size) this.positions = MARKERS.map(({ start }) => start);
		this.drawMarkers();
	}

	/** Opens the form where a person was led to it. */
	open() {
		this.details.open = true;
		this.root.scrollIntoView({ block: "center" });
		this.markers[0].focus({ preventScroll: true });
	}

	/** @param {Label} poster */
	async show(poster) {
		if (poster.id === this.posterId) return;
		this.posterId = poster.id;
		this.dragged = -1;
		this.image.removeAttribute("src");
		try {
			const url = await this.delivery.fetch(poster);
			if (poster.id === this.posterId) this.image.src = url;
		} catch (error) {
			if (poster.id === this.posterId) setText(this.trouble, /** @type {Error} */ (error).message);
		}
	}

	drawMarkers() {
		setText(this.progress, this.progressText);
		this.markers.forEach((marker, at) => {
			const [x, y] = this.positions[at];
			marker.style.left = `${100 * x}%`;
			marker.style.top = `${100 * y}%`;
			marker.classList.toggle("wan-landmarks-placed", this.placed.has(at));
			const [across, down] = this.points[at].map(Math.round);
			marker.setAttribute("aria-label", `${MARKERS[at].name}: ${across} across, ${down} down. The arrow keys move it.`);
		});
	}

	/** The positions in pixels of the whole picture, to a tenth. */
	get points() {
		const [width, height] = this.model.get("state").size;
		return this.positions.map(([x, y]) => [Math.round(10 * x * width) / 10, Math.round(10 * y * height) / 10]);
	}

	get progressText() {
		const { found, doubtful } = this.model.get("state");
		if (found && !this.placed.size) {
			const words = "The preview found them here by itself: drag a marker that is not where it belongs.";
			return doubtful ? `Check this face: the preview is not sure of it. ${words}` : words;
		}
		const missing = MARKERS.filter((_, at) => !this.placed.has(at)).map(({ name }) => name.toLowerCase());
		if (missing.length === MARKERS.length) return "Nothing is placed: the preview looks for the face itself.";
		return missing.length ? `Still to be placed: ${missing.join(" and ")}.` : "Placed by you.";
	}

	/**
	 * @param {number} at
	 * @param {number} x
	 * @param {number} y
	 */
	move(at, x, y) {
		this.positions[at] = [clamp(x), clamp(y)];
		this.drawMarkers();
	}

	/** @param {number} at the marker which a person has moved */
	place(at) {
		// What was found stays where it is, and is a person's from now on.
		if (this.model.get("state").found) this.placed = new Set(MARKERS.keys());
		this.placed.add(at);
		this.drawMarkers();
		if (this.placed.size === MARKERS.length)
			this.model.send({ type: "place", id: this.posterId, points: this.points });
	}

	/**
	 * @param {PointerEvent} event
	 * @param {number} at
	 */
	beginDrag(event, at) {
		if (event.button !== 0) return;
		stopEvent(event);
		this.markers[at].setPointerCapture(event.pointerId);
		this.markers[at].focus();
		this.dragged = at;
		this.moved = false;
	}

	/**
	 * @param {PointerEvent} event
	 * @param {number} at
	 */
	drag(event, at) {
		if (this.dragged !== at) return;
		const { left, top, width, height } = this.image.getBoundingClientRect();
		this.move(at, (event.clientX - left) / width, (event.clientY - top) / height);
		this.moved = true;
	}

	/** @param {number} at */
	endDrag(at) {
		if (this.dragged !== at) return;
		this.dragged = -1;
		if (this.moved) this.place(at);
	}

	/**
	 * @param {KeyboardEvent} event
	 * @param {number} at
	 */
	handleKey(event, at) {
		const arrow = ARROWS[event.key];
		if (!arrow || event.ctrlKey || event.altKey || event.metaKey) return;
		stopEvent(event);
		const [width, height] = this.model.get("state").size;
		const far = STEP * Math.max(width, height) * (event.shiftKey ? LEAP : 1);
		const [x, y] = this.positions[at];
		this.move(at, x + (arrow[0] * far) / width, y + (arrow[1] * far) / height);
		this.place(at);
	}
}

/** @param {number} part */
function clamp(part) {
	return Math.min(1, Math.max(0, part));
}

export default {
	View: LandmarksView,
	share: (/** @type {Model} */ model) => new Delivery(model, ({ poster }) => [poster]),
};
