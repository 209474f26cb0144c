"""Pages of sites that show a picture or a video: their addresses, which people copy in place of the file's own."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class SharePage:
    """A page that shows a picture or a video."""

    site: str
    """Whose page it is, as a person calls the site."""
    direct: str = ""
    """The address of the file itself; empty where the site has none to give."""


_PAGES = (
    ("GitHub", r"(?P<base>(?:www\.)?github\.com/[^/]+/[^/]+)/blob/(?P<rest>.+)", "{base}/raw/{rest}"),
    ("GitLab", r"(?P<base>[^/]+/.+/-)/blob/(?P<rest>.+)", "{base}/raw/{rest}"),
    ("Bitbucket", r"(?P<base>bitbucket\.org/[^/]+/[^/]+)/src/(?P<rest>.+)", "{base}/raw/{rest}"),
    ("Hugging Face", r"(?P<base>(?:huggingface\.co|hf\.co)/.+)/blob/(?P<rest>.+)", "{base}/resolve/{rest}"),
    ("Google Drive", r"(?:drive|docs)\.google\.com/(?:.*/)?file/d/(?P<id>[\w-]+).*", "{drive}{id}"),
    ("Google Drive", r"drive\.google\.com/open", "{drive}{id}"),
    ("Google Drive", r"drive\.google\.com/drive/.+", ""),
    ("Google Photos", r"photos\.google\.com/.+|photos\.app\.goo\.gl/.+", ""),
    ("Dropbox", r"(?P<base>(?:www\.)?dropbox\.com/(?:s|sh|scl)/.+)", "{base}?{query}dl=1"),
    ("SharePoint", r"(?P<base>[\w-]+\.sharepoint\.com/:[a-z]:/.+)", "{base}?{query}download=1"),
    ("OneDrive", r"onedrive\.live\.com/.+|1drv\.ms/.+", ""),
    ("iCloud", r"(?:www|share)\.icloud\.com/.+", ""),
    (
        "YouTube",
        r"(?:[\w-]+\.)?youtube(?:-nocookie)?\.com/(?:watch|shorts|live|embed|v|clip|playlist).*|youtu\.be/.+",
        "",
    ),
    ("Vimeo", r"(?:www\.)?vimeo\.com/(?:.+/)?\d+.*|player\.vimeo\.com/video/.+", ""),
    ("TikTok", r"(?:www\.|m\.|vm\.|vt\.)?tiktok\.com/.+", ""),
    ("Instagram", r"(?:www\.)?instagram\.com/.+", ""),
    ("Facebook", r"(?:www\.|m\.|web\.)?facebook\.com/.+|fb\.watch/.+", ""),
    ("X", r"(?:www\.|mobile\.)?(?:twitter|x)\.com/.+", ""),
    ("Bilibili", r"(?:www\.|m\.)?bilibili\.com/.+|b23\.tv/.+", ""),
    ("Twitch", r"(?:www\.|clips\.)?twitch\.tv/.+", ""),
    ("Reddit", r"(?:www\.|old\.|new\.)?reddit\.com/.+", ""),
    ("Dailymotion", r"(?:www\.)?dailymotion\.com/.+|dai\.ly/.+", ""),
    ("Imgur", r"(?:www\.|m\.)?imgur\.com/(?!download/)[^.]+", ""),
    ("Giphy", r"(?:www\.)?giphy\.com/(?:gifs|clips)/.+", ""),
    ("Tenor", r"(?:www\.)?tenor\.com/view/.+", ""),
    ("Pinterest", r"(?:\w+\.)?pinterest\.[\w.]+/pin/.+|pin\.it/.+", ""),
    ("Wikimedia", r"[\w.]+\.(?:wikipedia|wikimedia)\.org/wiki/(?!Special:)[^/:]+:.+", ""),
    ("Pexels", r"(?:www\.)?pexels\.com/(?!download)(?:[\w-]+/)?(?:photo|video)/.+", ""),
    ("Unsplash", r"(?:www\.)?unsplash\.com/photos/[^/]+/?", ""),
    ("Pixabay", r"(?:www\.)?pixabay\.com/(?:[a-z]+/)?(?:photos|videos|illustrations)/.+", ""),
    ("WeTransfer", r"(?:www\.)?wetransfer\.com/.+|we\.tl/.+", ""),
    ("MEGA", r"mega\.nz/.+", ""),
    ("Nextcloud", r"(?P<base>[^/]+/(?:[\w-]+/)?(?:index\.php/)?s/[A-Za-z0-9]{15})", "{base}/download"),
    ("Loom", r"(?:www\.)?loom\.com/(?:share|embed)/.+", ""),
    ("Streamable", r"streamable\.com/(?:[eos]/)?\w+", ""),
    ("Rumble", r"(?:www\.)?rumble\.com/(?:v|embed/).+", ""),
    ("Odysee", r"odysee\.com/@?.+", ""),
    ("Telegram", r"(?:t|telegram)\.me/.+", ""),
    ("LinkedIn", r"(?:www\.)?linkedin\.com/.+", ""),
    ("Threads", r"(?:www\.)?threads\.(?:net|com)/.+", ""),
    ("Bluesky", r"bsky\.app/profile/.+", ""),
    ("Snapchat", r"(?:www\.)?snapchat\.com/.+", ""),
    ("VK", r"(?:m\.)?vk(?:video)?\.(?:com|ru)/(?:video|clip|wall).+", ""),
    ("Niconico", r"(?:www\.|sp\.)?nicovideo\.jp/watch/.+|nico\.ms/.+", ""),
    ("Douyin", r"(?:www\.|v\.)?douyin\.com/.+", ""),
    ("Kuaishou", r"(?:www\.|v\.)?kuaishou\.com/.+", ""),
    ("Xiaohongshu", r"(?:www\.)?xiaohongshu\.com/.+|xhslink\.com/.+", ""),
    ("Weibo", r"(?:www\.|m\.|video\.)?weibo\.(?:com|cn)/.+", ""),
    ("Youku", r"v\.youku\.com/v_show/.+", ""),
    ("Flickr", r"(?:www\.)?flickr\.com/photos/.+|flic\.kr/.+", ""),
    ("DeviantArt", r"(?:www\.)?deviantart\.com/[^/]+/art/.+", ""),
    ("ArtStation", r"(?:www\.)?artstation\.com/artwork/.+", ""),
    ("Box", r"(?:[\w-]+\.)*box\.com/s/(?!.*\.\w+$).+", ""),
    ("pCloud", r"u\.pcloud\.(?:link|com)/.+", ""),
    ("MediaFire", r"(?:www\.)?mediafire\.com/(?:file|view|folder)/.+", ""),
    ("Proton Drive", r"drive\.proton\.me/urls/.+", ""),
    ("Notion", r"(?:www\.)?notion\.(?:so|site)/.+", ""),
    ("Canva", r"(?:www\.)?canva\.com/design/.+", ""),
    ("Colab", r"colab\.research\.google\.com/.+", ""),
)
"""Site, form of an address without its scheme and query, and the file's own address where it follows from them."""
_PAGE_NAME = re.compile(r"\.x?html?$", re.IGNORECASE)
_DRIVE = "drive.google.com/uc?export=download&id="
_ANSWERS_WITH_FILE = {"dl": ("1",), "raw": ("1", "true"), "download": ("1", "true")}
"""Parameters, and their values, by which some of these sites answer with the file itself."""


def find_share_page(url: str) -> SharePage | None:
    """Return the page that an http(s) address surely leads to; None where it may lead to a file."""
    parts = urllib.parse.urlsplit(url)
    query = dict(urllib.parse.parse_qsl(parts.query))
    if any(query.get(name) in values for name, values in _ANSWERS_WITH_FILE.items()):
        return None
    place = f"{(parts.hostname or '').lower()}{parts.path}"
    for site, form, direct in _PAGES:
        if found := re.fullmatch(form, place):
            address = _direct_address(direct, found.groupdict(), query)
            return SharePage(site, f"https://{address}" if address else "")
    return SharePage(str(parts.hostname)) if _PAGE_NAME.search(parts.path) else None


def _direct_address(direct: str, parts: Mapping[str, str], query: Mapping[str, str]) -> str:
    others = urllib.parse.urlencode({name: value for name, value in query.items() if name not in _ANSWERS_WITH_FILE})
    known = {"id": query.get("id", ""), "drive": _DRIVE, "query": f"{others}&" if others else "", **parts}
    return direct.format(**known)
