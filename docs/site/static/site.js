// Who has asked the system for less motion sees the first frame, and may play it.
document.addEventListener("DOMContentLoaded", () => {
	if (!matchMedia("(prefers-reduced-motion: reduce)").matches) return;
	for (const video of document.querySelectorAll("video[autoplay]")) {
		video.removeAttribute("autoplay");
		video.pause();
	}
});
