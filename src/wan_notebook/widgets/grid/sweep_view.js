// @ts-check
// A sweep: its tiles, and the player of one of them, or of two that are compared.
import player from "../player/player.js";
import { defineWidget } from "../shared/widget.js";
import tiles from "./grid.js";

export default defineWidget("wan-sweep", { tiles, player });
