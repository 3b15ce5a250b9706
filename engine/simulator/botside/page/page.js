// The page: who one is, where one is, what one sees there, and what one does.

import { fields, listbox, named, typable } from "./compose.js";
import { show as showForm } from "./forms.js";
import { message as drawMessage, tinted } from "./messages.js";
import { call, make, packed } from "./wire.js";

const $ = (id) => document.getElementById(id);
const LOCALES = ["en-US", "de", "es-ES", "fr", "ja", "zh-CN"];
const SIGNS = { 0: "#", 1: "@", 5: "#", 11: "↳", 12: "↳", 15: "▤" };
const state = { person: null, locale: "en-US", channel: null, directory: null, commands: [], next: 0, turn: 0, names: { people: new Map(), roles: new Map(), channels: new Map() } };
const page = { get person() { return state.person; }, get channel() { return state.channel; }, get locale() { return state.locale; }, get people() { return state.names.people; }, get roles() { return state.names.roles; }, get channels() { return state.names.channels; } };

function remember(directory) {
  state.directory = directory;
  state.names.people = new Map([[directory.application.id, directory.application.name], ...directory.people.map((one) => [one.id, one.name])]);
  state.names.roles = new Map(directory.guilds.flatMap((guild) => guild.roles.map((one) => [one.id, one.name.replace(/^@/, "")])));
  state.names.channels = new Map(directory.guilds.flatMap((guild) => guild.channels.map((one) => [one.id, one.name])));
  $("state").textContent = directory.connected ? "The bot is connected" : "The bot is not connected";
}

function say(words) { $("notice").textContent = words; }

async function speak() {
  await call("PUT", `people/${encodeURIComponent(state.person)}`, { locale: $("locale").value });
  remember(await call("GET", ""));
  await become(state.person);
}

// places

async function places() {
  const told = await call("GET", "places", undefined, { as: state.person });
  const entry = (one) => make("li", {}, make("button", { type: "button", id: `c${one.id}`, "aria-current": one.id === state.channel ? "page" : null, onclick: () => enter(one) },
    `${SIGNS[one.type] ?? "#"} ${one.name}`, one.nsfw ? make("span", { title: "age-restricted" }, " 🔞") : null));
  const tree = (list, parent) => list.filter((one) => (one.parent ?? null) === parent).map((one) => {
    const item = entry(one), inner = tree(list, one.id);
    if (inner.length) item.append(make("ul", {}, inner));
    return item;
  });
  $("places").replaceChildren(...told.guilds.map((guild) => make("section", {}, make("h2", {}, guild.name), make("ul", {}, tree(guild.channels, null)))),
    make("section", {}, make("h2", {}, "Direct messages"), make("ul", {}, entry(told.private))));
  return [...told.guilds.flatMap((guild) => guild.channels), told.private];
}

async function enter(place) {
  state.channel = place.id;
  for (const button of $("places").querySelectorAll("[aria-current]")) button.removeAttribute("aria-current");
  const button = $(`c${place.id}`);
  button?.setAttribute("aria-current", "page");
  button?.classList.remove("news");
  $("title").textContent = `${SIGNS[place.type] ?? "#"} ${place.name}`;
  $("words").disabled = $("send").disabled = !place.write;
  say("");
  leave();
  location.hash = `${encodeURIComponent(state.person)}/${place.id}`;
  const query = { as: state.person, channel: place.id };
  const [seen, offered] = await Promise.all([call("GET", "messages", undefined, query), call("GET", "commands", undefined, query)]);
  if (state.channel !== place.id) return;
  state.commands = offered.commands;
  if (document.activeElement === $("words")) offer();  // typed before they were here
  $("log").replaceChildren(...seen.messages.map(drawn));
  $("log").scrollTop = $("log").scrollHeight;
}

async function become(name, channel) {
  state.person = name;
  state.locale = state.directory.people.find((one) => one.name === name)?.locale ?? "en-US";
  $("locale").value = state.locale;
  const list = await places();
  const wanted = list.find((one) => one.id === (channel ?? state.channel)) ?? list.find((one) => one.name === "art") ?? list[0];
  await enter(wanted);
  listen(++state.turn);
}

// messages

const acts = {
  async press(element, customId, values) {
    const holder = element.closest("[data-message]");
    element.classList.add("busy");
    await act(() => call("POST", "presses", { as: state.person, message: holder.dataset.message, component: customId, ...(values ? { values } : {}) }));
    element.classList.remove("busy");
  },
  targets(type) {
    const lists = { 5: state.names.people, 6: state.names.roles, 7: new Map([...state.names.people, ...state.names.roles]), 8: state.names.channels };
    return [...(lists[type] ?? [])].map(([value, label]) => ({ value, label }));
  },
  menus(message) {
    const found = state.commands.filter((command) => command.type === 3).map((command) => [named(command, state.locale), () => act(() => call("POST", "menus", { as: state.person, message: message.id, name: command.name }))]);
    found.push(["Delete message", () => remove(message)]);
    return found;
  },
  dismiss(message) { remove(message); },
};

async function remove(message) {
  try { await call("DELETE", `messages/${message.id}`, undefined, { as: state.person }); say(""); }
  catch (error) { say(error.message); }
}

