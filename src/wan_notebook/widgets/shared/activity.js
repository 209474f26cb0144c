// @ts-check
// What happens in any widget of this package, for those that must know of it: a person's actions, and work under way.

const PROPERTY = "wanNotebookActivity";

class Activity {
	constructor() {
		/** When a person last did something in a widget: milliseconds since the epoch. */
		this.lastAt = 0;
		/** @type {Node | null} the element where that was */
		this.lastElement = null;
		/** @type {Set<object>} the views with something under way, as an upload */
		this.busyViews = new Set();
	}

	get busy() {
		return this.busyViews.size > 0;
	}

	/** @param {Event} event something that a person did */
	note({ target }) {
		this.lastAt = Date.now();
		if (target instanceof Node) this.lastElement = target;
	}

	/**
	 * @param {object} view
	 * @param {boolean} busy
	 */
	setBusy(view, busy) {
		if (busy) this.busyViews.add(view);
		else this.busyViews.delete(view);
	}
}

/**
 * The page's only one. Each widget's bundle has modules of its own, so it is shared as a property of the global object.
 * @type {Activity}
 */
export const activity = (/** @type {any} */ (globalThis)[PROPERTY] ??= new Activity());
