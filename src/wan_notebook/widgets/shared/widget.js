// @ts-check
// A widget and its parts: Python writes the state of each part, and each view of the widget draws them.
import { h } from "./elements.js";
import { Kernel } from "./kernel.js";

/**
 * The model that a host hands to a widget.
 * @typedef {{
 *   get(name: string): any,
 *   on(event: string, callback: (...args: any[]) => void): void,
 *   send(message: object, callbacks?: undefined, buffers?: ArrayBuffer[]): void,
 *   widget_manager?: {get_model(id: string): Promise<any>},
 * }} HostModel
 */
/**
 * What a part sees of the widget's model: its own state, and its own messages.
 * @template State
 * @typedef {{
 *   get(name: "state"): State,
 *   on(event: "change:state" | "msg:custom", callback: (...args: any[]) => void): void,
 *   send(message: object, callbacks?: undefined, buffers?: ArrayBuffer[]): void,
 *   beat(): void,
 * }} Model
 */
/**
 * One appearance of a part on the page; `freeze` is called when the kernel has gone, or is there again, and `close` when
 * the part is removed. `hasJobs` tells whether jobs were under way when the kernel was last heard.
 * @typedef {{root: HTMLElement, draw(): void, freeze?(frozen: boolean): void, hasJobs?(): boolean, close?(): void}} View
 */
/**
 * A part: its view, and what all views of one model share. One that works `offline` can be used without a kernel.
 * @typedef {{View: new (model: any, shared: any) => View, share?(model: any): {close?(): void}, offline?: boolean}} Part
 */

/**
 * A part's share of the widget's model.
 * @implements {Model<any>}
 */
class PartModel {
	/**
	 * @param {HostModel} host
	 * @param {string} name
	 * @param {Kernel} kernel
	 */
	constructor(host, name, kernel) {
		this.host = host;
		this.name = name;
		this.kernel = kernel;
	}

	get() {
		return this.host.get(`${this.name}_state`);
	}

	/**
	 * @param {"change:state" | "msg:custom"} event
	 * @param {(...args: any[]) => void} callback
	 */
	on(event, callback) {
		if (event === "change:state") return this.host.on(`change:${this.name}_state`, callback);
		this.host.on(event, (message, buffers) => message.part === this.name && callback(message, buffers));
	}

	/**
	 * @param {object} message
	 * @param {undefined} [callbacks]
	 * @param {ArrayBuffer[]} [buffers]
	 */
	send(message, callbacks, buffers) {
		this.kernel.send({ part: this.name, ...message }, callbacks, buffers);
	}

	/** Asks for the state of all parts. */
	beat() {
		this.kernel.send({ type: "beat" });
	}
}

const JOBS_GO_ON = "A job that was begun goes on, and is watched again then.";

/**
 * Hides the HTML that stands for a widget where no kernel is.
 * @param {string} id of the widget's model
 */
function hideSaved(id) {
	const name = `wan-saved-${id}`;
	if (document.getElementById(name)) return;
	const rule = `.${name}, .jp-OutputArea-child:has(.${name}) { display: none; }`;
	document.head.append(h("style", { id: name, textContent: rule }));
}

/**
 * Adds a style sheet to the page, or to the shadow root around an element, unless it is there.
 * @param {HTMLElement} element
 * @param {string} name of the sheet
 * @param {string} text
 */
function addStyle(element, name, text) {
	const root = element.getRootNode();
	const place = root instanceof ShadowRoot ? root : document.head;
	const sheet = place.querySelector(`#${name}`) ?? place.appendChild(h("style", { id: name }));
	if (sheet.textContent !== text) sheet.textContent = text; // of another version, which a kernel before this one had
}

/**
 * Returns a widget of several parts; those are drawn which the model has a state for, at once and whenever it changes.
 * @param {string} className of the box around them
 * @param {Record<string, Part>} parts by name
 * @param {(roots: Record<string, HTMLElement>) => Node[]} [arrange] returns what stands in the box
 */
export function defineWidget(className, parts, arrange = Object.values) {
	const ofModel = (/** @type {HostModel} */ model) =>
		Object.entries(parts).filter(([name]) => model.get(`${name}_state`) !== undefined);
	return () => {
		/** @type {Kernel} */ let kernel;
		/** @type {Record<string, any>} */ const shared = {};
		return {
			/** @param {{model: HostModel}} host */
			initialize({ model }) {
				kernel = new Kernel(model);
				for (const [name, { share }] of ofModel(model)) {
					const part = new PartModel(model, name, kernel);
					shared[name] = share?.(part) ?? {};
					part.on("change:state", () => kernel.hear());
				}
				return () => {
					kernel.close();
					for (const owned of Object.values(shared)) owned.close?.();
				};
			},
			/** @param {{model: HostModel, el: HTMLElement}} host */
			async render({ model, el }) {
				el.classList.add("wan-widget");
				if (!(await kernel.find())) return undefined;
				const sheet = model.get("style_sheet");
				if (sheet) addStyle(el, `${className}-style`, sheet);
				if (model.widget_manager) hideSaved(model.get("widget_id"));
				/** @type {Record<string, HTMLElement>} */ const roots = {};
				const drawn = ofModel(model).map(([name, { View, offline }]) => {
					const part = new PartModel(model, name, kernel);
					const view = new View(part, shared[name]);
					part.on("change:state", () => view.draw());
					view.draw();
					roots[name] = view.root;
					return { view, offline };
				});
				const notice = h("p", { className: "wan wan-gone", role: "alert", hidden: true });
				const freeze = () => {
					const frozen = Boolean(kernel.gone);
					for (const { view, offline } of drawn) {
						view.root.inert = frozen && !offline;
						view.freeze?.(frozen);
					}
					const begun = drawn.some(({ view }) => view.hasJobs?.());
					notice.textContent = frozen && begun ? `${kernel.gone} ${JOBS_GO_ON}` : kernel.gone;
					notice.hidden = !frozen || drawn.every(({ offline }) => offline);
				};
				kernel.listeners.add(freeze);
				freeze();
				el.append(h("div", { className }, notice, ...arrange(roots)));
				return () => {
					kernel.listeners.delete(freeze);
					for (const { view } of drawn) view.close?.();
				};
			},
		};
	};
}
