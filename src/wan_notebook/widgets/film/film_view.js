// @ts-check
// A film: the strip of its shots, and the player, in which a click on a shot jumps to where it begins.
import player from "../player/player.js";
import { defineWidget } from "../shared/widget.js";
import strip from "./film.js";
import { joinParts } from "./join_parts.js";

export default defineWidget("wan-film", { strip, player }, (roots) => {
	joinParts(roots.strip, roots.player);
	return [roots.strip, roots.player];
});
