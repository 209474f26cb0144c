// @ts-check
// A run with its clip below, or one of the two alone.
import player from "../player/player.js";
import { defineWidget } from "../shared/widget.js";
import status from "../status/status.js";

export default defineWidget("wan-run", { status_bar: status, player });
