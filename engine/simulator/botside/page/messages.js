// How a message looks: the payload as the bot sent it, embeds, files and both kinds of components.

import { drawn } from "./words.js";
import { colour, fresh, make, seen } from "./wire.js";

const EPHEMERAL = 64, LOADING = 128, SPOILER = /^SPOILER_/;
const BUTTON = 2, SELECT = 3, SELECTS = [3, 5, 6, 7, 8];

function hue(text) {
  let sum = 0;
  for (const letter of text) sum = (sum * 31 + letter.charCodeAt(0)) % 360;
  return `hsl(${sum} 45% 35%)`;
}

const clock = (text) => make("time", { datetime: text, title: new Date(text).toLocaleString() },
  new Date(text).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));

export function picture(address, words, { veiled = false, size = {} } = {}) {
  const image = make("img", { class: "picture", src: seen(address), alt: words ?? "", loading: "lazy", width: size.width || null, height: size.height || null });
  image.style.height = "auto";
  if (!veiled) return make("a", { href: seen(address), target: "_blank", rel: "noreferrer", "aria-label": words || "Open the picture" }, image);
  const cover = make("button", { type: "button", class: "veiled", "aria-label": "Spoiler: show the picture" }, image);
  cover.addEventListener("click", () => cover.replaceWith(picture(address, words, { size })));
  return cover;
}

function embed(value, at) {
  const heading = value.title && make("div", { class: "heading" }, value.url ? make("a", { href: value.url, target: "_blank", rel: "noreferrer" }, drawn(value.title, at)) : drawn(value.title, at));
  const author = value.author && make("div", { class: "author" }, value.author.icon_url && make("img", { class: "icon", src: seen(value.author.icon_url), alt: "" }),
    value.author.url ? make("a", { href: value.author.url, target: "_blank", rel: "noreferrer" }, value.author.name) : value.author.name);
  const fields = value.fields?.length && make("dl", { class: "fields" }, value.fields.map((field) =>
    make("div", { class: field.inline ? "inline" : null }, make("dt", {}, drawn(field.name, at)), make("dd", {}, drawn(field.value, at)))));
  const foot = (value.footer || value.timestamp) && make("div", { class: "foot wide" }, value.footer?.icon_url && make("img", { class: "icon", src: seen(value.footer.icon_url), alt: "" }),
    value.footer?.text ?? "", value.footer && value.timestamp ? " · " : "", value.timestamp && make("time", { datetime: value.timestamp }, new Date(value.timestamp).toLocaleString()));
  return make("article", { class: "embed", tint: colour(value.color), "aria-label": value.title ?? "Embed" }, author, heading,
    value.description && drawn(value.description, at), fields || null,
    value.image?.url && make("div", { class: "wide" }, picture(value.image.url, value.title ?? "Picture", { size: value.image })),
    value.thumbnail?.url && make("div", { class: "thumb" }, picture(value.thumbnail.url, "Thumbnail")), foot || null);
}

function attached(file) {
  const kind = file.content_type ?? "";
  if (kind.startsWith("image/")) return make("div", { class: "attached" }, picture(file.url, file.description ?? file.filename, { veiled: SPOILER.test(file.filename), size: file }));
  if (kind.startsWith("video/")) return make("div", { class: "attached" }, make("video", { src: seen(file.url), controls: true, loop: true, "aria-label": file.description ?? file.filename }));
  return make("div", { class: "attached" }, make("a", { class: "file", href: seen(file.url), download: file.filename }, `📄 ${file.filename}`, make("small", {}, `${Math.ceil(file.size / 1024)} KiB`)));
}

function emoji(value) {
  return value ? make("span", { "aria-hidden": "true" }, value.id ? `:${value.name}:` : `${value.name} `) : null;
}

function button(value, acts) {
  const label = [emoji(value.emoji), value.label ?? ""];
  if (value.style === 5) return make("a", { class: "press", href: value.url, target: "_blank", rel: "noreferrer" }, label, " ↗");
  return make("button", { type: "button", class: `press s${value.style}`, disabled: value.disabled, "data-custom-id": value.custom_id,
    "aria-label": value.label ? null : value.emoji?.name, onclick: (event) => acts.press(event.currentTarget, value.custom_id) }, label);
}

function select(value, acts) {
  const options = value.type === SELECT ? value.options : acts.targets(value.type);
  const many = (value.max_values ?? 1) > 1, name = value.placeholder ?? "Choose";
  const field = make("select", { "aria-label": name, disabled: value.disabled, multiple: many, "data-custom-id": value.custom_id },
    !many && make("option", { value: "" }, name),
    options.map((one) => make("option", { value: one.value, selected: one.default }, one.emoji && !one.emoji.id ? `${one.emoji.name} ` : "", one.label + (one.description ? ` (${one.description})` : ""))));
  const choose = () => { const values = [...field.selectedOptions].map((one) => one.value).filter(Boolean); if (values.length || value.min_values === 0) acts.press(field, value.custom_id, values); };
  if (!many) { field.addEventListener("change", choose); return field; }
  return make("span", { class: "row" }, field, make("button", { type: "button", class: "press s2", onclick: choose }, "Choose"));
}

