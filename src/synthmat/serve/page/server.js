// Calls of the server. Errors are thrown with the server's own words; a full line is waited for.

let token = new URLSearchParams(location.hash.slice(1)).get("token") || sessionStorage.getItem("token") || "";
if (location.hash.includes("token=")) {
  sessionStorage.setItem("token", token);
  history.replaceState(null, "", location.pathname + location.search);
}

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export const sleep = (ms, signal) => new Promise((resolve, reject) => {
  const timer = setTimeout(resolve, ms);
  signal?.addEventListener("abort", () => { clearTimeout(timer); reject(signal.reason); }, { once: true });
});

/** Call an address; `waiting` is told the seconds when the server asks to come again. */
export async function call(path, { waiting, ...options } = {}) {
  for (;;) {
    const headers = new Headers(options.headers);
    if (token) headers.set("Authorization", `Bearer ${token}`);
    let answer;
    try {
      answer = await fetch(path, { ...options, headers });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Refused(0, "the server cannot be reached");
    }
    if (answer.ok) return answer;
    if (answer.status === 401) {
      await askToken();
      continue;
    }
    if (answer.status === 429) {
      const seconds = Number(answer.headers.get("Retry-After")) || 2;
      waiting?.(seconds);
      await sleep(1000 * seconds, options.signal);
      continue;
    }
    let words = `the server answered ${answer.status}`;
    try {
      words = ((await answer.json()).detail || words).replace(/^captured_bg\b/, "empty scene");
    } catch { /* no JSON: a proxy's own page */ }
    throw new Refused(answer.status, words);
  }
}

export const json = async (path, options) => (await call(path, options)).json();

/** Ask for a picture: `files` are blobs by field, `fields` the rest; undefined ones are left out. */
export async function matte(files, fields, options = {}) {
  const form = new FormData();
  for (const [name, file] of Object.entries(files)) if (file) form.append(name, file, file.name || `${name}.png`);
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.append(name, value);
  return (await call("api/matte", { method: "POST", body: form, ...options })).blob();
}

let asking = null;

function askToken() {
  asking ??= new Promise((resolve) => {
    const dialog = document.getElementById("ask-token");
    dialog.addEventListener("close", () => {
      token = document.getElementById("token").value.trim();
      sessionStorage.setItem("token", token);
      asking = null;
      resolve();
    }, { once: true });
    dialog.showModal();
  });
  return asking;
}
