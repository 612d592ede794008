// Asks the relay's management. The token, where one is wanted, is kept for this tab alone.

import { byId } from "./dom.js";

const TOKEN = "postern-token";
const RETRY_MILLIS = 1000;
const BUSY_MILLIS = 5000;

let asking = null;

/** Says what the relay has answered, when it is no success. */
export class Refusal extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

function askForToken(says) {
  asking ??= new Promise((resolve) => {
    const dialog = byId("token");
    const form = byId("token-form");
    const input = byId("token-input");
    byId("token-says").textContent = says;
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    form.addEventListener(
      "submit",
      (event) => {
        event.preventDefault();
        sessionStorage.setItem(TOKEN, input.value.trim());
        input.value = "";
        dialog.close();
        asking = null;
        resolve();
      },
      { once: true },
    );
    dialog.showModal();
  });
  return asking;
}

/** Asks, and asks people for the token when it is wanted. */
export async function ask(method, path, options = {}) {
  for (;;) {
    const token = sessionStorage.getItem(TOKEN);
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    const response = await fetch(path, { method, headers, cache: "no-store", redirect: "error", ...options });
    if (response.status !== 401) {
      return response;
    }
    sessionStorage.removeItem(TOKEN);
    await askForToken(token ? "That was not the token." : "The relay's management asks for its token.");
  }
}

async function checked(method, path) {
  const response = await ask(method, path);
  if (!response.ok) {
    const answer = await response.json().catch(() => ({}));
    throw new Refusal(response.status, answer.error ?? `HTTP ${response.status}`);
  }
  return response;
}

export const json = async (method, path) => (await checked(method, path)).json();
export const text = async (path) => (await checked("GET", path)).text();

/** Asks for something that need not be there; null when it is not. */
export async function optional(path) {
  try {
    return await json("GET", path);
  } catch (e) {
    if (e.status === 404) {
      return null;
    }
    throw e;
  }
}

/**
 * Hands over each event, as long as the page is seen; `begin` is waited for before the first one, and after each interruption,
 * and `state` is told whether they come.
 */
export async function events(path, { begin, take, state }) {
  for (;;) {
    await seen();
    const stop = new AbortController();
    const hidden = () => document.hidden && stop.abort();
    document.addEventListener("visibilitychange", hidden);
    let pause = RETRY_MILLIS;
    try {
      await begin();
      const response = await ask("GET", path, { signal: stop.signal });
      if (response.ok) {
        await read(response.body, (event) => {
          state("");
          take(event);
        });
      } else {
        pause = BUSY_MILLIS;
        state(response.status === 503 ? "Too many consoles are open: close one" : `HTTP ${response.status}`);
      }
    } catch (e) {
      if (!stop.signal.aborted) {
        state("The relay does not answer");
      }
    } finally {
      document.removeEventListener("visibilitychange", hidden);
    }
    await wait(pause);
  }
}

async function read(body, take) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) {
      return;
    }
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      for (const line of part.split("\n")) {
        if (line.startsWith("data: ")) {
          take(JSON.parse(line.slice(6)));
        }
      }
    }
  }
}

/** Waits until somebody looks at the page. */
function seen() {
  return document.hidden
    ? new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }))
    : Promise.resolve();
}
