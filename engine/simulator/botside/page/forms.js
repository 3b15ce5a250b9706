// How a form of the bot is shown and handed in.

import { drawn } from "./words.js";
import { fresh, make, packed } from "./wire.js";

const TEXT_INPUT = 4, STRINGS = 3, TEXT = 10, LABEL = 18, UPLOAD = 19, RADIO = 21, CHECKS = 22, CHECK = 23, ROW = 1;

function text(field, id) {
  const values = { id, "data-field": field.custom_id, required: field.required !== false, minlength: field.min_length, maxlength: field.max_length ?? 4000, placeholder: field.placeholder, value: field.value ?? "" };
  return field.style === 2 ? make("textarea", { ...values, rows: 5 }) : make("input", { ...values, type: "text" });
}

function boxes(field, id) {
  const kind = field.type === RADIO ? "radio" : "checkbox";
  return make("fieldset", { id, "data-field": field.custom_id }, field.options.map((one) => make("label", {},
    make("input", { type: kind, name: id, value: one.value, checked: Boolean(one.default), required: kind === "radio" && field.required !== false }), ` ${one.label}`, one.description && make("small", {}, ` ${one.description}`))));
}

function select(field, id, targets) {
  const options = field.type === STRINGS ? field.options : targets(field.type);
  const many = (field.max_values ?? 1) > 1, required = field.required !== false;
  return make("select", { id, "data-field": field.custom_id, multiple: many, required }, !many && make("option", { value: "" }, field.placeholder ?? (required ? "Choose" : "–")),
    options.map((one) => make("option", { value: one.value, selected: one.default }, one.label)));
}

function drawnField(field, id, targets) {
  if (field.type === TEXT_INPUT) return text(field, id);
  if (field.type === UPLOAD) return make("input", { id, type: "file", "data-field": field.custom_id, multiple: (field.max_values ?? 1) > 1, required: field.required !== false && (field.min_values ?? 1) > 0 });
  if (field.type === RADIO || field.type === CHECKS) return boxes(field, id);
  if (field.type === CHECK) return make("input", { id, type: "checkbox", "data-field": field.custom_id, checked: Boolean(field.default) });
  return select(field, id, targets);
}

async function valueOf(element) {
  if (element.tagName === "FIELDSET") {
    const chosen = [...element.querySelectorAll("input:checked")].map((input) => input.value);
    return element.querySelector("input")?.type === "radio" ? (chosen[0] ?? null) : chosen;
  }
  if (element.type === "checkbox") return element.checked;
  if (element.type === "file") return Promise.all([...element.files].map(packed));
  if (element.tagName === "SELECT") return [...element.selectedOptions].map((one) => one.value).filter(Boolean);
  return element.value;
}

// shows a form; `submit(values)` throws with words when it was refused
export function show(dialog, modal, names, targets, submit) {
  const wrong = make("p", { class: "wrong", role: "alert" });
  const parts = modal.components.map((component) => {
    if (component.type === TEXT) return drawn(component.content, names);
    const field = component.type === LABEL ? component.component : component.components[0], id = fresh("field");
    const label = component.type === ROW ? field.label : component.label;
    return make("div", { class: "field" }, make("label", { for: id }, label, field.required === false ? "" : " *"), component.description && make("small", {}, component.description), drawnField(field, id, targets));
  });
  const send = make("button", { class: "primary" }, "Submit");
  const form = make("form", { method: "dialog" }, make("h3", { id: "form-title" }, modal.title), parts, wrong,
    make("div", { class: "buttons" }, make("button", { type: "button", onclick: () => dialog.close() }, "Cancel"), send));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    wrong.textContent = "";
    const values = {};
    for (const element of form.querySelectorAll("[data-field]")) {
      const value = await valueOf(element);
      if (!(Array.isArray(value) && !value.length)) values[element.dataset.field] = value;
    }
    try { await submit(values); dialog.close(); }
    catch (error) { wrong.textContent = error.message; }
    finally { send.disabled = false; }
  });
  dialog.replaceChildren(form);
  dialog.showModal();
  form.querySelector("input, textarea, select")?.focus();
}
