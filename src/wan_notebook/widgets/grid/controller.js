// @ts-check
// What all views of one grid share, so that they stay in step: the tiles, the choices, the clock, the transfers.
import { Clock } from "../shared/clock.js";
import { Delivery } from "../shared/delivery.js";
import { prefersStillness } from "../shared/elements.js";
import { SyncedPlayback } from "../shared/synced_playback.js";
import { Arrangement } from "./arrange.js";
import { MAX_PLAYING } from "./summary.js";
import { TileStore } from "./tile_store.js";

/** @typedef {import("./grid.js").Model} Model */
/** @typedef {import("./view.js").GridView} GridView */

/** Tiles whose contents stay in memory although they are far from the screen. */
const MAX_RECENT = 60;
/** Milliseconds of rest before clips are loaded or released: while somebody scrolls, nothing else is done. */
const REST = 120;

export class GridController {
	/** @param {Model} model */
	constructor(model) {
		this.store = new TileStore(model);
		this.arrangement = new Arrangement(this.store);
		this.delivery = new Delivery(model);
		this.clock = new Clock();
		/** @type {Set<GridView>} */
		this.views = new Set();
		/** @type {number[]} the tiles chosen for comparing, the one chosen last at the end */
		this.chosen = [];
		/** @type {number[]} tiles that were near, the latest first */
		this.recent = [];
		this.begun = false;
		/** Whether the clips played until one of them was opened, and nobody has played or moved them since. */
		this.interrupted = false;
		this.updateTimer = 0;
		// Many that wait for each that comes into sight would never play.
		this.playback = new SyncedPlayback(this.clock, () => this.drawControls(), { patient: false });
		for (const event of ["play", "seeked"]) this.clock.addEventListener(event, () => (this.interrupted = false));
		this.postpone = () => this.updateTimer && this.scheduleUpdate();
		document.addEventListener("scroll", this.postpone, { capture: true, passive: true });
		this.store.listeners.add((changed) => this.views.forEach((view) => view.update(changed)));
	}

	close() {
		this.store.close();
		clearTimeout(this.updateTimer);
		this.delivery.close();
		document.removeEventListener("scroll", this.postpone, true);
	}

	/** @param {GridView} view */
	addView(view) {
		this.views.add(view);
		this.store.refresh();
	}

	/** @param {GridView} view */
	removeView(view) {
		this.views.delete(view);
		if (this.views.size) return this.onSightChange();
		this.begun = false; // nobody watches any more: whoever does next sees it begin
		this.clock.pause();
	}

	/** Draws all views anew: a choice was made in one of them. */
	draw() {
		for (const view of this.views) view.draw();
	}

	drawControls() {
		const { audible } = this;
		for (const video of this.playback.followers) video.muted = this.clock.muted || video !== audible;
		for (const view of this.views) view.controls.draw();
	}

	/** Of many clips one is heard: the one the focus is on, else the first. */
	get audible() {
		const current = [...this.views].map((view) => view.focus.tile?.video).find(Boolean);
		return current ?? this.playback.followers.values().next().value;
	}

	/** All tiles of all views. */
	get tiles() {
		return [...this.views].flatMap((view) => [...view.tiles.values()]);
	}

	/** Something has come into sight or gone: soon it plays, or does no more. */
	onSightChange() {
		this.syncVideos();
		this.scheduleUpdate();
	}

	scheduleUpdate() {
		clearTimeout(this.updateTimer);
		this.updateTimer = setTimeout(() => this.updateMedia(), REST);
	}

	/** The grid keeps still while a clip is played large. */
	interrupt() {
		const goesOn = this.interrupted || !this.playback.paused;
		this.playback.stop();
		this.interrupted = goesOn;
	}

	/** The clip that was played large is closed: what played before goes on. */
	goOn() {
		if (this.interrupted) this.playback.start();
	}

	/** Lets play what is in sight, and releases what is far. */
	updateMedia() {
		this.updateTimer = 0;
		const { tiles } = this;
		const inSight = tiles.filter(({ visible, tile }) => visible && tile.clip);
		const playing = new Set(inSight.slice(0, MAX_PLAYING));
		for (const view of this.views) view.comparison.drawLimit(inSight.length);
		for (const tile of tiles) tile.near ? tile.play(playing.has(tile)) : tile.release();
		const near = tiles.filter((tile) => tile.near).map(({ tile }) => tile.number);
		this.recent = [...new Set([...near, ...this.recent])].slice(0, Math.max(MAX_RECENT, near.length));
		const retained = this.recent.map((number) => this.store.tiles.get(number));
		const pictures = this.store.axes.flatMap((axis) => axis.pictures);
		this.delivery.retain([...pictures, ...retained.flatMap((tile) => [tile?.clip, tile?.poster])]);
	}

	/** A video has come or gone: those in sight play together. */
	syncVideos() {
		const visible = this.tiles.filter((tile) => tile.visible);
		const videos = visible.flatMap(({ video }) => (video && video.readyState > 0 ? [video] : []));
		if (videos.length) this.clock.duration = Math.max(...videos.map((video) => video.duration));
		this.playback.fps = this.store.summary.fps;
		this.playback.setFollowers(videos);
		for (const view of this.views) view.controls.setClip(this.store.summary.sound);
		if (this.begun || !videos.length) return;
		this.begun = true; // the first clip is here: it plays, unless the person wants no motion
		if (!prefersStillness()) this.playback.start();
	}

	/**
	 * Two can be compared, so a third choice takes back the first.
	 * @param {number} number
	 */
	choose(number) {
		const others = this.chosen.filter((other) => other !== number);
		this.chosen = others.length < this.chosen.length ? others : [...others.slice(-1), number];
		this.draw();
	}
}
