// @ts-check
import { Delivery } from "../shared/delivery.js";
import { halt, make, makeRoot, say } from "../shared/elements.js";

/** @typedef {import("../shared/elements.js").Model} Model */
/** @typedef {import("../shared/delivery.js").Label} Label */
/** @typedef {[number, number]} Place parts of the picture's width and height */

/** The markers in the order of their points. They wait in a row below, lest they seem to be found already. */
const MARKERS = /** @type {{name: string, begins: Place}[]} */ ([
	{ name: "Left eye", begins: [0.3, 0.95] },
	{ name: "Right eye", begins: [0.7, 0.95] },
	{ name: "Mouth", begins: [0.5, 0.87] },
]);

/** Where an arrow key moves a marker. */
const ARROWS = /** @type {Record<string, Place>} */ ({
	ArrowLeft: [-1, 0],
	ArrowRight: [1, 0],
	ArrowUp: [0, -1],
	ArrowDown: [0, 1],
});

/** How far a key moves a marker, as a part of the picture's long side; with Shift it goes further. */
const STEP = 0.004;
const LEAP = 5;

class PointsView {
	/**
	 * @param {Model} model
	 * @param {Delivery} delivery
	 * @param {HTMLElement} el
	 */
	constructor(model, delivery, el) {
		this.model = model;
		this.delivery = delivery;
		/** @type {Place[]} */
		this.places = MARKERS.map(({ begins }) => begins);
		/** Which marker is being dragged. */
		this.held = -1;
		this.moved = false;
		/** Which markers a person has placed; they count once all are. @type {Set<number>} */
		this.placed = new Set();
		/** Whether the kernel has points. */
		this.given = false;
		this.posterId = "";
		this.image = make("img", { alt: "The chosen picture", draggable: false });
		this.markers = MARKERS.map(({ name }, at) => this.makeMarker(name, at));
		this.face = make("div", { className: "wan-face" }, this.image, ...this.markers);
		this.clear = make("button", {
			type: "button",
			className: "wan-link",
			textContent: "Let the preview find them",
			onclick: () => model.send({ type: "clear" }),
		});
		this.told = make("p", { className: "wan-quiet", role: "status" });
		this.trouble = make("p", { className: "wan-trouble", role: "alert" });
		const help = make("p", {
			className: "wan-quiet",
			textContent:
				"Where the preview does not find the face, in a cartoon or an animal, drag all three markers onto it; left and right are as you see them. The arrow keys move a marker too, with Shift further.",
		});
		const words = make("div", { className: "wan-face-words" }, help, this.told, this.clear);
		const body = make("div", { className: "wan-face-row" }, this.face, words);
		const details = make("details", {}, make("summary", { textContent: "Place eyes and mouth" }), body);
		this.root = makeRoot("wan-points", details, this.trouble);
		el.append(this.root);
	}

	/**
	 * @param {string} name
	 * @param {number} at
	 */
	makeMarker(name, at) {
		const marker = make(
			"button",
			{
				type: "button",
				className: "wan-marker",
				onpointerdown: (/** @type {PointerEvent} */ event) => this.take(event, at),
				onpointermove: (/** @type {PointerEvent} */ event) => this.drag(event, at),
				onpointerup: () => this.drop(at),
				onpointercancel: () => this.drop(at),
				onkeydown: (/** @type {KeyboardEvent} */ event) => this.press(event, at),
			},
			make("span", { textContent: name }),
		);
		return marker;
	}

	draw() {
		const { poster, points, size, trouble } = this.model.get("state");
		this.root.hidden = !poster;
		say(this.trouble, trouble);
		if (!poster) return;
		if (points) this.placed = new Set(MARKERS.keys());
		else if (this.given || poster.id !== this.posterId) this.placed.clear();
		this.given = Boolean(points);
		this.show(poster);
		this.clear.hidden = !points;
		if (this.held >= 0) return;
		const [width, height] = size;
		if (points) this.places = MARKERS.map((_, at) => [points[at][0] / width, points[at][1] / height]);
		else if (!this.placed.size) this.places = MARKERS.map(({ begins }) => begins);
		this.drawMarkers();
	}

