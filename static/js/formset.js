/* Lines that come and go. [data-formset=prefix] holds [data-lines], <template data-line> and the TOTAL_FORMS field. */

const words = document.getElementById("words")?.dataset ?? {};
const total = (box) => box.querySelector(`[name="${box.dataset.formset}-TOTAL_FORMS"]`);
const lines = (box) => [...box.querySelectorAll("[data-line-row]")].filter((line) => !line.hidden);
const quantity = (line) => line.querySelector("[data-quantity]");

const say = (box, text) => {
  const live = box.querySelector("[data-live]");
  if (live) live.textContent = text;
};

/* Counted labels: <button data-count="lines|pieces|used" data-none data-one data-many="Record %n parts">. */
const count = (box) => {
  const shown = lines(box);
  const used = shown.filter((line) => Number(quantity(line)?.value || 0) > 0).length;
  const pieces = shown.reduce((sum, line) => sum + Number(quantity(line)?.value || 0), 0);
  for (const label of document.querySelectorAll(`[data-count-of="${box.dataset.formset}"]`)) {
    const n = { pieces, used }[label.dataset.count] ?? shown.length;
    const words = n === 0 ? label.dataset.none : n === 1 ? label.dataset.one : label.dataset.many;
    if (words) label.textContent = words.replace("%n", n);
  }
  for (const empty of box.querySelectorAll("[data-when-empty]")) empty.hidden = shown.length > 0;
};

const fill = (line, part) => {
  for (const [name, value] of Object.entries(part)) {
    for (const target of line.querySelectorAll(`[data-fill="${name}"]`)) {
      if ("value" in target && target.matches("input, select, textarea")) target.value = value;
      else target.textContent = value;
    }
    for (const target of line.querySelectorAll(`[data-fill-label="${name}"]`)) target.setAttribute("aria-label", `${target.getAttribute("aria-label")} ${value}`);
  }
};

export const addLine = (box, part = {}) => {
  const same = part.id && lines(box).find((line) => line.querySelector("[data-fill=id]")?.value === part.id);
  if (same && quantity(same) && box.dataset.merge !== "no") {
    quantity(same).stepUp();
    quantity(same).dispatchEvent(new Event("input", { bubbles: true }));
    return same;
  }
  const field = total(box);
  const html = box.querySelector("template[data-line]").innerHTML.replaceAll("__prefix__", field.value);
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  const line = holder.content.firstElementChild;
  fill(line, part);
  box.querySelector("[data-lines]").append(line);
  field.value = Number(field.value) + 1;
  line.dispatchEvent(new CustomEvent("face:added", { bubbles: true }));
  say(box, `${words.added ?? ""}: ${part.number ?? ""}`);
  count(box);
  return line;
};

const removeLine = (line) => {
  const box = line.closest("[data-formset]");
  const mark = line.querySelector("input[name$='-DELETE']");
  const after = lines(box);
  const next = after[after.indexOf(line) + 1] ?? after[after.indexOf(line) - 1];
  if (mark) {
    if (mark.type === "checkbox") mark.checked = true; else mark.value = "on";
    line.hidden = true;
    for (const field of line.querySelectorAll("[required]")) field.required = false;
  } else line.remove();
  say(box, words.removed ?? "");
  (next?.querySelector("[data-remove-line]") ?? document.querySelector("[data-picker] input"))?.focus();
  count(box);
};

document.addEventListener("click", (event) => {
  const add = event.target.closest("[data-add-line]");
  const remove = event.target.closest("[data-remove-line]");
  if (add) {
    const box = document.querySelector(`[data-formset="${add.dataset.addLine}"]`) ?? add.closest("[data-formset]");
    if (!box) return;
    event.preventDefault();
    addLine(box).querySelector("input:not([type=hidden]), select")?.focus();
  } else if (remove) {
    event.preventDefault();
    removeLine(remove.closest("[data-line-row]"));
  }
});
document.addEventListener("face:pick", (event) => {
  const box = document.querySelector(`[data-formset="${event.detail.target}"]`);
  if (box) addLine(box, event.detail.part);
});
document.addEventListener("input", (event) => {
  const box = event.target.closest("[data-formset]");
  if (box) count(box);
});
for (const box of document.querySelectorAll("[data-formset]")) count(box);
