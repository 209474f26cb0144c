"""How fast a reference is prepared, and in how much memory: 1080p at 30 frames per second to 480p at 16."""

import multiprocessing
import os
import resource
import tempfile
import time
from pathlib import Path

SECONDS = {"short": 5, "long": 20}
WIDTH, HEIGHT, FPS = 1920, 1080, 30


def draw(path: Path, seconds: int) -> None:
    """Write a moving picture with some grain, so that neither codec has it too easy."""
    import numpy as np

    from wan_notebook.video.write import Writer

    random = np.random.default_rng(0)
    field = random.normal(0, 6, (HEIGHT, WIDTH + 512, 3))
    field += (
        128 + 90 * np.sin(np.arange(WIDTH + 512) / 90)[None, :, None] * np.cos(np.arange(HEIGHT) / 70)[:, None, None]
    )
    canvas = field.clip(0, 255).astype(np.uint8)
    with Writer(path, width=WIDTH, height=HEIGHT, fps=FPS, preset="ultrafast") as writer:
        for number in range(seconds * FPS):
            left = round(256 + 250 * np.sin(number / 20))
            writer.write(canvas[:, left : left + WIDTH])


def measured(path: Path, answers: "multiprocessing.Queue[tuple[float, float, float]]") -> None:
    """Prepare in a process of its own; answer its seconds, its processor seconds and what its peak grew by, in MB."""
    os.environ["WAN_NOTEBOOK_HOME"] = str(path.with_suffix(""))
    import av  # noqa: F401 - loaded beforehand, so that the peak is that of the work
    import numpy as np  # noqa: F401

    from wan_notebook import media
    from wan_notebook.media.preparation import Preparation
    from wan_notebook.media.prepare import prepared_video

    reference = media.video(path)
    peak, start, processor = (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        time.perf_counter(),
        time.process_time(),
    )
    prepared_video(reference, Preparation(fps=16, short_side=480))
    took, worked = time.perf_counter() - start, time.process_time() - processor
    answers.put((took, worked, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) / 1024))


def main() -> None:
    spawn = multiprocessing.get_context("spawn")
    print(f"{'1080p30 → 480p16':<18}{'took':>8}{'real time ×':>13}{'per core ×':>12}{'peak grew by':>15}")
    with tempfile.TemporaryDirectory() as folder:
        for name, seconds in SECONDS.items():
            path, answers = Path(folder, f"{name}.mp4"), spawn.Queue()
            # Drawn elsewhere as well: a child's peak begins at that of its parent.
            for work, arguments in ((draw, (path, seconds)), (measured, (path, answers))):
                worker = spawn.Process(target=work, args=arguments)
                worker.start()
                if work is measured:
                    took, worked, grown = answers.get()
                worker.join()
            speed, per_core = seconds / took, seconds / worked
            print(f"{f'{name}, {seconds} s':<18}{took:>6.1f} s{speed:>13.1f}{per_core:>12.1f}{grown:>12.0f} MB")
    print("promised: at least 3 × real time on two free cores, and memory that does not grow with the length")


if __name__ == "__main__":
    main()
