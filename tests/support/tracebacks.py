"""What a traceback could give away."""

import traceback
from collections.abc import Iterator


def shown_by(error: BaseException | None, *, apart_from: str) -> Iterator[str]:
    """Yield all that tracebacks with local variables could show of an error and of those that it came from.

    Args:
        error: where to begin.
        apart_from: the file of the test, whose own variables may hold anything.
    """
    while error is not None:
        yield "".join(traceback.format_exception(error))
        for frame, _line in traceback.walk_tb(error.__traceback__):
            for value in frame.f_locals.values() if frame.f_code.co_filename != apart_from else ():
                yield repr(value)
                yield repr(vars(value)) if hasattr(value, "__dict__") else ""
        error = error.__cause__ or error.__context__
