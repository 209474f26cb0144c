// @ts-check
// A film: the strip of its shots, and the player, in which a click on a shot jumps to where it begins.
import player from "../player/player.js";
import { defineWidget } from "../shared/widget.js";
import strip from "./film.js";

/**
 * Lets one part hear of what happens in another.
 * @param {HTMLElement} from
 * @param {HTMLElement} to
 * @param {string} name of the event
 */
function forward(from, to, name) {
	from.addEventListener(name, (event) => {
		const { detail } = /** @type {CustomEvent} */ (event);
		to.dispatchEvent(new CustomEvent(`${name}-here`, { detail }));
	});
}

export default defineWidget("wan-film", { strip, player }, (roots) => {
	forward(roots.strip, roots.player, "wan-jump");
	forward(roots.player, roots.strip, "wan-shot");
	return [roots.strip, roots.player];
});
