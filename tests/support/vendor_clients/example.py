"""A client of the protocol as anyone would write it with `requests`: submit, ask until it is done, print.

Usage: python example.py BASE_URL KEY IMAGE_URL VIDEO_URL SECONDS
"""

# ruff: noqa: T201 - a command line speaks by printing

import sys
from time import sleep, time

import requests

LIMIT = 600


def main(base_url: str, key: str, image_url: str, video_url: str, pause: float) -> None:
    address = f"{base_url}/v2/video/generations"
    headers = {"Authorization": f"Bearer {key}"}
    body = {
        "model": "alibaba/wan2.2-14b-animate-move",
        "video_url": video_url,
        "image_url": image_url,
        "resolution": "480p",
    }
    submitted = requests.post(address, json=body, headers=headers)
    if submitted.status_code >= 400:
        print(f"Error: {submitted.status_code} - {submitted.text}")
        return
    job_id = submitted.json().get("id")
    print("Generation ID:", job_id)

    started = time()
    while time() - started < LIMIT:
        asking = {**headers, "Content-Type": "application/json"}
        answer = requests.get(address, params={"generation_id": job_id}, headers=asking).json()
        if answer.get("status") not in ("queued", "generating"):
            print("Processing complete:\n", answer)
            return
        print(f"Status: {answer['status']}. Checking again in {pause:g} seconds.", flush=True)
        sleep(pause)
    print("Timeout reached. Stopping.")


if __name__ == "__main__":
    main(*sys.argv[1:5], pause=float(sys.argv[5]))
