/* Parts used: a line opens when its part is used, and starts with what we know of the old part. */

import { isUsed } from "./lines.js";

const refresh = (line, before) => {
  const more = line.querySelector("[data-more]");
  const used = isUsed(line);
  more.hidden = !used && !more.open;
  if (used && !before) { more.hidden = false; if (more.dataset.wanted) more.open = true; }
  if (!used && before !== false) { more.open = false; more.hidden = true; }
  line.dataset.used = used ? "1" : "";
};

const start = (line) => {
  const more = line.querySelector("[data-more]");
  line.dataset.used = isUsed(line) ? "1" : "";
  if (!line.dataset.used && !more.open) more.hidden = true;
};

document.addEventListener("face:line", (event) => {
  const { part, isNew } = event.detail;
  const line = event.target;
  if (isNew) {
    const answer = line.querySelector(`input[type=radio][value="${part.answer}"]`);
    if (answer) answer.checked = true;
    const entry = line.querySelector(`[data-old-choice] option[data-replaces~="${part.part ?? part.id}"]`);
    line.querySelector("[data-old-choice]").value = entry ? entry.value : "same";
    line.querySelector("[data-more]").dataset.wanted = part.answer !== "none" || part.serial ? "1" : "";
  }
  refresh(line, false);
});
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-quantity]")) return;
  const line = event.target.closest("[data-line-row]");
  refresh(line, line.dataset.used === "1");
});
for (const line of document.querySelectorAll("[data-line-row]")) start(line);
