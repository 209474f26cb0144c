// @ts-check
import { Shared } from "./controller.js";
import { GridView } from "./view.js";

/** @typedef {import("../shared/elements.js").Model} Model */

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
