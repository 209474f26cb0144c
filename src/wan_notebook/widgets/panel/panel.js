// @ts-check
// The panel: what is put in and set on one side, what comes of it on the other, and the earlier jobs below.
import strip from "../film/film.js";
import finish from "../finish/finish.js";
import generate from "../generate/generate.js";
import history from "../history/history.js";
import landmarks from "../landmarks/landmarks.js";
import picker from "../picker/picker.js";
import player from "../player/player.js";
import preparation from "../preparation/preparation.js";
import settings from "../settings/settings.js";
import { forward, joinParts } from "../film/join_parts.js";
import { h } from "../shared/elements.js";
import { defineWidget } from "../shared/widget.js";
import status from "../status/status.js";

const parts = {
	status_bar: status,
	image_picker: picker,
	landmarks_form: landmarks,
	video_picker: picker,
	preparation_form: preparation,
	settings_form: settings,
	generate_bar: generate,
	film_strip: strip,
	player,
	finish_form: finish,
	history_list: history,
};

/** @param {Record<string, HTMLElement>} roots */
function arrange(roots) {
	const box = (/** @type {string} */ className, /** @type {(Node | undefined)[]} */ ...children) =>
		h("div", { className }, ...children.filter((child) => child !== undefined));
	const inputs = box(
		"wan-panel-inputs",
		box("wan-panel-input", roots.image_picker, roots.landmarks_form),
		box("wan-panel-input", roots.video_picker, roots.preparation_form),
	);
	const choices = box("wan-panel-choices", inputs, roots.settings_form, roots.generate_bar);
	const stage = h("p", { className: "wan wan-panel-stage", textContent: "The clip will play here." });
	const result = box("wan-panel-result", roots.status_bar, stage, roots.film_strip, roots.player, roots.finish_form);
	const columns = box("wan-panel-columns", choices, result);
	// A panel may have been given some of the parts alone.
	if (roots.film_strip && roots.player) joinParts(roots.film_strip, roots.player);
	if (roots.film_strip && roots.generate_bar) forward(roots.generate_bar, roots.film_strip, "wan-plan");
	return roots.history_list ? [columns, roots.history_list] : [columns];
}

export default defineWidget("wan-panel", parts, arrange);
