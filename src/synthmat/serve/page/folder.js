// The folder on the server: looking through it, starting a job, watching it, cancelling it.

import { json, sleep } from "./server.js";

const element = (id) => document.getElementById(id);
let path = "", settings = () => ({}), watching = false;

/** Make the panel ready, if the server allows a folder; `chosen` returns network and clean-up. */
export async function prepare(chosen) {
  settings = chosen;
  element("open-folder").hidden = false;
  const state = await json("api/folder/job");
  if (state.running) { await open(); watch(); }
}

async function open() {
  element("folder").hidden = false;
  element("folder-captured-line").hidden = !settings().needsCaptured;
  await list(path);
}

async function list(next) {
  let found;
  try {
    found = await json(`api/folder?path=${encodeURIComponent(next)}`);
  } catch (error) {
    element("folder-count").textContent = error.message;
    return;
  }
  path = found.path;
  const parts = path ? path.split("/") : [];
  const crumbs = [["Folder", ""], ...parts.map((name, at) => [name, parts.slice(0, at + 1).join("/")])];
  element("crumbs").replaceChildren(...crumbs.flatMap(([name, place], at) => (at ? ["›", button(name, place)] : [button(name, place)])));
  element("folders").replaceChildren(...found.folders.map((name) => {
    const item = document.createElement("li");
    item.append(button(`${name}/`, path ? `${path}/${name}` : name));
    return item;
  }));
  const more = found.more_folders ? `, ${found.more_folders} more folders are not listed` : "";
  element("folder-count").textContent = `${found.pictures} ${found.pictures === 1 ? "photo" : "photos"} right here${more}; folders below are worked through too.`;
  element("folder-output").value = path ? `${path}_mattes` : "mattes";
}

function button(name, place) {
  const made = document.createElement("button");
  made.textContent = name;
  made.onclick = () => list(place);
  return made;
}

async function watch() {
  if (watching) return;
  watching = true;
  try {
    for (;;) {
      const state = await json("api/folder/job");
      tell(state);
      if (!state.running) return;
      await sleep(700);
    }
  } catch (error) {
    element("folder-state").textContent = error.message;
  } finally {
    watching = false;
  }
}

function tell(state) {
  const bar = document.createElement("progress");
  bar.max = state.total || 1;
  bar.value = state.running || state.cancelled ? state.done : state.error ? 0 : bar.max;
  const lines = [];
  if (state.running) lines.push(state.total ? `${state.done} of ${state.total} photos${state.cancelled ? ", stopping" : ""}` : "looking for photos");
  else if (state.error) lines.push(state.error);
  else {
    lines.push(`${state.made} made, ${state.kept} kept, ${state.failed} failed${state.cancelled ? "; cancelled" : ""}: in ${state.output}`);
    lines.push(...state.notes.slice(1));
  }
  element("folder-state").replaceChildren(bar, ...lines.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
  element("start-folder").disabled = state.running;
  element("cancel-folder").hidden = !state.running;
}

element("open-folder").onclick = open;
element("close-folder").onclick = () => { element("folder").hidden = true; };
element("cancel-folder").onclick = () => json("api/folder/job", { method: "DELETE" });
element("start-folder").onclick = async () => {
  const { model, cleaning } = settings();
  const captured = element("folder-captured").value.trim();
  const body = { input: path || ".", output: element("folder-output").value.trim(), model, ...cleaning, ...(captured ? { captured_bg: captured } : {}) };
  try {
    tell(await json("api/folder/job", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }));
    watch();
  } catch (error) {
    element("folder-state").textContent = error.message;
  }
};
