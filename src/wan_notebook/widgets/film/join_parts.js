// @ts-check
// A strip of shots and the player beside it: a click on a shot jumps there, and the shot that plays is marked.

/**
 * Lets each of the two parts hear of what happens in the other.
 * @param {HTMLElement} strip
 * @param {HTMLElement} player
 */
export function joinParts(strip, player) {
	forward(strip, player, "wan-jump");
	forward(player, strip, "wan-shot");
}

/**
 * Lets one part hear of an event in another, under the event's name with "-here" behind it.
 * @param {HTMLElement} from
 * @param {HTMLElement} to
 * @param {string} name of the event
 */
export function forward(from, to, name) {
	from.addEventListener(name, (event) => {
		const { detail } = /** @type {CustomEvent} */ (event);
		to.dispatchEvent(new CustomEvent(`${name}-here`, { detail }));
	});
}
