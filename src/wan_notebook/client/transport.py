"""HTTP requests with the key on them, bounded in time and size, whose answers and errors hold nothing of the key.

No exception of the HTTP library leaves this file: their tracebacks hold the request's headers, and so the key.
"""

from __future__ import annotations

import contextlib
import logging
import math
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import anyio
import httpx

from ..errors import Unreachable, WanError
from .body import RequestBody
from .network import Network, UnusableSetting
from .responses import NoResponse, Response, redacted
from .service import EMBEDDED_URL, Service, embedded_app, note_answer

T = TypeVar("T")

_log = logging.getLogger("wan_notebook")

_HEAD = {"User-Agent": "wan-notebook", "Accept-Encoding": "gzip"}
"""Headers of each request."""
_LARGEST_ANSWER = 4_000_000
"""Bytes of an answer that are read; the protocol's answers have a few hundred."""
_SLOWEST_UPLOAD = 20_000
"""Bytes per second below which an upload is given up."""
_CHUNK = 1 << 16
"""Bytes that compressed ones are expanded to at a time."""
_MOST_REDIRECTS = 20
"""From a clip's address to the clip."""
_COMPRESSIONS = ("gzip", "x-gzip", "deflate")
"""Content codings that are read; browsers and proxies use them without being asked."""
_GZIP = b"\x1f\x8b"
"""The first bytes of gzip."""
_LARGEST_RATIO = 20
"""Bytes that one compressed byte of a clip may become: films hardly shrink, and what does is made to fill the disk."""


@dataclass(frozen=True)
class Timeouts:
    """Seconds after which a request is given up."""

    connect: float = 15.0
    """To reach the service."""
    read: float = 60.0
    """Of silence, while something is awaited."""
    write: float = 60.0
    """Of a stalled upload."""
    pool: float = 60.0
    """For a free connection."""
    answer: float = 120.0
    """For a whole answer, however slowly it drips in."""
    download: float = 1800.0
    """For a whole clip."""

    @property
    def of_connection(self) -> dict[str, float]:
        """The four timeouts that the connection itself enforces, by the HTTP library's names."""
        return {"connect": self.connect, "read": self.read, "write": self.write, "pool": self.pool}


