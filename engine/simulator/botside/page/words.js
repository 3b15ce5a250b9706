// Discord's own Markdown: which marks become which elements. Text is only ever put in as text.

import { make } from "./wire.js";

const INLINE = [
  [/^```(?:\w+\n)?([\s\S]+?)```/, (m) => make("pre", {}, m[1])],
  [/^``?([^`]+)``?/, (m) => make("code", {}, m[1])],
  [/^\*\*\*([\s\S]+?)\*\*\*/, (m, at) => make("strong", {}, make("em", {}, inline(m[1], at)))],
  [/^\*\*([\s\S]+?)\*\*/, (m, at) => make("strong", {}, inline(m[1], at))],
  [/^__([\s\S]+?)__/, (m, at) => make("u", {}, inline(m[1], at))],
  [/^~~([\s\S]+?)~~/, (m, at) => make("s", {}, inline(m[1], at))],
  [/^\|\|([\s\S]+?)\|\|/, (m, at) => spoiler(inline(m[1], at))],
  [/^\*([^*\n]+)\*/, (m, at) => make("em", {}, inline(m[1], at))],
  [/^_([^_\n]+)_(?!\w)/, (m, at) => make("em", {}, inline(m[1], at))],
  [/^\[([^\]\n]+)\]\(<?(https?:\/\/[^)\s>]+)>?\)/, (m, at) => link(m[2], inline(m[1], at))],
  [/^<(https?:\/\/[^>\s]+)>/, (m) => link(m[1], [m[1]])],
  [/^https?:\/\/[^\s<>)\]]+/, (m) => link(m[0], [m[0]])],
  [/^<@!?(\d+)>/, (m, at) => mention(`@${at.people.get(m[1]) ?? m[1]}`)],
  [/^<@&(\d+)>/, (m, at) => mention(`@${at.roles.get(m[1]) ?? m[1]}`)],
  [/^<#(\d+)>/, (m, at) => mention(`#${at.channels.get(m[1]) ?? m[1]}`)],
  [/^<\/([^:>]+):\d+>/, (m) => mention(`/${m[1]}`)],
  [/^<a?:(\w+):\d+>/, (m) => `:${m[1]}:`],
  [/^<t:(-?\d+)(?::(\w))?>/, (m) => moment(Number(m[1]), m[2])],
  [/^@(everyone|here)\b/, (m) => mention(m[0])],
  [/^\\([^\w\s])/, (m) => m[1]],
];

const mention = (text) => make("span", { class: "mention" }, text);
const link = (address, inner) => make("a", { href: address, rel: "noreferrer", target: "_blank" }, inner);

function spoiler(inner) {
  const button = make("button", { type: "button", class: "spoiler", "aria-expanded": "false", "aria-label": "Spoiler" }, inner);
  button.addEventListener("click", () => { button.setAttribute("aria-expanded", "true"); button.removeAttribute("aria-label"); });
  return button;
}

function moment(seconds, style) {
  const date = new Date(seconds * 1000);
  const away = seconds - Date.now() / 1000;
  const [size, unit] = [[86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]].find(([each]) => Math.abs(away) >= each) ?? [1, "second"];
  const text = style === "R" ? new Intl.RelativeTimeFormat("en").format(Math.round(away / size), unit)
    : style === "t" ? date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }) : date.toLocaleString();
  return make("time", { datetime: date.toISOString(), title: date.toLocaleString() }, text);
}

function inline(text, at) {
  const parts = [];
  let plain = "";
  while (text) {
    let found = null;
    for (const [pattern, draw] of INLINE) {
      const match = pattern.exec(text);
      if (match) { found = [match, draw]; break; }
    }
    if (!found) { plain += text[0]; text = text.slice(1); continue; }
    if (plain) parts.push(plain);
    plain = "";
    parts.push(found[1](found[0], at));
    text = text.slice(found[0][0].length);
  }
  if (plain) parts.push(plain);
  return parts;
}

// `at`: names of people, roles and channels by id
export function drawn(text, at) {
  const box = make("div", { class: "words" });
  const pieces = (text ?? "").split(/(```[\s\S]+?```)/);
  for (const piece of pieces) {
    if (piece.startsWith("```") && piece.length > 6) { box.append(...inline(piece, at)); continue; }
    let waiting = [];
    const flush = () => { if (waiting.length) box.append(make("p", {}, inline(waiting.join("\n"), at))); waiting = []; };
    for (const line of piece.split("\n")) {
      const heading = /^(#{1,3}) (.+)$/.exec(line), small = /^-# (.+)$/.exec(line);
      const quote = /^> (.*)$/.exec(line), item = /^\s*[-*] (.+)$/.exec(line);
      if (!(heading || small || quote || item)) { waiting.push(line); continue; }
      flush();
      if (heading) box.append(make(`h${heading[1].length + 2}`, {}, inline(heading[2], at)));
      else if (small) box.append(make("p", {}, make("small", {}, inline(small[1], at))));
      else if (quote) box.append(make("blockquote", {}, inline(quote[1], at)));
      else if (box.lastChild?.tagName === "UL") box.lastChild.append(make("li", {}, inline(item[1], at)));
      else box.append(make("ul", {}, make("li", {}, inline(item[1], at))));
    }
    if (waiting.some((line) => line)) flush();
  }
  return box;
}
