"""Addresses of pages, by their form alone."""

import pytest

from wan_notebook import media
from wan_notebook.errors import MediaError
from wan_notebook.media.share_page import find_share_page

DIRECT = {
    "https://github.com/ada/clips/blob/main/a/dance.mp4": "https://github.com/ada/clips/raw/main/a/dance.mp4",
    "https://gitlab.example.org/ada/clips/-/blob/main/dance.mp4": (
        "https://gitlab.example.org/ada/clips/-/raw/main/dance.mp4"
    ),
    "https://huggingface.co/datasets/ada/clips/blob/main/dance.mp4": (
        "https://huggingface.co/datasets/ada/clips/resolve/main/dance.mp4"
    ),
    "https://drive.google.com/file/d/1aB-_9/view?usp=sharing": (
        "https://drive.google.com/uc?export=download&id=1aB-_9"
    ),
    "https://drive.google.com/open?id=1aB": "https://drive.google.com/uc?export=download&id=1aB",
    "https://www.dropbox.com/s/abc/dance.mp4?dl=0": "https://www.dropbox.com/s/abc/dance.mp4?dl=1",
    "https://www.dropbox.com/scl/fi/abc/dance.mp4?rlkey=k&dl=0": (
        "https://www.dropbox.com/scl/fi/abc/dance.mp4?rlkey=k&dl=1"
    ),
    "https://cloud.example.org/index.php/s/aB3dEf6hIj9kLmN": (
        "https://cloud.example.org/index.php/s/aB3dEf6hIj9kLmN/download"
    ),
    "https://ada-my.sharepoint.com/:v:/g/personal/ada/abc?e=1": (
        "https://ada-my.sharepoint.com/:v:/g/personal/ada/abc?e=1&download=1"
    ),
}


@pytest.mark.parametrize(("page", "direct"), DIRECT.items())
def test_direct_address_is_named(page: str, direct: str) -> None:
    """Where the file's own address follows from that of its page, it is told; and it is no page itself."""
    found = find_share_page(page)
    assert found is not None
    assert found.direct == direct
    assert find_share_page(direct) is None


PAGES = {
    "https://www.youtube.com/watch?v=abc": "YouTube",
    "https://youtu.be/abc": "YouTube",
    "https://m.youtube.com/shorts/abc": "YouTube",
    "https://vimeo.com/123": "Vimeo",
    "https://www.tiktok.com/@ada/video/1": "TikTok",
    "https://www.instagram.com/reel/abc/": "Instagram",
    "https://x.com/ada/status/1/video/1": "X",
    "https://imgur.com/a/abc": "Imgur",
    "https://photos.app.goo.gl/abc": "Google Photos",
    "https://1drv.ms/v/s!abc": "OneDrive",
    "https://commons.wikimedia.org/wiki/File:Dance.webm": "Wikimedia",
    "https://drive.google.com/drive/folders/abc": "Google Drive",
    "https://www.youtube-nocookie.com/embed/abc": "YouTube",
    "https://www.loom.com/share/abc": "Loom",
    "https://streamable.com/e/abc": "Streamable",
    "https://t.me/ada/1": "Telegram",
    "https://vk.com/video-1_2": "VK",
    "https://v.douyin.com/abc/": "Douyin",
    "https://www.flickr.com/photos/ada/1": "Flickr",
    "https://app.box.com/s/abc": "Box",
    "https://www.mediafire.com/file/a/b.mp4/file": "MediaFire",
    "https://example.org/gallery/dance.HTML": "example.org",
}


@pytest.mark.parametrize(("page", "site"), PAGES.items())
def test_page_names_its_site(page: str, site: str) -> None:
    """A page is told by its site before anything is sent, for a picture as for a video, with what to do."""
    for read in (media.picture, media.video):
        with pytest.raises(MediaError, match=f"a page of {site}, not to the (picture|video) itself.*give the file"):
            read(page)


@pytest.mark.parametrize(
    "file",
    [
        "https://raw.githubusercontent.com/ada/clips/main/dance.mp4",
        "https://github.com/ada/clips/releases/download/v1/dance.mp4",
        "https://github.com/ada/clips/blob/main/dance.mp4?raw=true",
        "https://dl.dropboxusercontent.com/s/abc/dance.mp4",
        "https://player.vimeo.com/external/1.hd.mp4?s=1",
        "https://i.imgur.com/abc.png",
        "https://upload.wikimedia.org/wikipedia/commons/a/ab/Dance.webm",
        "https://images.unsplash.com/photo-1",
        "https://www.pexels.com/download/video/1/",
        "https://example.org/watch/dance.mp4",
        "https://cdn-cf-east.streamable.com/video/mp4/abc.mp4",
        "https://live.staticflickr.com/1/2_b.jpg",
        "https://example.org/s/dance.mp4",
        "https://example.org/file.html?download=1",
        "https://example.x.com.example.org/a.mp4",
    ],
)
def test_file_is_no_page(file: str) -> None:
    """The address of a file is passed on as it is."""
    assert media.video(file).url == file