class Transport:
    """Sends requests to a service, and fetches files from any host.

    Args:
        service: where to.
        transport: stands in for the network.
        timeouts: when to give up.

    Raises:
        Unreachable: the environment, or what is installed, leaves no way to the service.
    """

    def __init__(self, service: Service, transport: httpx.AsyncBaseTransport | None, timeouts: Timeouts) -> None:
        self.service, self._timeouts = service, timeouts
        # Not the library's client: what it adds (cookies, redirects, the environment) is not wanted, and takes a third
        # of a request's computing.
        self._way = transport or way_to(service)
        self._extensions = {"timeout": timeouts.of_connection}

    async def close(self) -> None:
        """Close all connections to the service."""
        await self._way.aclose()

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: RequestBody | None = None,
        signed: bool = True,
    ) -> Response | NoResponse:
        """Send one request to the service, and return its answer; a redirect is an answer like any other.

        Raises:
            NotAuthorized: there is no key, or it cannot be one; nothing was sent.
            MediaError: a file of the body cannot be read; nothing was bought.
        """
        if signed:
            self.service.check_key()
        url, seconds = self.service.base_url + path, self._timeouts.answer
        head = {**_HEAD, "Accept": "application/json", **(headers or {})}
        if body is not None:
            seconds += body.length / _SLOWEST_UPLOAD

        async def send() -> Response:
            key = self.service.key if signed else None
            keyed = {**head, "Authorization": f"Bearer {key.reveal()}"} if key else head
            return await self._send(self._request(method, url, keyed, params, body), seconds)

        return await without_traceback(send())

    async def stream(
        self,
        url: str,
        receive: Callable[[Response, AsyncIterator[bytes]], Awaitable[T]],
        *,
        headers: Mapping[str, str] | None = None,
    ) -> T | NoResponse:
        """Fetch a file without the key, following redirects, and return the result of `receive`.

        Args:
            url: of the file; a relative one is the service's own.
            receive: called with the head of the answer, whose text is empty, and the bytes as they come.
            headers: further ones, as for a part of the file.
        """
        address = web_address(f"{self.service.base_url}/", url)
        if address is None:
            return NoResponse("its address is none of the web")
        head = {**_HEAD, "Accept": "*/*", "Accept-Encoding": "identity", **(headers or {})}

        async def fetch() -> T:
            place = address
            with anyio.fail_after(self._timeouts.download):
                for _ in range(_MOST_REDIRECTS):
                    came = await self._way.handle_async_request(self._request("GET", place, head))
                    async with contextlib.aclosing(came):
                        if not came.has_redirect_location:
                            return await receive(self._answer(came, ""), decompressed(came, _LARGEST_RATIO))
                    onward = web_address(place, came.headers["location"])
                    if onward is None:
                        raise httpx.UnsupportedProtocol("it redirects to no address of the web")
                    place = onward
            raise httpx.TooManyRedirects(address)

        return await without_traceback(fetch())

    def _request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        body: RequestBody | None = None,
    ) -> httpx.Request:
        return httpx.Request(
            method, url, params=params, headers=headers, content=body, extensions=dict(self._extensions)
        )

    async def _send(self, request: httpx.Request, seconds: float) -> Response:
        response, raw = None, bytearray()
        try:
            with anyio.fail_after(seconds):
                response = await self._way.handle_async_request(request)
                async for chunk in decompressed(response):
                    raw += chunk
                    if len(raw) > _LARGEST_ANSWER:
                        break
        except (httpx.TransportError, TimeoutError):
            # What was only asked can be asked again; of a submit, the head tells a refusal, and names the job.
            if response is None or (request.method == "GET" and response.is_success):
                raise
        except httpx.DecodingError:
            raw.clear()  # the status and the headers tell what they tell, though the text cannot be read
        finally:
            if response is not None:
                await response.aclose()
        assert response is not None
        _log.debug("%s %s: HTTP %d", request.method, request.url.path, response.status_code)
        if response.is_success:
            note_answer(self.service, response.headers)
        return self._answer(response, raw.decode("utf-8", errors="replace"))

    def _answer(self, response: httpx.Response, text: str) -> Response:
        key = self.service.key
        headers = {name.lower(): redacted(value, key) for name, value in response.headers.items()}
        return Response(response.status_code, headers, redacted(text, key))


def way_to(service: Service) -> httpx.AsyncBaseTransport:
    """Return the transport that leads to a service, and to wherever its clips lie.

    Raises:
        Unreachable: the environment, or what is installed, leaves no way to the service.
    """
    if service.base_url == EMBEDDED_URL:
        return httpx.ASGITransport(embedded_app(service.cluster), raise_app_exceptions=False)
    network = Network()
    if problem := network.problem(service.base_url):
        raise Unreachable(f"There is no way to the service at {service.base_url}: {problem}.")
    return network


async def decompressed(response: httpx.Response, largest_ratio: float = math.inf) -> AsyncIterator[bytes]:
    """Yield the bytes of an answer in chunks of bounded size, however far they expand.

    Args:
        response: one whose body is still to be read; it may be compressed once, by one of _COMPRESSIONS.
        largest_ratio: bytes that each one which arrived may become; the first chunk is free.

    Raises:
        httpx.DecodingError: they are compressed several times, broken, or expand further than that.
    """
    codings = [one.strip().lower() for one in response.headers.get("content-encoding", "").split(",")]
    known = [one for one in codings if one in _COMPRESSIONS]
    if len(known) > 1:
        raise httpx.DecodingError("compressed several times")
    # The library's own iterators either expand each chunk whole, or refuse an answer that a test already holds.
    arriving = response.stream
    assert isinstance(arriving, httpx.AsyncByteStream)
    if not known:
        async for chunk in arriving:
            yield chunk
        return
    decompressor, came, made = Decompressor(known[0]), 0, 0
    async for waiting in arriving:
        came += len(waiting)
        for chunk in decompressor.expand(waiting):
            made += len(chunk)
            if made > max(came * largest_ratio, _CHUNK):
                raise httpx.DecodingError("it expands too far")
            yield chunk
    if not decompressor.is_at_end:
        raise httpx.DecodingError("cut short")