function component(value, at, acts) {
  const inner = () => value.components.map((one) => component(one, at, acts));
  switch (value.type) {
    case 1: return make("div", { class: "row" }, inner());
    case BUTTON: return button(value, acts);
    case 9: return make("div", { class: "section" }, make("div", {}, inner()), component(value.accessory, at, acts));
    case 10: return drawn(value.content, at);
    case 11: return picture(value.media.url, value.description ?? "Thumbnail", { veiled: value.spoiler });
    case 12: return make("div", { class: value.items.length === 1 ? "gallery one" : "gallery" }, value.items.map((item) =>
      make("figure", {}, picture(item.media.url, item.description ?? "Picture", { veiled: item.spoiler, size: item.media }))));
    case 13: return attached({ url: value.file.url, filename: value.name, size: value.size ?? 0, content_type: "" });
    case 14: return make("hr", { class: `${value.divider === false ? "plain" : ""} ${value.spacing === 2 ? "large" : ""}` });
    case 17: return make("section", { class: "box", tint: colour(value.accent_color), "aria-label": "Card" }, inner());
    default: return SELECTS.includes(value.type) ? select(value, acts) : make("p", { class: "wrong" }, `component of type ${value.type}`);
  }
}

function origin(message, at) {
  const about = message.interaction_metadata;
  const name = (person) => at.people.get(person.id) ?? person.username;
  if (about?.type === 2 && message.type !== 19) return `${name(about.user)} used ${about.command_type === 1 ? "/" : ""}${about.name}`;
  if (!message.message_reference) return null;
  const answered = document.getElementById(`m${message.message_reference.message_id}`);
  const who = answered?.querySelector(".who")?.textContent;
  return make("a", { href: `#m${message.message_reference.message_id}` }, who ? `answers ${who}` : "answers a message");
}

function menu(message, acts) {
  const entries = acts.menus(message);
  if (!entries.length) return null;
  const list = make("ul", { role: "menu", hidden: true, id: fresh("menu") }, entries.map(([words, act]) => make("li", { role: "none" },
    make("button", { type: "button", role: "menuitem", onclick: () => { show(false); act(); } }, words))));
  const opener = make("button", { type: "button", "aria-haspopup": "menu", "aria-expanded": "false", "aria-controls": list.id, "aria-label": "Message menu" }, "⋯");
  const show = (open) => { list.hidden = !open; opener.setAttribute("aria-expanded", String(open)); if (open) list.querySelector("button").focus(); };
  opener.addEventListener("click", () => show(list.hidden));
  const box = make("div", { class: "menu" }, opener, list);
  box.addEventListener("keydown", (event) => {
    const buttons = [...list.querySelectorAll("button")], at = buttons.indexOf(document.activeElement);
    if (event.key === "Escape") { show(false); opener.focus(); }
    else if (event.key === "ArrowDown" && !list.hidden) buttons[(at + 1) % buttons.length].focus();
    else if (event.key === "ArrowUp" && !list.hidden) buttons[(at - 1 + buttons.length) % buttons.length].focus();
    else return;
    event.preventDefault();
  });
  box.addEventListener("focusout", (event) => { if (!box.contains(event.relatedTarget)) show(false); });
  return box;
}

// `at`: names by id; `acts`: press(element, customId, values), targets(type), menus(message), dismiss(message)
export function message(value, at, acts) {
  const author = value.author, name = at.people.get(author.id) ?? author.global_name ?? author.username;
  const hidden = value.flags & EPHEMERAL, from = origin(value, at);
  const body = make("div", { class: "body" },
    make("div", {}, make("span", { class: "who" }, name), " ", author.bot && make("span", { class: "tag" }, "APP"), " ", clock(value.timestamp)),
    value.flags & LOADING ? make("p", { class: "soft loading" }, `${name} is thinking`) : null,
    value.content && drawn(value.content, at), value.edited_timestamp && value.content ? make("span", { class: "edited" }, "(edited)") : null,
    value.flags & 32768 ? null : value.attachments.map(attached), value.flags & 4 ? null : value.embeds.map((one) => embed(one, at)),
    value.components.map((one) => component(one, at, acts)),
    hidden ? make("p", { class: "foot" }, "Only you can see this · ", make("button", { type: "button", class: "press", onclick: () => acts.dismiss(value) }, "Dismiss")) : null);
  return make("article", { id: `m${value.id}`, class: hidden ? "message ephemeral" : "message", tabindex: "-1", "data-message": value.id, "aria-label": `${name}, ${new Date(value.timestamp).toLocaleTimeString()}` },
    from && make("div", { class: "about" }, from), make("div", { class: "avatar", "aria-hidden": "true", style: null }, name[0]?.toUpperCase() ?? "?"), body, menu(value, acts));
}

export function tinted(element, author) {
  element.querySelector(".avatar").style.background = author.bot ? "#4752c4" : hue(author.username);
  return element;
}
