// @ts-check
// The history as the last line of a cell: its jobs as cards, and a player above them once one is played.
import history from "../history/history.js";
import player from "../player/player.js";
import { defineWidget } from "../shared/widget.js";

const parts = { player, history_list: history };

export default defineWidget("wan-history-view", parts);
