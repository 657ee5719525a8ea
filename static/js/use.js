/* Parts used: a line opens when its part is used, starts with what we know, and a scanner's Enter moves on. */

const quantityOf = (line) => Number(line.querySelector("[data-quantity]").value || 0);

const refresh = (line, before) => {
  const used = quantityOf(line) > 0;
  const more = line.querySelector("[data-more]");
  line.classList.toggle("is-selected", used);
  more.hidden = !used && !more.open;
  if (used && !before) { more.hidden = false; if (more.dataset.wanted) more.open = true; }
  if (!used && before !== false) { more.open = false; more.hidden = true; }
  line.dataset.used = used ? "1" : "";
};

const start = (line) => {
  const more = line.querySelector("[data-more]");
  line.dataset.used = quantityOf(line) > 0 ? "1" : "";
  if (!line.dataset.used && !more.open) more.hidden = true;
};

const chosen = ({ target, part }) => {
  const box = document.querySelector(`[data-formset="${target}"]`);
  const line = [...box.querySelectorAll("[data-line-row]")].find((each) => each.querySelector("[data-fill=id]").value === part.id);
  if (!line) return;
  if (!line.dataset.ready) {
    line.dataset.ready = "1";
    if (part.step) line.querySelector("[data-quantity]").step = part.step;
    const answer = line.querySelector(`input[type=radio][value="${part.answer}"]`);
    if (answer) answer.checked = true;
    const entry = line.querySelector(`[data-old-choice] option[data-replaces~="${part.id}"]`);
    line.querySelector("[data-old-choice]").value = entry ? entry.value : "same";
    line.querySelector("[data-more]").dataset.wanted = part.answer !== "none" || part.serial ? "1" : "";
    line.parentElement.prepend(line);
  }
  refresh(line, false);
  line.scrollIntoView({ block: "nearest" });
};

document.addEventListener("face:pick", (event) => setTimeout(() => chosen(event.detail)));
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-quantity]")) return;
  const line = event.target.closest("[data-line-row]");
  refresh(line, line.dataset.used === "1");
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.defaultPrevented || !event.target.matches(".use-line input")) return;
  event.preventDefault();
  const fields = [...event.target.form.querySelectorAll("input:not([type=hidden], [type=radio]), select")].filter((field) => field.offsetParent);
  fields[fields.indexOf(event.target) + 1]?.focus();
});
for (const line of document.querySelectorAll("[data-line-row]")) { line.dataset.ready = "1"; start(line); }
