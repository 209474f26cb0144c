// @ts-check
// A run with its clip below and the fold in which that is finished, or one of these alone.
import finish from "../finish/finish.js";
import player from "../player/player.js";
import { defineWidget } from "../shared/widget.js";
import status from "../status/status.js";

export default defineWidget("wan-run", { status_bar: status, player, finish });
