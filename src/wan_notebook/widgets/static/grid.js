// @ts-check
import { Shared } from "./grid_shared.js";
import { GridView } from "./grid_view.js";

/** @typedef {import("./elements.js").Model} Model */

export default () => {
	/** @type {Shared} */ let shared;
	return {
		/** @param {{model: Model}} host */
		initialize({ model }) {
			shared = new Shared(model);
			return () => shared.leave();
		},
		/** @param {{model: Model, el: HTMLElement}} host */
		render({ el }) {
			const view = new GridView(shared);
			shared.views.add(view);
			el.append(view.root);
			view.draw();
			shared.known.ask();
			return () => {
				shared.views.delete(view);
				view.leave();
				if (shared.views.size) shared.stir();
				else shared.rest();
			};
		},
	};
};
