// A client of the protocol as anyone would write it with Node's own `http`: submit, ask until it is done, print.
//
// Usage: node example.mjs BASE_URL KEY IMAGE_URL VIDEO_URL SECONDS

import http from "node:http";

const LIMIT = 600_000;
const [baseUrl, key, imageUrl, videoUrl, pause] = process.argv.slice(2);

function ask(method, url, headers, body, answered) {
  const request = http.request(url, { method, headers }, (response) => {
    let text = "";
    response.on("data", (chunk) => (text += chunk));
    response.on("end", () => answered(response.statusCode, text));
  });
  request.on("error", (error) => console.error("Request error:", error));
  if (body) request.write(body);
  request.end();
}

const address = `${baseUrl}/v2/video/generations`;
const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
const body = JSON.stringify({
  model: "alibaba/wan2.2-14b-animate-move",
  video_url: videoUrl,
  image_url: imageUrl,
  resolution: "480p",
});

function watch(id, started) {
  if (Date.now() - started > LIMIT) {
    console.log("Timeout reached. Stopping.");
    return;
  }
  const url = new URL(address);
  url.searchParams.append("generation_id", id);
  ask("GET", url, headers, null, (_status, text) => {
    const answer = JSON.parse(text);
    if (!["queued", "generating"].includes(answer.status)) {
      console.log("Processing complete:\n", JSON.stringify(answer));
      return;
    }
    console.log(`Status: ${answer.status}. Checking again in ${pause} seconds.`);
    setTimeout(() => watch(id, started), 1000 * Number(pause));
  });
}

ask("POST", new URL(address), { ...headers, "Content-Length": Buffer.byteLength(body) }, body, (status, text) => {
  if (status >= 400) {
    console.error(`Error: ${status} - ${text}`);
    return;
  }
  const { id } = JSON.parse(text);
  console.log("Generation ID:", id);
  watch(id, Date.now());
});
