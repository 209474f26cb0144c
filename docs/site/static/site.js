// Who has asked the system for less motion sees the first frame, and may play it.
document.addEventListener("DOMContentLoaded", () => {
	if (!matchMedia("(prefers-reduced-motion: reduce)").matches) return;
	for (const video of document.querySelectorAll("video[autoplay]")) {
		video.removeAttribute("autoplay");
		video.pause();
	}
});

// The pages of the gallery follow the site's switch of its theme, as the rest does.
function dress(frame) {
	const page = frame.contentDocument?.documentElement; // none where pages are opened as files
	if (page) page.style.colorScheme = document.documentElement.dataset.theme;
}

document.addEventListener("DOMContentLoaded", () => {
	const frames = [...document.querySelectorAll("iframe.play")];
	for (const frame of frames) {
		frame.addEventListener("load", () => dress(frame));
		dress(frame);
	}
	new MutationObserver(() => frames.forEach(dress)).observe(document.documentElement, {
		attributeFilter: ["data-theme"],
	});
});
