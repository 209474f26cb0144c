// @ts-check
// The frame of every widget: Python writes the state of a model, and each view of the model draws it.
import { h } from "./elements.js";

/**
 * The model that a host hands to a widget.
 * @template State
 * @typedef {{
 *   get(name: "state"): State,
 *   on(event: string, callback: (...args: any[]) => void): void,
 *   send(message: object, callbacks?: undefined, buffers?: ArrayBuffer[]): void,
 *   widget_manager?: {get_model(id: string): Promise<{comm_live?: boolean}>},
 * }} Model
 */
/**
 * One appearance of a widget on the page; `close` is called when it is removed.
 * @typedef {{root: HTMLElement, draw(): void, close?(): void}} View
 */

/**
 * Returns whether there is a kernel behind a model: a saved notebook may restore the model alone. A host that does not
 * tell has one.
 * @param {Model<any>} model
 * @param {string} id of the model
 */
async function isLive(model, id) {
	const own = await model.widget_manager?.get_model?.(id);
	return own?.comm_live !== false;
}

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
 * Returns a widget each of whose views is drawn at once, and again whenever the state has changed.
 * @template State
 * @template {{close?(): void}} Shared
 * @param {new (model: Model<State>, shared: Shared) => View} View
 * @param {(model: Model<State>) => Shared} [share] makes what all views of one model share
 */
export function defineWidget(View, share = () => /** @type {Shared} */ ({})) {
	return () => {
		/** @type {Shared} */ let shared;
		return {
			/** @param {{model: Model<State>}} host */
			initialize({ model }) {
				shared = share(model);
				return () => shared.close?.();
			},
			/** @param {{model: Model<State>, el: HTMLElement}} host */
			async render({ model, el }) {
				if (model.widget_manager) {
					const id = /** @type {any} */ (model).get("widget_id");
					if (!(await isLive(model, id))) return undefined;
					hideSaved(id);
				}
				const view = new View(model, shared);
				model.on("change:state", () => view.draw());
				el.append(view.root);
				view.draw();
				return () => view.close?.();
			},
		};
	};
}