const drawn = (value) => tinted(drawMessage(value, state.names, acts), value.author);

function put(value) {
  const log = $("log"), old = $(`m${value.id}`), fresh = drawn(value);
  const below = log.scrollHeight - log.scrollTop - log.clientHeight < 120;
  if (old) {
    const focus = old.contains(document.activeElement) ? document.activeElement.dataset.customId : null;
    old.replaceWith(fresh);
    if (focus) (fresh.querySelector(`[data-custom-id="${CSS.escape(focus)}"]`) ?? fresh).focus();
  } else {
    const next = [...log.children].find((child) => BigInt(child.dataset.message) > BigInt(value.id));
    log.insertBefore(fresh, next ?? null);
  }
  if (below) { log.scrollTop = log.scrollHeight; for (const image of fresh.querySelectorAll("img")) image.addEventListener("load", () => { log.scrollTop = log.scrollHeight; }); }
}

// what follows an act: nothing, a form, or words of failure
async function act(doing) {
  say("");
  try {
    const told = await doing();
    if (told.failed) say(told.failed);
    if (told.modal) showForm($("form"), told.modal, state.names, acts.targets, async (values) => {
      const done = await call("POST", "forms", { as: state.person, interaction: told.id, values });
      if (done.failed) throw new Error(done.failed);
    });
    return true;
  } catch (error) { say(error.message); return false; }
}

// listening

let typing;

function heard(event) {
  if (event.kind === "place" || event.kind === "connected") { refresh(); return; }
  if (event.kind === "commands") { reoffer(); return; }
  if (event.channel !== state.channel) {
    if (event.kind === "message") $(`c${event.channel}`)?.classList.add("news");
    return;
  }
  if (event.kind === "delete") $(`m${event.message}`)?.remove();
  else if (event.body) { put(event.body); $("typing").textContent = ""; }
  else if (event.kind === "typing") {
    $("typing").textContent = `${state.directory.application.name} is typing…`;
    clearTimeout(typing);
    typing = setTimeout(() => { $("typing").textContent = ""; }, 10000);
  }
}

async function reoffer() {
  const channel = state.channel;
  const offered = await call("GET", "commands", undefined, { as: state.person, channel });
  if (state.channel === channel) state.commands = offered.commands;
}

async function refresh() {
  remember(await call("GET", ""));
  const list = await places();
  if (!list.some((one) => one.id === state.channel)) enter(list[0]);
}

async function listen(turn) {
  state.next = state.directory.feed;
  while (turn === state.turn) {
    try {
      const told = await call("GET", "feed", undefined, { as: state.person, after: state.next, wait: 25 });
      if (turn !== state.turn) return;
      if (told.next < state.next) { location.reload(); return; }  // the simulator was started anew
      state.next = told.next;
      told.events.forEach(heard);
    } catch (error) {
      $("state").textContent = `The simulator does not answer: ${error.message}`;
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
}

// typing

const words = $("words");
const offers = listbox(words, $("offers"), (command) => { words.value = ""; open(command); });

function leave() { $("command").hidden = true; $("command").replaceChildren(); }

function open(command) {
  const send = async (options) => {
    const going = act(() => call("POST", "commands", { as: state.person, channel: state.channel, name: command.name, options }));
    if (await going) { leave(); words.focus(); }
  };
  if (!command.options.length) { send({}); return; }
  $("command").replaceChildren(fields(command, page, send, () => { leave(); words.focus(); }));
  $("command").hidden = false;
  $("command").querySelector("[data-option]").focus();
}

function offer() {
  if (!words.value.startsWith("/")) { offers.close(); return; }
  const typed = words.value.slice(1).toLowerCase();
  const found = typable(state.commands, state.locale).filter((one) => one.label.startsWith(typed) || one.label.includes(` ${typed}`));
  offers.show(found, (one) => [`/${one.label}`, make("small", {}, one.description)], true);
}

words.addEventListener("input", offer);

$("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!$("command").hidden) return;
  const chosen = words.value.startsWith("/") && typable(state.commands, state.locale).find((one) => `/${one.label}` === words.value.trim());
  if (chosen) { words.value = ""; offers.close(); open(chosen); return; }
  const files = await Promise.all([...$("files").files].map(packed));
  if (!words.value.trim() && !files.length) return;
  try {
    await call("POST", "messages", { as: state.person, channel: state.channel, content: words.value, files });
    words.value = $("files").value = "";
    say("");
  } catch (error) { say(error.message); }
});

async function start() {
  remember(await call("POST", "seed"));
  const [person, channel] = location.hash.slice(1).split("/").map(decodeURIComponent);
  const known = state.directory.people.map((one) => one.name);
  $("person").replaceChildren(...known.map((name) => make("option", { value: name }, name)));
  $("person").value = known.includes(person) ? person : known.includes("member") ? "member" : known[0];
  $("person").addEventListener("change", () => become($("person").value));
  $("locale").replaceChildren(...LOCALES.map((one) => make("option", { value: one, lang: one }, new Intl.DisplayNames([one], { type: "language" }).of(one))));
  $("locale").addEventListener("change", speak);
  await become($("person").value, channel);
}

start().catch((error) => say(error.message));
