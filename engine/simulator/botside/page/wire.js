// How the page talks to the simulator: JSON calls beside its own address, and small ways to build the document.

const BASE = new URL("simulator/", document.baseURI);

export async function call(method, path, body, query = {}) {
  const address = new URL(`discord/${path}`, BASE);
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const answer = await fetch(address, { method, ...sent });
  const told = await answer.json().catch(() => ({ error: `the simulator answered ${answer.status}` }));
  if (!answer.ok) throw new Error(told.error ?? told.cause ?? `the simulator answered ${answer.status}`);
  return told;
}

// pictures that the bot uploaded lie in the simulator; they are read through the page's own address
export function seen(address) {
  const found = /^https?:\/\/[^/]+\/((?:media\/)?(?:ephemeral-)?attachments\/.+)$/.exec(address ?? "");
  return found ? new URL(`cdn/${found[1]}`, BASE).href : (address ?? "");
}

export function make(kind, values = {}, ...children) {
  const element = document.createElement(kind);
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "tint") element.style.setProperty("--tint", value);
    else if (name === "value" || name === "checked") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

let numbers = 0;
export const fresh = (prefix) => `${prefix}-${++numbers}`;

export const colour = (number) => (number === null || number === undefined ? null : `#${number.toString(16).padStart(6, "0")}`);

export async function packed(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return { filename: file.name, content_type: file.type || "application/octet-stream", data: btoa(text) };
}
