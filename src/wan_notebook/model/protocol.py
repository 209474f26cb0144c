"""The fixed words of the wire, which client and server share: paths, and the status words of a job."""

from __future__ import annotations

GENERATIONS = "/v2/video/generations"
"""POST submits a job, GET fetches the job of the query's generation_id; on the preview, DELETE cancels it."""
PREVIEW_HEADER = "x-wan-notebook-preview"
"""A header that the preview sets on each of its answers, and no other service: its jobs are free, end on DELETE, and a
fetch of them may wait for news."""
OLDER_GENERATIONS = "/v2/generate/video/alibaba/generation"
"""The older path of the same, which programs made before it still call."""
BILLING = "/v2/billing"
"""GET returns the balance of the account."""
LOGS = "/v2/logs"
"""GET returns the requests of the query's period, newest first."""
MODELS = "/v1/models"
"""GET returns the catalogue of models, with prices on request; needs no key."""
DEPRECATIONS = "/v1/models/deprecations"
"""GET returns the models that are, or will be, offered no more; needs no key."""
METRICS = "/models/metrics"
"""GET returns percentiles of recent durations by model; needs no key."""

STATUSES = ("queued", "generating", "completed", "error")
"""The status words that services use today."""
FINAL_STATUSES = ("completed", "error")
"""The status words after which a job changes no more."""

CANCELLED = "The job was cancelled."
"""The error of a job of the preview that a client has cancelled."""

MODELS_MISSING = "models"
"""The topic of the notice of a preview that was made without the models which read faces."""

CREDITS_PER_USD = 2_000_000
"""Credits, in which services count usage, that make one US dollar."""

LONGEST_WAIT = 20
"""Seconds for which a preview may keep back its answer until there is news of a job, when asked with the header
"Prefer: wait=20" (RFC 7240). News is whatever differs from the revision that the query's "after" names, the last which
the client was told; without it, from the state in which the question found the job. Proxies give up after 30 to 60."""

SHORTEST_SECRET = 16
"""Characters from which on a key can hardly be guessed, nor occur in an answer by chance: "wan" is part of every id."""

LOG_REACHES = 24 * 3600
"""Seconds for which the log is asked (period=24h), and can tell what became of a submit."""
