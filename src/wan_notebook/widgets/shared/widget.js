// @ts-check
// The frame of every widget: Python writes the state of a model, and each view of the model draws it.

/**
 * The model that a host hands to a widget.
 * @template State
 * @typedef {{
 *   get(name: "state"): State,
 *   on(event: string, callback: (...args: any[]) => void): void,
 *   send(message: object, callbacks?: undefined, buffers?: ArrayBuffer[]): void,
 * }} Model
 */
/**
 * One appearance of a widget on the page; `close` is called when it is removed.
 * @typedef {{root: HTMLElement, draw(): void, close?(): void}} View
 */

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
			render({ model, el }) {
				const view = new View(model, shared);
				model.on("change:state", () => view.draw());
				el.append(view.root);
				view.draw();
				return () => view.close?.();
			},
		};
	};
}
