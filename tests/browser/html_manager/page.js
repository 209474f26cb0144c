// A notebook page with nothing but the widget manager: the nearest thing to Colab's that runs anywhere.
import "./jquery_first.js";
import "jquery-ui/dist/jquery-ui.js";
import "./page.css";
import * as base from "@jupyter-widgets/base";
import * as base7 from "@jupyter-widgets/base7";
import { HTMLManager } from "@jupyter-widgets/html-manager";
import { KernelManager, ServerConnection } from "@jupyterlab/services";

const WIDGET = "application/vnd.jupyter.widget-view+json";
const asked = new URLSearchParams(location.search);
const settings = ServerConnection.makeSettings({ baseUrl: `${location.origin}/`, wsUrl: `ws://${location.host}/` });
const model = { id: asked.get("kernel") ?? "", name: "python3" };
const kernel = new KernelManager({ serverSettings: settings }).connectTo({ model });

// What Colab may do (googlecolab/colabtools#3373): a message is heard only while the request that caused it is under way.
const busy = new Set();
kernel.iopubMessage.connect((_, message) => {
  if (message.header.msg_type !== "status") return;
  const request = message.parent_header.msg_id;
  message.content.execution_state === "busy" ? busy.add(request) : busy.delete(request);
});
const isHeard = (message) => !asked.has("drop_late") || busy.has(message.parent_header.msg_id);

class Comm extends base.shims.services.Comm {
  on_msg(callback) {
    super.on_msg((message) => (isHeard(message) ? callback(message) : void window.notebook.lost++));
  }
}

class Manager extends HTMLManager {
  constructor() {
    super({ loader: loadFromServer });
    kernel.registerCommTarget(this.comm_target_name, async (comm, message) => {
      if (isHeard(message)) await this.handle_comm_open(new Comm(comm), message);
    });
  }
  async _create_comm(target, id, data, metadata, buffers) {
    const comm = kernel.createComm(target, id);
    if (data || metadata) comm.open(data, metadata, buffers);
    return new Comm(comm);
  }
  async _get_comm_info() {
    const reply = await kernel.requestCommInfo({ target_name: this.comm_target_name });
    return reply.content.status === "ok" ? reply.content.comms : {};
  }
}

const modules = new Map();

/** Load a widget's module as the classic notebook did: one AMD file beside the other extensions; once, since it keeps state. */
function loadFromServer(name) {
  if (!modules.has(name)) modules.set(name, new Promise((resolve, reject) => {
    const known = { "@jupyter-widgets/base": asked.has("ipywidgets7") ? base7 : base };
    window.define = (needs, make) => resolve(make(...needs.map((need) => known[need])));
    const script = Object.assign(document.createElement("script"), { src: `/static/${name}/index.js` });
    script.onerror = () => reject(new Error(`no module ${name}`));
    document.head.append(script);
  }));
  return modules.get(name);
}

const manager = new Manager();
const outputs = JSON.parse(sessionStorage.getItem("outputs") ?? "{}"); // what a saved notebook would hold

async function show(output, cell) {
  if (output.data?.[WIDGET]) {
    const widget = await manager.get_model(output.data[WIDGET].model_id);
    return manager.display_view(manager.create_view(widget), cell);
  }
  const element = document.createElement(output.data?.["text/html"] ? "div" : "pre");
  if (output.data?.["text/html"]) element.innerHTML = output.data["text/html"];
  else element.textContent = output.text ?? output.data?.["text/plain"] ?? output.traceback?.join("\n") ?? "";
  cell.append(element);
}

function outputArea(number) {
  const found = document.querySelector(`.cell[data-number="${number}"]`);
  if (found) return found;
  const cell = Object.assign(document.createElement("section"), { className: "cell" });
  cell.dataset.number = number;
  document.querySelector("main").append(cell);
  return cell;
}

/** Run a cell; the promise is kept when the kernel has run it, and broken when it raised. */
async function run(number, code) {
  const cell = outputArea(number);
  cell.replaceChildren();
  outputs[number] = [];
  const future = kernel.requestExecute({ code });
  future.onIOPub = async (message) => {
    if (!["stream", "display_data", "execute_result", "error"].includes(message.header.msg_type)) return;
    outputs[number].push(message.content);
    sessionStorage.setItem("outputs", JSON.stringify(outputs));
    await show(message.content, cell);
  };
  const { content } = await future.done;
  if (content.status === "error") throw new Error(`${content.ename}: ${content.evalue}`);
}

async function restore() {
  await kernel.info;
  await manager._loadFromKernel();
  for (const [number, shown] of Object.entries(outputs))
    for (const output of shown) await show(output, outputArea(number));
}

window.notebook = { run, lost: 0 };
window.notebook.ready = restore();
