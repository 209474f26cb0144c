// Who has asked the system for less motion sees the first frame, and may play it.
document.addEventListener("DOMContentLoaded", () => {
	if (!matchMedia("(prefers-reduced-motion: reduce)").matches) return;
	for (const video of document.querySelectorAll("video[autoplay]")) {
		video.removeAttribute("autoplay");
		video.pause();
	}
});

// The pages of the gallery follow the site's switch of its theme, as the rest does, and are no higher than what they show.
function dress(frame) {
	const page = frame.contentDocument?.documentElement; // none where pages are opened as files
	if (page) page.style.colorScheme = document.documentElement.dataset.theme;
}

function fit(frame) {
	const page = frame.contentDocument?.documentElement;
	if (!page || frame.contentDocument.URL === "about:blank") return;
	const border = frame.offsetHeight - frame.clientHeight;
	new ResizeObserver(() => {
		frame.style.height = `${Math.ceil(page.offsetHeight) + border}px`;
	}).observe(page);
}

document.addEventListener("DOMContentLoaded", () => {
	const frames = [...document.querySelectorAll("iframe.play")];
	for (const frame of frames) {
		const settle = () => {
			dress(frame);
			fit(frame);
		};
		frame.addEventListener("load", settle);
		settle(); // it may have loaded before this ran
	}
	new MutationObserver(() => frames.forEach(dress)).observe(document.documentElement, {
		attributeFilter: ["data-theme"],
	});
});
