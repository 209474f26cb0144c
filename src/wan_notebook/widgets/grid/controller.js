// @ts-check
import { Clock } from "../shared/clock.js";
import { Delivery } from "../shared/delivery.js";
import { Known } from "./tile_store.js";
import { MOST_PLAYING } from "./limit.js";
import { Choices } from "./arrange.js";
import { Playing } from "../shared/synced_playback.js";

/** @typedef {import("../shared/elements.js").Model} Model */
/** @typedef {import("./view.js").GridView} GridView */

/** Contents that stay at hand although their tiles are far. */
const AT_HAND = 60;
/** Milliseconds of rest before clips are loaded or let go: while somebody scrolls, nothing else is done. */
const STILL = 120;

/** What all views of one grid share, so that they stay in step. */
export class Shared {
	/** @param {Model} model */
	constructor(model) {
		this.known = new Known(model);
		this.choices = new Choices(this.known);
		this.delivery = new Delivery(model);
		this.clock = new Clock();
		/** @type {Set<GridView>} */
		this.views = new Set();
		/** @type {number[]} the tiles chosen for comparing, the one chosen last at the end */
		this.chosen = [];
		/** @type {number[]} tiles that were near, the latest first */
		this.recent = [];
		this.begun = false;
		this.stirring = 0;
		// Many that wait for each that comes into sight would never play.
		this.playing = new Playing(this.clock, () => this.moved(), { patient: false });
		this.scrolled = () => this.stirring && this.tendSoon();
		document.addEventListener("scroll", this.scrolled, { capture: true, passive: true });
		this.known.listeners.add((changed) => this.each((view) => view.hear(changed)));
	}

	leave() {
		this.known.stop();
		clearTimeout(this.stirring);
		this.delivery.keepOnly([]);
		document.removeEventListener("scroll", this.scrolled, true);
	}

	/** @param {(view: GridView) => void} act */
	each(act) {
		for (const view of this.views) act(view);
	}

	/** Draws all views anew: a choice was made in one of them. */
	draw() {
		this.each((view) => view.draw());
	}

	moved() {
		const { sounding } = this;
		for (const video of this.playing.followers) video.muted = this.clock.muted || video !== sounding;
		this.each((view) => view.controls.draw());
	}

	/** Of many clips one is heard: the one the focus is on, else the first. */
	get sounding() {
		const current = [...this.views].map((view) => view.focus.tile?.video).find(Boolean);
		return current ?? this.playing.followers.values().next().value;
	}

	/** All tiles in sight, of all views. */
	get visible() {
		return [...this.views].flatMap((view) => [...view.tiles.values()].filter((tile) => tile.visible));
	}

	/** Something has come into sight or gone: soon it plays, or does no more. */
	stir() {
		this.settle();
		this.tendSoon();
	}

	tendSoon() {
		clearTimeout(this.stirring);
		this.stirring = setTimeout(() => this.tend(), STILL);
	}

	/** Lets play what is in sight, and keeps nothing that is far. */
	tend() {
		this.stirring = 0;
		const inSight = this.visible.filter(({ tile }) => tile.clip);
		const playing = new Set(inSight.slice(0, MOST_PLAYING));
		this.each((view) => view.limit.draw(inSight.length));
		const tiles = [...this.views].flatMap((view) => [...view.tiles.values()]);
		const near = tiles.filter((tile) => tile.near);
		for (const tile of tiles) tile.near ? tile.play(playing.has(tile)) : tile.letGo();
		const numbers = near.map(({ tile }) => tile.number);
		this.recent = [...new Set([...numbers, ...this.recent])].slice(0, Math.max(AT_HAND, numbers.length));
		const kept = this.recent.map((number) => this.known.tiles.get(number));
		this.delivery.keepOnly(kept.flatMap((tile) => [tile?.clip, tile?.poster]));
	}

	/** A video has come or gone: those in sight play together. */
	settle() {
		const videos = this.visible.flatMap(({ video }) => (video && video.readyState > 0 ? [video] : []));
		if (videos.length) this.clock.duration = Math.max(...videos.map((video) => video.duration));
		this.playing.fps = this.known.head.fps;
		this.playing.follow(videos);
		this.each((view) => view.controls.begin(this.known.head.sound));
		if (!this.begun && videos.length) this.begin();
	}

	/** The first clip is here: it plays, unless the person wants no motion. */
	begin() {
		this.begun = true;
		if (!matchMedia("(prefers-reduced-motion: reduce)").matches) this.playing.start();
	}

	/** Nobody looks any more: whoever does next sees it begin. */
	rest() {
		this.begun = false;
		this.clock.pause();
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