	/** @param {Label} poster */
	async show(poster) {
		if (poster.id === this.posterId) return;
		this.posterId = poster.id;
		this.held = -1;
		this.image.removeAttribute("src");
		try {
			const url = await this.delivery.ask(poster);
			if (poster.id === this.posterId) this.image.src = url;
		} catch (error) {
			if (poster.id === this.posterId) say(this.trouble, /** @type {Error} */ (error).message);
		}
	}

	drawMarkers() {
		say(this.told, this.words);
		this.markers.forEach((marker, at) => {
			const [x, y] = this.places[at];
			marker.style.left = `${100 * x}%`;
			marker.style.top = `${100 * y}%`;
			marker.classList.toggle("wan-placed", this.placed.has(at));
			const [across, down] = this.points[at].map(Math.round);
			marker.setAttribute("aria-label", `${MARKERS[at].name}: ${across} across, ${down} down. The arrow keys move it.`);
		});
	}

	/** The places in pixels of the whole picture, to a tenth. */
	get points() {
		const [width, height] = this.model.get("state").size;
		return this.places.map(([x, y]) => [Math.round(10 * x * width) / 10, Math.round(10 * y * height) / 10]);
	}

	/**
	 * @param {number} at
	 * @param {number} x
	 * @param {number} y
	 */
	move(at, x, y) {
		this.places[at] = [inside(x), inside(y)];
		this.drawMarkers();
	}

	/** What is placed, in words. */
	get words() {
		const waiting = MARKERS.filter((_, at) => !this.placed.has(at)).map(({ name }) => name.toLowerCase());
		if (waiting.length === MARKERS.length) return "Nothing is placed: the preview looks for the face itself.";
		return waiting.length ? `Still to be placed: ${waiting.join(" and ")}.` : "Placed by you.";
	}

	/** @param {number} at which marker a person has moved */
	tell(at) {
		this.placed.add(at);
		this.drawMarkers();
		if (this.placed.size === MARKERS.length)
			this.model.send({ type: "place", id: this.posterId, points: this.points });
	}

	/**
	 * @param {PointerEvent} event
	 * @param {number} at
	 */
	take(event, at) {
		if (event.button !== 0) return;
		halt(event);
		this.markers[at].setPointerCapture(event.pointerId);
		this.markers[at].focus();
		this.held = at;
		this.moved = false;
	}

	/**
	 * @param {PointerEvent} event
	 * @param {number} at
	 */
	drag(event, at) {
		if (this.held !== at) return;
		const { left, top, width, height } = this.image.getBoundingClientRect();
		this.move(at, (event.clientX - left) / width, (event.clientY - top) / height);
		this.moved = true;
	}

	/** @param {number} at */
	drop(at) {
		if (this.held !== at) return;
		this.held = -1;
		if (this.moved) this.tell(at);
	}

	/**
	 * @param {KeyboardEvent} event
	 * @param {number} at
	 */
	press(event, at) {
		const arrow = ARROWS[event.key];
		if (!arrow || event.ctrlKey || event.altKey || event.metaKey) return;
		halt(event);
		const [width, height] = this.model.get("state").size;
		const far = STEP * Math.max(width, height) * (event.shiftKey ? LEAP : 1);
		const [x, y] = this.places[at];
		this.move(at, x + (arrow[0] * far) / width, y + (arrow[1] * far) / height);
		this.tell(at);
	}
}

/** @param {number} part */
function inside(part) {
	return Math.min(1, Math.max(0, part));
}

export default () => {
	/** @type {Delivery} */ let delivery;
	return {
		/** @param {{model: Model}} host */
		initialize({ model }) {
			delivery = new Delivery(model);
			model.on("change:state", () => delivery.keepOnly([model.get("state").poster]));
			return () => delivery.keepOnly([]);
		},
		/** @param {{model: Model, el: HTMLElement}} host */
		render({ model, el }) {
			const view = new PointsView(model, delivery, el);
			const draw = () => view.draw();
			model.on("change:state", draw);
			draw();
		},
	};
};
