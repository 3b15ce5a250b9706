// How a person types: plain words, or a slash command with a field for each option and choices as they type.

import { call, fresh, make, packed } from "./wire.js";

const SUB = [1, 2];
const [STRING, INTEGER, BOOLEAN, PERSON, CHANNEL, ROLE, MENTIONABLE, NUMBER, FILE] = [3, 4, 5, 6, 7, 8, 9, 10, 11];

// names and descriptions as a person reads them in their language; what is sent are always the first ones
export const named = (thing, locale) => thing.name_localizations?.[locale] ?? thing.name;
const told = (thing, locale) => thing.description_localizations?.[locale] ?? thing.description;

// every command that can be typed, subcommands by their whole path, with its options
export function typable(commands, locale) {
  const found = [];
  const walk = (name, label, thing) => {
    const options = thing.options ?? [], inner = options.filter((option) => SUB.includes(option.type));
    if (!inner.length) found.push({ name, label, description: told(thing, locale), options });
    for (const option of inner) walk(`${name} ${option.name}`, `${label} ${named(option, locale)}`, option);
  };
  for (const command of commands) if (command.type === 1) walk(command.name, named(command, locale), command);
  return found;
}

// a list under (or above) a field, walked with the arrow keys; `pick` gets the chosen one
export function listbox(field, list, pick) {
  let items = [], at = -1;
  const mark = (to) => {
    at = to;
    [...list.children].forEach((child, number) => child.setAttribute("aria-selected", String(number === at)));
    field.setAttribute("aria-activedescendant", at >= 0 ? list.children[at].id : "");
    if (at >= 0) list.children[at].scrollIntoView({ block: "nearest" });
  };
  const close = () => { items = []; list.hidden = true; list.replaceChildren(); field.setAttribute("aria-expanded", "false"); at = -1; };
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") mark((at + 1) % items.length);
    else if (event.key === "ArrowUp") mark((at - 1 + items.length) % items.length);
    else if ((event.key === "Enter" || event.key === "Tab") && at >= 0) { const chosen = items[at]; close(); pick(chosen); }
    else if (event.key === "Escape") close();
    else return;
    if (event.key === "Tab") return;
    event.preventDefault();
    event.stopPropagation();
  });
  field.addEventListener("blur", () => setTimeout(close, 150));
  return {
    close,
    show(found, draw, first) {
      if (!found.length) { close(); return; }
      items = found;
      list.replaceChildren(...found.map((one) => make("li", { id: fresh("offer"), role: "option", onmousedown: (event) => { event.preventDefault(); close(); pick(one); } }, draw(one))));
      list.hidden = false;
      field.setAttribute("aria-expanded", "true");
      mark(first ? 0 : -1);
    },
  };
}

function choice(option, field, locale) {
  return make("select", { id: field, required: option.required, "data-option": option.name }, make("option", { value: "" }, option.required ? "Choose" : "–"),
    option.choices.map((one) => make("option", { value: JSON.stringify(one.value) }, named(one, locale))));
}

function targets(option, field, page) {
  const lists = { [PERSON]: page.people, [ROLE]: page.roles, [CHANNEL]: page.channels };
  const known = option.type === MENTIONABLE ? [...page.people, ...page.roles] : lists[option.type];
  return make("select", { id: field, required: option.required, "data-option": option.name }, make("option", { value: "" }, "–"), [...known].map(([id, name]) => make("option", { value: JSON.stringify(id) }, name)));
}

function plain(option, field) {
  const number = option.type === INTEGER || option.type === NUMBER;
  return make("input", { id: field, "data-option": option.name, required: option.required, type: option.type === FILE ? "file" : number ? "number" : "text",
    step: option.type === NUMBER ? "any" : null, min: option.min_value, max: option.max_value, minlength: option.min_length, maxlength: option.max_length });
}

function entry(option, command, page, values) {
  const id = fresh("option"), label = make("label", { for: id }, named(option, page.locale), option.required ? " *" : "", make("small", {}, ` ${told(option, page.locale)}`));
  let field;
  if (option.choices?.length) field = choice(option, id, page.locale);
  else if (option.type === BOOLEAN) field = choice({ ...option, choices: [{ name: "true", value: true }, { name: "false", value: false }] }, id);
  else if ([PERSON, CHANNEL, ROLE, MENTIONABLE].includes(option.type)) field = targets(option, id, page);
  else field = plain(option, id);
  const box = make("div", { class: option.required ? "option required" : "option" }, label, field);
  if (option.autocomplete) suggest(option, command, page, field, box, values);
  return box;
}

function suggest(option, command, page, field, box, values) {
  const list = make("ul", { class: "choices", role: "listbox", id: fresh("choices"), "aria-label": option.name, hidden: true });
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) field.setAttribute(name, value);
  const shown = listbox(field, list, (one) => { field.value = field.dataset.shown = named(one, page.locale); field.dataset.value = JSON.stringify(one.value); });
  let turn = 0, timer;
  const ask = async () => {
    const mine = ++turn, options = values(true);
    options[option.name] = field.value;
    try {
      const answer = await call("POST", "completions", { as: page.person, channel: page.channel, name: command.name, options, focused: option.name });
      if (mine === turn && document.activeElement === field) shown.show(answer.choices ?? [], (one) => named(one, page.locale), false);
    } catch { shown.close(); }
  };
  field.addEventListener("input", () => { delete field.dataset.value; clearTimeout(timer); timer = setTimeout(ask, 120); });
  field.addEventListener("focus", ask);
  box.append(list);
}

// the fields of a command; `done(values)` gets its options by name
export function fields(command, page, done, cancel) {
  const box = make("div", { role: "group", "aria-label": `/${command.label}` });
  const read = (unfinished) => {
    const found = {};
    for (const field of box.querySelectorAll("[data-option]")) {
      if (field.type === "file" || field.value === "") continue;
      const name = field.dataset.option;
      if (field.tagName === "SELECT") found[name] = JSON.parse(field.value);
      else if (field.dataset.value && field.dataset.shown === field.value) found[name] = JSON.parse(field.dataset.value);
      else found[name] = field.type === "number" && !unfinished ? Number(field.value) : field.value;
    }
    return found;
  };
  const send = async () => {
    const missing = [...box.querySelectorAll("[data-option]")].find((field) => !field.reportValidity());
    if (missing) return;
    const values = read(false);
    for (const field of box.querySelectorAll("input[type=file]")) if (field.files[0]) values[field.dataset.option] = await packed(field.files[0]);
    done(values);
  };
  box.append(make("h3", {}, `/${command.label}`, make("small", {}, ` ${command.description}`)),
    make("div", { class: "options" }, command.options.map((option) => entry(option, command, page, read))),
    make("div", { class: "buttons" }, make("button", { type: "button", onclick: cancel }, "Cancel"), make("button", { type: "button", class: "primary", onclick: send }, `Send /${command.label}`)));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.tagName === "INPUT") { event.preventDefault(); send(); }
    if (event.key === "Escape") { event.preventDefault(); cancel(); }
  });
  return box;
}