class Decompressor:
    """Expands compressed bytes: gzip, also in several parts, and deflate, also without the head that it should have.

    Args:
        coding: one of _COMPRESSIONS.
    """

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._part: zlib._Decompress | None = None

    @property
    def is_at_end(self) -> bool:
        """Whether nothing is missing from the bytes so far."""
        return self._part is None or self._part.eof

    def expand(self, waiting: bytes) -> Iterator[bytes]:
        """Yield the next bytes expanded, in chunks of bounded size.

        Raises:
            httpx.DecodingError: they are broken.
        """
        while waiting and (self._part is None or not self._part.eof or waiting.startswith(_GZIP)):
            if self._part is None or self._part.eof:
                has_head = waiting.startswith(_GZIP) or waiting[0] & 15 == zlib.DEFLATED
                # 32 more than the window's size: a head of gzip or of zlib is told apart by itself.
                bare = self._coding == "deflate" and not has_head
                self._part = zlib.decompressobj(-zlib.MAX_WBITS if bare else zlib.MAX_WBITS + 32)
            try:
                chunk = self._part.decompress(waiting, _CHUNK)
            except zlib.error:
                raise httpx.DecodingError("broken compression") from None
            waiting = self._part.unconsumed_tail or self._part.unused_data
            yield chunk


def web_address(base: str, url: str) -> str | None:
    """Return a URL in full, which may be relative to another one; None where it is not one of HTTP."""
    try:
        address = urlsplit(urljoin(base, url))
    except ValueError:
        return None
    return address.geturl() if address.scheme in ("https", "http") and address.hostname else None


async def without_traceback(work: Coroutine[Any, Any, T]) -> T | NoResponse:
    """Await `work`; return the library's errors as NoResponse, and raise ours without the library's frames."""
    try:
        return await work
    except WanError as error:
        problem: BaseException = error
    except Exception as error:  # noqa: BLE001 - of a paid request nothing may be left unsaid, whatever broke it
        return NoResponse(reason_of(error))
    except BaseException as error:  # noqa: BLE001 - raised again below, without the frames that hold the key
        problem = error
    problem.__context__ = problem.__cause__ = None
    raise problem.with_traceback(None)


def reason_of(error: Exception) -> str:
    """Return the reason why there was no answer, as part of a sentence."""
    if isinstance(error, UnusableSetting):
        return str(error)
    if isinstance(error, httpx.ConnectError):
        return f"no connection could be made ({error})"
    return next((reason for kind, reason in _REASONS if isinstance(error, kind)), f"it broke ({type(error).__name__})")


_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (httpx.ConnectTimeout, "the connection took too long to make"),
    (httpx.PoolTimeout, "too many requests are under way from here"),
    (httpx.WriteTimeout, "the upload stalled"),
    (httpx.TimeoutException, "no answer came in time"),
    (TimeoutError, "no answer came in time"),
    (httpx.TooManyRedirects, "it redirects in circles"),
    (httpx.ProxyError, "the proxy refused"),
    (httpx.DecodingError, "it is compressed in a way that cannot be read"),
    (httpx.UnsupportedProtocol, "its address cannot be used"),
    (httpx.InvalidURL, "its address cannot be used"),
    (httpx.HTTPError, "the connection broke"),
)
