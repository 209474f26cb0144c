// @ts-check
import { make, say } from "../shared/elements.js";

/** Clips that play at once, at most: a browser refuses to have more than 75 videos in a page. */
export const MOST_PLAYING = 60;

/** Says that not all clips in sight play, where there are too many. */
export class Limit {
	constructor() {
		this.root = make("p", { className: "wan-quiet wan-limit", hidden: true });
	}

	/** @param {number} inSight how many clips are, in all views together */
	draw(inSight) {
		const over = inSight > MOST_PLAYING;
		say(this.root, over ? `${MOST_PLAYING} of ${inSight} in sight play; a browser takes no more.` : "");
	}
}
